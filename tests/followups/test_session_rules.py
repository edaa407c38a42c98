"""What a report of a dosing session may say: at, under and over each bound; and the reading that it leaves."""

from dataclasses import fields, replace
from datetime import timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from carepath.followups.rules.history import Dose, Reading
from carepath.followups.rules.sessions import RANGES, SessionDraft, Vitals, check_session, reading_of, with_said, worst
from carepath.followups.session_log import in_series
from carepath.followups.session_queries import SessionReport
from carepath.kit.errors import Invalid
from carepath.kit.ids import new_id
from tests.cast import NOW

BACK, AHEAD = timedelta(days=366), timedelta(minutes=30)
EFFECTS = ("nausea", "dizziness", "chest-pain", "none")
DRAFT = SessionDraft(
    NOW - timedelta(hours=2), "iv", Dose(Decimal("30"), "mg"), "", Vitals(120, 80, 70, 98), Vitals(135, 85, 80, 97),
    frozenset({"nausea"}), "mild", 4, 0, True, "her brother", True, "",
)  # fmt: skip


def wrong(draft: SessionDraft) -> set[str]:
    try:
        check_session(draft, EFFECTS, NOW, BACK, AHEAD)
    except Invalid as problem:
        return set(problem.fields)
    return set()


def test_a_plain_report_is_right_and_so_is_a_late_one():
    assert wrong(DRAFT) == set()
    assert wrong(replace(DRAFT, held_at=NOW - timedelta(days=200))) == set(), "late is normal"


@pytest.mark.parametrize(
    ("held_at", "field"),
    [
        (NOW + AHEAD, None), (NOW + AHEAD + timedelta(seconds=1), "held_on"), (NOW - BACK, None),
        (NOW - BACK - timedelta(seconds=1), "held_on"), (NOW + timedelta(days=400), "held_on"),
    ],
)  # fmt: skip
def test_how_far_from_now_a_session_may_be(held_at: object, field: str | None):
    assert wrong(replace(DRAFT, held_at=held_at)) == ({field} if field else set())


@pytest.mark.parametrize("moment", ["before", "after"])
@pytest.mark.parametrize("name", [*RANGES])
def test_vitals_at_under_and_over_what_is_plausible(moment: str, name: str):
    low, high, unit = RANGES[name]
    clear = Vitals()
    for value, is_right in ((low - 1, False), (low, True), (high, True), (high + 1, False)):
        other = {"systolic": {"diastolic": 30}, "diastolic": {"systolic": 299}}.get(name, {})
        if value in (low, high) and name == "diastolic":
            other = {"systolic": 300}
        measured = replace(clear, **{name: value}, **other)
        found = wrong(replace(DRAFT, **{moment: measured}))
        assert found == (set() if is_right else {f"{moment}_{name}"}), (value, unit)


def test_blood_pressure_is_two_numbers_and_the_lower_is_lower():
    assert wrong(replace(DRAFT, before=Vitals(120, None))) == {"before_diastolic"}
    assert wrong(replace(DRAFT, after=Vitals(None, 80))) == {"after_systolic"}
    assert wrong(replace(DRAFT, after=Vitals(90, 90))) == {"after_diastolic"}
    assert wrong(replace(DRAFT, after=Vitals(91, 90))) == set()
    assert wrong(replace(DRAFT, before=Vitals(), after=Vitals())) == set(), "not measured is an answer"


@pytest.mark.parametrize("name", ["dissociation", "distress"])
@pytest.mark.parametrize(("value", "is_right"), [(None, True), (-1, False), (0, True), (10, True), (11, False)])
def test_scales_run_from_0_to_10(name: str, value: int | None, is_right: bool):
    assert wrong(replace(DRAFT, **{name: value})) == (set() if is_right else {name})


@pytest.mark.parametrize(
    ("dose", "words", "field"),
    [
        (Dose(Decimal(0), "mg"), "", "dose_amount"), (Dose(Decimal("0.001"), "mg/kg"), "", None),
        (Dose(Decimal(10_000), "mg"), "", None), (Dose(Decimal("10000.1"), "mg"), "", "dose_amount"),
        (Dose(Decimal(5), "spoons"), "", "dose_unit"), (Dose(Decimal(5), ""), "", "dose_unit"),
        (None, "two sprays", None), (None, "  ", "dose_amount"),
    ],
)  # fmt: skip
def test_a_dose_is_a_number_with_its_unit_or_words(dose: Dose | None, words: str, field: str | None):
    assert wrong(replace(DRAFT, dose=dose, dose_words=words)) == ({field} if field else set())


@pytest.mark.parametrize(
    ("effects", "severity", "field"),
    [
        ({"none"}, "", None), ({"none"}, "mild", "severity"), ({"none", "nausea"}, "mild", "effects"), (set(), "", "effects"),
        ({"nausea"}, "", "severity"), ({"nausea"}, "awful", "severity"), ({"nausea", "chest-pain"}, "severe", None),
        ({"boredom"}, "mild", "effects"),
    ],
)  # fmt: skip
def test_side_effects_have_the_severity_of_the_worst(effects: set[str], severity: str, field: str | None):
    assert wrong(replace(DRAFT, effects=frozenset(effects), severity=severity)) == ({field} if field else set())


def test_what_must_be_said_and_how_long_words_may_be():
    assert wrong(replace(DRAFT, escort=None, will_not_drive=None, route="")) == {"escort", "will_not_drive", "route"}
    long = replace(DRAFT, dose_words="x" * 201, home_with="x" * 201, notes="x" * 2001)
    assert wrong(long) == {"dose_words", "home_with", "notes"}
    assert wrong(replace(DRAFT, dose_words="x" * 200, home_with="x" * 200, notes="x" * 2000)) == set()


numbers = st.none() | st.integers(20, 300)
vitals = st.builds(Vitals, numbers, numbers, numbers, numbers)


@given(vitals, vitals)
def test_of_two_measurements_the_reading_keeps_the_worse_whichever_came_first(before: Vitals, after: Vitals):
    found = worst(before, after)
    assert found == worst(after, before)
    for one in (before, after):
        for name in ("systolic", "diastolic", "heart_rate"):
            assert getattr(one, name) is None or getattr(found, name) >= getattr(one, name)
        assert one.oxygen is None or (found.oxygen or 999) <= one.oxygen


@pytest.mark.parametrize(
    ("before", "after", "kept"),
    [
        (Vitals(178, 88), Vitals(176, 124), (178, 124)), (Vitals(150, 90), Vitals(148, 125), (150, 125)),
        (Vitals(181, None), Vitals(140, 80), (181, 80)), (Vitals(), Vitals(140, 80), (140, 80)), (Vitals(), Vitals(), (None, None)),
    ],
)  # fmt: skip
def test_neither_number_of_a_blood_pressure_hides_the_other(
    before: Vitals, after: Vitals, kept: tuple[int | None, int | None]
):
    reading = reading_of(replace(DRAFT, before=before, after=after), new_id())
    assert (reading.systolic, reading.diastolic) == kept


def test_what_the_same_answers_say_beside_the_report_is_added_and_changes_nothing_of_it():
    reading = reading_of(replace(DRAFT, distress=None), new_id())
    said = Reading(
        new_id(), NOW, "check-in", Decimal(5), severity="severe", misuse=frozenset({"alone"}), bladder=frozenset(),
        effects=frozenset({"headache"}), systolic=90, distress=9,
    )  # fmt: skip
    assert with_said(reading, said) == replace(
        reading, peg=Decimal(5), misuse=frozenset({"alone"}), bladder=frozenset(), effects=frozenset({"nausea", "headache"}),
        distress=9,
    )  # fmt: skip


@given(vitals, vitals, st.sets(st.sampled_from(EFFECTS)))
def test_a_reading_says_nothing_that_the_report_does_not(before: Vitals, after: Vitals, effects: set[str]):
    draft = replace(DRAFT, before=before, after=after, effects=frozenset(effects))
    reading = reading_of(draft, new_id())
    assert reading.effects == effects - {"none"}
    assert (reading.source, reading.at, reading.dose) == ("session", draft.held_at, draft.dose)
    for one in fields(Vitals):
        assert getattr(reading, one.name) in (getattr(before, one.name), getattr(after, one.name), None)


PLAN, OTHER, WHO = new_id(), new_id(), new_id()


def told(
    hours: int, by: str = "provider", visit: object = None, replaces: object = None, plan: object = PLAN
) -> SessionReport:
    draft = replace(DRAFT, held_at=NOW + timedelta(hours=hours))
    return SessionReport(new_id(), plan, WHO, visit, None, by, draft, replaces, "", NOW)  # type: ignore[arg-type]


@given(st.permutations(range(6)))
def test_the_series_counts_by_when_sessions_were_not_by_when_they_were_written(order: list[int]):
    visit = new_id()
    first, second, third = told(1), told(2, visit=visit), told(3)
    reports = [first, second, told(2, "patient", visit), third, told(1, plan=OTHER), told(4)]
    found = in_series([reports[n] for n in order], {PLAN: 6})
    mine = [one for one in found if (one.by_provider or one.by_patient).report.plan_id == PLAN]  # type: ignore[union-attr]
    assert [(one.number, one.planned) for one in mine] == [(4, 6), (3, 6), (2, 6), (1, 6)]
    both = next(one for one in mine if one.number == 2)
    assert both.by_provider is not None
    assert both.by_patient is not None
    assert next(one.planned for one in found if one not in mine) is None


def test_a_correction_stands_where_the_report_stood_with_what_it_replaced():
    first = told(1)
    second = told(2, replaces=first.id)
    third = told(2, replaces=second.id)
    [one] = in_series(
        [
            first,
            second,
            third,
        ],
        {},
    )
    assert one.by_provider is not None
    assert one.by_provider.report == third
    assert one.by_provider.earlier == (second, first)
