"""The forms of the waiting list."""

from datetime import timedelta
from uuid import UUID

from carepath.journey import waitlist
from carepath.kit import clock
from carepath.kit.ids import new_id
from tests.web.client import Browser
from tests.web.hostile import Field
from tests.web.hostile_world import Form, Stand, World, enter

NEW = "/requests/new?visit=evaluation"


def _fields() -> tuple[Field, ...]:
    """Soon, on any day but Sunday, with whoever is free."""
    today = clock.now().date()
    first, last = (today + timedelta(days=2)).isoformat(), (today + timedelta(days=25)).isoformat()
    return (
        enter("first_on", first, kind="day", most=10),
        enter("last_on", last, kind="day", most=10, also=("2020-01-01",)),
        enter("days", *"012345", kind="choice", is_needed=False, also=("7", "Monday")),
        enter("parts", "morning", "afternoon", kind="choice", is_needed=False, also=("night",)),
        Field("provider", ("",), "uuid", 36, is_needed=False, gone=(str(new_id()), str(UUID(int=1)))),
    )


async def _asked(world: World) -> tuple[Browser, UUID]:
    """A patient who waits, and the request."""
    patient = await world.ready(is_sent=True)
    browser = await world.signed_in(patient)
    await browser.get(NEW)
    sent = {one.name: list(one.good) for one in _fields()}
    page = await browser.post(NEW, sent)
    assert page.url.path.startswith("/requests/"), page.text
    return browser, UUID(page.url.path.rpartition("/")[2])


async def ask(world: World) -> Stand:
    browser = await world.signed_in(await world.ready(is_sent=True))
    return Stand(browser, NEW, _fields())


async def withdraw(world: World) -> Stand:
    browser, request_id = await _asked(world)
    return Stand(browser, f"/requests/{request_id}/withdraw", (), (f"/requests/{(await _asked(world))[1]}/withdraw",))


async def answer(world: World) -> Stand:
    held = []
    for _both in range(2):
        browser, request_id = await _asked(world)
        await waitlist.tick(clock.now())
        page = await browser.get(f"/requests/{request_id}")
        path = page.text.partition('href="/offers/')[2][:36]
        held.append((browser, f"/offers/{path}"))
    (mine, path), (_other, theirs) = held
    return Stand(mine, path, (enter("answer", "yes", kind="choice", shape="button"),), (theirs,))


async def take_off(world: World) -> Stand:
    _browser, request_id = await _asked(world)
    reason = enter("reason", "Called us.", most=500)
    return Stand(world.desks["coordinator"], f"/coordinator/requests/{request_id}/withdraw", (reason,))


async def put_on(world: World) -> Stand:
    path = f"/coordinator/requests/{await world.ready(is_sent=True)}/new"
    return Stand(world.desks["coordinator"], path, (enter("visit", "evaluation", kind="choice"), *_fields()))


WAITING = (
    Form("ask for a time", "/requests/new", "patient", ask),
    Form("stop looking", "/requests/{request_id}/withdraw", "patient", withdraw),
    Form("answer an offer", "/offers/{appointment_id}", "patient", answer),
    Form("take off the list", "/coordinator/requests/{request_id}/withdraw", "coordinator", take_off),
    Form("put on the list", "/coordinator/requests/{patient_id}/new", "coordinator", put_on),
)
