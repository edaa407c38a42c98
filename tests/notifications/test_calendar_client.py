"""A patient's calendar program: it takes the files from the mails, as a strict parser reads them, and in the end shows
what is true. Provider and patient live in different zones, and the clocks change in between."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from zoneinfo import ZoneInfo

import ics
import pytest

from carepath import configuration
from carepath.journey import book
from carepath.kit.actor import SYSTEM
from carepath.notifications import calendar
from carepath.notifications.calendar import Organizer
from carepath.scheduling.service import Appointment
from carepath.settings import Settings
from tests import cast
from tests.mailroom import Mailroom, mailroom

EASTERN = ZoneInfo("America/New_York")
# One week before each night on which the clocks of the United States change.
NIGHTS = {"spring": datetime(2027, 3, 8, 15, tzinfo=UTC), "autumn": datetime(2027, 11, 1, 15, tzinfo=UTC)}


@pytest.fixture
async def room(database: Settings) -> AsyncIterator[Mailroom]:
    async with mailroom(database, configuration.load(database.config_dir)) as found:
        yield found


class Program:
    """Keeps one event for each UID: the file with the highest SEQUENCE counts, and a CANCEL takes it away."""

    def __init__(self) -> None:
        self.events: dict[str, tuple[int, ics.Event]] = {}

    def take(self, mail: EmailMessage) -> None:
        """What a program does with a mail that carries a calendar file."""
        (part,) = (p for p in mail.walk() if p.get_content_type() == "text/calendar")
        text = part.get_payload(decode=True).decode()  # type: ignore[union-attr]
        found = ics.Calendar(text)
        (event,) = found.events
        (sequence,) = (int(line.value) for line in event.extra if line.name == "SEQUENCE")
        assert found.method == part.get_param("method")
        if sequence < self.events.get(event.uid, (-1, event))[0]:
            return
        self.events[event.uid] = (sequence, event)
        if found.method == "CANCEL":
            assert event.status == "CANCELLED"
            del self.events[event.uid]


async def moved_over_the_night(room: Mailroom, now: datetime) -> tuple[Appointment, cast.Staff]:
    """A visit at ten of the provider's clock before the night, moved to ten after it; both mails have come."""
    doctor, patient, desk = await cast.provider(), await cast.patient(zone="America/New_York"), await cast.coordinator()
    assert doctor.practitioner is not None
    home = ZoneInfo(doctor.practitioner.zone)
    first = datetime(now.year, now.month, now.day + 2, 10, tzinfo=home).astimezone(UTC)
    later = datetime(now.year, now.month, now.day + 9, 10, tzinfo=home).astimezone(UTC)
    assert later - first != timedelta(days=7), "the clocks change in between"
    booked = await book.book_for(SYSTEM, patient.id, doctor.practitioner.id, "evaluation", first, now)
    await room.drain(now)
    moved = await book.move(desk.actor, booked.id, doctor.practitioner.id, later, now)
    await room.drain(now)
    assert len(room.mails) == 2
    return moved, desk


@pytest.mark.parametrize("night", NIGHTS)
@pytest.mark.parametrize("order", [1, -1])
async def test_moved_over_the_night_it_is_shown_at_the_new_time_whatever_mail_is_read_first(
    room: Mailroom, night: str, order: int
):
    now = NIGHTS[night]
    moved, _desk = await moved_over_the_night(room, now)
    program = Program()
    for mail in room.mails[::order]:
        program.take(mail)
    ((sequence, event),) = program.events.values()
    assert (sequence, event.begin.datetime, event.end.datetime) == (1, moved.start_at, moved.end_at)
    assert event.begin.datetime.astimezone(EASTERN).hour == 12, "ten in Denver is noon in New York, on both sides"


@pytest.mark.parametrize("night", NIGHTS)
async def test_cancelled_after_the_move_it_is_gone(room: Mailroom, night: str):
    now = NIGHTS[night]
    moved, desk = await moved_over_the_night(room, now)
    await book.cancel(desk.actor, moved.id, "the provider is ill", now + timedelta(minutes=1))
    await room.drain(now + timedelta(minutes=1))
    program = Program()
    for mail in room.mails:
        program.take(mail)
    assert program.events == {}


async def test_the_feed_reads_the_same_in_the_strict_program(room: Mailroom):
    """What a provider's program subscribes to is parsed by the same grammar."""
    now = NIGHTS["spring"]
    moved, _desk = await moved_over_the_night(room, now)
    assert room.post is not None
    desk = room.post.desk
    entry = desk.entry(moved, "Visit", "/home")  # type: ignore[attr-defined]
    text = calendar.feed([entry], "Visits", Organizer("Clinic", "care@clinic.example"), now).decode()
    (event,) = ics.Calendar(text).events
    assert (event.begin.datetime, event.end.datetime) == (moved.start_at, moved.end_at)
