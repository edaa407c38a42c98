"""Which visits a patient may book themselves, at which stage."""

import pytest

from carepath import configuration
from carepath.followups import service as followups
from carepath.followups.service import PlanDraft
from carepath.journey import book
from carepath.kit.actor import SYSTEM, Actor, Role
from carepath.kit.errors import Conflict, NotFound, Refused
from carepath.scheduling import service as scheduling
from carepath.settings import Settings
from tests import cast
from tests.cast import NOW


@pytest.fixture(autouse=True)
def _as_shipped(database: Settings) -> None:
    configuration.load(database.config_dir)


async def planned() -> tuple[cast.Staff, Actor]:
    rosa, paula = await cast.provider(), await cast.patient()
    plan = PlanDraft("im", "clinic", "As agreed.", 14, 14, "Sleep through the night.", NOW.date())
    await followups.write_plan(rosa.actor, paula.id, plan, NOW)
    return rosa, Actor(Role.PATIENT, patient_id=paula.id)


async def test_before_the_decision_there_is_the_first_evaluation(database: Settings):
    await cast.provider()
    me = Actor(Role.PATIENT, patient_id=(await cast.patient()).id)
    assert [one.code for one in await book.kinds(me)] == ["evaluation"]


async def test_in_maintenance_there_are_follow_ups_and_counselling(database: Settings):
    _rosa, me = await planned()
    assert [one.code for one in await book.kinds(me)] == ["follow-up", "integration"]
    offers = (await book.look(me, NOW.date(), NOW, None, book.Wanted("follow-up"))).offers
    held = await book.hold(me, None, offers[5].start_at, NOW, "follow-up")
    visit = await book.confirm(me, held.id, NOW)
    assert (visit.visit_type, visit.status) == ("follow-up", "booked")
    assert await scheduling.assignment_of(SYSTEM.scope, visit.id) is not None
    assert [one.code for one in await book.kinds(me)] == ["integration"]


async def test_what_is_not_theirs_to_book_is_refused_whatever_the_form_says(database: Settings):
    rosa = await cast.provider()
    paula = await cast.patient()
    me = Actor(Role.PATIENT, patient_id=paula.id)
    offers = await book.offers(me, NOW.date(), NOW)
    with pytest.raises(Conflict) as early:
        await book.hold(me, None, offers[5].start_at, NOW, "follow-up")
    assert early.value.code == "no-plan"
    with pytest.raises(Refused):
        await book.hold(me, None, offers[5].start_at, NOW, "dosing-session")
    assert rosa.practitioner is not None
    with pytest.raises(NotFound):  # not this provider's patient yet
        await book.book_for(rosa.actor, paula.id, rosa.practitioner.id, "follow-up", offers[5].start_at, NOW)


async def test_a_provider_books_a_session_for_their_own_patient(database: Settings):
    rosa, me = await planned()
    assert rosa.practitioner is not None
    assert me.patient_id is not None
    at = (await scheduling.search(
        rosa.actor, "dosing-session", "CO", NOW, NOW.date(), NOW.date(), "America/Denver", [rosa.practitioner.id]
    ))[0].start_at  # fmt: skip
    visit = await book.book_for(rosa.actor, me.patient_id, rosa.practitioner.id, "dosing-session", at, NOW)
    assert visit.status == "booked"


async def test_a_patients_hold_does_not_stand_for_the_coordinators_booking_with_anybody(database: Settings):
    await cast.provider()
    cora, paula = await cast.coordinator(), await cast.patient()
    me = Actor(Role.PATIENT, patient_id=paula.id)
    start_at = (await book.offers(me, NOW.date(), NOW))[5].start_at
    held = await book.hold(me, None, start_at, NOW)
    visit = await book.book_for(cora.actor, paula.id, None, "evaluation", start_at, NOW)
    again = await book.book_for(cora.actor, paula.id, None, "evaluation", start_at, NOW)
    assert (visit.status, again.id) == ("booked", visit.id)
    assert (await scheduling.get(SYSTEM.scope, held.id)).status == "cancelled"
