"""The office's page of messages: to whom, in which state, why, and what may be done about it."""

import asyncio
import re
from collections.abc import AsyncIterator, Callable
from datetime import timedelta
from uuid import UUID

import httpx
import pytest

from carepath import configuration
from carepath.accounts.people import Patient
from carepath.evaluations import service as evaluations
from carepath.intake import service as intakes
from carepath.journey import book
from carepath.kit import clock, db
from carepath.kit.actor import SYSTEM
from carepath.kit.ids import new_id
from carepath.notifications import service as notifications
from carepath.settings import Settings
from tests import cast
from tests.mailroom import Mailroom, mailroom
from tests.notifications.reports import HEADERS, mail, recipient, report
from tests.web.client import Browser
from tests.web.desks import Desk, booked, count, main_of, open_desk, sign_in

Fresh = Callable[[], Browser]
PATH = "/coordinator/messages"
REPORTS = f"{PATH}/reports"


@pytest.fixture
async def desk(browser: Fresh) -> Desk:
    found = await open_desk(browser)
    await found.browser.get(PATH)
    return found


@pytest.fixture
async def room(settings: Settings) -> AsyncIterator[Mailroom]:
    async with mailroom(settings, configuration.load(settings.config_dir)) as found:
        yield found


async def mailed(to: Patient, room: Mailroom, answer: str = "") -> UUID:
    """The id of a message that a mail server was asked to take."""
    subject, now = new_id(), clock.now()
    await notifications.enqueue("decision-ready", "patient", to.id, "evaluation", subject, 1, now, now)
    room.answers = [answer] if answer else []
    # Whatever the time of this day is: quiet hours are not looked at here.
    await db.execute("UPDATE patient SET zone = 'UTC'")
    moment = now.replace(hour=12) + timedelta(days=1)
    await room.drain(moment)
    found = await db.row("SELECT id FROM message WHERE subject_id = {}", subject)
    assert found is not None
    return UUID(str(found["id"]))


async def state(message_id: UUID) -> tuple[str, str]:
    found = await db.row("SELECT status, reason FROM message WHERE id = {}", message_id)
    assert found is not None
    return found["status"], found["reason"]


def acts(page: httpx.Response) -> set[str]:
    return set(re.findall(r'action="/coordinator/messages/[0-9a-f-]{36}/([a-z-]+)"', page.text))


async def test_a_message_shows_to_whom_it_goes_in_which_state_and_why(desk: Desk, room: Mailroom):
    message = await mailed(desk.paula, room, "450 mailbox busy")
    page = await desk.browser.get(PATH)
    words = main_of(page.text)
    for word in (
        "News on their page",
        "Paula Winter",
        "waiting for another try",
        "450",
        "next try",
        "Central Standard Time",
    ):
        assert word in words
    assert "mail.example" not in words
    assert acts(page) == {"stop"}
    page = await desk.browser.get(f"{PATH}/{message}")
    for word in ("Paula Winter", "Tries", "Of use until", "Next try"):
        assert word in main_of(page.text)
    assert await count("audit_event", "action = 'read' AND subject = 'message' AND patient_id IS NOT NULL") == 1


async def test_a_failed_message_is_seen_and_tried_again(desk: Desk, room: Mailroom):
    message = await mailed(desk.paula, room, "550 no such box")
    assert "could not be sent: 1" in (await desk.browser.get("/coordinator")).text
    page = await desk.browser.get(f"{PATH}?status=failed")
    assert acts(page) == {"retry"}
    page = await desk.browser.post(f"{PATH}/{message}/retry")
    assert page.url.path == f"{PATH}/{message}"
    assert await state(message) == ("queued", "")
    assert (await desk.browser.post(f"{PATH}/{message}/retry")).status_code == 409
    assert "could not be sent" not in (await desk.browser.get("/coordinator")).text
    assert "550" not in main_of((await desk.browser.get(f"{PATH}?status=failed")).text)


async def test_a_waiting_message_is_stopped(desk: Desk, room: Mailroom):
    visit = await booked(desk)
    row = await db.row("SELECT id FROM message WHERE kind = 'consult-booked' AND subject_id = {}", visit.id)
    assert row is not None
    page = await desk.browser.post(f"{PATH}/{row['id']}/stop")
    assert "stopped by staff" in main_of(page.text)
    await room.drain(clock.now())
    assert room.mails == []


async def test_a_confirmation_is_sent_again_while_the_visit_stands(desk: Desk, room: Mailroom):
    visit = await booked(desk)
    await room.drain(clock.now())
    page = await desk.browser.get(f"{PATH}?visit={visit.id}&status=sent")
    (again,) = re.findall(r'action="([^"]+/send-again)"', page.text)
    page = await desk.browser.post(again)
    assert page.url.path.startswith(f"{PATH}/")
    assert page.url.path not in again
    assert "sent again, number 1" in page.text
    await room.drain(clock.now())
    assert len({m["Message-ID"] for m in room.mails}) == len(room.mails) == 2
    await desk.browser.post(again)
    await book.cancel((await cast.coordinator("Second Lind")).actor, visit.id, "Ill.", clock.now())
    await room.drain(clock.now())
    assert [str(m["Subject"]).rpartition(" ")[2] for m in room.mails][2:] == ["cancelled"], "no third confirmation"


@pytest.mark.parametrize(
    ("fields", "reason"),
    [({"cause": "5.2.2"}, "it came back: the mailbox is full"), ({"cause": "5.0.0", "code": "5.4.7"}, "it came back: 5.4.7")],
)  # fmt: skip
async def test_one_that_came_back_is_noted_by_hand(desk: Desk, room: Mailroom, fields: dict[str, str], reason: str):
    message = await mailed(desk.paula, room)
    page = await desk.browser.post(f"{PATH}/{message}/bounce", fields)
    assert reason in main_of(page.text)
    assert "came back" in main_of(page.text)
    assert await state(message) == ("failed", reason)
    assert (await desk.browser.post(f"{PATH}/{message}/bounce", fields)).status_code == 409
    assert await count("audit_event", "action = 'bounce'") == 1


@pytest.mark.parametrize("code", ["5", "5.1", "5.1.1.1", "2.0.0", "x", "5.1.٣", "<b>", "5.1.1 no such box"])
async def test_no_words_are_taken_for_a_code(desk: Desk, room: Mailroom, code: str):
    message = await mailed(desk.paula, room)
    page = await desk.browser.post(f"{PATH}/{message}/bounce", {"cause": "5.1.1", "code": code})
    assert page.status_code == 422
    assert 'id="code-error"' in page.text
    assert (await state(message))[0] == "sent"


async def hand_in(desk: Desk, *files: bytes, text: str | None = None) -> httpx.Response:
    """The form as a browser sends it: in parts, with or without a file, or pasted."""
    border = "----somewhere"
    fields = {"_csrf": desk.browser.token} | ({} if text is None else {"mail": text})
    parts = [f'content-disposition: form-data; name="{name}"\r\n\r\n{value}'.encode() for name, value in fields.items()]
    for file in files:
        head = b'content-disposition: form-data; name="file"; filename="b.eml"\r\ncontent-type: message/rfc822\r\n\r\n'
        parts.append(head + file)
    body = b"".join(f"--{border}\r\n".encode() + part + b"\r\n" for part in parts) + f"--{border}--\r\n".encode()
    return await desk.browser.http.post(
        REPORTS, content=body, headers={"content-type": f"multipart/form-data; boundary={border}"}
    )


def sent_by(room: Mailroom) -> str:
    """What a mail server returns of our last mail: its headers."""
    return "".join(f"{name}: {value}\r\n" for name, value in room.mails[-1].items())


@pytest.mark.parametrize("whole", [True, False])
async def test_a_report_of_our_own_mail_marks_it(desk: Desk, room: Mailroom, whole: bool):
    message = await mailed(desk.paula, room)
    returned = room.mails[-1].as_string() if whole else sent_by(room)
    raw = report(returned, recipient(status="5.2.1"), returned="message/rfc822" if whole else HEADERS)
    page = await hand_in(desk, raw)
    assert page.url.path == f"{PATH}/{message}", main_of(page.text)
    assert await state(message) == ("failed", "it came back: 5.2.1")
    assert "no such box" not in page.text, "what the other server wrote is not kept"
    page = await hand_in(desk, raw)
    assert page.status_code == 409
    assert "failed by now" in page.text


async def test_a_report_is_pasted(desk: Desk, room: Mailroom):
    message = await mailed(desk.paula, room)
    raw = report(sent_by(room), returned=HEADERS).decode()
    page = await hand_in(desk, text=raw)
    assert page.url.path == f"{PATH}/{message}", main_of(page.text)


@pytest.mark.parametrize(("action", "code", "words"), [("delayed", "4.4.1", "goes on trying"), ("relayed", "2.0.0", "has arrived")])  # fmt: skip
async def test_a_report_of_no_failure_changes_nothing(desk: Desk, room: Mailroom, action: str, code: str, words: str):
    message = await mailed(desk.paula, room)
    page = await hand_in(desk, report(sent_by(room), recipient(action, code), returned=HEADERS))
    assert page.status_code == 200
    assert words in main_of(page.text)
    assert (await state(message))[0] == "sent"


async def test_a_report_on_a_mail_that_we_never_sent_changes_nothing(desk: Desk, room: Mailroom):
    await mailed(desk.paula, room)
    rosa = desk.doctor.account.id
    now = clock.now()
    await notifications.enqueue("urgent-task", "account", rosa, "urgent-task", new_id(), 1, now, now)
    row = await db.row("SELECT id FROM message WHERE kind = 'urgent-task'")
    assert row is not None
    await db.execute("UPDATE message SET status = 'sent', sent_at = {}", now)
    before = await db.rows("SELECT * FROM message ORDER BY id")
    for named in (f"{new_id().hex}@localhost", f"{row['id'].hex}@localhost", "a@mail.example"):
        page = await hand_in(desk, report(mail(named)))
        assert page.status_code == 422
        assert "Message-ID" in main_of(page.text)
        assert 'id="file-error"' in page.text
    assert await db.rows("SELECT * FROM message ORDER BY id") == before


async def test_files_that_are_none_are_refused_and_change_nothing(desk: Desk, room: Mailroom):
    await mailed(desk.paula, room)
    good, before = report(sent_by(room), returned=HEADERS), await db.rows("SELECT * FROM message")
    for file, status in ((b"x" * 200_001, 422), (b"x" * 1_000_000, 413), (b"\x00\xff" * 500, 422), (b"", 422)):
        assert (await hand_in(desk, file)).status_code == status, len(file)
    page = await hand_in(desk, good, good)
    assert (page.status_code, "Choose one file" in page.text) == (422, True)
    assert (await hand_in(desk)).status_code == 422
    page = await hand_in(desk, text="no mail")
    assert page.status_code == 422
    assert ">no mail</textarea>" in page.text
    assert 'id="mail-error"' in page.text
    assert await db.rows("SELECT * FROM message") == before


FORGED = f'--b\r\ncontent-disposition: form-data; name="_csrf"\r\n\r\n{"x" * 64}\r\n--b--\r\n'
BROKEN = {
    "no boundary": ("multipart/form-data", b"x", 400),
    "no part": ("multipart/form-data; boundary=b", b"", 400),
    "not its boundary": ("multipart/form-data; boundary=b", b"--c\r\n\r\n--c--\r\n", 400),
    "no end": ("multipart/form-data; boundary=b", b'--b\r\ncontent-disposition: form-data; name="a"\r\n\r\nx', 400),
    "no name": ("multipart/form-data; boundary=b", b"--b\r\ncontent-type: text/plain\r\n\r\nx\r\n--b--\r\n", 400),
    "not UTF-8": (
        "multipart/form-data; boundary=b",
        b'--b\r\ncontent-disposition: form-data; name="mail"\r\n\r\n\xff\r\n--b--\r\n', 400),
    "too many parts": (
        "multipart/form-data; boundary=b",
        b'--b\r\ncontent-disposition: form-data; name="a"\r\n\r\n\r\n' * 50 + b"--b--\r\n", 413),
    "no token": ("multipart/form-data; boundary=b", b"--b--\r\n", 403),
    "a forged token": ("multipart/form-data; boundary=b", FORGED.encode(), 403),
}  # fmt: skip


@pytest.mark.parametrize("name", BROKEN)
async def test_a_broken_form_with_a_file_is_refused(desk: Desk, name: str):
    kind, body, status = BROKEN[name]
    answer = await desk.browser.http.post(REPORTS, content=body, headers={"content-type": kind})
    assert answer.status_code == status, answer.text


async def test_no_other_page_takes_files(desk: Desk, room: Mailroom):
    message = await mailed(desk.paula, room)
    headers = {"content-type": "multipart/form-data; boundary=b", "x-csrf-token": desk.browser.token}
    answer = await desk.browser.http.post(f"{PATH}/{message}/bounce", content=b"--b--\r\n", headers=headers)
    assert answer.status_code == 415


async def test_of_two_coordinators_at_once_one_reads_that_the_other_was_faster(
    browser: Fresh, desk: Desk, room: Mailroom
):
    message = await mailed(desk.paula, room)
    second = await sign_in(browser(), await cast.coordinator("Second Lind"))
    await second.get(f"{PATH}/{message}")
    sent = [one.post(f"{PATH}/{message}/bounce", {"cause": "5.1.1"}) for one in (desk.browser, second)]
    pages = await asyncio.gather(*sent)
    assert sorted(page.status_code for page in pages) == [200, 409]
    assert any("somebody else was faster" in page.text for page in pages)
    assert await count("audit_event", "action = 'bounce'") == 1


async def test_the_list_goes_on_page_by_page_and_keeps_its_filters(desk: Desk):
    now = clock.now()
    for _number in range(120):
        await notifications.enqueue("sign-in", "patient", desk.paula.id, "sign-in", new_id(), 1, now, now)
    path, seen, pages = f"{PATH}?patient={desk.paula.id}&status=queued", set[str](), 0
    while path:
        text = (await desk.browser.get(path)).text
        found = set(re.findall(r'<td><a href="/coordinator/messages/([0-9a-f-]{36})"', text))
        assert not found & seen
        seen, pages = seen | found, pages + 1
        older = re.search(r'<a href="([^"]+)">Older</a>', text)
        path = older[1].replace("&amp;", "&") if older else ""
        assert "Messages to Paula Winter" in text
    assert (len(seen), pages) == (120, 3)


@pytest.mark.parametrize(
    "query", ["status=nonsense", "before=x", "before=1-2", f"before={'9' * 17}-{'f' * 32}", "patient="]
)
async def test_nonsense_in_the_address_shows_the_newest(desk: Desk, query: str):
    assert (await desk.browser.get(f"{PATH}?{query}")).status_code == 200


@pytest.mark.parametrize("query", ["patient=x", "visit=x", f"patient={new_id()}", f"visit={new_id()}", "patient=%00"])
async def test_messages_to_nobody_are_not_everybodys(desk: Desk, query: str):
    assert (await desk.browser.get(f"{PATH}?{query}")).status_code == 404


async def test_a_visit_and_a_patient_lead_to_the_messages_about_them(desk: Desk, room: Mailroom):
    visit = await booked(desk)
    olaf = await mailed(await cast.patient("Olaf", "Summer"), room)
    for path in (f"/coordinator/consults/{visit.id}", desk.book):
        page = await desk.browser.get(path)
        links = re.findall(r'href="(/coordinator/messages\?[^"]+)"', page.text)
        assert links
        for link in links:
            found = await desk.browser.get(link)
            assert "Visit booked" in found.text
            assert str(olaf) not in found.text
            assert "Olaf" not in main_of(found.text)


async def test_a_provider_sees_whether_their_patient_is_reached_and_only_theirs(browser: Fresh, desk: Desk, room: Mailroom):  # fmt: skip
    await booked(desk)
    intake = await intakes.newest(SYSTEM, desk.paula.id)
    assert intake is not None
    asked = await evaluations.open_for(SYSTEM, desk.paula.id, intake.id, "routine", clock.now())
    await evaluations.claim(desk.doctor.actor, asked.id, clock.now())
    await mailed(desk.paula, room, "550 no such box")
    rosa = await sign_in(browser(), desk.doctor)
    page = main_of((await rosa.get(f"/provider/patients/{desk.paula.id}")).text)
    for word in ("Mails to this patient", "News on their page", "550", "Visit booked"):
        assert word in page
    ned = await sign_in(browser(), await cast.provider("Ned Okafor", "America/New_York", ("NY",)))
    assert (await ned.get(f"/provider/patients/{desk.paula.id}")).status_code == 404


async def test_messages_to_staff_are_nowhere_on_the_page(desk: Desk):
    now = clock.now()
    await notifications.enqueue("urgent-task", "account", desk.doctor.account.id, "urgent-task", new_id(), 1, now, now)
    await db.execute("UPDATE message SET status = 'failed', reason = 'refused'")
    page = main_of((await desk.browser.get(PATH)).text)
    assert "No message here." in page
    assert "(1)" not in page
    assert "could not be sent" not in (await desk.browser.get("/coordinator")).text
    row = await db.row("SELECT id FROM message")
    assert row is not None
    assert (await desk.browser.get(f"{PATH}/{row['id']}")).status_code == 404


async def test_somebody_who_is_applying_has_no_name_here(browser: Fresh, desk: Desk):
    now = clock.now()
    await notifications.enqueue("prove-email", "intake", new_id(), "intake", new_id(), 1, now, now)
    page = main_of((await desk.browser.get(PATH)).text)
    assert "somebody who is applying" in page
