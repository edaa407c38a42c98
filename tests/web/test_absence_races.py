"""A plan for an absence is accepted while everybody else books, moves and cancels: nothing overlaps, nobody is told twice,
and what could not be done stays before the coordinator's eyes."""

import asyncio
import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from uuid import UUID

import httpx
import pytest

from carepath.accounts.people import Patient
from carepath.kit import clock, db
from carepath.kit.actor import SYSTEM
from carepath.scheduling import service as scheduling
from carepath.settings import Settings
from tests import cast
from tests.web.client import Browser
from tests.web.desks import SLOT, Desk, count, main_of, open_desk, sign_in
from tests.web.test_absences import BOXES, DENVER, TICKED, away, next_monday
from tests.web.test_offers import as_patient
from tests.web.test_races import overlaps, ready

Fresh = Callable[[], Browser]


@dataclass(frozen=True, slots=True)
class Affected:
    """Somebody with visits on the days off, at their own browser."""

    patient: Patient
    browser: Browser
    visits: tuple[UUID, ...]


@dataclass(frozen=True, slots=True)
class Clinic:
    """Two coordinators; Dr. Rosa, who will be away, with eight patients and ten visits; two free colleagues; others who
    look for a time."""

    desk: Desk
    second: Browser
    affected: tuple[Affected, ...]
    others: tuple[Browser, ...]
    onlooker: Browser
    rng: Random


@pytest.fixture
async def clinic(browser: Fresh, settings: Settings) -> Clinic:
    desk = await open_desk(browser)
    for name in ("Ned Okafor", "Ida Brandt"):
        await cast.provider(name)
    second = await sign_in(browser(), await cast.coordinator("Carl Moss"))
    affected = [await _affected(desk, browser, number) for number in range(8)]
    *others, onlooker = await ready(settings, browser, 7)
    return Clinic(desk, second, tuple(affected), tuple(others), onlooker, Random(11))


async def _affected(desk: Desk, browser: Fresh, number: int) -> Affected:
    """A visit at that hour on Monday; every fourth has another one on Tuesday."""
    patient = await cast.patient(f"Pat{number}")
    assert desk.doctor.practitioner is not None
    monday = next_monday()
    wishes = [("evaluation", monday, 9 + number)] + [("follow-up", monday + timedelta(days=1), 9 + number)] * (
        number % 4 == 0
    )
    visits = []
    for kind, on, hour in wishes:
        start = datetime(on.year, on.month, on.day, hour, tzinfo=DENVER)
        made = await scheduling.book_for(
            SYSTEM, patient.id, desk.doctor.practitioner.id, kind, start, "CO", "America/Denver", clock.now()
        )
        visits.append(made.id)
    return Affected(patient, await as_patient(browser(), patient), tuple(visits))


async def targets(plan: str) -> list[str]:
    """The times that the plan would give, as the buttons of a page of times send them."""
    found = await db.rows(
        "SELECT to_practitioner_id AS who, to_start_at AS at FROM replan_item WHERE replan_id = {} AND to_start_at IS NOT NULL",
        UUID(plan.rpartition("/")[2]),
    )
    return [f"{r['who']}@{r['at'].isoformat(timespec='seconds')}" for r in found]


async def take(mine: Browser, slot: str) -> list[httpx.Response]:
    """Hold and book."""
    held = await mine.post("/slots", {"slot": slot})
    if held.status_code != 200 or not held.url.path.startswith("/holds/"):
        return [held]
    return [held, await mine.post(f"{held.url.path}/confirm")]


async def change(one: Affected, slots: list[str], number: int) -> list[httpx.Response]:
    """Move one's visit by oneself, cancel it, or only look."""
    path = f"/visits/{one.visits[0]}"
    if number % 3 == 0:
        return [await one.browser.post(f"{path}/move", {"slot": slots[-1 - number]})]
    if number % 3 == 1:
        return [await one.browser.post(f"{path}/cancel", {"reason": "Ill."})]
    return [await one.browser.get(path)]


async def accept(desk: Browser, plan: str, ticked: list[str], after: float) -> httpx.Response:
    await asyncio.sleep(after)
    return await desk.post(f"{plan}/accept", {"visit": ticked}, {"Idempotency-Key": f"accept {plan}"})


async def rush(
    clinic: Clinic, plan: str, ticked: list[str], after: float
) -> tuple[list[httpx.Response], list[httpx.Response]]:
    """Both coordinators accept, so many seconds after all others have begun; (their answers, everybody's)."""
    wanted = await targets(plan)
    free = SLOT.findall((await clinic.onlooker.get("/slots?from=" + next_monday().isoformat())).text)
    accepting = [accept(desk, plan, ticked, after) for desk in (clinic.desk.browser, clinic.second)]
    others = [take(one, wanted[n % len(wanted)]) for n, one in enumerate(clinic.others)]
    changing = [change(one, free, n) for n, one in enumerate(clinic.affected)]
    work = [*others, *changing]
    clinic.rng.shuffle(work)
    accepted, done = await asyncio.gather(asyncio.gather(*accepting), asyncio.gather(*work))
    return list(accepted), [*accepted, *(answer for one in done for answer in one)]


def check_told(page: httpx.Response) -> None:
    """A plan that could not be carried out says of each lost visit why, leaves it unticked, and the others ticked."""
    words = main_of(page.text)
    assert "Nothing was moved" in words
    boxes, ticked = set(BOXES.findall(page.text)), set(TICKED.findall(page.text))
    problems = re.findall(r'<strong class="problem">([^<]+)</strong>', words)
    assert len(problems) >= len(boxes - ticked) > 0
    assert all(one.strip() for one in problems)


async def check_messages() -> None:
    """Of every plan that was carried out, each patient has exactly one message, and the visits are where it says."""
    rows = await db.rows(
        """SELECT i.patient_id, i.replan_id, i.appointment_id, i.appointment_version + 1 AS version FROM replan_item i
           WHERE i.outcome = 'moved'"""
    )
    told: Counter[tuple[UUID, UUID]] = Counter()
    for r in rows:
        told[r["replan_id"], r["patient_id"]] += await count(
            "message",
            f"kind = 'consult-moved' AND subject_id = '{r['appointment_id']}' AND subject_version = {r['version']}",
        )
    for (plan, patient), single in told.items():
        many = await count(
            "message", f"kind = 'consults-moved' AND subject_id = '{plan}' AND recipient_id = '{patient}'"
        )
        assert single + many == 1, "each hears once"


async def left(clinic: Clinic) -> list[UUID]:
    """Visits of the doctor who is away that still stand on the days off."""
    assert clinic.desk.doctor.practitioner is not None
    first = next_monday()
    found = await scheduling.visits_to_come(SYSTEM.scope, clinic.desk.doctor.practitioner.id, clock.now())
    return [v.id for v in found if first <= v.start_at.astimezone(DENVER).date() <= first + timedelta(days=1)]


@pytest.mark.parametrize("after", [0, 0.1, 0.3])
async def test_accepting_while_everybody_books_moves_and_cancels(clinic: Clinic, after: float):
    desk = clinic.desk.browser
    page = await desk.post("/coordinator/absences", away(clinic.desk))
    lost = rounds = 0
    while TICKED.findall(page.text):
        rounds += 1
        assert rounds < 8, "there is always something left to accept"
        plan = re.sub(r"/accept$", "", page.url.path)
        accepted, every = await rush(clinic, plan, TICKED.findall(page.text), after)
        assert {answer.status_code for answer in every} <= {200, 409}, [a.text for a in every if a.status_code >= 500]
        assert await overlaps() == 0
        await check_messages()
        for answer in accepted:
            if answer.status_code == 409 and BOXES.findall(answer.text):
                check_told(answer)
                lost += 1
        board = main_of((await desk.get("/coordinator")).text)
        for visit in await left(clinic):
            assert f"/coordinator/consults/{visit}" in board, "what could not be done is on the desk"
        page = await desk.post(f"{plan}/again")
    assert lost > 0 or not after, "somebody was faster"
    assert await left(clinic) == []
    assert await count("replan_item", "outcome = 'moved'") > 0
    patients = await db.row(
        """SELECT count(*) AS n FROM appointment a JOIN appointment b ON a.id < b.id AND a.patient_id = b.patient_id
           AND a.occupied && b.occupied WHERE a.status IN ('proposed', 'booked') AND b.status IN ('proposed', 'booked')"""
    )
    assert patients == {"n": 0}
