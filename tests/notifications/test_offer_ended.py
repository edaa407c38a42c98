"""Who lets an offer of the waiting list run out is told so, once, and whether they still wait."""

from datetime import datetime, timedelta
from uuid import UUID

from carepath.accounts.people import Patient
from carepath.journey import waitlist
from carepath.kit import db
from carepath.kit.actor import SYSTEM
from carepath.scheduling import service as scheduling
from carepath.scheduling.service import RequestDraft
from tests import cast
from tests.cast import NOW
from tests.letters import check_discreet, link_of, morning, text_of
from tests.mailroom import Mailroom

SOON = RequestDraft("evaluation", NOW.date(), NOW.date() + timedelta(days=20))


async def asked(paula: Patient) -> UUID:
    return (await waitlist.ask(cast.as_patient(paula), SOON, NOW)).id


async def run_out(request_id: UUID) -> datetime:
    """The open offer's time passes, and the worker looks; the moment."""
    wanted = await scheduling.request(SYSTEM.scope, request_id)
    assert wanted.offer_id is not None
    end = (await scheduling.offer_of(SYSTEM.scope, wanted.offer_id)).expires_at
    await waitlist.tick(end)
    return end


async def told() -> list[str]:
    return [r["status"] for r in await db.rows("SELECT status FROM message WHERE kind = 'offer-ended' ORDER BY id")]


async def test_who_did_not_answer_is_told_that_they_still_wait_and_then_that_they_do_not(room: Mailroom):
    rosa, paula = await cast.provider(), await cast.patient()
    request_id = await asked(paula)
    await waitlist.tick(NOW)
    end = await run_out(request_id)
    await room.drain(morning(end))
    [mail] = [m for m in room.mails if "ended" in str(m["Subject"])]
    check_discreet(mail, rosa.account.name, paula.last_name, "evaluation")
    assert "still on the waiting list" in text_of(mail)
    assert link_of(mail) == f"/requests/{request_id}"
    last = await run_out(request_id)
    await room.drain(morning(last))
    mail = [m for m in room.mails if "ended" in str(m["Subject"])][-1]
    assert "not on the waiting list any more" in text_of(mail)
    assert await told() == ["sent", "sent"]


async def test_however_often_the_worker_looks_it_is_told_once(room: Mailroom):
    await cast.provider()
    request_id = await asked(await cast.patient())
    await waitlist.tick(NOW)
    end = await run_out(request_id)
    for seconds in range(3):
        await scheduling.expire_holds(end)
        await waitlist.tick(end + timedelta(seconds=seconds))
    assert len(await told()) == 1


async def test_who_declined_is_told_nothing(room: Mailroom):
    await cast.provider()
    paula = await cast.patient()
    request_id = await asked(paula)
    await waitlist.tick(NOW)
    wanted = await scheduling.request(SYSTEM.scope, request_id)
    assert wanted.offer_id is not None
    await waitlist.decline(cast.as_patient(paula), wanted.offer_id, False, NOW)
    await waitlist.tick(NOW + timedelta(hours=13))
    assert await told() == []


async def test_who_has_stopped_waiting_before_the_mail_left_is_not_told_that_they_wait(room: Mailroom):
    await cast.provider()
    paula = await cast.patient()
    request_id = await asked(paula)
    await waitlist.tick(NOW)
    end = await run_out(request_id)
    await waitlist.withdraw(cast.as_patient(paula), request_id, "", end)
    await room.drain(morning(end))
    assert await told() == ["superseded"]
    assert not [m for m in room.mails if "ended" in str(m["Subject"])]
