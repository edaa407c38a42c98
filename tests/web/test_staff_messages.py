"""Mail to staff: an alarm that did not leave is seen by an admin, and says nothing of a patient."""

from collections.abc import Callable
from uuid import UUID

import pytest

from carepath.kit import db
from carepath.kit.ids import new_id
from tests import cast
from tests.web.client import Browser
from tests.web.desks import main_of, sign_in
from tests.web.hostile_messages import raise_alarm

Fresh = Callable[[], Browser]
PATH = "/admin/staff-messages"


@pytest.fixture
async def desk(browser: Fresh) -> Browser:
    return await sign_in(browser(), await cast.admin())


async def alarm(status: str) -> UUID:
    rosa = await cast.provider()
    await raise_alarm(rosa.account.id, status)
    found = await db.row("SELECT id FROM message WHERE recipient_id = {}", rosa.account.id)
    assert found is not None
    return UUID(str(found["id"]))


async def state(message_id: UUID) -> str:
    found = await db.row("SELECT status FROM message WHERE id = {}", message_id)
    assert found is not None
    return str(found["status"])


async def test_a_failed_alarm_is_listed_and_tried_again(desk: Browser):
    paula = await cast.patient()
    message = await alarm("failed")
    await db.execute("UPDATE message SET reason = 'the mail server answered 550' WHERE id = {}", message)
    text = main_of((await desk.get(PATH)).text)
    for words in ("Rosa Delgado", "Something needs a provider today", "failed", "answered 550", "failed (1)"):
        assert words in text
    assert paula.first_name not in text
    answer = await desk.post(f"{PATH}/{message}/retry", {})
    assert answer.url.path == PATH
    assert await state(message) == "queued"
    assert await db.rows("SELECT 1 FROM audit_event WHERE action = 'retry' AND actor_role = 'admin'")
    assert (await desk.post(f"{PATH}/{message}/retry", {})).status_code == 409


@pytest.mark.parametrize(("act", "before", "after"), [("stop", "queued", "skipped"), ("send-again", "sent", "sent")])
async def test_it_can_be_stopped_or_sent_again(act: str, before: str, after: str, desk: Browser):
    message = await alarm(before)
    await desk.get(PATH)
    assert (await desk.post(f"{PATH}/{message}/{act}", {})).status_code == 200
    assert await state(message) == after
    copies = await db.rows("SELECT 1 FROM message WHERE copy = 1 AND status = 'queued'")
    assert len(copies) == (act == "send-again")


async def test_each_keeps_their_own(browser: Fresh, desk: Browser):
    paula = await cast.patient()
    to_paula, to_rosa = new_id(), await alarm("failed")
    await db.execute(
        """INSERT INTO message (id, kind, recipient_kind, recipient_id, subject, subject_id, subject_version, due_at,
           useful_until, status, next_try_at, created_at, updated_at)
           SELECT {}, 'decision-ready', 'patient', {}, 'evaluation', {}, 1, due_at, useful_until, 'failed', due_at, due_at,
           due_at FROM message WHERE id = {}""",
        to_paula, paula.id, new_id(), to_rosa,
    )  # fmt: skip
    office = await sign_in(browser(), await cast.coordinator())
    await office.get("/coordinator")
    await desk.get(PATH)
    assert (await desk.post(f"{PATH}/{to_paula}/retry", {})).status_code == 404
    assert (await office.post(f"/coordinator/messages/{to_rosa}/retry", {})).status_code == 404
    assert (await office.get(PATH)).status_code == 403
    assert (await desk.post(f"{PATH}/{to_rosa}/burn", {})).status_code == 404
    assert [await state(one) for one in (to_paula, to_rosa)] == ["failed", "failed"]
    assert "Paula" not in (await desk.get(f"{PATH}?status=failed")).text
