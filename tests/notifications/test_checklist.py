"""What to have ready for a visit by video is said a few hours before, like a reminder."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from carepath.journey import book
from carepath.kit import db
from carepath.kit.actor import SYSTEM
from carepath.kit.errors import ConfigProblem
from carepath.notifications import catalogue
from carepath.scheduling import catalogue as clinics
from carepath.scheduling import service as scheduling
from carepath.scheduling.service import Appointment
from tests import cast
from tests.cast import NOW
from tests.letters import check_discreet, html_of, link_of, text_of
from tests.mailroom import Mailroom

HOUR = timedelta(hours=1)


async def booked(hour: int = 12) -> tuple[cast.Staff, Appointment]:
    """A visit three days ahead, at that hour of the patient's day."""
    doctor, patient = await cast.provider(), await cast.patient()
    assert doctor.practitioner is not None
    on = NOW.date() + timedelta(days=3)
    offers = await scheduling.search(SYSTEM, "evaluation", "CO", NOW, on, on, "America/Denver")
    start = next(one.start_at for one in offers if one.start_at.hour == hour + 7 and one.start_at.minute == 0)
    return doctor, await book.book_for(SYSTEM, patient.id, doctor.practitioner.id, "evaluation", start, NOW)


def checklists(room: Mailroom) -> list[object]:
    return [mail for mail in room.mails if "Before your visit" in str(mail["Subject"])]


async def states() -> list[tuple[int, str]]:
    found = await db.rows("SELECT subject_version, status FROM message WHERE kind = 'visit-checklist' ORDER BY id")
    return [(r["subject_version"], r["status"]) for r in found]


async def test_it_leaves_three_hours_before_and_names_what_is_needed(room: Mailroom):
    doctor, visit = await booked()
    await room.drain(visit.start_at - 3 * HOUR - timedelta(seconds=1))
    assert checklists(room) == []
    await room.drain(visit.start_at - 3 * HOUR)
    [mail] = [m for m in room.mails if "Before your visit" in str(m["Subject"])]
    check_discreet(mail, doctor.account.name, "Winter", "evaluation", visit.room)
    for words in (text_of(mail), html_of(mail)):
        for needed in (
            "asked where you are",
            "in an emergency",
            "camera",
            "nobody overhears",
            "Mountain Standard Time",
        ):
            assert needed in words
    assert link_of(mail).startswith("/link/")
    assert not [part for part in mail.walk() if part.get_content_type() == "text/calendar"]


async def test_it_moves_with_the_visit_and_dies_with_it(room: Mailroom):
    _doctor, visit = await booked()
    desk = await cast.coordinator()
    moved = await book.move(desk.actor, visit.id, visit.practitioner_id, visit.start_at + HOUR, NOW)
    await room.drain(visit.start_at - 3 * HOUR)
    assert await states() == [(1, "superseded"), (2, "queued")]
    await book.cancel(desk.actor, moved.id, "the provider is ill", moved.start_at - 4 * HOUR)
    await room.drain(moved.start_at - 3 * HOUR)
    assert checklists(room) == []
    assert await states() == [(1, "superseded"), (2, "superseded")]


async def test_before_an_early_visit_it_waits_for_the_morning_and_never_comes_after_the_visit_began(room: Mailroom):
    _doctor, visit = await booked(9)
    await room.drain(visit.start_at - 3 * HOUR)
    assert await states() == [(1, "queued")], "at six in the morning"
    await room.drain(visit.start_at - HOUR)
    assert await states() == [(1, "sent")]
    await db.execute("UPDATE message SET status = 'queued', sent_at = NULL WHERE kind = 'visit-checklist'")
    await room.drain(visit.start_at)
    assert await states() == [(1, "skipped")]


async def test_a_visit_in_person_needs_nothing_ready(room: Mailroom):
    kept = clinics.clinic()
    in_person = replace(kept.visit_types["evaluation"], modality="in-person")
    clinics.configure(replace(kept, visit_types={**kept.visit_types, "evaluation": in_person}))
    try:
        await booked()
    finally:
        clinics.configure(kept)
    assert await states() == []


@pytest.mark.parametrize("hours", [-1, 100])
def test_wrong_hours_stop_the_start(tmp_path: Path, hours: int):
    text = f"quiet_from = 21:00:00\nquiet_until = 08:00:00\nchecklist_before_hours = {hours}"
    (tmp_path / "messages.toml").write_text(text)
    with pytest.raises(ConfigProblem, match="checklist_before_hours"):
        catalogue.load(tmp_path)


def test_a_clinic_may_switch_it_off(tmp_path: Path):
    text = "quiet_from = 21:00:00\nquiet_until = 08:00:00\nchecklist_before_hours = 0"
    (tmp_path / "messages.toml").write_text(text)
    assert catalogue.load(tmp_path).checklist is None


async def test_that_a_visit_is_off_is_told_until_it_would_have_begun_and_at_least_a_day(room: Mailroom):
    _doctor, visit = await booked()
    desk = await cast.coordinator()
    await book.cancel(desk.actor, visit.id, "the provider is ill", NOW)
    found = await db.row("SELECT useful_until FROM message WHERE kind = 'consult-cancelled'")
    assert found == {"useful_until": visit.start_at}
    nora = await cast.patient("Nora", "Summers")
    again = await book.book_for(SYSTEM, nora.id, visit.practitioner_id, "evaluation", visit.start_at, NOW)
    late = visit.start_at - HOUR
    await book.cancel(desk.actor, again.id, "the provider is ill", late)
    found = await db.row(
        "SELECT useful_until FROM message WHERE kind = 'consult-cancelled' AND subject_id = {}", again.id
    )
    assert found == {"useful_until": late + 24 * HOUR}
