"""An absence carried out: every patient hears once, is reminded of the new times only, and reviewers follow."""

import asyncio
from collections.abc import AsyncIterator
from datetime import date, datetime, timedelta
from email.message import EmailMessage

import pytest
from icalendar import Calendar

from carepath import configuration
from carepath.accounts.people import Patient
from carepath.evaluations import service as evaluations
from carepath.intake import service as intakes
from carepath.journey import absence, book
from carepath.kit import db
from carepath.kit.actor import NOBODY, SYSTEM
from carepath.kit.errors import Conflict, Invalid, NotFound, Refused
from carepath.kit.ids import new_id
from carepath.scheduling import service as scheduling
from carepath.scheduling.service import Appointment, NotCarriedOut, Replan
from carepath.settings import Settings
from tests import cast
from tests.cast import NOW
from tests.mailroom import Mailroom, mailroom

MONDAY = date(2026, 12, 14)
NINE = datetime(2026, 12, 14, 16, 0, tzinfo=NOW.tzinfo)  # Monday, 9 AM in Denver
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@pytest.fixture
async def room(database: Settings) -> AsyncIterator[Mailroom]:
    async with mailroom(database, configuration.load(database.config_dir)) as found:
        yield found


class Scene:
    """Dr. Rosa has Paula twice that week and Otto once; Dr. Ned is free. Every confirmation was sent."""

    rosa: cast.Staff
    ned: cast.Staff
    cora: cast.Staff
    paula: Patient
    otto: Patient
    visits: list[Appointment]


@pytest.fixture
async def scene(room: Mailroom) -> Scene:
    made = Scene()
    made.rosa, made.ned = await cast.provider(), await cast.provider("Ned Okafor")
    made.cora = await cast.coordinator()
    made.paula, made.otto = await cast.patient(), await cast.patient("Otto", "Lake")
    assert made.rosa.practitioner is not None
    wishes = (
        (made.paula, "evaluation", NINE), (made.otto, "evaluation", NINE + HOUR), (made.paula, "follow-up", NINE + DAY),
    )  # fmt: skip
    made.visits = [
        await book.book_for(SYSTEM, who.id, made.rosa.practitioner.id, kind, at, NOW) for who, kind, at in wishes
    ]
    await room.drain(NOW)
    room.mails.clear()
    return made


async def planned(scene: Scene) -> Replan:
    assert scene.rosa.practitioner is not None
    found = await absence.plan(scene.cora.actor, scene.rosa.practitioner.id, MONDAY, MONDAY + 4 * DAY, NOW)
    assert found is not None
    return found


def chosen(found: Replan) -> list:  # type: ignore[type-arg]
    return [item.appointment_id for item in found.items if item.to_start_at is not None]


async def queued() -> list[tuple[str, str]]:
    """(kind, patient) of every message that is still to be sent, reminders left out."""
    found = await db.rows(
        """SELECT kind, recipient_id::text AS who FROM message
           WHERE status = 'queued' AND kind NOT LIKE 'consult-reminder%' AND kind <> 'visit-checklist'
           ORDER BY kind, who"""
    )
    return [(r["kind"], r["who"]) for r in found]


async def count(table: str, where: str = "true") -> int:
    found = await db.row(f"SELECT count(*) AS n FROM {table} WHERE {where}")
    assert found is not None
    return int(found["n"])


def calendars(mail: EmailMessage) -> list[Calendar]:
    """The calendar files that a person sees as attachments."""
    return [Calendar.from_ical(part.get_payload(decode=True)) for part in mail.iter_attachments()]  # type: ignore[arg-type]


async def test_the_days_off_and_the_plan_are_one_step_and_nothing_moves_yet(scene: Scene) -> None:
    found = await planned(scene)
    assert [item.outcome for item in found.items] == ["proposed"] * 3
    assert await count("availability_exception", "kind = 'off'") == 1
    assert await count("appointment", "attention = 'outside-hours' AND version = 1") == 3
    assert await queued() == []
    await planned(scene)
    assert await count("availability_exception", "kind = 'off'") == 1, "the same days are entered once"
    assert [one.status for one in [await scheduling.replan(scene.cora.actor.scope, found.id)]] == ["dismissed"]


async def test_each_patient_gets_one_message_however_many_visits_moved(scene: Scene, room: Mailroom) -> None:
    found = await planned(scene)
    await absence.carry_out(scene.cora.actor, found.id, chosen(found), NOW)
    expected = sorted([("consult-moved", str(scene.otto.id)), ("consults-moved", str(scene.paula.id))])
    assert await queued() == expected
    await absence.carry_out(scene.cora.actor, found.id, chosen(found), NOW)
    assert await queued() == expected, "carried out again, nobody hears again"
    await room.drain(NOW)
    await room.drain(NOW + HOUR)
    assert len(room.mails) == 2
    assert (len(room.to(scene.paula.email)), len(room.to(scene.otto.email))) == (1, 1)


async def test_the_letter_lists_every_new_time_and_carries_every_calendar_file(scene: Scene, room: Mailroom) -> None:
    found = await planned(scene)
    await absence.carry_out(scene.cora.actor, found.id, chosen(found), NOW)
    await room.drain(NOW)
    (mail,) = room.to(scene.paula.email)
    body = mail.get_body(("plain",))
    assert body is not None
    text = body.get_content()
    mine = [await scheduling.get(SYSTEM.scope, scene.visits[n].id) for n in (0, 2)]
    files = calendars(mail)
    assert len(files) == 2
    assert all(file["method"] == "REQUEST" for file in files)
    events = [file.walk("VEVENT")[0] for file in files]
    assert [(str(e["uid"]).split("@")[0], e.decoded("dtstart"), int(e["sequence"])) for e in events] == [
        (str(v.id), v.start_at, 1) for v in mine
    ]
    assert text.count("at 9:00 AM Mountain Standard Time") == 2
    html = mail.get_body(("html",))
    assert html is not None
    whole = (text + html.get_content() + str(mail["Subject"])).lower()
    for word in ("rosa", "ned", "winter", "evaluation", "follow-up", "pain clinic's", "ketamine", "provider"):
        assert word not in whole, word
    (single,) = room.to(scene.otto.email)
    assert single["Subject"].startswith("Your visit has moved")
    assert len(calendars(single)) == 1


async def test_every_moved_visit_is_reminded_of_at_its_new_time_only(scene: Scene, room: Mailroom) -> None:
    found = await planned(scene)
    await absence.carry_out(scene.cora.actor, found.id, chosen(found), NOW)
    assert await count("message", "kind LIKE 'consult-reminder%' AND status = 'queued' AND subject_version = 2") == 9
    assert await count("message", "status = 'queued' AND subject = 'appointment' AND subject_version = 1") == 0


async def test_the_letter_tells_only_what_still_stands_when_it_leaves(scene: Scene, room: Mailroom) -> None:
    found = await planned(scene)
    await absence.carry_out(scene.cora.actor, found.id, chosen(found), NOW)
    await book.cancel(scene.cora.actor, scene.visits[0].id, "the patient asked", NOW)
    await room.drain(NOW)
    told = [mail for mail in room.to(scene.paula.email) if "new times" in str(mail["Subject"])]
    assert [len(calendars(mail)) for mail in told] == [1]
    assert len(room.to(scene.paula.email)) == 2


async def test_a_letter_about_nothing_that_stands_is_not_sent(scene: Scene, room: Mailroom) -> None:
    found = await planned(scene)
    await absence.carry_out(scene.cora.actor, found.id, chosen(found), NOW)
    for number in (0, 2):
        await book.cancel(scene.cora.actor, scene.visits[number].id, "the patient asked", NOW)
    await room.drain(NOW)
    assert not [mail for mail in room.to(scene.paula.email) if "new times" in str(mail["Subject"])]
    assert await count("message", "kind = 'consults-moved' AND status = 'superseded'") == 1


async def test_one_visit_of_two_accepted_is_the_usual_message(scene: Scene, room: Mailroom) -> None:
    found = await planned(scene)
    await absence.carry_out(scene.cora.actor, found.id, [scene.visits[0].id], NOW)
    assert await queued() == [("consult-moved", str(scene.paula.id))]
    assert (await scheduling.get(SYSTEM.scope, scene.visits[2].id)).attention == "outside-hours"


async def test_the_review_follows_the_first_visit_and_all_is_on_record(scene: Scene) -> None:
    for patient in (scene.paula, scene.otto):
        intake = await intakes.newest(SYSTEM, patient.id)
        assert intake is not None
        await evaluations.open_for(SYSTEM, patient.id, intake.id, "routine", NOW)
    found = await planned(scene)
    await absence.proposal(scene.cora.actor, found.id, NOW)
    await absence.carry_out(scene.cora.actor, found.id, chosen(found), NOW)
    assert scene.ned.practitioner is not None
    assert await count("evaluation", f"practitioner_id = '{scene.ned.practitioner.id}'") == 2
    acts = {(r["action"], r["subject"]): r["n"] for r in await db.rows(
        "SELECT action, subject, count(*) AS n FROM audit_event WHERE actor_role = 'coordinator' GROUP BY 1, 2")}  # fmt: skip
    assert acts == {
        ("add-off", "practitioner"): 1, ("propose", "replan"): 1, ("read", "replan"): 1, ("carry-out", "replan"): 1,
        ("move", "appointment"): 3,
    }  # fmt: skip


async def test_when_it_cannot_be_carried_out_nobody_hears_anything(scene: Scene, room: Mailroom) -> None:
    found = await planned(scene)
    assert scene.ned.practitioner is not None
    rival = await cast.patient("Rita", "Stone")
    await book.book_for(SYSTEM, rival.id, scene.ned.practitioner.id, "evaluation", NINE, NOW)
    before = await queued()
    with pytest.raises(NotCarriedOut) as lost:
        await absence.carry_out(scene.cora.actor, found.id, chosen(found), NOW)
    assert set(lost.value.reasons) == {scene.visits[0].id}
    assert await queued() == before
    again = await absence.plan_again(scene.cora.actor, found.id, NOW)
    assert again is not None
    await absence.carry_out(scene.cora.actor, again.id, chosen(again), NOW)
    assert {(await scheduling.get(SYSTEM.scope, one.id)).version for one in scene.visits} == {2}


async def test_two_coordinators_at_once_tell_each_patient_once(scene: Scene, room: Mailroom) -> None:
    found = await planned(scene)
    other = await cast.coordinator("Carl Moss")
    who = [scene.cora.actor, other.actor] * 2
    await asyncio.gather(*(absence.carry_out(one, found.id, chosen(found), NOW) for one in who))
    await room.drain(NOW)
    assert len(room.mails) == 2
    assert await count("audit_event", "action = 'carry-out'") == 1


async def test_dismissed_it_is_not_carried_out(scene: Scene) -> None:
    found = await planned(scene)
    await absence.dismiss(scene.cora.actor, found.id, NOW)
    with pytest.raises(Conflict):
        await absence.carry_out(scene.cora.actor, found.id, chosen(found), NOW)
    assert await queued() == []


async def test_broken_dates_enter_no_days_off(scene: Scene) -> None:
    assert scene.rosa.practitioner is not None
    for first, last in ((MONDAY, MONDAY - DAY), (date(1, 1, 1), MONDAY), (MONDAY, MONDAY + 100 * DAY)):
        with pytest.raises(Invalid):
            await absence.plan(scene.cora.actor, scene.rosa.practitioner.id, first, last, NOW)
    with pytest.raises(NotFound):
        await absence.plan(scene.cora.actor, new_id(), MONDAY, MONDAY, NOW)
    assert await count("availability_exception") == 0


async def test_it_is_for_coordinators_only(scene: Scene) -> None:
    found = await planned(scene)
    assert scene.rosa.practitioner is not None
    for who in (scene.rosa.actor, cast.as_patient(scene.paula), NOBODY):
        for act in (
            absence.absences(who, NOW), absence.plan(who, scene.rosa.practitioner.id, MONDAY, MONDAY, NOW),
            absence.plan_flagged(who, scene.rosa.practitioner.id, NOW), absence.plan_again(who, found.id, NOW),
            absence.proposal(who, found.id, NOW), absence.dismiss(who, found.id, NOW),
            absence.carry_out(who, found.id, chosen(found), NOW),
        ):  # fmt: skip
            with pytest.raises(Refused):
                await act
