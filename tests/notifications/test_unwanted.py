"""Mails that nobody has to get: how they are stopped, by a button or by a mail program's one click, and got again."""

from collections.abc import Callable
from datetime import timedelta
from email.message import EmailMessage

import pytest

from carepath.accounts.people import Patient
from carepath.kit import db
from carepath.kit.ids import new_id
from carepath.notifications import service as notifications
from carepath.notifications.rules.kinds import KINDS
from carepath.web.stop_pages import WORDS
from tests import cast
from tests.cast import NOW
from tests.letters import html_of, text_of
from tests.mailroom import Mailroom
from tests.web.client import Browser

Fresh = Callable[[], Browser]
FORM = "application/x-www-form-urlencoded"
ONE_CLICK = b"List-Unsubscribe=One-Click"
MULTIPART = b'--x\r\nContent-Disposition: form-data; name="List-Unsubscribe"\r\n\r\nOne-Click\r\n--x--\r\n'


@pytest.fixture
async def paula(database: object) -> Patient:
    """Somebody whose application is open."""
    found = await cast.patient()
    await db.execute("UPDATE intake SET status = 'in-progress', submitted_at = NULL, updated_at = {}", NOW)
    return found


async def remind(room: Mailroom, who: Patient, number: int = 1) -> list[EmailMessage]:
    """A reminder is due and the worker looks; what it sent."""
    intake = await db.row("SELECT id FROM intake WHERE patient_id = {}", who.id)
    assert intake is not None
    await notifications.enqueue("intake-unfinished", "patient", who.id, "intake", intake["id"], number, NOW, NOW)
    before = len(room.mails)
    await room.drain(NOW)
    return room.mails[before:]


def stop_path(mail: EmailMessage) -> str:
    """Where the mail says it can be stopped."""
    assert str(mail["List-Unsubscribe-Post"]) == "List-Unsubscribe=One-Click"
    address = str(mail["List-Unsubscribe"]).strip("<>")
    assert address in text_of(mail)
    assert address in html_of(mail)
    return address.removeprefix("http://localhost:8000")


async def stopped() -> int:
    return len(await db.rows("SELECT 1 FROM unwanted_mail"))


async def post(browser: Browser, path: str, body: bytes, **headers: str) -> int:
    answer = await browser.http.post(
        path, content=body, headers={"content-type": FORM, **headers}, follow_redirects=False
    )
    return answer.status_code


async def test_looking_stops_nothing_a_button_does_and_another_undoes_it(
    room: Mailroom, browser: Fresh, paula: Patient
):
    [mail] = await remind(room, paula)
    path, who = stop_path(mail), browser()
    for secret in (paula.email, paula.first_name, paula.last_name, paula.id.hex, str(paula.id)):
        assert secret not in path
    for _look in range(2):
        page = await who.get(path)
        assert "Stop these messages?" in page.text
        assert paula.first_name not in page.text
    assert (await who.http.head(path)).status_code in {200, 405}
    assert await stopped() == 0
    page = await who.post(path, {"wanted": "no"})
    assert "These messages are stopped" in page.text
    assert await remind(room, paula, 2) == []
    row = await db.row("SELECT status, reason FROM message WHERE subject_version = 2")
    assert row == {"status": "skipped", "reason": "the recipient does not want it"}
    page = await who.post(path, {"wanted": "yes"})
    assert "Stop these messages?" in page.text
    assert len(await remind(room, paula, 3)) == 1
    acts = await db.rows("SELECT action, patient_id FROM audit_event WHERE subject = 'message' ORDER BY seq")
    assert [(r["action"], r["patient_id"]) for r in acts] == [("refuse-mail", paula.id), ("want-mail", paula.id)]


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (ONE_CLICK, FORM),
        (ONE_CLICK + b"\r\n", f"{FORM}; charset=UTF-8"),
        (MULTIPART, "multipart/form-data; boundary=x"),
    ],
)
async def test_a_mail_program_stops_them_with_one_request(
    room: Mailroom, browser: Fresh, paula: Patient, body: bytes, kind: str
):
    [mail] = await remind(room, paula)
    for _again in range(2):
        assert await post(browser(), stop_path(mail), body, **{"content-type": kind}) == 200
    assert await stopped() == 1
    assert await remind(room, paula, 2) == []


async def test_only_that_request_is_taken_without_a_token(room: Mailroom, browser: Fresh, paula: Patient):
    [mail] = await remind(room, paula)
    path, who = stop_path(mail), browser()
    for body in (b"wanted=no", b"", ONE_CLICK + b"&wanted=no", b"List-Unsubscribe=one-click", ONE_CLICK * 100):
        assert await post(who, path, body) == 403, body
    for other in ("/sign-in", "/sign-out", "/eligibility", "/stop", f"{path}/x", "/stop/%2e%2e/sign-in"):
        assert await post(who, other, ONE_CLICK) in {403, 404, 405}, other
    for headers in ({"origin": "https://evil.example"}, {"sec-fetch-site": "cross-site"}):
        assert await post(who, path, ONE_CLICK, **headers) == 403
    double = MULTIPART.replace(b"--x--", b'--x\r\nContent-Disposition: form-data; name="wanted"\r\n\r\nno\r\n--x--')
    for multipart in (double, MULTIPART.replace(b"One-Click", b"No"), b"--x", b""):
        assert await post(who, path, multipart, **{"content-type": "multipart/form-data; boundary=x"}) == 415
    assert await stopped() == 0


async def test_an_address_that_is_not_ours_is_nowhere(room: Mailroom, browser: Fresh, paula: Patient):
    [mail] = await remind(room, paula)
    await notifications.enqueue("sign-in", "patient", paula.id, "sign-in", new_id(), 1, NOW, NOW)
    path, who = stop_path(mail), browser()
    message, signature = path[6:38], path[38:]
    needed = await db.row("SELECT id FROM message WHERE kind = 'sign-in'")
    assert needed is not None
    wrong = signature[:-1] + ("A" if signature[-1] != "A" else "B")
    for token in (message, signature, message + wrong, needed["id"].hex + signature, new_id().hex + signature, "x"):
        assert (await who.get(f"/stop/{token}")).status_code == 404
        assert await post(who, f"/stop/{token}", ONE_CLICK) == 404
    assert await stopped() == 0


async def test_no_is_said_to_one_kind_by_one_person(room: Mailroom, browser: Fresh, paula: Patient):
    nora = await cast.patient("Nora", "Summers")
    await db.execute("UPDATE intake SET status = 'in-progress', submitted_at = NULL, updated_at = {}", NOW)
    [mail] = await remind(room, paula)
    assert await post(browser(), stop_path(mail), ONE_CLICK) == 200
    assert len(await remind(room, nora)) == 1
    await notifications.enqueue("sign-in", "patient", paula.id, "sign-in", new_id(), 1, NOW, NOW)
    await room.drain(NOW + timedelta(seconds=1))
    assert len(room.to(paula.email)) == 2
    assert room.to(paula.email)[-1]["List-Unsubscribe"] is None


def test_the_page_has_words_for_every_kind_that_may_be_refused():
    assert set(WORDS) == {kind.name for kind in KINDS.values() if kind.optional}
    assert not [kind.name for kind in KINDS.values() if kind.optional and kind.answers_an_act]
