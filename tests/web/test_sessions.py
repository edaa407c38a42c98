"""The pages of the session log: written, corrected, read side by side, by the patient's own provider alone."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

import pytest

from carepath import configuration
from carepath.accounts.people import Patient
from carepath.followups import service as followups
from carepath.followups.service import PlanDraft
from carepath.journey import book, visit
from carepath.kit import clock, db
from carepath.kit.actor import SYSTEM
from carepath.kit.ids import new_id
from carepath.questionnaires import service as questionnaires
from carepath.scheduling.service import Appointment
from carepath.settings import Settings
from tests import cast
from tests.cast import NOW
from tests.web.client import Browser
from tests.web.desks import count, main_of, sign_in

Fresh = Callable[[], Browser]
PLAN = PlanDraft("im", "clinic", "Forty-two of something", 14, 14, "Sleep through the night.", NOW.date())
AT = NOW + timedelta(days=3)


@dataclass
class Log:
    """Rosa at her desk; Paula had a visit for a session on 3 December at 10 in Denver."""

    rosa: cast.Staff
    paula: Patient
    visit: Appointment
    desk: Browser

    @property
    def path(self) -> str:
        return f"/provider/patients/{self.paula.id}/sessions"


@pytest.fixture
async def log(database: Settings, browser: Fresh, monkeypatch: pytest.MonkeyPatch) -> Log:
    configuration.load(database.config_dir)
    await questionnaires.register_all(NOW)
    rosa, paula = await cast.provider(), await cast.patient()
    assert rosa.practitioner is not None
    await followups.write_plan(rosa.actor, paula.id, PLAN, NOW)
    start = NOW + timedelta(days=2, hours=2)
    made = await book.book_for(SYSTEM, paula.id, rosa.practitioner.id, "dosing-session", start, NOW)
    held = await visit.fulfil(rosa.actor, made.id, made.end_at)
    monkeypatch.setattr(clock, "now", lambda: AT)
    return Log(rosa, paula, held, await sign_in(browser(), rosa))


def sent(**changes: str) -> dict[str, list[str]]:
    values = {
        "held_on": "2026-12-03", "held_time": "10:00", "route": "im", "dose_amount": "30", "dose_unit": "mg",
        "effects": "nausea", "severity": "mild", "before_systolic": "120", "before_diastolic": "80", "after_oxygen": "97",
        "dissociation": "4", "escort": "yes", "home_with": "her brother", "will_not_drive": "yes", "notes": "Slept well.",
    }  # fmt: skip
    return {name: [value] for name, value in (values | changes).items()}


async def looks(subject: str, action: str = "read") -> int:
    return await count("audit_event", f"subject = '{subject}' AND action = '{action}' AND actor_role = 'provider'")


async def test_written_from_the_visit_listed_in_its_place_and_corrected(log: Log):
    await db.execute("UPDATE treatment_plan SET sessions_planned = 6")
    page = await log.desk.get(log.path)
    new = f"{log.path}/new?visit={log.visit.id}"
    assert new in page.text, "a visit that is not written down is offered"
    form = main_of((await log.desk.get(new)).text)
    assert 'value="2026-12-03"' in form
    assert 'value="10:00"' in form
    assert '<option value="im" selected>' in form
    assert "Forty-two" not in form, "the form never proposes a dose"
    assert 'name="dose_amount" value=""' in form
    page = await log.desk.post(f"{log.path}/new", sent(visit=str(log.visit.id)))
    assert page.url.path == log.path
    for words in (
        "Session 1 of 6 planned",
        "30 mg",
        "120/80 mmHg",
        "oxygen 97 %",
        "4 of 10",
        "her brother",
        "Slept well.",
    ):
        assert words in main_of(page.text), words
    assert new not in page.text
    [row] = await db.rows("SELECT id, appointment_id FROM dosing_session")
    assert row["appointment_id"] == log.visit.id
    edit = f"{log.path}/{row['id']}/correct"
    assert 'value="30"' in (await log.desk.get(edit)).text, "one's own words are there to be corrected"
    refused = await log.desk.post(edit, sent(dose_amount="25"))
    assert refused.status_code == 422
    page = await log.desk.post(edit, sent(dose_amount="25", reason="Read from the wrong line."))
    shown = main_of(page.text)
    for words in ("25 mg", "Read from the wrong line.", "Earlier versions</summary>", "30 mg"):
        assert words.replace("</summary>", "") in shown, words
    assert "Session 2" not in shown
    stale = await log.desk.post(edit, sent(reason="Again."))
    assert stale.status_code == 409


async def test_a_correction_stays_near_its_visit(log: Log):
    await log.desk.post(f"{log.path}/new", sent(visit=str(log.visit.id)))
    [row] = await db.rows("SELECT id FROM dosing_session")
    edit = f"{log.path}/{row['id']}/correct"
    await log.desk.get(edit)
    for day, status in (("2026-06-03", 422), ("2026-12-02", 422), ("2026-12-03", 200)):
        page = await log.desk.post(edit, sent(held_on=day, held_time="09:00", reason="Read from the wrong line."))
        assert (page.status_code, 'id="held_on-error"' in page.text) == (status, status == 422)
    assert (await count("dosing_session"), await count("dosing_session", "replaces IS NOT NULL")) == (2, 1)


async def test_corrected_away_acknowledged_and_red_again_is_told_again_once(log: Log):
    async def correct(**said: str) -> None:
        [row] = await db.rows(
            "SELECT id FROM dosing_session d WHERE NOT EXISTS (SELECT 1 FROM dosing_session n WHERE n.replaces = d.id)"
        )
        page = await log.desk.post(f"{log.path}/{row['id']}/correct", sent(reason="Slip.", **said))
        assert page.status_code == 200

    red = {"effects": "chest-pain", "severity": "severe"}
    await log.desk.post(f"{log.path}/new", sent(**red))
    await correct()
    assert await count("message", "kind = 'red-signal'") == 1
    found = [str(row["id"]) for row in await db.rows("SELECT id FROM signal WHERE is_open")]
    page = await log.desk.post(
        f"/provider/patients/{log.paula.id}/signals", {"signal": found, "signal_note": "It was a slip."}
    )
    assert page.status_code == 200
    await correct(**red)
    assert await count("message", "kind = 'red-signal'") == 2


async def test_without_a_visit_a_correction_may_say_another_day(log: Log):
    await log.desk.post(f"{log.path}/new", sent())
    [row] = await db.rows("SELECT id FROM dosing_session")
    edit = f"{log.path}/{row['id']}/correct"
    assert (await log.desk.post(edit, sent(held_on="2026-11-30", reason="The day before."))).status_code == 200


async def test_every_look_and_every_act_leaves_a_row(log: Log):
    await log.desk.get(log.path)
    await log.desk.get(f"{log.path}/new")
    await log.desk.post(f"{log.path}/new", sent())  # and back to the list
    [row] = await db.rows("SELECT id FROM dosing_session")
    await log.desk.get(f"{log.path}/{row['id']}/correct")
    assert await looks("dosing-sessions") == 2
    assert await looks("treatment-plan") == 1
    assert await looks("dosing-session", "record") == 1
    assert await looks("dosing-session") == 1


async def test_of_two_people_who_write_one_visit_down_one_is_told(log: Log, browser: Fresh):
    other = await sign_in(browser(), log.rosa)
    body = sent(visit=str(log.visit.id))
    for one in (log.desk, other):
        await one.get(f"{log.path}/new")
    answers = await asyncio.gather(*(one.post(f"{log.path}/new", body) for one in (log.desk, other)))
    assert sorted(one.status_code for one in answers) == [200, 409]
    assert any("written down already" in one.text for one in answers)
    assert (await count("dosing_session"), await count("reading")) == (1, 1)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"held_on": "2026-12-05"}, "held_on"), ({"held_on": "2025-11-01"}, "held_on"), ({"dose_unit": ""}, "dose_unit"),
        ({"before_diastolic": ""}, "before_diastolic"), ({"severity": ""}, "severity"), ({"escort": ""}, "escort"),
        ({"after_oxygen": "101"}, "after_oxygen"), ({"dose_amount": "1,5"}, "dose_amount"),
    ],
)  # fmt: skip
async def test_what_is_wrong_is_named_and_what_was_typed_is_kept(log: Log, changes: dict[str, str], field: str):
    await log.desk.get(f"{log.path}/new")
    page = await log.desk.post(f"{log.path}/new", sent(**changes))
    assert page.status_code == 422
    assert f'id="{field}-error"' in page.text
    assert "Slept well." in page.text
    assert await count("dosing_session") == 0


async def test_a_time_that_the_clocks_jump_over_is_no_time(log: Log):
    await log.desk.get(f"{log.path}/new")
    page = await log.desk.post(f"{log.path}/new", sent(held_on="2026-03-08", held_time="02:30"))
    assert page.status_code == 422
    assert "no such time" in page.text


async def test_a_session_stays_with_its_visit_and_its_patient(log: Log):
    nora = await cast.patient("Nora", "Summers")
    await followups.write_plan(log.rosa.actor, nora.id, PLAN, NOW)
    await log.desk.get(f"{log.path}/new")
    moved = await log.desk.post(f"{log.path}/new", sent(visit=str(log.visit.id), held_on="2026-12-02"))
    assert moved.status_code == 422
    for path in (f"/provider/patients/{nora.id}/sessions/new", f"/provider/patients/{new_id()}/sessions/new"):
        answer = await log.desk.post(path, sent(visit=str(log.visit.id)))
        assert answer.status_code == 404
        assert (await log.desk.get(f"{path}?visit={log.visit.id}")).status_code == 404
    assert (await log.desk.get(f"{log.path}/new?visit=x")).status_code == 404
    await db.execute("UPDATE appointment SET status = 'noshow' WHERE id = {}", log.visit.id)
    assert (await log.desk.get(f"{log.path}/new?visit={log.visit.id}")).status_code == 409
    assert await count("dosing_session") == 0


async def test_an_ended_plan_refuses_with_its_reason_and_stays_readable(log: Log):
    await log.desk.get(f"{log.path}/new")
    await log.desk.post(f"{log.path}/new", sent())
    plan = await followups.plan_of(SYSTEM.scope, log.paula.id)
    assert plan is not None
    await followups.end_plan(log.rosa.actor, plan.id, "Moved away", AT)
    assert (await log.desk.get(f"{log.path}/new")).status_code == 409
    answer = await log.desk.post(f"{log.path}/new", sent(held_time="12:00"))
    assert answer.status_code == 409
    assert "This plan has ended" in answer.text
    assert "Slept well." in (await log.desk.get(log.path)).text


async def test_somebody_elses_and_what_is_not_there_answer_alike(log: Log, browser: Fresh):
    await log.desk.get(f"{log.path}/new")
    await log.desk.post(f"{log.path}/new", sent())
    [row] = await db.rows("SELECT id FROM dosing_session")
    ivo = await sign_in(browser(), await cast.provider("Ivo Brandt", "America/New_York", ("NY", "CO")))
    rest = ("", "/new", f"/{row['id']}/correct")
    for path in (
        f"{base}{one}" for base in (log.path, log.path.replace(str(log.paula.id), str(new_id()))) for one in rest
    ):
        answer = await ivo.get(path)
        assert answer.status_code == 404
        assert "Slept well." not in answer.text
    office = await sign_in(browser(), await cast.coordinator())
    for one in rest:
        assert (await office.get(f"{log.path}{one}")).status_code == 403
