"""Signals about relief, its waning, tolerance and opioids: at, under and over each threshold."""

import pytest

from .histories import Case, baseline, case, history, last, plan

BASE = baseline(peg=8)
THREE_WEEKS = {"day": 21, "peg": "5.7", "change": 3}
RELIEF = [
    case("just under 10 %", {"peg": "7.3", "change": 2}, base=BASE),
    case("10 % and much improved", {"peg": "7.2", "change": 2}, raised="relief-minimal", base=BASE),
    case("10 % and little improved", {"peg": "7.2", "change": 3}, base=BASE),
    case("10 % and not asked how it is", {"peg": "7.2"}, base=BASE),
    case("just under 30 %", {"peg": "5.7"}, base=BASE),
    case("just under 30 %, much improved", {"peg": "5.7", "change": 1}, raised="relief-minimal", base=BASE),
    case("30 %", {"peg": "5.6"}, raised="relief-moderate", base=BASE),
    case("30 % and much improved is moderate, not minimal", {"peg": "5.6", "change": 1}, raised="relief-moderate", base=BASE),
    case("just under 50 %", {"peg": "4.1"}, raised="relief-moderate", base=BASE),
    case("50 %", {"peg": "4.0"}, raised="relief-substantial", base=BASE),
    case("no baseline", {"peg": "0", "change": 1}),
    case("a baseline of 0", {"peg": "0", "change": 1}, base=baseline(peg=0)),
    case("day 20", THREE_WEEKS | {"day": 20.9}, base=BASE, plans=(plan(0),)),
    case("day 21", THREE_WEEKS, raised="non-responder", base=BASE, plans=(plan(0),)),
    case("day 42", THREE_WEEKS | {"day": 42.9}, raised="non-responder", base=BASE, plans=(plan(0),)),
    case("day 43", THREE_WEEKS | {"day": 43}, base=BASE, plans=(plan(0),)),
    case("day 21 with 30 %", THREE_WEEKS | {"peg": "5.6"}, raised="relief-moderate", base=BASE, plans=(plan(0),)),
    case("day 21, much improved", THREE_WEEKS | {"change": 2}, raised="relief-minimal", base=BASE, plans=(plan(0),)),
    case("day 21 without a plan", THREE_WEEKS, base=BASE),
    case("day 21 of a second plan", THREE_WEEKS | {"day": 121}, raised="non-responder", base=BASE,
         plans=(plan(0), plan(40, 2), plan(100, 1))),
]  # fmt: skip

INDUCTION = (plan(0, 1, "induction"), plan(20, 2, "maintenance"))


def pegs(*values: str, **more: object) -> tuple[dict[str, object], ...]:
    """Readings with these PEGs; the last one says `more`."""
    said: list[dict[str, object]] = [{"peg": value} for value in values]
    said[-1] = {**said[-1], **more}
    return tuple(said)


WANING = [
    case("30 % kept", *pegs("4", "5.6"), base=BASE),
    case("30 % lost", *pegs("4", "5.7"), raised="waning-relief", base=BASE),
    case("30 % never had", *pegs("5.7", "8"), base=BASE),
    case("30 % just had", *pegs("5.6", "8"), raised="waning-relief", base=BASE),
    case("0.9 above best, twice", *pegs("3", "3", "3.9", "3.9"), base=BASE),
    case("1.0 above best, twice", *pegs("3", "3", "4", "4"), raised="waning-peg", base=BASE),
    case("1.0 above best, once", *pegs("3", "3", "3.9", "4"), base=BASE),
    case("no best yet", *pegs("3", "4", "4"), base=BASE),
    case("a PEG was not given between", {"peg": "3"}, {"peg": "3"}, {"peg": "4"}, {"nights": 1}, {"peg": "4"},
         raised="waning-peg", base=BASE),
    case("the last reading has no PEG", *pegs("3", "3", "4", "4"), {"nights": 1}, base=BASE),
    case("a best of the induction is none", *pegs("3", "3", "4", "4"), base=BASE, plans=INDUCTION),
    case("a best after the induction", {"day": 5, "peg": "1"}, {"day": 20, "peg": "3"}, {"day": 30, "peg": "3"},
         {"day": 40, "peg": "4"}, {"day": 50, "peg": "4"}, raised="waning-peg", base=BASE, plans=INDUCTION),
    case("while the induction lasts", *pegs("3", "3", "4", "4"), base=BASE, plans=(plan(0, 1, "induction"),)),
    case("pain 1 above best", {"nrs": 3}, {"nrs": 3}, {"nrs": 4}),
    case("pain 2 above best", {"nrs": 3}, {"nrs": 3}, {"nrs": 5}, raised="waning-nrs"),
    case("pain without a best", {"nrs": 3}, {"nrs": 9}),
    case("PGIC 4", {"change": 4}),
    case("PGIC 5", {"change": 5}, raised="waning-change"),
    case("PGIC 6 is said once, the louder way", {"change": 6}, raised="change-worse"),
    case("PGIC 7", {"change": 7}, raised="change-worse"),
]  # fmt: skip

UP = (plan(0, 1, dose="40 mg"), plan(10, 2, dose="50 mg"), plan(40, 3, dose="62.5 mg"))
NOT_QUITE = (plan(0, 1, dose="40 mg"), plan(10, 2, dose="49.9 mg"), plan(40, 3, dose="62.4 mg"))
CLOSER = (plan(0, 1, every=28), plan(10, 2, every=21), plan(40, 3, every=15))
TOLERANCE = [
    case("up 25 % twice, no better", {"peg": "5"}, {"day": 50, "peg": "5"}, raised="tolerance-plan", plans=UP),
    case("up 25 % twice, better", {"peg": "5"}, {"day": 50, "peg": "4.9"}, plans=UP),
    case("up just under 25 %", {"peg": "5"}, {"day": 50, "peg": "5"}, plans=NOT_QUITE),
    case("up once", {"peg": "5"}, {"day": 50, "peg": "5"}, plans=UP[:2]),
    case("the first step is 90 days ago", {"peg": "5"}, {"day": 100, "peg": "5"}, raised="tolerance-plan", plans=UP),
    case("the first step is longer ago", {"peg": "5"}, {"day": 100.1, "peg": "5"}, plans=UP),
    case("against the baseline", {"day": 50, "peg": "8"}, raised="tolerance-plan", plans=UP, base=BASE),
    case("nothing to compare with", {"day": 50, "peg": "8"}, plans=UP),
    case("interval down 25 % twice", {"peg": "5"}, {"day": 50, "peg": "6"}, raised="tolerance-plan", plans=CLOSER),
    case("interval down a little less", {"peg": "5"}, {"day": 50, "peg": "6"}, plans=(CLOSER[0], plan(10, 2, every=22), plan(40, 3, every=15))),
    case("units are not compared", {"peg": "5"}, {"day": 50, "peg": "6"},
         plans=(plan(0, 1, dose="1 mg/kg"), plan(10, 2, dose="50 mg"), plan(40, 3, dose="70 mg"))),
    case("a second plan is no step", {"peg": "5"}, {"day": 50, "peg": "6"}, plans=(UP[0], UP[1], plan(40, 1, dose="80 mg"))),
    case("wears off sooner, once", {"wears_off_sooner": False}, {"wears_off_sooner": True}),
    case("wears off sooner, twice", {"wears_off_sooner": True}, {"wears_off_sooner": True}, raised="tolerance-said"),
    case("not asked between", {"wears_off_sooner": True}, {"peg": 5}, {"wears_off_sooner": True}, raised="tolerance-said"),
    case("sooner, and then not", {"wears_off_sooner": True}, {"wears_off_sooner": False}, {"wears_off_sooner": True}),
    case("not said now", {"wears_off_sooner": True}, {"wears_off_sooner": True}, {"peg": 5}),
]  # fmt: skip

MME = baseline(mme=50)
OPIOIDS = [
    case("down 19.8 %", {"mme": "40.1"}, base=MME),
    case("down 20 %", {"mme": 40}, raised="opioids-down", base=MME),
    case("down to nothing", {"mme": 0}, raised="opioids-down", base=MME),
    case("the same", {"mme": 50}, base=MME),
    case("up", {"mme": "50.1"}, raised="opioids-up", base=MME),
    case("up since the last time, and still below the baseline", {"mme": 30}, {"mme": 35}, raised="opioids-down opioids-up", base=MME),
    case("a first opioid", {"mme": 5}, raised="opioids-up", base=baseline(mme=0)),
    case("nothing known before", {"mme": 50}),
    case("not asked between", {"mme": 20}, {"peg": 5}, {"mme": 20}, raised="opioids-down", base=MME),
]  # fmt: skip

ALL = [(family, one) for family, table in (
    ("relief", RELIEF), ("waning", WANING), ("tolerance", TOLERANCE), ("opioids", OPIOIDS),
) for one in table]  # fmt: skip


@pytest.mark.parametrize(("family", "found"), ALL, ids=[f"{family}: {one.what}" for family, one in ALL])
def test_at_under_and_over(family: str, found: Case):
    assert set(last(history(found), family)) == found.raised


def test_the_readings_behind_are_said():
    (peg,) = [one for one in WANING if one.what == "1.0 above best, twice"]
    assert last(history(peg), "waning")["waning-peg"].readings == {"best": "3.0", "peg": "4, 4"}
    (lost,) = [one for one in WANING if one.what == "30 % lost"]
    assert last(history(lost), "waning")["waning-relief"].readings == {"relief": "28", "reached": "50", "peg": "5.7"}
