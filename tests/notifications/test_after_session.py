"""Some hours after a visit whose kind says so, its patient is asked how they have been, and the provider reads it."""

import asyncio
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

import pytest

from carepath import configuration
from carepath.accounts.people import Patient
from carepath.dev import answers
from carepath.followups import reading_queries
from carepath.followups import service as followups
from carepath.followups.rules.history import Dose
from carepath.followups.rules.sessions import Vitals
from carepath.followups.service import CheckIn, PlanDraft, SessionDraft
from carepath.journey import book, check_in, dose, follow_up, visit
from carepath.kit import clock, db
from carepath.kit.actor import SYSTEM
from carepath.kit.errors import NotFound
from carepath.questionnaires import service as questionnaires
from carepath.scheduling import service as scheduling
from carepath.scheduling.service import Appointment
from carepath.settings import ROOT, Settings
from carepath.worklists import provider as worklist
from carepath.worklists.pending import Wanted
from tests import cast
from tests.cast import NOW
from tests.letters import check_discreet, link_of, morning
from tests.mailroom import Mailroom
from tests.web.client import Browser
from tests.web.desks import main_of, sign_in

URL = "https://carepath.example/Questionnaire/after-session"
Fresh = Callable[[], Browser]
HOUR = timedelta(hours=1)
PLAN = PlanDraft("im", "clinic", "As agreed.", 14, 14, "Sleep through the night.", NOW.date())


@dataclass
class Session:
    """A visit of that kind which took place, at ten in the morning."""

    rosa: cast.Staff
    paula: Patient
    plan: followups.Plan
    visit: Appointment

    @property
    def due(self) -> datetime:
        return self.visit.end_at + 20 * HOUR

    async def check_ins(self) -> list[CheckIn]:
        return await followups.check_ins_of(SYSTEM.scope, self.paula.id)


async def take_place(rosa: cast.Staff, paula: Patient, kind: str = "dosing-session", days: int = 2) -> Appointment:
    assert rosa.practitioner is not None
    start = NOW + timedelta(days=days, hours=2)
    made = await book.book_for(SYSTEM, paula.id, rosa.practitioner.id, kind, start, NOW)
    return await visit.fulfil(rosa.actor, made.id, made.end_at)


@pytest.fixture
async def session(database: Settings) -> Session:
    configuration.load(database.config_dir)
    await questionnaires.register_all(NOW)
    rosa, paula = await cast.provider(), await cast.patient()
    plan = await followups.write_plan(rosa.actor, paula.id, PLAN, NOW)
    return Session(rosa, paula, plan, await take_place(rosa, paula))


TOLD = {
    "session.systolic-before": 121, "session.diastolic-before": 79, "session.heart-before": 64,
    "session.systolic-after": 139, "session.diastolic-after": 88, "session.heart-after": 90, "session.route": "im",
    "session.severity": "moderate", "session.detached": 7, "session.distress": 2, "session.company": True,
    "session.home": "with-adult", "session.no-driving": True,
}  # fmt: skip


def filled(effects: list[str], **more: object) -> dict[str, list[str]]:
    form = questionnaires.current(URL)
    given = {"session.effects": effects, "session.dose": "the agreed one", **more}
    return answers.fields(form, answers.filled(form, given))


async def test_asked_once_by_a_link_that_opens_these_questions_and_read_by_the_provider(
    room: Mailroom, session: Session, browser: Fresh, monkeypatch: pytest.MonkeyPatch
):
    assert await follow_up.after_sessions(session.due - timedelta(seconds=1)) == 0
    at = session.due
    for _tick in range(3):
        await follow_up.after_sessions(at)
    monkeypatch.setattr(clock, "now", lambda: at + HOUR)
    await room.drain(at)
    [mail] = [m for m in room.to(session.paula.email) if "since your visit" in str(m["Subject"])]
    check_discreet(mail, session.rosa.account.name, session.paula.last_name)
    who, path = browser(), link_of(mail)
    await who.get(path)
    page = await who.post(path)
    [found] = await session.check_ins()
    assert page.url.path == f"/check-ins/{found.id}"
    assert "Which dose did you take" in page.text
    assert (await who.get("/home")).url.path == "/sign-in", "the link opens these questions and nothing else"
    await who.get(page.url.path)
    for _page in range(2):  # how bad it was is asked once it is known that there was something
        shown = re.findall(r'name="shown" value="([^"]*)"', page.text)
        page = await who.post(f"/check-ins/{found.id}", {**filled(["nausea", "chest-pain"]), "shown": shown})
    assert "Thank you" in page.text, main_of(page.text)
    desk = await sign_in(browser(), session.rosa)
    patient = await desk.get(f"/provider/patients/{session.paula.id}")
    assert "severe or serious side effect" in patient.text
    assert "after a visit" in patient.text
    read = await desk.get(f"/provider/check-ins/{found.id}")
    for words in ("the agreed one", "Nausea, Chest pain", "Answered"):
        assert words in main_of(read.text)
    looks = await db.rows("SELECT 1 FROM audit_event WHERE subject_id = {} AND actor_role = 'provider'", found.id)
    assert len(looks) == 1
    sessions = main_of((await desk.get(f"/provider/patients/{session.paula.id}/sessions")).text)
    for words in ("Told by the patient", "the agreed one", "Nausea", "The provider has not written this session down."):
        assert words in sessions, words


async def test_both_sides_of_one_session_stand_together_each_with_its_reading(session: Session):
    await follow_up.after_sessions(session.due)
    [found] = await session.check_ins()
    sets = configuration.load(ROOT / "config").intake.check_ins
    sent = filled(["nausea"], **TOLD)
    done = await check_in.answer(cast.as_patient(session.paula), sets, found.id, sent, session.due)
    assert done.is_done, done.errors
    vitals, effects = Vitals(118, 76, 66, 99), frozenset({"dizziness"})
    mine = SessionDraft(
        session.visit.start_at, "im", Dose(Decimal(30), "mg"), "", vitals, vitals, effects, "mild", 2, 1, True, "", True, ""
    )  # fmt: skip
    await dose.record(session.rosa.actor, sets, session.paula.id, mine, session.visit.id, session.due)
    file = await dose.open_sessions(session.rosa.actor, sets, session.paula.id, session.due)
    [one] = file.sessions
    assert one.by_provider is not None
    assert one.by_patient is not None
    assert one.by_provider.report.draft == mine
    told = one.by_patient.report
    assert (told.appointment_id, told.check_in_id, told.replaces) == (session.visit.id, found.id, None)
    assert (told.draft.held_at, told.draft.route, told.draft.dose_words) == (
        session.visit.start_at,
        "im",
        "the agreed one",
    )
    assert told.draft.dose is None, "a number comes from the provider alone"
    assert (told.draft.before, told.draft.after) == (Vitals(121, 79, 64), Vitals(139, 88, 90))
    assert (told.draft.effects, told.draft.severity) == ({"nausea"}, "moderate")
    assert (told.draft.dissociation, told.draft.distress, told.draft.escort) == (7, 2, True)
    assert (told.draft.home_with, told.draft.will_not_drive) == ("with-adult", True)
    readings = await reading_queries.of_patient(SYSTEM.scope, session.paula.id)
    assert sorted((r.systolic, r.severity, r.dose is None) for r in readings if r.source == "session") == [
        (118, "mild", False), (139, "moderate", True),
    ]  # fmt: skip
    with pytest.raises(NotFound):
        await dose.open_report(session.rosa.actor, sets, session.paula.id, told.id, session.due)
    with pytest.raises(NotFound):
        await dose.correct(session.rosa.actor, sets, session.paula.id, told.id, mine, "x", session.due)


@pytest.mark.parametrize(
    ("said", "rules"),
    [
        ({}, {}),
        ({"session.company": False}, {"misuse-one": {"misuse": "alone"}}),
        ({"session.alcohol": True}, {"misuse-one": {"misuse": "alcohol"}}),
        ({"session.company": False, "session.alcohol": True}, {"misuse-several": {"misuse": "alcohol, alone"}}),
        (
            {"session.drove": True},
            {"session-drove": {"answers": "Did you drive or use machines before the next day? Yes"}},
        ),
        ({"session.detached": 8}, {"strong-dissociation": {"dissociation": "8"}}),
        ({"session.distress": 8}, {"strong-distress": {"distress": "8"}}),
        ({"session.diastolic-before": 111}, {"blood-pressure-crisis": {"pressure": "139/111"}}),
    ],
)  # fmt: skip
async def test_what_is_dangerous_in_the_answers_reaches_the_provider_with_what_was_said(
    session: Session, browser: Fresh, said: dict[str, object], rules: dict[str, dict[str, str]]
):
    await follow_up.after_sessions(session.due)
    [found] = await session.check_ins()
    sets = configuration.load(ROOT / "config").intake.check_ins
    sent = filled(["none"], **{**TOLD, **said})
    done = await check_in.answer(cast.as_patient(session.paula), sets, found.id, sent, session.due)
    assert done.is_done, done.errors
    signals = await followups.signals_of(SYSTEM.scope, session.paula.id)
    assert {one.rule_id: one.readings for one in signals} == rules
    assert done.is_told is any(one.severity == "red" for one in signals)
    if "session-drove" in rules:
        page = await (await sign_in(browser(), session.rosa)).get(f"/provider/patients/{session.paula.id}")
        assert "Did you drive or use machines before the next day? Yes" in main_of(page.text)


@pytest.mark.parametrize("kind", ["after a visit", "regular"])
async def test_a_link_works_once_for_as_long_as_it_says_and_opens_these_questions_alone(
    room: Mailroom, session: Session, browser: Fresh, monkeypatch: pytest.MonkeyPatch, kind: str
):
    """Whichever of both it is about; the reminder has a link of its own."""
    at = session.due if kind == "after a visit" else NOW + timedelta(days=14)
    await (follow_up.after_sessions(at) if kind == "after a visit" else follow_up.tick(at))
    at = morning(at)
    monkeypatch.setattr(clock, "now", lambda: at)
    await room.drain(at)
    [mine] = await session.check_ins()
    path = link_of(room.to(session.paula.email)[-1])
    nora = await cast.patient("Nora", "Summers")
    await followups.write_plan(session.rosa.actor, nora.id, PLAN, NOW)
    async with db.transaction():
        await followups.open_due(NOW + timedelta(days=14))
    [theirs] = await followups.check_ins_of(SYSTEM.scope, nora.id)
    scanner, who, thief = browser(), browser(), browser()
    for _look in range(3):
        assert (await scanner.get(path)).status_code == 200, "looking burns nothing"
    await who.get(path)
    await thief.get(path)
    page = await who.post(path)
    assert page.url.path == f"/check-ins/{mine.id}"
    late = await thief.post(path)
    assert (late.status_code, late.url.path) == (404, path)
    assert (await thief.get(path)).status_code == 404
    assert (await thief.get(f"/check-ins/{mine.id}")).url.path == "/sign-in"
    for other in (f"/check-ins/{theirs.id}", f"/check-ins/{session.visit.id}", f"/visits/{session.visit.id}"):
        assert (await who.get(other)).status_code == 404, other
    for other in ("/home", "/slots", "/requests/new", "/provider", "/coordinator/calls"):
        assert (await who.get(other)).url.path in {"/sign-in", "/staff/sign-in", other}, other
        assert "Paula" not in (await who.get(other)).text
    overdue = mine.overdue_at + timedelta(days=1)
    await follow_up.tick(overdue)
    await room.drain(morning(overdue))
    second = link_of(room.to(session.paula.email)[-1])
    assert second != path
    monkeypatch.setattr(clock, "now", lambda: morning(overdue) + timedelta(days=30, seconds=1))
    assert (await browser().get(second)).status_code == 404, "too old"


async def test_one_that_nobody_answers_closes_by_itself_without_a_call(session: Session):
    await follow_up.after_sessions(session.due)
    opened = session.due
    for days in range(3, 11):
        await follow_up.tick(opened + timedelta(days=days, seconds=-1))
        found = next(one for one in await session.check_ins() if one.visit_id)
        assert found.status in {"due", "overdue"}, days
    await asyncio.gather(*(follow_up.tick(opened + timedelta(days=10)) for _worker in range(3)))
    found = next(one for one in await session.check_ins() if one.visit_id)
    assert found.status == "cancelled"
    assert found.step == 1
    assert await db.rows("SELECT 1 FROM patient_call") == []
    kinds = await db.rows("SELECT kind FROM message WHERE subject_id = {} ORDER BY kind", found.id)
    assert [r["kind"] for r in kinds] == ["after-session", "check-in-overdue"]


async def test_the_regular_questions_stand_beside_it_and_each_is_answered_by_itself(room: Mailroom, session: Session):
    await follow_up.tick(NOW + timedelta(days=14))
    later = await take_place(session.rosa, session.paula, days=13)
    await follow_up.after_sessions(later.end_at + 20 * HOUR)
    regular, after = sorted(await session.check_ins(), key=lambda one: one.sequence)
    assert (regular.visit_id, after.visit_id) == (None, later.id)
    await room.drain(morning(after.due_at))
    kinds = await db.rows("SELECT kind FROM message WHERE subject = 'check-in' AND status = 'sent' ORDER BY kind")
    assert [r["kind"] for r in kinds] == ["after-session", "check-in-due"]
    desk = await worklist.dashboard(
        session.rosa.actor.scope, Wanted("all", after.due_at.date(), after.due_at, after.due_at), after.due_at
    )
    assert [row.name for row in desk.follow_ups] == ["Paula Winter"], "one line for one patient"
    await followups.pause_plan(session.rosa.actor, session.plan.id, "Infection", after.due_at)
    status = {one.id: one.status for one in await session.check_ins()}
    assert status == {regular.id: "cancelled", after.id: "due"}
    await followups.end_plan(session.rosa.actor, session.plan.id, "Enough.", after.due_at)
    assert {one.status for one in await session.check_ins()} == {"cancelled"}


async def test_four_workers_at_once_ask_once(session: Session):
    await asyncio.gather(*(follow_up.after_sessions(session.due) for _worker in range(4)))
    [found] = await session.check_ins()
    assert found.visit_id == session.visit.id
    assert len(await db.rows("SELECT 1 FROM message WHERE kind = 'after-session'")) == 1


async def test_both_rounds_at_once_lose_neither(session: Session):
    """They count in one plan: neither takes the other's number."""
    at = NOW + timedelta(days=14)
    later = await take_place(session.rosa, session.paula, days=10)
    assert later.end_at + 20 * HOUR < at
    await asyncio.gather(*(work(at) for work in (follow_up.tick, follow_up.after_sessions) * 3))
    await follow_up.tick(at)
    assert sorted(one.sequence for one in await session.check_ins()) == [1, 2]


@pytest.mark.parametrize("what", ["another kind", "missed", "no plan", "long ago"])
async def test_nobody_is_asked_after_other_visits(session: Session, what: str):
    nora, at = await cast.patient("Nora", "Summers"), session.due
    if what == "another kind":
        await followups.write_plan(session.rosa.actor, nora.id, PLAN, NOW)
        await take_place(session.rosa, nora, "follow-up", days=3)
    elif what == "missed":
        await followups.write_plan(session.rosa.actor, nora.id, PLAN, NOW)
        assert session.rosa.practitioner is not None
        start = NOW + timedelta(days=3, hours=2)
        made = await book.book_for(
            session.rosa.actor, nora.id, session.rosa.practitioner.id, "dosing-session", start, NOW
        )
        await visit.no_show(session.rosa.actor, made.id, made.end_at)
    elif what == "no plan":
        await take_place(session.rosa, nora, days=3)
    else:
        at += timedelta(days=30)
    await follow_up.after_sessions(at + timedelta(days=2))
    asked = await db.rows("SELECT patient_id FROM check_in")
    assert [r["patient_id"] for r in asked] == ([] if what == "long ago" else [session.paula.id])


async def test_one_that_is_not_answered_grows_overdue_and_is_asked_for_again(room: Mailroom, session: Session):
    await follow_up.after_sessions(session.due)
    await room.drain(session.due)
    later = session.due + timedelta(days=3)
    assert await follow_up.tick(later) == (0, 1)
    await room.drain(later)
    assert "Still open" in str(room.to(session.paula.email)[-1]["Subject"])


async def test_only_the_patients_own_provider_reads_the_answers(session: Session, browser: Fresh):
    await follow_up.after_sessions(session.due)
    [found] = await session.check_ins()
    ivo = await cast.provider("Ivo Brandt", "America/New_York", ("NY", "CO"))
    with pytest.raises(NotFound):
        await follow_up.read_check_in(ivo.actor, found.id, session.due)
    desk = await sign_in(browser(), ivo)
    assert (await desk.get(f"/provider/check-ins/{found.id}")).status_code == 404
    assert (await follow_up.read_check_in(session.rosa.actor, found.id, session.due)).responses == ()


def test_kinds_say_whether_they_are_asked_after(database: Settings):
    configuration.load(database.config_dir)
    assert scheduling.kinds_asked_after() == ["dosing-session"]
