"""The coordinator's verbs: who may, what is recorded, and that nothing is shown when it cannot be."""

from collections.abc import Awaitable, Callable
from datetime import date, time, timedelta

import pytest

from carepath.audit import queries as audit_queries
from carepath.journey import administer, book, coordinate, hours, outbox
from carepath.kit import db
from carepath.kit.actor import NOBODY, SYSTEM, Actor, Role
from carepath.kit.errors import Conflict, Invalid, NotFound, Refused
from carepath.kit.ids import new_id
from carepath.notifications.service import Wanted
from carepath.scheduling import service as scheduling
from carepath.scheduling.service import Appointment, ExceptionDraft, HoursDraft
from carepath.settings import Settings
from tests import cast
from tests.cast import NOW

ZONE = "America/Denver"
SINCE = date(2020, 1, 1)
MONDAY = date(2026, 11, 30)  # NOW is the Tuesday after it
WEEK = [HoursDraft(day, time(9), time(17), date(2020, 1, 1)) for day in range(5)]
OFF = ExceptionDraft("off", date(2026, 12, 1), date(2026, 12, 31))
Verb = Callable[[Actor], Awaitable[object]]

VERBS: dict[str, Verb] = {
    "board": lambda who: coordinate.board(who, MONDAY, ZONE, NOW),
    "patients": lambda who: coordinate.patients(who, NOW),
    "choose": lambda who: coordinate.choose(who, new_id(), "evaluation", None, NOW),
    "consult": lambda who: coordinate.consult(who, new_id(), NOW),
    "calendar": lambda who: hours.calendar(who, new_id(), NOW),
    "remove_week": lambda who: hours.remove_week(who, new_id(), MONDAY, NOW),
    "set_limits": lambda who: hours.set_limits(who, new_id(), 3, None, 100, NOW),
    "set_week": lambda who: hours.set_week(who, new_id(), SINCE, None, WEEK, NOW),
    "add_exception": lambda who: hours.add_exception(who, new_id(), OFF, NOW),
    "remove_exception": lambda who: hours.remove_exception(who, new_id(), new_id(), NOW),
    "messages": lambda who: outbox.look(who, Wanted(), NOW),
    "message": lambda who: outbox.open_message(who, new_id(), NOW),
    "retry_message": lambda who: outbox.retry(who, new_id(), NOW),
    "stop_message": lambda who: outbox.stop(who, new_id(), NOW),
    "send_message_again": lambda who: outbox.send_again(who, new_id(), NOW),
    "bounce_message": lambda who: outbox.bounce(who, new_id(), "5.1.1", "", NOW),
    "read_report": lambda who: outbox.read_report(who, b"", "localhost", NOW),
    "book_for": lambda who: book.book_for(who, new_id(), new_id(), "evaluation", NOW, NOW),
}


@pytest.fixture(autouse=True)
def _ready(app: object, database: Settings) -> None:
    """A configured clinic and an empty database."""


async def visit() -> tuple[cast.Staff, cast.Staff, Appointment]:
    """(provider, coordinator, a visit booked in three days)."""
    doctor, desk, paula = await cast.provider(), await cast.coordinator(), await cast.patient()
    offers = (await coordinate.choose(desk.actor, paula.id, "evaluation", date(2026, 12, 4), NOW)).offers
    booked = await book.book_for(desk.actor, paula.id, offers[0].practitioner_id, "evaluation", offers[0].start_at, NOW)
    return doctor, desk, booked


async def recorded(action: str, subject: str) -> int:
    found = await db.rows("SELECT 1 FROM audit_event WHERE action = {} AND subject = {}", action, subject)
    return len(found)


@pytest.mark.parametrize("role", [Role.PATIENT, Role.PROVIDER, Role.ADMIN, Role.ANONYMOUS])
@pytest.mark.parametrize("verb", VERBS)
async def test_only_coordinators_may(verb: str, role: Role):
    who = Actor(role, account_id=new_id(), patient_id=new_id(), practitioner_id=new_id())
    with pytest.raises((Refused, NotFound)):
        await VERBS[verb](who)
    assert not await db.rows("SELECT 1 FROM audit_event")


async def test_every_look_and_every_act_is_recorded():
    doctor, desk, booked = await visit()
    assert doctor.practitioner is not None
    who = doctor.practitioner.id
    await coordinate.board(desk.actor, MONDAY, ZONE, NOW)
    await coordinate.patients(desk.actor, NOW)
    await coordinate.consult(desk.actor, booked.id, NOW)
    await hours.calendar(desk.actor, who, NOW)
    await outbox.look(desk.actor, Wanted(), NOW)
    await hours.set_week(desk.actor, who, SINCE, None, WEEK, NOW)
    await hours.add_exception(desk.actor, who, OFF, NOW)
    exception = (await scheduling.exceptions_of(SYSTEM.scope, who, MONDAY))[0]
    await hours.remove_exception(desk.actor, who, exception.id, NOW)
    for action, subject in (
        ("read", "week-board"), ("read", "patient-list"), ("read", "patient-contact"), ("read", "appointment"),
        ("read", "practitioner-calendar"), ("read", "message-list"), ("set-hours", "practitioner"),
        ("add-off", "practitioner"), ("remove-exception", "availability-exception"), ("book", "appointment"),
    ):  # fmt: skip
        assert await recorded(action, subject) == 1, (action, subject)


@pytest.mark.parametrize("verb", ["board", "patients", "messages"])
async def test_nothing_is_shown_when_it_cannot_be_recorded(verb: str, monkeypatch: pytest.MonkeyPatch):
    desk = await cast.coordinator()

    async def full(*_given: object) -> None:
        raise OSError("the disk is full")

    monkeypatch.setattr(audit_queries, "insert_event", full)
    with pytest.raises(OSError, match="full"):
        await VERBS[verb](desk.actor)


async def test_an_act_that_cannot_be_recorded_does_not_happen(monkeypatch: pytest.MonkeyPatch):
    doctor, desk, booked = await visit()
    assert doctor.practitioner is not None

    async def full(*_given: object) -> None:
        raise OSError("the disk is full")

    (first, *rest) = (await outbox.look(desk.actor, Wanted("queued"), NOW)).messages
    assert rest
    sent = "UPDATE message SET status = 'sent', sent_at = {} WHERE id <> {}"
    await db.execute(sent, NOW, first.id)
    before = await db.rows("SELECT * FROM message ORDER BY id")
    monkeypatch.setattr(audit_queries, "insert_event", full)
    for act in (
        outbox.stop(desk.actor, first.id, NOW), outbox.send_again(desk.actor, rest[0].id, NOW),
        outbox.bounce(desk.actor, rest[0].id, "5.1.1", "", NOW),
    ):  # fmt: skip
        with pytest.raises(OSError, match="full"):
            await act
    assert await db.rows("SELECT * FROM message ORDER BY id") == before
    with pytest.raises(OSError, match="full"):
        await hours.add_exception(desk.actor, doctor.practitioner.id, OFF, NOW)
    with pytest.raises(OSError, match="full"):
        await book.cancel(desk.actor, booked.id, "a reason", NOW)
    assert not await scheduling.exceptions_of(SYSTEM.scope, doctor.practitioner.id, MONDAY)
    assert (await scheduling.get(SYSTEM.scope, booked.id)).status == "booked"
    assert not await db.rows("SELECT 1 FROM message WHERE kind = 'consult-cancelled'")


async def test_a_changed_week_flags_a_visit_and_moving_it_clears_the_flag():
    doctor, desk, booked = await visit()
    assert doctor.practitioner is not None
    flagged = await hours.set_week(desk.actor, doctor.practitioner.id, SINCE, None, WEEK[:4], NOW)
    assert [one.id for one in flagged] == [booked.id]
    seen = await coordinate.board(desk.actor, MONDAY - timedelta(days=70), ZONE, NOW)
    assert not seen.appointments
    assert [(one.appointment_id, one.attention) for one in seen.flagged] == [(booked.id, "outside-hours")]
    assert seen.names[booked.patient_id] == "Paula Winter"
    assert (await hours.calendar(desk.actor, doctor.practitioner.id, NOW)).flagged == seen.flagged
    offers = await coordinate.moves(desk.actor, booked, date(2026, 12, 7), NOW)
    moved = await book.move(desk.actor, booked.id, offers[0].practitioner_id, offers[0].start_at, NOW)
    assert moved.attention is None
    assert not (await coordinate.board(desk.actor, MONDAY, ZONE, NOW)).flagged


async def test_a_flagged_visit_that_is_over_or_cancelled_is_not_listed():
    doctor, desk, booked = await visit()
    assert doctor.practitioner is not None
    await hours.set_week(desk.actor, doctor.practitioner.id, SINCE, None, [], NOW)
    assert (await coordinate.board(desk.actor, MONDAY, ZONE, NOW)).flagged
    assert not (await coordinate.board(desk.actor, MONDAY, ZONE, booked.end_at)).flagged
    await book.cancel(desk.actor, booked.id, "no other time fits", NOW)
    assert not (await coordinate.board(desk.actor, MONDAY, ZONE, NOW)).flagged


async def test_without_offers_each_provider_has_a_reason():
    await cast.provider("Nora Far", "America/New_York", ("NY",))
    desk, paula = await cast.coordinator(), await cast.patient()
    found = await coordinate.choose(desk.actor, paula.id, "evaluation", None, NOW)
    assert not found.offers
    assert [(one.practitioner_name, one.code) for one in found.why] == [("Dr. Nora Far", "not-licensed")]


@pytest.mark.parametrize(
    ("asked", "first"),
    [(None, date(2026, 12, 1)), (date(2020, 1, 1), date(2026, 12, 1)), (date(2026, 12, 24), date(2026, 12, 24))],
)
def test_the_first_day_is_never_before_today_there(asked: date | None, first: date):
    assert coordinate.first_day(asked, "America/Los_Angeles", NOW) == first
    late = NOW.replace(day=2, hour=3)  # still the first of December in California
    assert coordinate.first_day(None, "America/Los_Angeles", late) == date(2026, 12, 1)


async def test_retrying_is_for_failed_messages():
    _doctor, desk, _booked = await visit()
    queued = (await outbox.look(desk.actor, Wanted("queued"), NOW)).messages[0]
    with pytest.raises(Conflict):
        await outbox.retry(desk.actor, queued.id, NOW)
    with pytest.raises(NotFound):
        await outbox.retry(desk.actor, new_id(), NOW)
    assert await recorded("retry", "message") == 0


@pytest.mark.parametrize("reason", ["", "  ", "\n"])
def test_staff_say_why_they_cancel(reason: str):
    with pytest.raises(Invalid):
        coordinate.check_reason(reason)


@pytest.mark.parametrize("who", [NOBODY, Actor(Role.COORDINATOR, account_id=new_id()), Actor(Role.PROVIDER)])
async def test_only_admins_see_accounts_and_the_trail(who: Actor):
    for act in (
        administer.staff(who, NOW), administer.verify_audit(who, NOW), administer.set_active(who, new_id(), True, NOW)
    ):  # fmt: skip
        with pytest.raises(Refused):
            await act
