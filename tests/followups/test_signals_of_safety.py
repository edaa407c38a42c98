"""Signals about harm: at, under and over each threshold."""

import pytest

from carepath.followups.rules.history import Baseline

from .histories import Case, baseline, case, history, last, plan

SERIOUS = ("chest-pain", "fainting", "seizure", "breathing", "confusion", "jaundice", "fall", "allergic")


def some(*codes: str) -> frozenset[str]:
    return frozenset(codes)


def effects(*codes: str, severity: str = "mild", **more: object) -> dict[str, object]:
    return {"effects": some(*codes), "severity": severity, **more}


ADVERSE = [
    case("nothing", effects()),
    case("mild", effects("nausea")),
    case("moderate", effects("nausea", severity="moderate"), raised="moderate-side-effect"),
    case("severe", effects("nausea", severity="severe"), raised="severe-side-effect"),
    *(case(f"{code}, however mild", effects(code), raised="severe-side-effect") for code in SERIOUS),
    case("the same mild one twice", effects("nausea"), effects("nausea")),
    case("three times in 90 days", effects("nausea", day=0), effects("nausea", day=45), effects("nausea", day=90), raised="repeated-side-effect"),
    case("three times in more", effects("nausea", day=0), effects("nausea", day=45), effects("nausea", day=90.1)),
    case("three different ones", effects("nausea"), effects("headache"), effects("dizziness")),
    case("three times, and not now", effects("nausea"), effects("nausea"), effects("nausea"), effects()),
    case("detached by 7 of 10", {"dissociation": 7}),
    case("detached by 8 of 10", {"dissociation": 8}, raised="strong-dissociation"),
    case("detached by 10 of 10", {"dissociation": 10}, raised="strong-dissociation"),
    case("distressed by 7 of 10", {"distress": 7}),
    case("distressed by 8 of 10", {"distress": 8}, raised="strong-distress"),
    case("both", {"dissociation": 9, "distress": 9}, raised="strong-dissociation strong-distress"),
]  # fmt: skip

SUICIDE = [
    case("item 9 at zero", {"item9": 0}),
    case("item 9 above zero, whatever the total", {"item9": 1, "phq9": 1}, raised="phq-item9"),
    case("item 9 at its highest", {"item9": 3}, raised="phq-item9"),
    case("triage none", {"cssrs": 0}),
    case("triage low", {"cssrs": 1}, raised="c-ssrs-low"),
    case("triage moderate", {"cssrs": 2}, raised="c-ssrs-moderate"),
    case("triage high", {"cssrs": 3}, raised="c-ssrs-high"),
    case("4 above the baseline", {"phq9": 9}, base=baseline(phq9=5)),
    case("5 above the baseline", {"phq9": 10}, raised="phq-9-up", base=baseline(phq9=5)),
    case("4 above the one before", {"phq9": 3}, {"phq9": 7}),
    case("5 above the one before", {"phq9": 3}, {"phq9": 8}, raised="phq-9-up"),
    case("5 above the one before, and below the baseline", {"phq9": 3}, {"phq9": 8}, raised="phq-9-up", base=baseline(phq9=20)),
    case("nothing to compare with", {"phq9": 27}),
]  # fmt: skip

OFTEN = Baseline(bladder=frozenset({"frequency", "urgency"}), nights=1)
BLADDER = [
    case("nothing", {"bladder": some()}),
    case("blood", {"bladder": some("blood")}, raised="blood-in-urine"),
    case("blood, and always so", {"bladder": some("blood")}, raised="blood-in-urine", base=Baseline(bladder=some("blood"))),
    case("pain alone", {"bladder": some("pain")}),
    case("frequency alone", {"bladder": some("frequency")}),
    case("pain and new frequency", {"bladder": some("pain", "frequency")}, raised="bladder-pain"),
    case("pain and frequency that was always so", {"bladder": some("pain", "frequency")}, base=OFTEN),
    case("something new, once", {"bladder": some()}, {"bladder": some("burning")}),
    case("something new, twice", {"bladder": some("leakage")}, {"bladder": some()}, {"bladder": some("burning")}, raised="bladder-new"),
    case("twice what was always so", {"bladder": some("urgency")}, {"bladder": some("urgency")}, base=OFTEN),
    case("twice, and not now", {"bladder": some("burning")}, {"bladder": some("burning")}, {"bladder": some()}),
    case("one more time at night", {"nights": 2}, base=OFTEN),
    case("two more times at night", {"nights": 3}, raised="bladder-nights", base=OFTEN),
    case("nights without a baseline", {"nights": 9}),
]  # fmt: skip


def bp(systolic: int | None, diastolic: int | None, **more: object) -> dict[str, object]:
    return {"systolic": systolic, "diastolic": diastolic, **more}


PRESSURE = [
    case("140/90", bp(140, 90)),
    case("141/90", bp(141, 90), raised="blood-pressure-high"),
    case("140/91", bp(140, 91), raised="blood-pressure-high"),
    case("180/110", bp(180, 110), raised="blood-pressure-high"),
    case("181/110", bp(181, 110), raised="blood-pressure-crisis"),
    case("180/111", bp(180, 111), raised="blood-pressure-crisis"),
    case("two of three, the last one good", bp(141, 80), bp(130, 91), bp(120, 80), raised="blood-pressure-repeated"),
    case("two of three, not measured between", bp(141, 80), {"peg": 5}, bp(130, 91), raised="blood-pressure-repeated"),
    case("two of four", bp(141, 80), bp(120, 80), bp(120, 80), bp(141, 80), raised="blood-pressure-high"),
    case("one of three", bp(141, 80), bp(120, 80), bp(120, 80)),
    case("one number alone", bp(141, None), raised="blood-pressure-high"),
    case("not measured now", bp(190, 80), bp(190, 80), {"peg": 5}),
    case("a heart rate of 100", {"heart_rate": 100}),
    case("a heart rate of 101", {"heart_rate": 101}, raised="heart-rate-high"),
]  # fmt: skip

BREATHING = [
    case("oxygen not measured", {"systolic": 120, "diastolic": 80}),
    case("oxygen of 94", {"oxygen": 94}),
    case("oxygen of 93", {"oxygen": 93}, raised="oxygen-low"),
    case("oxygen of 90", {"oxygen": 90}, raised="oxygen-low"),
    case("oxygen of 89", {"oxygen": 89}, raised="oxygen-very-low"),
    case("low before, not measured now", {"oxygen": 85}, {"systolic": 120, "diastolic": 80}),
]  # fmt: skip

DAILY = (plan(-100, every=3),)
MISUSE = [
    case("nothing", {"misuse": some()}),
    *(case(one, {"misuse": some(one)}, raised="misuse-one")
      for one in ("early-refill", "lost", "extra", "other-reasons", "alcohol", "alone", "other-prescriber", "drug-use")),
    case("two at once", {"misuse": some("lost", "extra")}, raised="misuse-several"),
    case("the same one twice is one", {"misuse": some("lost")}, {"misuse": some("lost")}, raised="misuse-one"),
    case("another one within 90 days", {"misuse": some("lost"), "day": 0}, {"misuse": some("extra"), "day": 90}, raised="misuse-several"),
    case("another one later", {"misuse": some("lost"), "day": 0}, {"misuse": some("extra"), "day": 90.1}, raised="misuse-one"),
    case("two before, none now", {"misuse": some("lost", "extra")}, {"misuse": some()}),
    case("12 doses in 28 days, one every 3", {"doses_left": 30, "day": 0}, {"doses_left": 18, "day": 28}, plans=DAILY),
    case("13 doses: more than 20 % early", {"doses_left": 30, "day": 0}, {"doses_left": 17, "day": 28}, raised="misuse-one", plans=DAILY),
    case("two sessions in 30 days, one every 28", {"doses_left": 5, "day": 0}, {"doses_left": 3, "day": 30}, plans=(plan(-100),)),
    case("three sessions in 49 days: 7 early", {"doses_left": 5, "day": 0}, {"doses_left": 2, "day": 49}, plans=(plan(-100),)),
    case("three sessions in 48 days: 8 early", {"doses_left": 5, "day": 0}, {"doses_left": 2, "day": 48}, raised="misuse-one", plans=(plan(-100),)),
    case("a refill says nothing", {"doses_left": 1, "day": 0}, {"doses_left": 30, "day": 5}, plans=DAILY),
    case("early and lost are two", {"doses_left": 30, "day": 0}, {"doses_left": 17, "day": 28, "misuse": some("lost")}, raised="misuse-several", plans=DAILY),
]  # fmt: skip

MIND = [
    case("nothing", {"mind": some()}),
    case("little sleep and a high mood", {"mind": some("high-mood")}, raised="mind"),
    case("voices", {"mind": some("voices")}, raised="mind"),
]
PREGNANCY = [
    case("no", {"is_pregnant": False}), case("not asked", {"peg": 5}), case("yes", {"is_pregnant": True}, raised="pregnancy"),
]  # fmt: skip
MEDICINES = [
    case("no", {"has_new_medicine": False}), case("yes", {"has_new_medicine": True}, raised="new-medicine"),
]  # fmt: skip

ALL = [(family, one) for family, table in (
    ("adverse", ADVERSE), ("suicide", SUICIDE), ("bladder", BLADDER), ("pressure", PRESSURE), ("breathing", BREATHING),
    ("misuse", MISUSE),
    ("mind", MIND), ("pregnancy", PREGNANCY), ("medicines", MEDICINES),
) for one in table]  # fmt: skip


@pytest.mark.parametrize(("family", "found"), ALL, ids=[f"{family}: {one.what}" for family, one in ALL])
def test_at_under_and_over(family: str, found: Case):
    assert set(last(history(found), family)) == found.raised


def test_what_is_red_is_red():
    red = {"severe-side-effect", "phq-item9", "c-ssrs-high", "c-ssrs-moderate", "blood-in-urine", "bladder-pain",
           "blood-pressure-crisis", "oxygen-very-low", "misuse-several", "mind", "pregnancy"}  # fmt: skip
    raised = [one for family, found in ALL for one in last(history(found), family).values()]
    assert {one.rule.id for one in raised if one.rule.tone == "red"} == red
    assert {one.rule.id for one in raised if one.rule.tone == "green"} == set()
