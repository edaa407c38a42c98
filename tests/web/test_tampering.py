"""Ids and tokens of somebody else, things in the wrong place, and addresses that no page of ours wrote: nothing is reached,
nothing is stored, and nothing tells whether it exists."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import quote
from uuid import UUID

import httpx
import pytest

from carepath.accounts import sessions
from carepath.accounts.people import Link, Patient
from carepath.kit import clock, db
from carepath.kit.actor import SYSTEM
from carepath.kit.ids import new_id, new_token
from carepath.scheduling import service as scheduling
from tests import cast
from tests.web.client import Browser
from tests.web.desks import SLOT, count, main_of, sign_in
from tests.web.hostile import CONTROL, HUGE, stored
from tests.web.test_offers import as_patient, ask, offered

Fresh = Callable[[], Browser]
NUMBER = re.compile(r"<strong>[0-9a-f]{16}</strong>|[0-9a-f]{16}")


@dataclass(frozen=True, slots=True)
class Owner:
    """A patient with one of each: a visit, a hold, a request and what it was offered."""

    patient: Patient
    browser: Browser
    visit: UUID
    hold: UUID
    request: UUID
    offer: UUID


@dataclass(frozen=True, slots=True)
class Scene:
    """Two patients who have the same, a coordinator, and both providers."""

    paula: Owner
    otto: Owner
    desk: Browser
    rosa: cast.Staff
    ned: cast.Staff


async def owner(browser: Fresh, name: str, desk: Browser, whose: cast.Staff, days: int) -> Owner:
    assert whose.practitioner is not None
    patient = await cast.patient(name)
    mine = await as_patient(browser(), patient)
    request = await ask(mine)
    offer = await offered(mine, request)
    page = await mine.get("/slots")
    held = await mine.post("/slots", {"slot": SLOT.findall(page.text)[60]})
    assert held.url.path.startswith("/holds/"), held.text
    book, later = f"/coordinator/book/{patient.id}", (clock.now() + timedelta(days=days)).date().isoformat()
    page = await desk.get(f"{book}?visit=follow-up&from={later}")
    slot = next(one for one in SLOT.findall(page.text) if one.startswith(str(whose.practitioner.id)))
    visit = await desk.post(book, {"visit": "follow-up", "slot": slot})
    assert visit.url.path.startswith("/coordinator/consults/"), visit.text
    ids = (UUID(found.rpartition("/")[2]) for found in (visit.url.path, held.url.path, request))
    return Owner(patient, mine, *ids, offer)


@pytest.fixture
async def scene(browser: Fresh) -> Scene:
    rosa, ned = await cast.provider(), await cast.provider("Ned Okafor")
    desk = await sign_in(browser(), await cast.coordinator())
    paula, otto = await owner(browser, "Paula", desk, rosa, 25), await owner(browser, "Otto", desk, rosa, 32)
    return Scene(paula, otto, desk, rosa, ned)


def addresses(one: Owner) -> list[tuple[str, dict[str, str] | None]]:
    """Every address of a patient's that holds an id of calendar or waiting list; None is a GET."""
    visit, hold, offer, request = (
        f"/visits/{one.visit}",
        f"/holds/{one.hold}",
        f"/offers/{one.offer}",
        f"/requests/{one.request}",
    )
    day = clock.now().date().isoformat()
    return [
        *((path, None) for path in (visit, hold, offer, request, f"/holds/{one.offer}", f"/visits/{one.offer}")),
        *((f"{visit}/{page}", None) for page in ("move", "cancel", "invite.ics")),
        (f"/requests/new?instead={one.visit}", None),
        (f"/requests/new?instead={one.visit}", {"first_on": day, "last_on": day, "provider": ""}),
        (f"{visit}/move", {"slot": f"{new_id()}@2027-01-04T17:00:00+00:00"}), (f"{visit}/cancel", {"reason": "Hm."}),
        (f"{visit}/location", {"located_in": "CO"}), (f"{hold}/confirm", {}), (f"{hold}/release", {}),
        (f"/holds/{one.offer}/confirm", {}), (f"/holds/{one.offer}/release", {}), (f"/visits/{one.offer}/cancel", {}),
        *((offer, {"answer": said}) for said in ("yes", "no", "stop")), (f"{request}/withdraw", {}),
    ]  # fmt: skip


async def ask_for(mine: Browser, path: str, fields: dict[str, str] | None) -> httpx.Response:
    """Following nothing: the first answer counts."""
    follows, mine.http.follow_redirects = mine.http.follow_redirects, False
    try:
        return await (mine.get(path) if fields is None else mine.post(path, fields))
    finally:
        mine.http.follow_redirects = follows


def said(answer: httpx.Response) -> str:
    return NUMBER.sub("", main_of(answer.text))


async def test_another_patients_ids_answer_as_if_there_were_nothing(scene: Scene):
    paula, otto = scene.paula, scene.otto
    nobody = Owner(otto.patient, otto.browser, new_id(), new_id(), new_id(), new_id())
    before = await stored()
    for (path, fields), (absent, _same) in zip(addresses(paula), addresses(nobody), strict=True):
        theirs, none = await ask_for(otto.browser, path, fields), await ask_for(otto.browser, absent, fields)
        assert (theirs.status_code, none.status_code) == (404, 404), path
        assert said(theirs) == said(none), path
        assert await stored() == before, path


async def test_the_link_to_an_offer_opens_nothing_else(scene: Scene, browser: Fresh):
    paula, otto = scene.paula, scene.otto
    limited = await as_patient(browser(), otto.patient, only=otto.offer)
    before = await stored()
    its_own = {f"/offers/{otto.offer}", f"/visits/{otto.offer}", f"/visits/{otto.offer}/cancel"}
    more = [
        (path, None)
        for path in ("/home", "/slots", "/requests/new", "/home/calendar", "/home/phone", "/intake", "/verdict")
    ]
    posts = [
        ("/slots", {"slot": "x"}),
        ("/home/phone", {"phone": "+1 555 0142"}),
        ("/home/calendar", {}),
        ("/home/calendar/revoke", {}),
        ("/send", {}),
    ]
    for path, fields in (*addresses(paula), *addresses(otto), *more, *posts):
        if path in its_own:
            continue
        answer = await ask_for(limited, path, fields)
        assert (answer.status_code, answer.headers.get("location")) in {(404, None), (303, "/sign-in")}, path
        assert await stored() == before, path
    page = await ask_for(limited, f"/offers/{otto.offer}", None)
    assert "Yes, take this time" in page.text


async def test_a_link_to_somebody_elses_offer_leaves_its_finder_without_a_page_of_their_own(scene: Scene):
    paula, otto = scene.paula, scene.otto
    token = new_token()
    link = Link(new_id(), "appointment", paula.patient.id, None, paula.offer)
    await sessions.store_link(link, token, clock.now(), clock.now() + timedelta(hours=1))
    for wrong in (token[:-1], token + "A", token.swapcase(), token[::-1], token.replace(token[5], "-", 1) + "%00", "%00", "x" * 5000):  # fmt: skip
        assert (await ask_for(otto.browser, f"/link/{wrong}", None)).status_code == 404
        assert (await ask_for(otto.browser, f"/link/{wrong}", {})).status_code == 404
    assert (await otto.browser.get(f"/offers/{otto.offer}")).status_code == 200, "looking changed nothing"
    await otto.browser.get(f"/link/{token}")
    page = await otto.browser.post(f"/link/{token}")
    assert page.url.path == f"/offers/{paula.offer}"
    for path in ("/home", f"/offers/{otto.offer}", f"/visits/{paula.visit}", f"/requests/{paula.request}"):
        assert (await ask_for(otto.browser, path, None)).status_code in {303, 404}, path
    await db.execute("UPDATE login_link SET expires_at = {}", clock.now())
    assert (await ask_for(otto.browser, f"/link/{token}", {})).status_code == 404, "an old link opens nothing"


async def test_ones_own_ids_in_the_wrong_place(scene: Scene):
    one = scene.otto
    wrong = [
        (f"/offers/{one.visit}", None, 404), (f"/offers/{one.hold}", None, 404), (f"/offers/{one.request}", None, 404),
        (f"/requests/{one.offer}", None, 404), (f"/visits/{one.request}", None, 404), (f"/holds/{one.request}", None, 404),
        (f"/offers/{one.visit}", {"answer": "yes"}, 409), (f"/offers/{one.hold}", {"answer": "yes"}, 409),
        (f"/offers/{one.visit}", {"answer": "no"}, 404), (f"/offers/{one.hold}", {"answer": "stop"}, 404),
        (f"/requests/{one.visit}/withdraw", {}, 404), (f"/holds/{one.visit}/release", {}, 409),
        (f"/visits/{one.hold}/move", {"slot": f"{new_id()}@2027-01-04T17:00:00+00:00"}, 409),
        (f"/visits/{one.hold}/location", {"located_in": "CO"}, 409), (f"/visits/{one.hold}/invite.ics", None, 404),
        (f"/requests/new?instead={one.hold}", {"first_on": "2027-01-04", "last_on": "2027-01-05", "provider": ""}, 409),
    ]  # fmt: skip
    before = await stored()
    for path, fields, status in wrong:
        answer = await ask_for(one.browser, path, fields)
        assert answer.status_code in {status, 404}, (path, fields, answer.status_code, said(answer))
        assert await stored() == before, path


async def test_providers_reach_no_colleagues_calendar(scene: Scene, browser: Fresh):
    ned = await sign_in(browser(), scene.ned)
    assert scene.rosa.practitioner is not None
    assert scene.ned.practitioner is not None
    start = "2027-01-04T17:00:00+00:00"
    before = await stored()
    for patient in (scene.paula.patient.id, scene.otto.patient.id, new_id()):
        for who in (scene.rosa.practitioner.id, scene.ned.practitioner.id, new_id()):
            fields = {"visit": "follow-up", "slot": f"{who}@{start}"}
            answer = await ask_for(ned, f"/provider/patients/{patient}/book", fields)
            assert answer.status_code == 404
    assert (await ask_for(ned, f"/provider/patients/{scene.paula.patient.id}/book", None)).status_code == 404
    assert await stored() == before


async def test_a_plan_moves_no_visit_that_is_not_its_own(scene: Scene):
    assert scene.rosa.practitioner is not None
    day = (await scheduling.get(SYSTEM.scope, scene.paula.visit)).start_at.date()
    sent = {"practitioner": str(scene.rosa.practitioner.id), "first_on": day.isoformat(), "last_on": day.isoformat()}
    plan = await ask_for(scene.desk, "/coordinator/absences", sent)
    path = plan.headers["location"]
    assert path.startswith("/coordinator/replans/"), path
    mine, other = str(scene.paula.visit), str(scene.otto.visit)
    before = await stored()
    for visits in (
        [other], [mine, other], [mine, str(scene.paula.hold)], [mine, str(new_id())], [mine, mine], [mine, "x"], [],
        ["\x00"], [mine, "-1"], [mine.upper()], [HUGE[:30_000]], [str(new_id()) for _n in range(700)],
    ):  # fmt: skip
        answer = await scene.desk.post(f"{path}/accept", {"visit": visits})
        assert answer.status_code in {413, 422}, (visits[:2], answer.status_code)
        assert await stored() == before, visits[:2]
    answer = await scene.desk.post(f"{path}/accept", {"visit": [mine]})
    assert answer.status_code == 200
    assert (await scheduling.get(SYSTEM.scope, scene.paula.visit)).version == 2
    assert (await scheduling.get(SYSTEM.scope, scene.otto.visit)).version == 1


WORDS = (
    "", "\x00", "-1", "0", "99999999999999999999", "1e400", "9999-12-31", "0001-01-01", "2026-02-30", "٣٣٣٣-٠١-٠١", "NaN",
    "é\u202e\ufffe", "\ud7ff\uffff", "'; DROP TABLE appointment; --", "<script>alert(1)</script>", "../../etc/passwd", "any",
    "dosing-session", "0190c000-0000-7000-8000-000000000001", "America/Denver\n", "x" * 4000,
)  # fmt: skip
RAW = ("%ff%fe", "%ED%A0%80", "%", "%zz", "a&{name}=b", "+", "%0d%0aSet-Cookie:%20a=b")


def spelt(path: str, *names: str) -> list[str]:
    """The address with each parameter wrong in every way."""
    return [
        f"{path}?{name}={text}"
        for name in names
        for text in (*(quote(word, errors="surrogatepass") for word in WORDS), *(raw.format(name=name) for raw in RAW))
    ]


async def check_pages(mine: Browser, paths: list[str]) -> None:
    before = await stored()
    for path in paths:
        answer = await ask_for(mine, path, None)
        assert answer.status_code in {200, 303, 400, 403, 404, 409, 422}, (path[:120], answer.status_code)
        assert not CONTROL.search(answer.text), path[:120]
        assert "<script>alert" not in answer.text, path[:120]
        assert "set-cookie" not in answer.headers, path[:120]
    assert await stored() == before


async def test_addresses_that_no_page_of_ours_wrote_for_patients(scene: Scene):
    one = scene.otto
    await check_pages(
        one.browser,
        [*spelt("/slots", "from", "with", "part", "visit"), *spelt(f"/visits/{one.visit}/move", "from", "with", "part"),
         *spelt("/requests/new", "visit", "instead")],
    )  # fmt: skip


async def test_addresses_that_no_page_of_ours_wrote_for_desks(scene: Scene, browser: Fresh):
    assert scene.rosa.practitioner is not None
    rosa = f"/coordinator/hours/{scene.rosa.practitioner.id}"
    await check_pages(
        scene.desk,
        [*spelt("/coordinator", "week", "zone"), *spelt("/coordinator/messages", "status"),
         *spelt(f"/coordinator/book/{scene.otto.patient.id}", "visit", "from", "with"),
         *spelt(f"/coordinator/consults/{scene.otto.visit}", "from"), *spelt(f"{rosa}/week", "from_on", "until_on")],
    )  # fmt: skip
    doctor = await sign_in(browser(), scene.rosa)
    await check_pages(doctor, spelt(f"/provider/patients/{scene.otto.patient.id}/book", "visit", "from"))


async def test_forms_sent_to_addresses_that_no_page_of_ours_wrote(scene: Scene):
    """What the address says is checked like what the form says."""
    one, before = scene.otto, await stored()
    day = (clock.now() + timedelta(days=5)).date().isoformat()
    form = {"first_on": day, "last_on": day, "provider": ""}
    for path in spelt("/requests/new", "visit", "instead"):
        answer = await ask_for(one.browser, path, form)
        assert answer.status_code in {400, 403, 404, 409, 422}, (path[:120], answer.status_code)
        assert not CONTROL.search(answer.text)
        assert await stored() == before, path[:120]
    slot = SLOT.findall((await one.browser.get("/slots")).text)[40]
    for word in WORDS[1:]:
        answer = await ask_for(one.browser, "/slots", {"slot": slot, "visit": word})
        assert answer.status_code in {403, 409, 422}, (word[:40], answer.status_code)
        assert await stored() == before, word[:40]
    moving = f"/coordinator/consults/{one.visit}"
    other = SLOT.findall((await scene.desk.get(moving)).text)[5]
    for reason in ("\x00", "x" * 501, "\ufffe", "a\x1bb"):
        answer = await ask_for(scene.desk, f"{moving}/move", {"slot": other, "move_reason": reason})
        assert answer.status_code == 422, reason[:10]
        assert 'id="move_reason-error"' in answer.text
        assert await stored() == before


async def test_nobody_is_put_on_the_list_by_a_number_that_is_none(scene: Scene):
    """Days of the week, dates and kinds as no page sends them, by a patient and by the desk."""
    nora = await cast.patient("Nora")
    day = (clock.now() + timedelta(days=5)).date().isoformat()
    good: dict[str, str | list[str]] = {
        "visit": "evaluation",
        "first_on": day,
        "last_on": day,
        "provider": "",
        "days": ["0"],
    }
    path, before = f"/coordinator/requests/{nora.id}/new", await stored()
    for name, values in {
        "days": ("-1", "7", "٣", "0x0", "0 ", "\x00", "9" * 30, ["0", "0"]), "parts": ("night", "\x00", "-1", ["morning"] * 2),
        "first_on": ("-1", "٢٠٢٦-١٢-٠١", "9999-12-31", "0001-01-01", "2026-02-30", "\x00", "1e9"),
        "last_on": ("2020-01-01", "-1", "\x00"), "visit": ("\x00", "-1", "", "surgery"),
        "provider": (str(new_id()), str(UUID(int=0)), str(scene.paula.patient.id), "\x00", "-1", "any", "x" * 36),
    }.items():  # fmt: skip
        for value in values:
            answer = await scene.desk.post(path, {**good, name: value})
            assert answer.status_code == 422, (name, value, answer.status_code)
            assert await stored() == before, (name, value)
    for absent in (new_id(), scene.paula.visit, UUID(int=0)):
        assert (await scene.desk.post(f"/coordinator/requests/{absent}/new", good)).status_code == 404
    assert await stored() == before
    assert (await scene.desk.post(path, good)).url.path == "/coordinator/requests"
    assert await count("consult_request", f"patient_id = '{nora.id}'") == 1
