"""Every kind of page on a phone and on a desk, light and dark: nothing runs off the side, everything can be read."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage

import pytest

from carepath.dev.people import patients
from carepath.dev.start import DEMO_PATIENTS, DEMO_SEED
from carepath.notifications.rules.kinds import KINDS
from tests.browser.conftest import CHROMIUM
from tests.browser.stack import Stack, link_in, wait
from tests.browser.test_journey import chromium, in_thread, sign_in

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed: looks are NOT tested here")

OPEN = ("/", "/eligibility", "/crisis", "/sign-in", "/staff/sign-in", "/nowhere", "/dev/mail", "/dev/clock")
DESKS = {
    "provider": (
        "Rosa",
        (
            "/provider",
            "/provider/evaluations",
            "/provider/evaluations?show=waiting",
            "/provider/follow-ups",
            "/provider/follow-ups?show=due",
            "/provider/day",
            "/provider/hours",
            "/provider/hours/week?from_on=2189-01-02",
            "/provider/patients",
            "/provider/opened",
            "/provider/calendar",
        ),
        r"/provider/(?:evaluations|patients|urgent)/[0-9a-f-]{36}",
    ),
    "coordinator": (
        "Cora",
        (
            "/coordinator",
            "/coordinator/book",
            "/coordinator/calls",
            "/coordinator/absences",
            "/coordinator/messages",
            "/coordinator/messages?status=failed",
            "/coordinator/messages/reports",
            "/coordinator/requests",
        ),
        r"/coordinator/(?:consults|hours|book|messages)/[0-9a-f-]{36}",
    ),
    "admin": (
        "Adam",
        ("/admin", "/admin/questionnaires", "/admin/audit", "/admin/messages", "/admin/staff-messages"),
        r"/admin/messages/[a-z0-9-]+",
    ),
}
# Pages below those, by what follows the address of their kind.
BELOW = {
    "/coordinator/hours": ("/licenses", "/calendars", "/week?from_on=2189-01-02"),
    "/provider/patients": (
        "/book",
        "/plan",
        "/sessions",
        "/sessions/new",
        "/timeline",
        "/timeline?range=all&track=pain",
    ),
}
# Pages that only a page of their kind leads to.
LED_TO = {
    "/provider/patients/{id}": r"/provider/check-ins/[0-9a-f-]{36}",
    "/provider/patients/{id}/sessions": r"/provider/patients/[0-9a-f-]{36}/sessions/[0-9a-f-]{36}/correct",
}
# What is wrong with a page, in words: width, headings, labels, contrast of every visible text (WCAG AA: 4.5, large 3).
FAULTS = """() => {
  const found = [], seen = (one) => one.getClientRects().length && getComputedStyle(one).visibility === "visible"
    && !one.closest(".visually-hidden, [hidden]");
  if (document.documentElement.scrollWidth > innerWidth) found.push(`${document.documentElement.scrollWidth} wide in ${innerWidth}`);
  if (document.querySelectorAll("h1").length !== 1) found.push("not one h1");
  for (const one of document.querySelectorAll("input:not([type=hidden]), select, textarea"))
    if (seen(one) && !one.labels.length && !one.ariaLabel) found.push(`no label: ${one.name}`);
  const canvas = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
  const rgba = (color) => { canvas.clearRect(0, 0, 1, 1); canvas.fillStyle = color; canvas.fillRect(0, 0, 1, 1); return canvas.getImageData(0, 0, 1, 1).data; };
  const light = (c) => [0, 1, 2].map((n) => c[n] / 255).map((v) => v <= .04045 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4)
    .reduce((sum, v, n) => sum + v * [.2126, .7152, .0722][n], 0);
  const behind = (one) => { for (; one; one = one.parentElement) { const c = rgba(getComputedStyle(one).backgroundColor); if (c[3] > 250) return c; } return [255, 255, 255]; };
  for (const one of document.querySelectorAll("body *")) {
    if (![...one.childNodes].some((n) => n.nodeType === 3 && n.data.trim()) || !seen(one) || one.closest("svg, :disabled")) continue;
    const style = getComputedStyle(one), a = light(rgba(style.color)), b = light(behind(one));
    const ratio = (Math.max(a, b) + .05) / (Math.min(a, b) + .05), size = parseFloat(style.fontSize);
    if (ratio < (size >= 24 || size >= 18.6 && style.fontWeight >= 700 ? 3 : 4.5)) found.push(`contrast ${ratio.toFixed(2)}: ${one.textContent.trim().slice(0, 40)}`);
  }
  return [...new Set(found)];
}"""


def looked_at(page: object, base: str, path: str, status: int = 200) -> Iterator[str]:
    """The faults of one page."""
    answer = page.goto(base + path)  # type: ignore[attr-defined]
    if answer.status != status:
        yield f"{path}: {answer.status}"
    yield from seen_now(page, path)


def seen_now(page: object, path: str) -> Iterator[str]:
    """The faults of what is open, at both widths in both schemes."""
    for scheme in ("light", "dark"):
        # Without motion no colour is caught half-way.
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")  # type: ignore[attr-defined]
        for width in (390, 1280):
            page.set_viewport_size({"width": width, "height": 900})  # type: ignore[attr-defined]
            for fault in page.evaluate(FAULTS):  # type: ignore[attr-defined]
                yield f"{path} {width} {scheme}: {fault}"


def plans(page: object, base: str) -> Iterator[str]:
    """The faults of a re-plan before and after it is carried out: whom somebody has just been booked with is away."""
    page.goto(f"{base}/coordinator/book")  # type: ignore[attr-defined]
    bookable = re.findall(r'href="(/coordinator/book/[0-9a-f-]{36})"', page.content())  # type: ignore[attr-defined]
    for one in bookable:
        page.goto(base + one)  # type: ignore[attr-defined]
        if page.locator("button.slot").count():  # type: ignore[attr-defined]
            page.locator("button.slot").first.click()  # type: ignore[attr-defined]
            if "/coordinator/consults/" in page.url:  # type: ignore[attr-defined]
                break
    else:
        raise AssertionError("nobody could be booked")
    text = page.inner_text("main")  # type: ignore[attr-defined]
    page.goto(f"{base}/coordinator/absences")  # type: ignore[attr-defined]
    options = page.locator("#practitioner option")  # type: ignore[attr-defined]
    names = [options.nth(n).inner_text() for n in range(options.count())]
    booked = next(n for n, name in enumerate(names) if name.partition(",")[0] in text)
    who = options.nth(booked).get_attribute("value")
    page.select_option("#practitioner", who)  # type: ignore[attr-defined]
    # The product's clock may have travelled far ahead of the browser's: the visit itself says when it is.
    said = re.search(r"[A-Z][a-z]+day, ([A-Z][a-z]+ \d+, \d{4}) at", text)
    assert said is not None, text
    today = datetime.strptime(said[1], "%B %d, %Y").date()
    for name, on in (("first_on", today), ("last_on", today + timedelta(days=10))):
        page.fill(f"#{name}", on.isoformat())  # type: ignore[attr-defined]
    page.click("text=Enter the days off and plan the visits")  # type: ignore[attr-defined]
    path = page.url.removeprefix(base)  # type: ignore[attr-defined]
    assert path.startswith("/coordinator/replans/"), path
    assert page.locator("svg.replan-picture circle").count() > 0  # type: ignore[attr-defined]
    yield from looked_at(page, base, path)
    page.click("text=Accept what is ticked")  # type: ignore[attr-defined]
    assert page.get_by_text("carried out").count() == 1  # type: ignore[attr-defined]
    yield from looked_at(page, base, path)


def wrong_forms(page: object, base: str, licenses: str) -> Iterator[str]:
    """The faults of pages that come back with errors."""
    page.goto(base + licenses)  # type: ignore[attr-defined]
    page.click("text=Save the license")  # type: ignore[attr-defined]
    yield from seen_now(page, f"{licenses} with errors")
    page.goto(f"{base}/coordinator/requests")  # type: ignore[attr-defined]
    if page.locator("td summary").count():  # type: ignore[attr-defined]
        page.locator("td summary").first.click()  # type: ignore[attr-defined]
        page.locator("text=Take off the list").first.click()  # type: ignore[attr-defined]
        yield from seen_now(page, "/coordinator/requests with errors")


def exported(page: object, base: str, path: str) -> Iterator[str]:
    """The faults of a course's export: without a purpose, and as a page to print; and of that page on paper."""
    page.goto(base + path)  # type: ignore[attr-defined]
    page.click("details.answers summary")  # type: ignore[attr-defined]
    page.get_by_role("button", name="Export", exact=True).click()  # type: ignore[attr-defined]
    yield from seen_now(page, f"{path} without a purpose")
    page.fill("#to_whom", "Dr. Otto Lang")  # type: ignore[attr-defined]
    page.fill("#why", "A second opinion.")  # type: ignore[attr-defined]
    page.get_by_role("button", name="Export", exact=True).click()  # type: ignore[attr-defined]
    assert page.get_by_text("Dr. Otto Lang").count() == 1  # type: ignore[attr-defined]
    yield from seen_now(page, f"{path} to print")
    page.emulate_media(media="print")  # type: ignore[attr-defined]
    page.set_viewport_size({"width": 688, "height": 1000})  # type: ignore[attr-defined]  # A4 within its margins
    if page.evaluate("document.documentElement.scrollWidth") > 688:  # type: ignore[attr-defined]
        yield f"{path} is cut on paper"
    page.emulate_media(media="screen")  # type: ignore[attr-defined]


def patient(stack: Stack, page: object) -> None:
    """Sign in as somebody of the demo clinic who has sent their answers and waits for nothing yet."""
    person = [one for one in patients(DEMO_PATIENTS, DEMO_SEED, datetime.now(UTC).date()) if one.stage == "sent"][3]
    page.goto(f"{stack.base}/sign-in")  # type: ignore[attr-defined]
    page.fill("#email", person.email)  # type: ignore[attr-defined]
    page.click("main button")  # type: ignore[attr-defined]

    def links() -> list[EmailMessage]:
        return [mail for mail in stack.mails(person.email) if "link to sign in" in str(mail["Subject"])]

    wait(lambda: bool(links()), "the sign-in mail")
    page.goto(link_in(links()[-1]))  # type: ignore[attr-defined]
    page.click("main button")  # type: ignore[attr-defined]


def a_patients_way(stack: Stack, page: object) -> Iterator[str]:
    """The faults of every page between the waiting list and a visit: held, waited for, offered, booked."""

    def here() -> str:
        return str(page.url).removeprefix(stack.base)  # type: ignore[attr-defined]

    def press(words: str) -> None:
        page.get_by_role("button", name=words, exact=True).click()  # type: ignore[attr-defined]
        page.wait_for_load_state()  # type: ignore[attr-defined]

    for path in ("/home", "/requests/new", "/home/calendar", "/home/phone", "/slots"):
        yield from looked_at(page, stack.base, path)
    page.locator("button.slot").first.click()  # type: ignore[attr-defined]
    assert here().startswith("/holds/"), here()
    yield from looked_at(page, stack.base, here())
    yield from looked_at(page, stack.base, "/home")
    page.click("text=Go on")  # type: ignore[attr-defined]
    press("Choose another time")
    page.goto(f"{stack.base}/requests/new")  # type: ignore[attr-defined]
    last = page.input_value("#last_on")  # type: ignore[attr-defined]
    page.fill("#last_on", "2020-01-01")  # type: ignore[attr-defined]
    press("Look for a time")
    yield from seen_now(page, "/requests/new with an error")
    page.fill("#last_on", last)  # type: ignore[attr-defined]
    page.get_by_text("Mornings", exact=True).click()  # type: ignore[attr-defined]
    press("Look for a time")
    request = here()
    assert request.startswith("/requests/"), request
    yield from looked_at(page, stack.base, request)
    yield from looked_at(page, stack.base, "/home")

    def offer() -> str | None:
        page.goto(stack.base + request)  # type: ignore[attr-defined]
        found = page.locator('a[href^="/offers/"]')  # type: ignore[attr-defined]
        return str(found.first.get_attribute("href")) if found.count() else None

    wait(lambda: offer() is not None, "an offer", 60)
    offered = str(offer())
    for path in (request, "/home", offered):
        yield from looked_at(page, stack.base, path)
    page.goto(stack.base + offered)  # type: ignore[attr-defined]
    press("Yes, take this time")
    visit = here()
    assert visit.startswith("/visits/"), visit
    earlier = f"/requests/new?instead={visit.rpartition('/')[2]}"
    for path in (visit, f"{visit}/move", f"{visit}/cancel", offered, request, earlier, "/home"):
        yield from looked_at(page, stack.base, path)
    yield from looked_at(page, stack.base, "/requests/new", 409)
    yield from looked_at(page, stack.base, "/application/withdraw")
    page.goto(f"{stack.base}/home/calendar")  # type: ignore[attr-defined]
    press("Make a calendar address")
    yield from seen_now(page, "/home/calendar, made")
    page.goto(f"{stack.base}/home/phone")  # type: ignore[attr-defined]
    page.fill("#phone", "call me")  # type: ignore[attr-defined]
    press("Save")
    yield from seen_now(page, "/home/phone with an error")


def plan_forms(page: object, base: str, path: str) -> Iterator[str]:
    """The faults of a plan's forms: all of them open, and the large one after an error."""
    page.goto(base + path)  # type: ignore[attr-defined]
    page.evaluate("for (const one of document.querySelectorAll('details')) one.open = true")  # type: ignore[attr-defined]
    yield from seen_now(page, f"{path}, open")
    if page.locator("#dose").count():  # type: ignore[attr-defined]
        page.fill("#dose", "")  # type: ignore[attr-defined]
        page.fill("#session_dates", "soon")  # type: ignore[attr-defined]
        page.click("text=Save the plan")  # type: ignore[attr-defined]
        assert page.locator(".error-summary a").count() >= 2  # type: ignore[attr-defined]
        yield from seen_now(page, f"{path}, with errors")


def in_an_emergency(stack: Stack, browser: object, owner: object, path: str) -> Iterator[str]:
    """The faults of a colleague's way into a record, without a reason and with one; and of what its owner reads then."""
    page = browser.new_context().new_page()  # type: ignore[attr-defined]
    sign_in(stack, page, "provider", "Samuel")
    yield from looked_at(page, stack.base, f"{path}/emergency")
    page.goto(f"{stack.base}{path}/emergency")  # type: ignore[attr-defined]
    for reason, after in (("Short.", "without a reason"), ("She cannot be woken. " + "word" * 40, "while it is open")):
        page.fill("#reason", reason)  # type: ignore[attr-defined]
        page.get_by_role("button", name="Open the record").click()  # type: ignore[attr-defined]
        yield from seen_now(page, f"{path}/emergency, {after}")
    assert page.get_by_text("Open in an emergency until").count() == 1  # type: ignore[attr-defined]
    for one in (path, "/provider/opened"):
        yield from looked_at(owner, stack.base, one)
        assert owner.get_by_text("She cannot be woken.").count() == 1, one  # type: ignore[attr-defined]


def mails(page: object, base: str) -> Iterator[str]:
    """The faults of every mail, alone as in a mail program; it has no headings."""
    for kind in KINDS:
        for fault in looked_at(page, base, f"/admin/messages/{kind}/html"):
            if "not one h1" not in fault:
                yield fault


def look(stack: Stack) -> None:
    faults: list[str] = []
    with chromium() as browser:
        page = browser.new_page()  # type: ignore[attr-defined]
        for path in OPEN:
            faults += looked_at(page, stack.base, path, 404 if path == "/nowhere" else 200)
        faults += looked_at(page, stack.base, stop := stack.stop_link())
        page.goto(stack.base + stop)  # type: ignore[attr-defined]
        page.click("text=Stop them")  # type: ignore[attr-defined]
        assert page.locator("h1").inner_text() == "These messages are stopped"  # type: ignore[attr-defined]
        faults += looked_at(page, stack.base, stop)
        page = browser.new_context().new_page()  # type: ignore[attr-defined]
        patient(stack, page)
        faults += a_patients_way(stack, page)
        for role, (name, paths, more) in DESKS.items():
            page = browser.new_context().new_page()  # type: ignore[attr-defined]
            sign_in(stack, page, role, name)
            kinds: dict[str, str] = {}
            for path in paths:
                faults += looked_at(page, stack.base, path)
                for link in re.findall(rf'href="({more})', page.content()):
                    kinds.setdefault(link.rsplit("/", 1)[0], link)
            below = [kinds[kind] + more for kind, pages in BELOW.items() if kind in kinds for more in pages]
            if role == "coordinator":
                below.append(kinds["/coordinator/book"].replace("/book/", "/requests/") + "/new")
            for path in (*kinds.values(), *below):
                faults += looked_at(page, stack.base, path)
                if found := re.search(LED_TO.get(re.sub("[0-9a-f-]{36}", "{id}", path), "(?!)"), page.content()):
                    faults += looked_at(page, stack.base, found[0])
            if role == "provider":
                faults += plan_forms(page, stack.base, kinds["/provider/patients"] + "/plan")
                faults += exported(page, stack.base, kinds["/provider/patients"] + "/timeline")
                faults += in_an_emergency(stack, browser, page, kinds["/provider/patients"])
            if role == "admin":
                faults += mails(page, stack.base)
            if role == "coordinator":
                faults += wrong_forms(page, stack.base, kinds["/coordinator/hours"] + "/licenses")
                faults += plans(page, stack.base)
            assert len(kinds) >= {"provider": 2, "coordinator": 2, "admin": 1}[role], kinds
    assert faults == [], "\n".join(faults)


def test_every_kind_of_page_can_be_read_at_both_widths_in_both_schemes(stack: Stack) -> None:
    in_thread(lambda: look(stack))
