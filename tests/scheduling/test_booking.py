"""Holds, bookings and moves, one person at a time."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from asyncpg.exceptions import CheckViolationError, ExclusionViolationError

from carepath.audit import history
from carepath.kit import db
from carepath.kit.actor import SYSTEM, Actor, Role
from carepath.kit.errors import Conflict, Invalid, NotFound, Refused
from carepath.kit.ids import new_id
from carepath.scheduling import catalogue, service
from carepath.scheduling.rules.model import Clinic
from carepath.scheduling.service import SlotTaken, Unbookable

from .cast import MONDAY, NOW, TEN, Cast, add_patient, booked, hold, provider

HOUR = timedelta(hours=1)


async def _offered(who: Actor) -> list[service.Offer]:
    return await service.search(who, "evaluation", "CO", NOW, MONDAY, MONDAY + timedelta(days=6), "America/Denver")


async def test_every_offer_of_a_week_can_be_held(cast: Cast) -> None:
    offers = await _offered(cast.ana)
    assert {offer.practitioner_name for offer in offers} == {"Ada Quill", "Ben Marsh"}
    for offer in offers[::17]:
        held = await hold(cast, cast.ana, offer.start_at, offer.practitioner_id)
        assert (held.status, held.start_at, held.end_at) == ("proposed", offer.start_at, offer.end_at)


async def test_a_hold_becomes_a_booking_and_confirming_twice_is_harmless(cast: Cast) -> None:
    held = await hold(cast, cast.ana)
    assert held.hold_expires_at == NOW + timedelta(minutes=10)
    first = await service.confirm(cast.ana, held.id, NOW)
    assert (first.status, first.version, first.hold_expires_at) == ("booked", 1, None)
    assert await service.confirm(cast.ana, held.id, NOW + HOUR) == first
    steps = await history.of(SYSTEM.scope, "appointment", held.id)
    assert [(step.action, step.to_status) for step in steps] == [("hold", "proposed"), ("confirm", "booked")]


async def test_the_same_wish_answers_the_same_hold(cast: Cast) -> None:
    first = await hold(cast, cast.ana)
    assert await hold(cast, cast.ana, now=NOW + timedelta(minutes=3)) == first


async def test_a_newer_hold_gives_the_older_one_back(cast: Cast) -> None:
    first = await hold(cast, cast.ana)
    second = await hold(cast, cast.ana, TEN + timedelta(minutes=15))
    assert (await service.get(SYSTEM.scope, first.id)).status == "cancelled"
    assert [a.id for a in await service.appointments_of(cast.ana.scope, second.patient_id)] == [second.id]


async def test_where_two_holds_are_allowed_one_that_overlaps_the_other_replaces_it(cast: Cast, clinic: Clinic) -> None:
    """The search offers such a time, since another choice replaces the patient's own hold."""
    catalogue.configure(replace(clinic, rules=replace(clinic.rules, max_open_holds=2)))
    first, second = await hold(cast, cast.ana), await hold(cast, cast.ana, TEN + HOUR)
    nearer = await hold(cast, cast.ana, TEN + HOUR + timedelta(minutes=15))
    assert [one.id for one in await service.appointments_of(cast.ana.scope, nearer.patient_id)] == [first.id, nearer.id]
    assert (await service.get(SYSTEM.scope, second.id)).status == "cancelled"


async def test_a_taken_time_is_refused_with_the_nearest_free_ones(cast: Cast) -> None:
    await booked(cast, cast.ana)
    with pytest.raises(SlotTaken) as lost:
        await hold(cast, cast.bo)
    assert lost.value.code == "taken"
    nearest = lost.value.alternatives
    assert len(nearest) == 5
    assert (TEN, cast.ben) in {(offer.start_at, offer.practitioner_id) for offer in nearest}
    for offer in nearest:
        await hold(cast, cast.bo, offer.start_at, offer.practitioner_id)


async def test_buffers_are_kept_between_visits(cast: Cast) -> None:
    await booked(cast, cast.ana)
    for minutes in (-45, 45):
        with pytest.raises(SlotTaken):
            await hold(cast, cast.bo, TEN + timedelta(minutes=minutes))
    assert await hold(cast, cast.bo, TEN + HOUR)
    assert await hold(cast, cast.bo, TEN - HOUR)


async def test_a_hold_that_ran_out_is_free_for_the_next_without_any_sweeper(cast: Cast) -> None:
    late = await hold(cast, cast.ana)
    later = NOW + timedelta(minutes=10)
    won = await hold(cast, cast.bo, now=later)
    with pytest.raises(Conflict) as lost:
        await service.confirm(cast.ana, late.id, later)
    assert lost.value.code == "hold-expired"
    assert (await service.confirm(cast.bo, won.id, later)).status == "booked"
    steps = await history.of(SYSTEM.scope, "appointment", late.id)
    assert [(step.action, step.author_role) for step in steps][-1] == ("expire", "system")


async def test_a_hold_that_ran_out_cannot_be_confirmed_even_if_nobody_wants_the_time(cast: Cast) -> None:
    held = await hold(cast, cast.ana)
    with pytest.raises(Conflict, match="not confirmed soon enough"):
        await service.confirm(cast.ana, held.id, NOW + timedelta(minutes=10))


async def test_a_patient_cannot_be_in_two_visits_at_once(cast: Cast) -> None:
    await booked(cast, cast.ana)
    with pytest.raises(Unbookable) as refused:
        await hold(cast, cast.ana, practitioner_id=cast.ben)
    assert refused.value.code == "patient-busy"


@pytest.mark.parametrize(
    ("start_at", "code"),
    [
        (NOW - timedelta(days=1), "in-the-past"),
        (NOW + HOUR * 2, "too-soon"),
        (NOW + timedelta(days=61), "too-far"),
        (TEN + HOUR * 10, "outside-hours"),
        (TEN + timedelta(days=4), "outside-hours"),
        (TEN + timedelta(minutes=1), "off-grid"),
        (TEN + timedelta(seconds=1), "off-grid"),
    ],
)
async def test_the_search_rule_holds_at_commit(cast: Cast, start_at: datetime, code: str) -> None:
    with pytest.raises(Unbookable) as refused:
        await hold(cast, cast.ana, start_at)
    assert refused.value.code == code
    assert refused.value.alternatives


async def test_nobody_books_with_a_provider_who_is_not_licensed_there(cast: Cast) -> None:
    assert cast.ana.patient_id is not None
    with pytest.raises(Unbookable) as refused:
        await service.hold(cast.ana, cast.ana.patient_id, cast.ben, "evaluation", TEN, "WY", "America/Denver", NOW)
    assert refused.value.code == "not-licensed"
    assert {offer.practitioner_id for offer in refused.value.alternatives} == {cast.ada}


async def test_wrong_input_is_named_before_any_sql(cast: Cast) -> None:
    assert cast.ana.patient_id is not None
    with pytest.raises(Invalid) as wrong:
        await service.hold(
            cast.ana, cast.ana.patient_id, cast.ada, "evaluation", TEN.replace(year=9999), "C\0", "../etc", NOW
        )
    assert set(wrong.value.fields) == {"start_at", "jurisdiction", "patient_zone"}
    with pytest.raises(Unbookable, match="does not offer"):
        await service.hold(cast.ana, cast.ana.patient_id, cast.ada, "x\0", TEN, "CO", "America/Denver", NOW)
    for first, last in ((MONDAY, MONDAY - timedelta(days=1)), (MONDAY, MONDAY + timedelta(days=92))):
        with pytest.raises(Invalid):
            await service.search(cast.ana, "evaluation", "CO", NOW, first, last, "America/Denver")


async def test_strangers_and_absent_people_answer_alike(cast: Cast) -> None:
    held = await hold(cast, cast.ana)
    assert cast.ana.patient_id is not None
    for appointment_id in (held.id, new_id()):
        with pytest.raises(NotFound):
            await service.confirm(cast.bo, appointment_id, NOW)
        with pytest.raises(NotFound):
            await service.get(provider(cast.ben).scope, appointment_id)
    with pytest.raises(NotFound):
        await service.hold(cast.bo, cast.ana.patient_id, cast.ada, "evaluation", TEN, "CO", "America/Denver", NOW)
    with pytest.raises(NotFound):
        await service.book_for(cast.carol, new_id(), cast.ada, "evaluation", TEN + HOUR, "CO", "America/Denver", NOW)
    with pytest.raises(NotFound):
        await hold(cast, cast.bo, practitioner_id=new_id())
    assert await service.appointments_of(cast.bo.scope, cast.ana.patient_id) == []


async def test_a_link_to_one_visit_opens_no_other(cast: Cast) -> None:
    visit = await booked(cast, cast.ana)
    other = Actor(Role.PATIENT, patient_id=cast.ana.patient_id, limited_to=("appointment", new_id()))
    with pytest.raises(NotFound):
        await service.cancel(other, visit.id, "", NOW)
    with pytest.raises(Refused):
        await hold(cast, other, TEN + HOUR)


async def test_a_coordinator_books_at_once_and_without_notice(cast: Cast) -> None:
    assert cast.ana.patient_id is not None
    soon = NOW + HOUR * 4  # nine in Denver
    args = (cast.ana.patient_id, cast.ada, "evaluation", soon, "CO", "America/Denver")
    now = NOW + HOUR
    with pytest.raises(Unbookable, match="too soon"):
        await service.hold(cast.ana, *args, now)
    visit = await service.book_for(cast.carol, *args, now)
    assert visit.status == "booked"
    assert await service.book_for(cast.carol, *args, now) == visit
    with pytest.raises(Refused):
        await service.book_for(cast.ana, *args, now)


async def test_a_coordinator_may_book_the_time_that_the_patient_holds(cast: Cast) -> None:
    held = await hold(cast, cast.ana)
    assert cast.ana.patient_id is not None
    visit = await service.book_for(
        cast.carol, cast.ana.patient_id, cast.ada, "evaluation", TEN, "CO", "America/Denver", NOW
    )
    assert visit.id != held.id
    assert (await service.get(SYSTEM.scope, held.id)).status == "cancelled"


async def test_a_search_by_staff_leaves_out_the_patients_other_visits(cast: Cast) -> None:
    await booked(cast, cast.ana)
    asked = ("evaluation", "CO", NOW, MONDAY, MONDAY + timedelta(days=2), "America/Denver", [cast.ben])
    anybody = await service.search(cast.carol, *asked)
    for_ana = await service.search(cast.carol, *asked, patient_id=cast.ana.patient_id)
    assert TEN in {offer.start_at for offer in anybody}
    assert TEN not in {offer.start_at for offer in for_ana}
    assert len(await service.search(cast.carol, *asked, limit=3)) == 3


async def test_an_insert_behind_the_rules_is_refused_by_the_database(cast: Cast) -> None:
    visit = await booked(cast, cast.ana)
    other = (await add_patient()).patient_id
    copy = """INSERT INTO appointment (id, practitioner_id, patient_id, visit_type, status, start_at, end_at, occupied,
              jurisdiction, patient_zone, room, created_at, updated_at)
              SELECT {}, practitioner_id, {}, visit_type, 'booked', start_at, end_at, OCCUPIED, jurisdiction,
              patient_zone, room, created_at, updated_at FROM appointment WHERE id = {}"""
    for occupied, error in (
        ("occupied", ExclusionViolationError),
        ("'empty'::tstzrange", CheckViolationError),
        ("tstzrange(NULL, NULL)", CheckViolationError),
    ):
        with pytest.raises(error):
            await db.execute(copy.replace("OCCUPIED", occupied), new_id(), other, visit.id)
