"""The course of a patient: their own provider sees all of it, drawn and in numbers; nobody else does; each look is kept."""

import io
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from random import Random
from uuid import UUID

import pytest
from pypdf import PdfReader

from carepath import configuration
from carepath.accounts import service as accounts
from carepath.audit import history
from carepath.dev import life
from carepath.dev.people import DemoPatient
from carepath.followups import reading_queries
from carepath.followups import service as followups
from carepath.followups.rules.history import Dose, Reading
from carepath.journey import treat
from carepath.kit import clock, db
from carepath.kit.actor import SYSTEM
from carepath.kit.ids import new_id
from carepath.questionnaires import service as questionnaires
from carepath.settings import Settings
from tests import cast
from tests.web.client import Browser
from tests.web.desks import main_of, sign_in

Fresh = Callable[[], Browser]
TO = {"to_whom": "Dr. Otto Lang", "why": "second opinion", "range": "all"}


@dataclass(frozen=True, slots=True)
class Scene:
    """Rosa at her desk, and Łucja, whom she has treated for half a year."""

    rosa: cast.Staff
    desk: Browser
    patient: UUID

    @property
    def path(self) -> str:
        return f"/provider/patients/{self.patient}/timeline"

    async def reading(
        self, at: datetime, source: str = "session", source_id: UUID | None = None, **said: object
    ) -> UUID:
        plan = await followups.plan_of(self.rosa.actor.scope, self.patient)
        assert plan is not None
        one = Reading(new_id(), at, source, **said)  # type: ignore[arg-type]
        await reading_queries.insert(self.rosa.actor.scope, plan, one, source_id or new_id(), None, at)
        return one.id


@pytest.fixture
async def scene(browser: Fresh, database: Settings) -> Scene:
    loaded = configuration.load(database.config_dir)
    now = clock.now()
    await questionnaires.register_all(now)
    rosa = await cast.provider()
    assert rosa.practitioner is not None
    person = DemoPatient(
        1, "Łucja", "Nguyễn-Ωmega", "lucja@mail.example", now.date().replace(year=1980), "CO", "America/Denver", "maintenance-waning",
        8, "Walk.",
    )  # fmt: skip
    await life.live(person, {rosa.practitioner.id: rosa.actor}, loaded.intake, Random(7), now)
    patient = await accounts.patient_id_by_email(person.email)
    assert patient is not None
    found = Scene(rosa, await sign_in(browser(), rosa), patient)
    day = now - timedelta(days=40)
    await found.reading(day, dose=Dose(Decimal("31.5"), "mg"), systolic=147, diastolic=83, nrs=Decimal(6))
    await found.reading(day - timedelta(days=300), "staff", mme=Decimal(45))  # known before the intake: the baseline
    await found.reading(day + timedelta(days=9), "staff", mme=Decimal(60))
    return found


def numbers(text: str) -> str:
    """The table's rows in words."""
    found = re.search(r'<table class="stack timeline-table">.*?</table>', text, re.DOTALL)
    assert found is not None
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "|", found[0]))


def paper(content: bytes) -> str:
    """A PDF in words."""
    pages = PdfReader(io.BytesIO(content)).pages
    return re.sub(r"\s+", " ", " ".join(one.extract_text() for one in pages))


async def looks(action: str, subject: str) -> int:
    row = await db.row("SELECT count(*) AS n FROM audit_event WHERE action = {} AND subject = {}", action, subject)
    assert row is not None
    return int(row["n"])


async def test_every_value_is_in_the_numbers_and_on_the_drawing(scene: Scene):
    page = await scene.desk.get(f"{scene.path}?range=all")
    assert page.status_code == 200
    said, scores = numbers(page.text), await questionnaires.scores_of_patient(SYSTEM.scope, scene.patient)
    pegs = [one.value for one in scores if one.code == "peg" and one.value is not None]
    assert len(pegs) > 4
    for value in (*pegs, *(one.value for one in scores if one.code == "phq-9" and one.value is not None)):
        assert f"|{value}|" in said
    for text in (
        "31.5 mg",
        "147/83",
        "|45|",
        "60|",  # with others in its cell, when a check-in was on the same day
        "+33 %",
        "Plan begins",
        "Plan v1: every 5 days",
        "look soon: Benefit waning",
    ):
        assert text in said, text
    circles = page.text.count('class="chart-point chart-point-main"><title>') or page.text.count(": PEG ")
    assert circles >= 2 * len(pegs)
    for text in ("given 31.5 mg", "blood pressure 147/83", "30 % relief", "50 % relief", "moderately severe"):
        assert text in page.text, text
    assert 'style="' not in main_of(page.text)


async def test_rows_are_dates_newest_first(scene: Scene):
    page = await scene.desk.get(f"{scene.path}?range=all")
    days = [datetime.strptime(one, "%b %d, %Y") for one in re.findall(r'<th scope="row">([^<]+)</th>', page.text)]
    assert len(days) > 5
    assert days == sorted(set(days), reverse=True)


async def test_a_shorter_time_and_fewer_tracks(scene: Scene):
    page = await scene.desk.get(f"{scene.path}?range=3m&track=mood")
    assert "PHQ-9, 0 to 27" in page.text
    for text in ("Pain, 0 to 10", "Plan begins", "Blood pressure in mmHg"):
        assert text not in re.sub(r"<table.*</table>", "", page.text, flags=re.DOTALL), text
    odd = await scene.desk.get(f"{scene.path}?range=%00x&track=nothing")
    assert odd.status_code == 200
    assert "Pain, 0 to 10" in odd.text


async def test_a_check_in_that_is_score_and_reading_is_there_once(scene: Scene):
    before = numbers((await scene.desk.get(f"{scene.path}?range=all")).text)
    answered = [c for c in await followups.check_ins_of(SYSTEM.scope, scene.patient) if c.status == "completed"]
    for one in answered:
        assert one.completed_at is not None
        scores = await questionnaires.scores_of_patient(SYSTEM.scope, scene.patient, "peg")
        peg = next(s.value for s in scores if s.subject_id == one.id)
        phq9 = next((s.value for s in await questionnaires.scores_of_patient(SYSTEM.scope, scene.patient, "phq-9") if s.subject_id == one.id), None)  # fmt: skip
        said = {"peg": peg, "phq9": None if phq9 is None else int(phq9)}
        await scene.reading(one.completed_at, "check-in", one.id, **said)
    after = numbers((await scene.desk.get(f"{scene.path}?range=all")).text)
    assert answered
    assert after == before


async def test_each_look_leaves_a_row(scene: Scene):
    before = await looks("read", "timeline")
    await scene.desk.get(scene.path)
    assert await looks("read", "timeline") == before + 1


async def test_another_provider_finds_nothing_and_an_unknown_patient_is_no_different(scene: Scene, browser: Fresh):
    ned = await sign_in(browser(), await cast.provider("Ned Ames"))
    before = await looks("read", "timeline"), await looks("export", "timeline-export")
    for patient in (scene.patient, new_id()):
        assert (await ned.get(f"/provider/patients/{patient}/timeline")).status_code == 404
        sent = await ned.post(f"/provider/patients/{patient}/timeline/export", {**TO, "how": "pdf"})
        assert sent.status_code == 404
    assert (await looks("read", "timeline"), await looks("export", "timeline-export")) == before


async def test_a_paused_plan_is_an_event_with_its_reason(scene: Scene):
    plan = await followups.plan_of(SYSTEM.scope, scene.patient)
    assert plan is not None
    await treat.turn_plan(scene.rosa.actor, plan.id, "pause", "A journey <abroad>.", clock.now() - timedelta(hours=1))
    page = await scene.desk.get(scene.path)
    assert "Paused: A journey &lt;abroad&gt;." in page.text
    assert '<text class="chart-event-label"' in page.text
    assert ">Paused</text>" in page.text


async def test_the_page_to_print_says_who_made_it_for_whom(scene: Scene):
    await scene.desk.get(scene.path)
    page = main_of((await scene.desk.post(f"{scene.path}/export", {**TO, "how": "print"})).text)
    for text in (
        "Łucja Nguyễn-Ωmega",
        "1980",
        "Dr. Otto Lang",
        "by Rosa Delgado",
        "31.5 mg",
        "Benefit waning",
        "Treatment plan",
    ):
        assert text in page, text


async def test_the_file_has_the_chart_the_numbers_the_plan_and_the_signals(scene: Scene):
    await scene.desk.get(scene.path)
    answer = await scene.desk.post(f"{scene.path}/export", {**TO, "how": "pdf"})
    assert answer.headers["content-type"] == "application/pdf"
    reader = PdfReader(io.BytesIO(answer.content))
    text = re.sub(r"\s+", " ", " ".join(one.extract_text() for one in reader.pages))
    for words in (
        "Łucja Nguyễn-Ωmega", "1980", "Dr. Otto Lang", "by Rosa Delgado", "31.5 mg", "147/83", "Benefit waning",
        "as written in the infusion protocol", "Pain, 0 to 10", "30 % relief", "Plan begins", "page 1/",
    ):  # fmt: skip
        assert words in text, words
    for one in await questionnaires.scores_of_patient(SYSTEM.scope, scene.patient, "peg"):
        assert str(one.value) in text
    assert all("Łucja" in one.extract_text() for one in reader.pages)


@pytest.mark.parametrize("how", ["print", "pdf"])
async def test_the_plan_has_its_amount_and_what_falls_due(scene: Scene, how: str):
    """Whoever goes on treating must know how much it is, and until when it was prescribed and looked at."""
    await db.execute(
        "UPDATE treatment_plan SET runway_until = '2031-01-15', labs_due_on = '2031-02-16', pdmp_due_on = '2031-03-17'"
    )
    plan = await followups.plan_of(SYSTEM.scope, scene.patient)
    assert plan is not None
    assert plan.details.amount is not None
    await scene.desk.get(scene.path)
    answer = await scene.desk.post(f"{scene.path}/export", {**TO, "how": how})
    text = paper(answer.content) if how == "pdf" else re.sub(r"<[^>]+>", "", main_of(answer.text))
    for words in (
        f"{plan.dose} ({plan.details.amount.amount:f} mg)", "Prescribed until", "Jan 15, 2031", "Labs due on",
        "Feb 16, 2031", "PDMP due on", "Mar 17, 2031",
    ):  # fmt: skip
        assert words in text, words


async def test_who_gets_it_and_why_is_kept_and_only_sealed(scene: Scene):
    await scene.desk.get(scene.path)
    await scene.desk.post(f"{scene.path}/export", {**TO, "how": "pdf"})
    row = await db.row("SELECT * FROM audit_event WHERE action = 'export'")
    assert row is not None
    assert (row["subject"], row["patient_id"], row["actor_id"]) == (
        "timeline-export",
        scene.patient,
        scene.rosa.account.id,
    )
    assert "Otto" not in str(row)
    (kept,) = await history.of(SYSTEM.scope, "timeline-export", row["subject_id"])
    assert kept.reason == "Dr. Otto Lang: second opinion"


async def test_without_a_purpose_nothing_leaves(scene: Scene):
    await scene.desk.get(scene.path)
    answer = await scene.desk.post(f"{scene.path}/export", {**TO, "why": " ", "how": "pdf"})
    assert answer.status_code == 422
    assert 'value="Dr. Otto Lang"' in answer.text
    assert await looks("export", "timeline-export") == 0


async def test_the_patients_page_shows_the_course_and_leads_to_it(scene: Scene):
    page = await scene.desk.get(f"/provider/patients/{scene.patient}")
    assert f'href="{scene.path}"' in page.text
    assert "Pain, 0 to 10" in page.text
    assert "chart-star" in page.text
