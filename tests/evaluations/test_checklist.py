"""The checklist as pure rules: open, done, and old; at, under and over its days."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from carepath.evaluations.rules import checklist as rules
from carepath.evaluations.rules.checklist import Basis, Entry, Known, Limits, Line, Pressure
from carepath.followups.rules import sessions
from carepath.kit.errors import Invalid

TODAY = date(2026, 12, 1)
LIMITS = Limits(7, 5, 90, 7, "a", "b", "c")
FREE = Basis(date(2026, 12, 31), needs_review=False, words="Allowed.")
UNSETTLED = replace(FREE, needs_review=True)


CALM = {"systolic": "120", "diastolic": "80", "heart_rate": "70"}


def known(*entries: Entry, **about: object) -> Known:
    held: dict[str, object] = {"licensed_in": frozenset({"CO"}), "basis": FREE, **about}
    return Known(TODAY, {one.item: one for one in entries}, **held)  # type: ignore[arg-type]


def entry(item: str, days_ago: int = 0, **detail: str) -> Entry:
    return Entry(item, True, TODAY - timedelta(days=days_ago), detail)


def line(item: str, facts: Known) -> Line:
    return next(one for one in rules.lines(facts, LIMITS) if one.item == item)


ENTERED = (
    entry("identity", document="photo-id"), entry("location", state="CO"), entry("pdmp"),
    entry("blood-pressure", systolic="120", diastolic="80", heart_rate="70"), entry("in-person", basis="exam"),
)  # fmt: skip


def test_nothing_is_done_by_itself_but_what_is_computed():
    found = rules.lines(known(), LIMITS)
    assert [one.item for one in found] == list(rules.ITEMS)
    assert [one.item for one in found if one.is_done] == ["consent"]
    assert sum(not one.is_done for one in found) == 5


def test_with_everything_seen_to_nothing_is_in_the_way():
    assert all(one.is_done for one in rules.lines(known(*ENTERED), LIMITS))


@pytest.mark.parametrize("gone", [one.item for one in ENTERED])
def test_each_item_alone_is_in_the_way(gone: str):
    found = rules.lines(known(*(one for one in ENTERED if one.item != gone)), LIMITS)
    assert [one.item for one in found if not one.is_done] == [gone]


@pytest.mark.parametrize("item", [one.item for one in ENTERED])
def test_what_was_taken_back_is_open(item: str):
    facts = known(*(replace(one, is_done=one.item != item) for one in ENTERED))
    assert not line(item, facts).is_done


def test_identity_says_how():
    assert line("identity", known(ENTERED[0])).words == "Identity: seen (photo ID) on Dec 1, 2026."
    known_already = line("identity", known(entry("identity", document="in-person")))
    assert known_already.words == "Identity: known in person, on Dec 1, 2026."


@pytest.mark.parametrize(("days", "is_done"), [(6, True), (7, True), (8, False)])
def test_where_the_patient_is_gets_old(days: int, is_done: bool):
    assert line("location", known(entry("location", days, state="CO"))).is_done is is_done


def test_a_state_without_a_license_of_today_is_no_location():
    found = line("location", known(entry("location", state="CO"), licensed_in=frozenset({"UT"})))
    assert (found.is_done, found.words) == (False, "Location: you hold no license for CO that is valid today.")


@pytest.mark.parametrize(("days", "is_done"), [(4, True), (5, True), (6, False)])
def test_the_look_into_the_pdmp_gets_old_and_is_due_again(days: int, is_done: bool):
    found = line("pdmp", known(entry("pdmp", days)))
    assert (found.is_done, found.again_on) == (is_done, TODAY + timedelta(days=90 - days))


def test_consent_names_what_is_missing():
    found = line("consent", known(unsigned=("Telehealth", "Privacy")))
    assert (found.is_done, found.words) == (False, "Consent: not signed in its wording of today: Telehealth, Privacy.")


@pytest.mark.parametrize(("days", "is_done"), [(6, True), (7, True), (8, False)])
@pytest.mark.parametrize("who", ["provider", "intake"])
def test_a_blood_pressure_gets_old_whoever_gave_it(days: int, is_done: bool, who: str):
    reading = Pressure(131, 84, 72, TODAY - timedelta(days=days))
    numbers = {"systolic": "131", "diastolic": "84", "heart_rate": "72"}
    given = known(intake_pressure=reading) if who == "intake" else known(entry("blood-pressure", days, **numbers))
    found = line("blood-pressure", given)
    assert found.is_done is is_done
    assert "131/84, heart rate 72" in found.words


def test_of_two_readings_the_newer_counts_and_the_providers_when_both_are_of_a_day():
    numbers = {"systolic": "150", "diastolic": "95", "heart_rate": "90"}
    older, same = Pressure(120, 80, 70, TODAY - timedelta(days=9)), Pressure(120, 80, 70, TODAY)
    entered = entry("blood-pressure", **numbers)
    for other in (older, same):
        assert rules.newest_pressure(known(entered, intake_pressure=other)) == Pressure(150, 95, 90, TODAY)
    late = entry("blood-pressure", 8, **numbers)
    assert rules.newest_pressure(known(late, intake_pressure=same)) == same


def test_a_reading_that_alarms_is_seen_to_and_says_so_however_old_it_is():
    for days_ago, is_done in ((0, True), (8, False)):
        entered = entry("blood-pressure", days_ago, systolic="210", diastolic="120", heart_rate="90")
        found = line("blood-pressure", known(entered, alarms=("Blood pressure above 180/110.",)))
        assert (found.is_done, found.is_alarming) == (is_done, True)
        assert "210/120" in found.words
        assert found.words.endswith("Blood pressure above 180/110.")
        assert not line("blood-pressure", known(entered)).is_alarming


def test_the_bounds_of_a_reading_are_those_of_a_session():
    assert {
        name: (low, high) for name, (low, high, _unit) in sessions.RANGES.items() if name != "oxygen"
    } == rules.RANGES


@pytest.mark.parametrize("edge", ["50/20/20", "300/200/250", "81/80/70"])
def test_a_reading_at_the_bounds_is_taken(edge: str):
    upper, lower, rate = edge.split("/")
    rules.check_entry(entry("blood-pressure", systolic=upper, diastolic=lower, heart_rate=rate), known())


def test_an_exam_in_person_stays_good():
    assert line("in-person", known(entry("in-person", 900, basis="exam"), basis=None)).is_done


@pytest.mark.parametrize(
    ("until", "is_done"), [(TODAY - timedelta(1), False), (TODAY, True), (TODAY + timedelta(1), True)]
)
def test_a_flexibility_ends_on_its_day(until: date, is_done: bool):
    facts = known(entry("in-person", 3, basis="flexibility"), basis=replace(FREE, until=until))
    assert line("in-person", facts).is_done is is_done


def test_an_unsettled_state_asks_what_was_checked():
    entered = entry("in-person", basis="flexibility")
    assert not line("in-person", known(entered, basis=UNSETTLED)).is_done
    noted = entry("in-person", basis="flexibility", note="Board's page read.")
    assert line("in-person", known(noted, basis=UNSETTLED)).is_done


@pytest.mark.parametrize(
    ("entered", "about", "field"),
    [
        (entry("pdmp", -1), {}, "pdmp_on"),
        (entry("blood-pressure", -1, **CALM), {}, "pressure_on"),
        (entry("blood-pressure", **CALM | {"systolic": "80", "diastolic": "120"}), {}, "diastolic"),
        (entry("blood-pressure", **CALM | {"systolic": "80", "diastolic": "80"}), {}, "diastolic"),
        (entry("blood-pressure", **CALM | {"systolic": "49"}), {}, "systolic"),
        (entry("blood-pressure", **CALM | {"systolic": "301"}), {}, "systolic"),
        (entry("blood-pressure", **CALM | {"diastolic": "19"}), {}, "diastolic"),
        (entry("blood-pressure", **CALM | {"diastolic": "201"}), {}, "diastolic"),
        (entry("blood-pressure", **CALM | {"heart_rate": "19"}), {}, "heart_rate"),
        (entry("blood-pressure", **CALM | {"heart_rate": "251"}), {}, "heart_rate"),
        (entry("blood-pressure", systolic="120", diastolic="80"), {}, "heart_rate"),
        (entry("in-person", -1, basis="exam"), {}, "exam_on"),
        (entry("pdmp", 367), {}, "pdmp_on"),
        (entry("in-person", 366 * 20 + 1, basis="exam"), {}, "exam_on"),
        (entry("location", state="NY"), {}, "state"),
        (entry("in-person", basis="flexibility"), {"basis": None}, "basis"),
        (entry("in-person", basis="flexibility"), {"basis": replace(FREE, until=TODAY - timedelta(1))}, "basis"),
        (entry("in-person", basis="flexibility"), {"basis": UNSETTLED}, "basis_note"),
    ],
)
def test_what_cannot_be_is_refused_beside_its_field(entered: Entry, about: dict[str, object], field: str):
    with pytest.raises(Invalid) as caught:
        rules.check_entry(entered, known(**about))
    assert set(caught.value.fields) == {field}


@pytest.mark.parametrize("entered", ENTERED)
def test_what_can_be_is_taken(entered: Entry):
    rules.check_entry(entered, known())
