"""The forms of patients and of the doors: each with its route, its right values, and the way to it."""

import pyotp

from carepath.kit import db
from carepath.kit.ids import new_id
from carepath.notifications import service as notifications
from carepath.notifications import unwanted
from tests import cast
from tests.web.client import Browser
from tests.web.desks import SLOT, begins_in
from tests.web.hostile import Field
from tests.web.hostile_questions import SECTIONS, check_in, eligibility, section
from tests.web.hostile_world import Form, Reach, Stand, World, enter, newest, with_token


async def staff_sign_in(world: World) -> Stand:
    browser = world.fresh()
    await browser.get("/staff/sign-in")
    email = enter("email", "rosa.delgado@clinic.example", most=254, kind="email")
    return Stand(
        with_token(browser),
        "/staff/sign-in",
        (email, enter("password", cast.PASSWORD, kind="secret", most=300, shape="unseen")),
    )


async def staff_code(world: World) -> Stand:
    browser = world.fresh()
    await browser.get("/staff/sign-in")
    await browser.post("/staff/sign-in", {"email": "rosa.delgado@clinic.example", "password": cast.PASSWORD})
    await db.execute("UPDATE account SET totp_last_step = 0")
    return Stand(
        with_token(browser), "/staff/code", (enter("code", pyotp.TOTP(cast.TOTP).now(), kind="code", most=12),)
    )


async def sign_out(world: World) -> Stand:
    return Stand(await world.signed_in(await world.ready(is_sent=True)), "/sign-out")


async def sign_in(world: World) -> Stand:
    browser = world.fresh()
    await browser.get("/sign-in")
    return Stand(with_token(browser), "/sign-in", (enter("email", "ada.1@mail.example", kind="email", most=254),))


async def link(world: World) -> Stand:
    browser = world.fresh()
    await browser.get("/sign-in")
    return Stand(with_token(browser), await world.link(await world.ready(is_sent=True)))


async def email(world: World) -> Stand:
    stand = await eligibility(world)
    await stand.browser.post("/eligibility", {f.name: list(f.good) for f in stand.fields})
    names = (enter("first_name", "Zoë", most=80, also=("a\u202eb", "\u2028")), enter("last_name", "O'Neill", most=80))
    return Stand(
        with_token(stand.browser), "/apply/email", (*names, enter("email", "zoe@mail.example", kind="email", most=254))
    )


async def consent(world: World) -> Stand:
    browser = await world.signed_in(await world.ready(is_sent=False, is_signed=False))
    text = world.loaded.intake.consents[0]
    initials = [enter(s.id, "AW", most=5, also=("123456", "4", "..")) for s in text.statements]
    return Stand(browser, f"/consents/{text.id}", (*initials, enter("signed_name", "Ada Winter", most=160)))


async def send(world: World) -> Stand:
    number = enter("phone", "+1 555 0142", kind="phone", most=30, is_needed=False)
    return Stand(await world.signed_in(await world.ready(is_sent=False)), "/send", (number,))


def slot(found: str) -> Field:
    """A time button."""
    who, _at, when = found.partition("@")
    gone = (
        f"{new_id()}@{when}",
        f"{who}@2999-12-31T09:00:00+00:00",
        f"{who}@0001-01-01T00:00:00+00:00",
        f"{who}@9999-12-31T23:59:59+00:00",
    )
    return Field("slot", (found,), "slot", 80, "button", gone=gone)


async def _slot(browser: Browser, path: str) -> Field:
    found = SLOT.findall((await browser.get(path)).text)
    return slot(found[7 if path == "/slots" else 19])


async def slots(world: World) -> Stand:
    browser = await world.signed_in(await world.ready(is_sent=True))
    return Stand(browser, "/slots", (await _slot(browser, "/slots"),))


async def _held(world: World) -> tuple[Browser, str]:
    stand = await slots(world)
    page = await stand.browser.post("/slots", {"slot": stand.fields[0].good[0]})
    return stand.browser, page.url.path


def hold(verb: str) -> Reach:
    async def reach(world: World) -> Stand:
        browser, path = await _held(world)
        return Stand(browser, f"{path}/{verb}", (), (f"{(await _held(world))[1]}/{verb}",))

    return reach


async def visit_of(world: World) -> tuple[Browser, str]:
    browser, path = await _held(world)
    page = await browser.post(f"{path}/confirm")
    return browser, page.url.path


async def move(world: World) -> Stand:
    browser, path = await visit_of(world)
    return Stand(
        browser, f"{path}/move", (await _slot(browser, f"{path}/move"),), (f"{(await visit_of(world))[1]}/move",)
    )


async def cancel(world: World) -> Stand:
    browser, path = await visit_of(world)
    reason = enter("reason", "I found another.", most=500, is_needed=False)
    return Stand(browser, f"{path}/cancel", (reason,), (f"{(await visit_of(world))[1]}/cancel",))


async def location(world: World) -> Stand:
    browser, path = await visit_of(world)
    other = (await visit_of(world))[1]
    # At times of their own: they may be with the same provider.
    await begins_in(path.rpartition("/")[2], 15)
    await begins_in(other.rpartition("/")[2], -180)
    field = enter("located_in", "CO", kind="choice", also=("Colorado", "co", "XX"))
    return Stand(browser, f"{path}/location", (field,), (f"{other}/location",))


async def question(world: World) -> Stand:
    patient = await world.patient("asked")
    other = await newest("information_request", await world.patient("asked"), world)
    path = f"/questions/{await newest('information_request', patient, world)}"
    return Stand(
        await world.signed_in(patient), path, (enter("answer", "60 mg.", most=2000),), (f"/questions/{other}",)
    )


async def withdraw(world: World) -> Stand:
    """With a visit booked, so that there is something to choose."""
    browser, _path = await visit_of(world)
    return Stand(browser, "/application/withdraw", (enter("visit", "keep", kind="choice", also=("CANCEL", "yes")),))


def own_calendar(path: str) -> Reach:
    async def reach(world: World) -> Stand:
        browser = await world.signed_in(await world.ready(is_sent=True))
        await browser.post("/home/calendar")  # so that there is one to stop
        return Stand(with_token(browser), path)

    return reach


async def phone(world: World) -> Stand:
    browser = await world.signed_in(await world.ready(is_sent=True))
    return Stand(browser, "/home/phone", (enter("phone", "+1 555 0142", kind="phone", most=30, is_needed=False),))


async def stop(world: World) -> Stand:
    """At the address in a mail, whoever has it."""
    patient = await world.ready(is_sent=True)
    await notifications.enqueue("intake-unfinished", "patient", patient, "intake", new_id(), 1, world.now, world.now)
    message = await world.one("SELECT id FROM message WHERE kind = 'intake-unfinished' AND recipient_id = {}", patient)
    browser, field = world.fresh(), enter("wanted", "no", kind="choice", shape="button", also=("One-Click",))
    await browser.get("/sign-in")
    return Stand(with_token(browser), f"/stop/{unwanted.token_of(message)}", (field,))


PATIENTS = (
    Form("staff sign-in", "/staff/sign-in", None, staff_sign_in),
    Form("staff code", "/staff/code", None, staff_code),
    Form("sign out", "/sign-out", None, sign_out),
    Form("sign in", "/sign-in", None, sign_in),
    Form("link", "/link/{token}", None, link),
    Form("stop mails", "/stop/{token}", None, stop),
    Form("eligibility", "/eligibility", None, eligibility),
    Form("email", "/apply/email", "applicant", email),
    *(Form(f"section {slug}", "/intake/{slug}", "patient", section(slug)) for slug in SECTIONS),
    Form("autosave", "/intake/{slug}/autosave", "patient", section("medicines", is_autosave=True), 200),
    Form("consent", "/consents/{consent_id}", "patient", consent),
    Form("send", "/send", "patient", send),
    Form("slots", "/slots", "patient", slots),
    Form("confirm", "/holds/{appointment_id}/confirm", "patient", hold("confirm")),
    Form("release", "/holds/{appointment_id}/release", "patient", hold("release")),
    Form("move", "/visits/{appointment_id}/move", "patient", move),
    Form("cancel", "/visits/{appointment_id}/cancel", "patient", cancel),
    Form("location", "/visits/{appointment_id}/location", "patient", location),
    Form("make a calendar address, patient", "/home/calendar", "patient", own_calendar("/home/calendar"), 200),
    Form("stop a calendar address, patient", "/home/calendar/revoke", "patient", own_calendar("/home/calendar/revoke")),
    Form("check-in", "/check-ins/{check_in_id}", "patient", check_in, 200),
    Form("withdraw", "/application/withdraw", "patient", withdraw),
    Form("own phone number", "/home/phone", "patient", phone),
    Form("question", "/questions/{request_id}", "patient", question),
)
