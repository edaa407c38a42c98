"""Plans without a database: every field at, under and over its bounds; home; the clinic's limits; phases; differences."""

import json
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from carepath.followups import catalogue
from carepath.followups.rules import plan_json, plans, records
from carepath.followups.rules.differences import Difference, differences, said
from carepath.followups.rules.history import Dose
from carepath.followups.rules.home import HomeGate
from carepath.followups.rules.limits import Limit, Unseen, check_seen, most_within, warnings
from carepath.followups.rules.plan_checks import check_plan
from carepath.followups.rules.plans import PHASE, PLAN, PlanDetails, PlanDraft, turn_phase
from carepath.kit.actor import Role
from carepath.kit.errors import Conflict, Invalid, Refused
from tests.cast import NOW

TODAY, DAY = NOW.date(), timedelta(days=1)
HOME = catalogue.load(Path(__file__).parents[2] / "config").home
OPEN = replace(HOME, enabled=True)
DRAFT = PlanDraft("iv", "clinic", "as agreed", 28, 14, "Walk to the shop.", TODAY)
GATE = HomeGate("Max Winter", "555 010 0199", True, 160, 90, 100, TODAY - 7 * DAY, True)
AT_HOME = replace(DRAFT, setting="home", sessions_planned=6, details=PlanDetails(home=GATE))


def dates(*days: int) -> tuple[date, ...]:
    return tuple(TODAY + n * DAY for n in days)


def detailed(draft: PlanDraft = DRAFT, **said: object) -> PlanDraft:
    return replace(draft, details=replace(draft.details, **said))  # type: ignore[arg-type]


def wrong(draft: PlanDraft, home: object = HOME) -> set[str]:
    try:
        check_plan(draft, home, TODAY)  # type: ignore[arg-type]
    except Invalid as problem:
        return set(problem.fields)
    return set()


@pytest.mark.parametrize(
    ("field", "good", "bad"),
    [
        ("route", list(plans.ROUTES)[:-1], ["x", ""]),
        ("setting", ["clinic"], ["home", "x"]),
        ("phase", ["test-dose", "induction", "maintenance"], ["ended", "x"]),
        ("dose", ["x", "x" * 300], [" ", "x" * 301]),
        ("goals", ["x", "x" * 1000], ["", "x" * 1001]),
        ("interval_days", [1, 366], [0, 367]),
        ("check_in_every_days", [1, 366], [0, 367]),
        ("sessions_planned", [None, 1, 365], [0, 366]),
        ("starts_on", [TODAY - 3660 * DAY, TODAY + 366 * DAY], [TODAY - 3661 * DAY, TODAY + 367 * DAY]),
        ("runway_until", [None, TODAY, TODAY + 366 * DAY], [TODAY - DAY, TODAY - 3661 * DAY, TODAY + 367 * DAY]),
        ("labs_due_on", [None, TODAY, TODAY + 366 * DAY], [TODAY - DAY, TODAY + 367 * DAY]),
        ("pdmp_due_on", [None, TODAY, TODAY + 366 * DAY], [TODAY - DAY, TODAY + 367 * DAY]),
    ],
)
def test_each_field_of_a_plan_has_its_bounds(field: str, good: list[object], bad: list[object]):
    for value in good:
        assert wrong(replace(DRAFT, **{field: value})) == set(), value  # type: ignore[arg-type]
    for value in bad:
        assert wrong(replace(DRAFT, **{field: value})) == {field}, value  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("field", "good", "bad"),
    [
        ("session_dates", [(), dates(0), dates(0, 366), dates(1, 2, 9)],
         [dates(-1, 3), dates(3, 367), dates(2, 2), dates(9, 2), dates(3, 1, 3)]),
        ("therapies", [(), tuple(plans.THERAPIES), ("cbt",)], [("crystals",), ("cbt", "x")]),
        ("therapy_words", ["", "x" * 500], ["x" * 501]),
        ("amount", [None, Dose(Decimal("0.0001"), "mg"), Dose(Decimal(100_000), "mg/kg"), Dose(Decimal("1E+2"), "mg")],
         [Dose(Decimal(n), "mg") for n in ("0", "-1", "0.00001", "100000.1", "NaN", "Infinity", "-Infinity")]),
    ],
)  # fmt: skip
def test_each_detail_of_a_plan_has_its_bounds(field: str, good: list[object], bad: list[object]):
    for value in good:
        assert wrong(detailed(**{field: value})) == set(), value
    for value in bad:
        assert wrong(detailed(**{field: value})) == {field}, value


@pytest.mark.parametrize("field", ["runway_until", "labs_due_on", "pdmp_due_on"])
def test_nothing_of_a_plan_is_due_before_it_starts(field: str):
    later = replace(DRAFT, starts_on=TODAY + 90 * DAY)
    assert wrong(replace(later, **{field: TODAY + 90 * DAY})) == set()  # type: ignore[arg-type]
    assert wrong(replace(later, **{field: TODAY + 89 * DAY})) == {field}  # type: ignore[arg-type]


def test_a_plan_that_runs_keeps_the_days_that_have_come_and_takes_no_new_ones():
    """Written half a year ago: labs, register and prescription are overdue, and the goals change."""
    ran_out, start = TODAY - 10 * DAY, TODAY - 180 * DAY
    before = replace(DRAFT, starts_on=start, runway_until=ran_out, labs_due_on=ran_out, pdmp_due_on=start - 5 * DAY)
    check_plan(replace(before, goals="Run."), HOME, TODAY, before)
    check_plan(replace(before, labs_due_on=start), HOME, TODAY, before)
    check_plan(replace(before, runway_until=TODAY), HOME, TODAY, before)
    for field, on in (("runway_until", ran_out + DAY), ("pdmp_due_on", start - 4 * DAY), ("labs_due_on", start - DAY)):
        with pytest.raises(Invalid) as caught:
            check_plan(replace(before, **{field: on}), HOME, TODAY, before)  # type: ignore[arg-type]
        assert set(caught.value.fields) == {field}
    with pytest.raises(Invalid) as caught:
        check_plan(replace(before, starts_on=TODAY), HOME, TODAY, before)
    assert set(caught.value.fields) == {"runway_until", "labs_due_on", "pdmp_due_on"}, "the start was moved past them"


def test_words_are_needed_where_a_choice_asks_for_them():
    assert wrong(replace(DRAFT, route="other")) == {"route_words"}
    assert wrong(detailed(replace(DRAFT, route="other"), route_words="x" * 100)) == set()
    assert wrong(detailed(replace(DRAFT, route="other"), route_words="x" * 101)) == {"route_words"}
    assert wrong(replace(DRAFT, phase="taper")) == {"taper"}
    assert wrong(detailed(replace(DRAFT, phase="taper"), taper="x" * 1000)) == set()
    assert wrong(detailed(replace(DRAFT, phase="taper"), taper="x" * 1001)) == {"taper"}
    assert wrong(detailed(amount=Dose(Decimal(1), "drops"))) == {"unit"}


def test_dates_are_as_many_as_sessions_or_fewer():
    three = detailed(session_dates=dates(0, 7, 14))
    assert wrong(replace(three, sessions_planned=4)) == set()
    assert wrong(replace(three, sessions_planned=3)) == set()
    assert wrong(replace(three, sessions_planned=2)) == {"session_dates"}


def test_at_home_is_refused_while_the_clinic_has_it_switched_off():
    assert not HOME.enabled
    assert wrong(AT_HOME, HOME) == {"setting"}


@pytest.mark.parametrize(
    ("field", "of", "good", "bad"),
    [
        ("home_monitor", "monitor_name", ["M", "x" * 120], ["", "  ", "x" * 121]),
        ("home_phone", "monitor_phone", ["5550100", "+1 (555) 010-0199"], ["", "call me", "123456", "5" * 26]),
        ("home_device", "has_device", [True], [False]),
        ("home_address", "is_address_confirmed", [True], [False]),
        ("home_systolic", "systolic", [159, 160], [161, None]),
        ("home_diastolic", "diastolic", [89, 90], [91, None]),
        ("home_heart_rate", "heart_rate", [99, 100], [101, None]),
        ("home_measured_on", "measured_on", [TODAY, TODAY - 7 * DAY], [TODAY - 8 * DAY, TODAY + DAY, None]),
    ],
)
def test_at_home_each_part_of_the_gate_is_named_that_is_not_filled(
    field: str, of: str, good: list[object], bad: list[object]
):
    for value in good:
        assert wrong(detailed(AT_HOME, home=replace(GATE, **{of: value})), OPEN) == set(), value  # type: ignore[arg-type]
    for value in bad:
        assert wrong(detailed(AT_HOME, home=replace(GATE, **{of: value})), OPEN) == {field}, value  # type: ignore[arg-type]


def test_at_home_a_prescription_holds_so_many_sessions_and_an_empty_gate_names_all_its_fields():
    assert wrong(replace(AT_HOME, sessions_planned=7), OPEN) == {"sessions_planned"}
    assert wrong(replace(AT_HOME, sessions_planned=None), OPEN) == {"sessions_planned"}
    assert wrong(detailed(AT_HOME, home=None), OPEN) == {
        "home_monitor", "home_phone", "home_device", "home_address", "home_systolic", "home_diastolic",
        "home_heart_rate", "home_measured_on",
    }  # fmt: skip
    assert wrong(detailed(home=GATE), HOME) == set(), "a clinic plan may remember the gate"


LIMIT = Limit("iv", "Our medical lead, 2026-11-01", "mg", 50, 4, 12, 21)


def fields_of(draft: PlanDraft, *limits: Limit) -> list[str]:
    return [one.field for one in warnings(draft, limits)]


def amount(n: str, unit: str = "mg") -> Dose:
    return Dose(Decimal(n), unit)


@pytest.mark.parametrize(("given_", "warned"), [("49.9", []), ("50", []), ("50.1", ["amount"])])
def test_an_amount_is_held_against_the_limit_of_its_own_unit(given_: str, warned: list[str]):
    monthly = replace(DRAFT, interval_days=31)
    assert fields_of(detailed(monthly, amount=amount(given_)), LIMIT) == warned
    assert fields_of(detailed(monthly, amount=amount(given_, "mg/kg")), LIMIT) == []
    assert fields_of(detailed(replace(monthly, route="im"), amount=amount(given_)), LIMIT) == []


@pytest.mark.parametrize(("days", "warned"), [(20, ["interval_days"]), (21, []), (22, [])])
def test_an_interval_is_held_against_the_shortest(days: int, warned: list[str]):
    assert fields_of(replace(DRAFT, interval_days=days), replace(LIMIT, most_in_12_months=None)) == warned


def test_sessions_are_counted_by_their_dates_or_else_by_the_interval():
    only = Limit("iv", "x", most_in_30_days=2, most_in_12_months=3)
    assert fields_of(detailed(session_dates=dates(0, 29)), only) == []
    assert fields_of(detailed(session_dates=dates(0, 15, 29)), only) == ["session_dates"]
    assert fields_of(detailed(session_dates=dates(0, 15, 30)), only) == [], "the 31st day is outside of 30"
    assert fields_of(detailed(session_dates=dates(0, 100, 200, 364)), only) == ["session_dates"]
    assert fields_of(detailed(session_dates=dates(0, 100, 200, 365)), only) == []
    assert fields_of(replace(DRAFT, interval_days=14, sessions_planned=3), only) == ["interval_days"]
    assert fields_of(replace(DRAFT, interval_days=15, sessions_planned=3), only) == []
    assert fields_of(replace(DRAFT, interval_days=15, sessions_planned=2), only) == []
    assert fields_of(replace(DRAFT, interval_days=122), only) == []
    assert fields_of(replace(DRAFT, interval_days=121), only) == ["interval_days"]


@given(st.integers(1, 366), st.integers(1, 60), st.sampled_from([30, 365]))
def test_an_interval_counts_like_the_dates_that_follow_from_it(every: int, sessions: int, days: int):
    by_dates = detailed(session_dates=dates(*range(0, every * sessions, every)))
    assert most_within(by_dates, days) == most_within(
        replace(DRAFT, interval_days=every, sessions_planned=sessions), days
    )


@given(st.decimals("0.1", "500", places=1), st.integers(1, 366), st.sampled_from(list(plans.ROUTES)))
def test_without_a_limit_nothing_is_said(n: Decimal, every: int, route: str):
    draft = detailed(replace(DRAFT, route=route, interval_days=every), amount=Dose(n, "mg"))
    assert warnings(draft, ()) == ()
    assert warnings(draft, [replace(LIMIT, route="im" if route != "im" else "sc")]) == ()


def test_a_warning_was_seen_only_as_it_stands_and_then_nothing_is_refused():
    draft = detailed(replace(DRAFT, interval_days=20), amount=amount("60"))
    found = warnings(draft, [LIMIT])
    assert [one.field for one in found] == ["amount", "interval_days", "interval_days"]
    assert found[0].words == "Infusion into a vein (IV): 60 mg planned; the clinic has set at most 50 mg a session."
    keys = frozenset(one.key for one in found)
    check_seen(found, keys)
    with pytest.raises(Unseen) as caught:
        check_seen(found, keys - {found[0].key})
    assert caught.value.warnings == found
    with pytest.raises(Unseen):
        check_seen(warnings(detailed(draft, amount=amount("600")), [LIMIT]), keys)
    check_plan(draft, HOME, TODAY)


def test_phases_go_on_and_back_and_the_taper_has_its_own_way():
    assert turn_phase("test-dose", "induction", Role.PROVIDER, "change") == "induction"
    assert turn_phase("maintenance", "induction", Role.PROVIDER, "change") == "induction"
    assert turn_phase("taper", "maintenance", Role.PROVIDER, "change") == "maintenance"
    assert turn_phase("taper", "taper", Role.PROVIDER, "change") == "taper"
    assert turn_phase("induction", "taper", Role.PROVIDER, "taper") == "taper"
    with pytest.raises(Invalid) as caught:
        turn_phase("maintenance", "taper", Role.PROVIDER, "change")
    assert set(caught.value.fields) == {"phase"}
    with pytest.raises(Conflict):
        turn_phase("taper", "taper", Role.PROVIDER, "taper")
    for phase in ("test-dose", "induction", "maintenance", "taper"):
        assert PHASE.apply(phase, "end", Role.PROVIDER) == "ended"
    with pytest.raises(Conflict):
        turn_phase("ended", "induction", Role.PROVIDER, "change")


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.PROVIDER])
def test_only_a_provider_turns_a_plan(role: Role):
    for machine in (PLAN, PHASE):
        for one in machine.transitions:
            with pytest.raises(Refused):
                machine.apply(one.sources[0], one.action, role)


def test_what_is_seen_to_is_due_again_within_a_year():
    assert records.next_due("labs", TODAY, None, 90, TODAY) == TODAY + 90 * DAY
    assert records.next_due("pdmp", TODAY - 366 * DAY, TODAY - 365 * DAY, 90, TODAY) == TODAY - 365 * DAY
    assert records.next_due("labs", TODAY, TODAY + 366 * DAY, 90, TODAY) == TODAY + 366 * DAY
    for seen_on, due_on, field in (
        (TODAY + DAY, None, "labs_seen_on"), (TODAY - 367 * DAY, None, "labs_seen_on"), (TODAY, TODAY, "labs_next_on"),
        (TODAY, TODAY + 367 * DAY, "labs_next_on"),
    ):  # fmt: skip
        with pytest.raises(Invalid) as caught:
            records.next_due("labs", seen_on, due_on, 90, TODAY)
        assert set(caught.value.fields) == {field}
    for good in (TODAY, TODAY + 366 * DAY):
        records.check_until(good, TODAY)
    for bad in (TODAY - DAY, TODAY + 367 * DAY):
        with pytest.raises(Invalid):
            records.check_until(bad, TODAY)


def test_a_version_says_what_it_says_otherwise():
    now = detailed(
        replace(DRAFT, interval_days=21, phase="induction", labs_due_on=date(2027, 1, 5)), amount=amount("30"), therapies=("cbt",)
    )  # fmt: skip
    assert differences(DRAFT, now) == (
        Difference("Phase", "Maintenance", "Induction"), Difference("Amount", "–", "30 mg"),
        Difference("A session every", "28 days", "21 days"), Difference("Labs due on", "–", "Jan 5, 2027"),
        Difference("Combined with", "–", "Cognitive behavioural therapy"),
    )  # fmt: skip
    assert differences(now, now) == ()


texts = st.text(st.characters(codec="utf-8", exclude_characters="\x00"), max_size=30)
days = st.dates(date(2020, 1, 1), date(2030, 1, 1))
drafts = st.builds(
    PlanDraft, st.sampled_from(list(plans.ROUTES)), st.sampled_from(["clinic", "home"]), texts, st.integers(1, 366), st.integers(1, 366),
    texts, days, st.sampled_from(plans.FIRST_PHASES), st.none() | st.integers(1, 365), st.none() | days, st.none() | days,
    st.none() | days,
    st.builds(
        PlanDetails, texts, st.none() | st.builds(Dose, st.decimals("0.1", "999", places=2), st.sampled_from(["mg", "mg/kg"])),
        st.lists(days, max_size=4).map(tuple), st.lists(st.sampled_from(list(plans.THERAPIES)), unique=True).map(tuple), texts, texts,
        st.none() | st.builds(HomeGate, texts, texts, st.booleans(), st.none() | st.integers(1, 300), st.none() | st.integers(1, 300),
                              st.none() | st.integers(1, 300), st.none() | days, st.booleans()),
        st.none() | days, st.none() | days,
    ),
)  # fmt: skip


@given(drafts)
def test_a_plan_comes_back_from_its_json_as_it_was(draft: PlanDraft):
    assert plan_json.read_version(plan_json.write_version(draft, ())) == (draft, ())
    assert plan_json.read_details(plan_json.write_details(draft.details)) == draft.details


@given(drafts)
def test_every_plan_can_be_said(draft: PlanDraft):
    assert dict(said(draft))["Phase"] == plans.PHASES[draft.phase]


def test_a_version_from_before_there_were_details_can_be_read():
    old = {
        "route": "iv", "setting": "clinic", "dose": "as agreed", "interval_days": "28", "check_in_every_days": "14",
        "goals": "Walk to the shop.", "starts_on": TODAY.isoformat(),
    }  # fmt: skip
    assert plan_json.read_version(json.dumps(old)) == (DRAFT, ())
    assert plan_json.read_details(None) == PlanDetails()
    assert plan_json.read_details("{}") == PlanDetails()
