"""Between an offer and the patient's yes the rules change: no, in words, and nothing is kept that nobody may have."""

import asyncio
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

import pytest

from carepath.accounts import sessions
from carepath.accounts.people import Patient
from carepath.journey import waitlist
from carepath.kit import clock, db
from carepath.kit.actor import SYSTEM
from carepath.scheduling import service as scheduling
from carepath.scheduling.service import ExceptionDraft
from carepath.web.gate import csrf_token
from tests import cast
from tests.web.client import Browser
from tests.web.desks import SLOT, Desk, booked, count, main_of, open_desk

Fresh = Callable[[], Browser]


async def as_patient(mine: Browser, patient: Patient, only: UUID | None = None) -> Browser:
    """Signed in, by the link to `only` this time or wholly."""
    limited = ("appointment", only) if only else None
    token = await sessions.open_for_patient(patient.id, "test", clock.now(), limited)
    mine.http.cookies.set("carepath", token)
    mine.token = csrf_token(token)
    return mine


@dataclass(frozen=True, slots=True)
class Scene:
    """Paula waits for a time in ten days, and one with Dr. Rosa is kept for her."""

    desk: Desk
    paula: Browser
    request: str
    offer: UUID
    start: date

    async def end_license(self, last_on: date) -> None:
        """As the desk does it."""
        page = await self.desk.browser.get(f"{self.desk.hours}/licenses")
        found = re.search(r'<option value="([0-9a-f-]+)">Colorado', page.text)
        assert found is not None
        sent = {"license_id": found[1], "last_on": last_on.isoformat()}
        page = await self.desk.browser.post(f"{self.desk.hours}/licenses/end", sent)
        assert page.url.path == f"{self.desk.hours}/licenses", page.text


async def ask(paula: Browser, query: str = "") -> str:
    """Onto the list; the request's address."""
    first = clock.now().date() + timedelta(days=10)
    sent = {"first_on": first.isoformat(), "last_on": (first + timedelta(days=10)).isoformat(), "provider": ""}
    page = await paula.post(f"/requests/new{query}", sent)
    assert page.url.path.startswith("/requests/"), page.text
    return page.url.path


async def offered(paula: Browser, request: str) -> UUID:
    assert await waitlist.tick(clock.now()) == 1
    return UUID((await paula.get(request)).text.partition('href="/offers/')[2][:36])


@pytest.fixture
async def scene(browser: Fresh) -> Scene:
    desk = await open_desk(browser)
    paula = await as_patient(browser(), desk.paula)
    request = await ask(paula)
    offer = await offered(paula, request)
    return Scene(desk, paula, request, offer, (await scheduling.get(SYSTEM.scope, offer)).start_at.date())


async def ended_yesterday(scene: Scene) -> None:
    await scene.end_license(clock.now().date() - timedelta(days=1))


async def ends_before_the_visit(scene: Scene) -> None:
    await scene.end_license(scene.start - timedelta(days=1))


async def is_away(scene: Scene) -> None:
    assert scene.desk.doctor.practitioner is not None
    days = ExceptionDraft("off", scene.start, scene.start)
    await scheduling.add_exception(SYSTEM, scene.desk.doctor.practitioner.id, days, clock.now())


async def has_left(scene: Scene) -> None:
    assert scene.desk.doctor.practitioner is not None
    await scheduling.set_practitioner_active(SYSTEM, scene.desk.doctor.practitioner.id, False, clock.now())


CHANGES: dict[Callable[[Scene], Awaitable[None]], str] = {
    ended_yesterday: "license for your state is not valid on that day any more",
    ends_before_the_visit: "license for your state is not valid on that day any more",
    is_away: "This provider is away at that time",
    has_left: "This provider is not taking visits",
}


async def check_nothing_is_left(scene: Scene) -> None:
    """The time is free, the patient waits on as if nothing had been offered, and nobody is told of a visit."""
    held = await scheduling.get(SYSTEM.scope, scene.offer)
    assert (held.status, held.version, held.is_hold) == ("cancelled", 1, True)
    wanted = await scheduling.request(SYSTEM.scope, UUID(scene.request.rpartition("/")[2]))
    assert (wanted.status, wanted.offer_id, wanted.missed) == ("waiting", None, 0)
    assert wanted.look_at is not None
    assert wanted.look_at <= clock.now()
    told = await db.rows("SELECT kind, status FROM message")
    assert [(r["kind"], r["status"]) for r in told] == [("consult-offered", "superseded")]
    assert await count("consult_offer", "outcome = 'withdrawn' AND ended_at IS NOT NULL") == 1
    assert await count("status_change", f"subject_id = '{scene.offer}' AND action IN ('confirm', 'cancel')") == 0
    assert await count("evaluation", "practitioner_id IS NOT NULL") == 0
    assert await count("audit_event", "action = 'void'") == 1
    assert await count("audit_event", "action IN ('accept', 'book')") == 0


@pytest.mark.parametrize("change", CHANGES, ids=lambda one: one.__name__)
async def test_a_yes_that_comes_too_late_is_refused_in_words_and_frees_the_time(
    scene: Scene, change: Callable[[Scene], Awaitable[None]]
):
    await change(scene)
    page = await scene.paula.post(f"/offers/{scene.offer}", {"answer": "yes"})
    assert page.status_code == 409
    words = main_of(page.text)
    assert CHANGES[change] in words
    assert "This time is not kept any more" in words
    assert 'name="answer"' not in words, "there is nothing left to say yes to"
    await check_nothing_is_left(scene)
    again = await scene.paula.post(f"/offers/{scene.offer}", {"answer": "yes"})
    assert again.status_code == 409
    assert "no longer" in main_of(again.text) or "given to somebody else" in main_of(again.text)
    await check_nothing_is_left(scene)
    assert "Looking" in main_of((await scene.paula.get(scene.request)).text)


async def test_the_same_by_the_link_in_the_mail_and_under_a_key(scene: Scene, browser: Fresh):
    limited = await as_patient(browser(), scene.desk.paula, only=scene.offer)
    await ended_yesterday(scene)
    sent = [
        await limited.post(f"/offers/{scene.offer}", {"answer": "yes"}, {"Idempotency-Key": "yes-1"}) for _n in range(2)
    ]
    assert [page.status_code for page in sent] == [409, 409]
    assert sent[0].content == sent[1].content
    assert sent[1].headers["idempotency-replayed"] == "true"
    await check_nothing_is_left(scene)


async def test_the_same_when_the_offer_is_confirmed_like_a_hold(scene: Scene):
    await ended_yesterday(scene)
    page = await scene.paula.post(f"/holds/{scene.offer}/confirm")
    assert page.status_code == 409
    assert CHANGES[ended_yesterday] in main_of(page.text)
    await check_nothing_is_left(scene)


async def test_what_is_looked_for_next_is_somebody_who_may_and_that_becomes_the_visit(scene: Scene):
    await ended_yesterday(scene)
    ned = (await cast.provider("Ned Okafor")).practitioner
    await scene.paula.post(f"/offers/{scene.offer}", {"answer": "yes"})
    offer = await offered(scene.paula, scene.request)
    page = await scene.paula.post(f"/offers/{offer}", {"answer": "yes"})
    assert page.url.path == f"/visits/{offer}"
    visit = await scheduling.get(SYSTEM.scope, offer)
    assert ned is not None
    assert (visit.status, visit.practitioner_id) == ("booked", ned.id)
    assert await count("message", "kind = 'consult-booked'") == 1


async def test_a_visit_that_was_to_move_earlier_stays_as_it_is(browser: Fresh):
    desk = await open_desk(browser)
    ned = (await cast.provider("Ned Okafor")).practitioner
    assert ned is not None
    page = await desk.browser.get(desk.book)
    mine = [slot for slot in SLOT.findall(page.text) if slot.startswith(str(ned.id))]
    page = await desk.browser.post(desk.book, {"visit": "evaluation", "slot": mine[-1]})
    old = UUID(page.url.path.rpartition("/")[2])
    paula = await as_patient(browser(), desk.paula)
    request = await ask(paula, f"?instead={old}")
    offer = await offered(paula, request)
    scene = Scene(desk, paula, request, offer, (await scheduling.get(SYSTEM.scope, offer)).start_at.date())
    whose = (await scheduling.get(SYSTEM.scope, offer)).practitioner_id
    await db.execute("UPDATE practitioner SET is_active = false WHERE id = {}", whose)
    before = await scheduling.get(SYSTEM.scope, old)
    page = await scene.paula.post(f"/offers/{scene.offer}", {"answer": "yes"})
    assert page.status_code == 409
    assert "not taking visits" in main_of(page.text)
    assert await scheduling.get(SYSTEM.scope, old) == before
    assert (await scheduling.get(SYSTEM.scope, offer)).status == "cancelled"
    assert (await scheduling.request(SYSTEM.scope, UUID(request.rpartition("/")[2]))).status == "waiting"


async def test_a_hold_of_ones_own_is_refused_and_freed_the_same_way(browser: Fresh):
    desk = await open_desk(browser)
    paula = await as_patient(browser(), desk.paula)
    page = await paula.get("/slots")
    page = await paula.post("/slots", {"slot": SLOT.findall(page.text)[40]})
    scene = Scene(desk, paula, "", UUID(page.url.path.rpartition("/")[2]), clock.now().date())
    await ended_yesterday(scene)
    page = await paula.post(f"/holds/{scene.offer}/confirm")
    assert page.status_code == 409
    assert CHANGES[ended_yesterday] in main_of(page.text)
    assert (await scheduling.get(SYSTEM.scope, scene.offer)).status == "cancelled"
    assert await count("message") == 0
    assert "That has changed" not in page.text, "the page of times, not a bare refusal"


async def test_a_license_that_ends_at_the_very_moment_of_the_yes_leaves_a_visit_or_nothing(browser: Fresh):
    office = await open_desk(browser)
    for name in ("Ada", "Bea", "Cleo", "Dora", "Eve", "Faye", "Gina", "Hope"):
        await db.execute("UPDATE practitioner SET is_active = false")
        desk = Desk(office.browser, await cast.provider(f"Rosa {name}"), await cast.patient(name))
        paula = await as_patient(browser(), desk.paula)
        request = await ask(paula)
        offer = await offered(paula, request)
        scene = Scene(desk, paula, request, offer, clock.now().date())
        page, _done = await asyncio.gather(paula.post(f"/offers/{offer}", {"answer": "yes"}), ended_yesterday(scene))
        visit = await scheduling.get(SYSTEM.scope, offer)
        wanted = await scheduling.request(SYSTEM.scope, UUID(request.rpartition("/")[2]))
        told = await count("message", f"subject_id = '{offer}' AND kind = 'consult-booked'")
        end = (page.status_code, visit.status, visit.attention, wanted.status, told)
        assert end in {(200, "booked", "not-licensed", "fulfilled", 1), (409, "cancelled", None, "waiting", 0)}
        await paula.post(f"{request}/withdraw")


async def test_what_was_only_kept_ends_without_a_letter_and_is_no_calendar_entry(browser: Fresh):
    desk = await open_desk(browser)
    paula = await as_patient(browser(), desk.paula)
    page = await paula.get("/slots")
    page = await paula.post("/slots", {"slot": SLOT.findall(page.text)[40]})
    path = page.url.path.replace("holds", "visits")
    assert (await paula.get(f"{path}/invite.ics")).status_code == 404
    other = SLOT.findall((await paula.get("/slots")).text)[60]
    assert (await paula.post(f"{path}/move", {"slot": other})).status_code == 409
    assert (await paula.post(f"{path}/location", {"located_in": "CO"})).status_code == 409
    await paula.post(f"{path}/cancel", {"reason": "No."})
    held = await scheduling.get(SYSTEM.scope, UUID(path.rpartition("/")[2]))
    assert (held.status, held.version) == ("cancelled", 1)
    assert await count("message") == 0
    assert (await paula.get(f"{path}/invite.ics")).status_code == 404
    visit = await booked(desk, 60)
    await paula.post(f"/visits/{visit.id}/cancel", {"reason": "No."})
    assert await count("message", "kind = 'consult-cancelled'") == 1
