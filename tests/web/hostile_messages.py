"""The forms of the office's messages."""

from uuid import UUID

from carepath.kit import clock, db
from carepath.kit.ids import new_id
from carepath.notifications import service as notifications
from tests.notifications.reports import mail, report
from tests.web.hostile_forms import visit_of
from tests.web.hostile_world import Form, Reach, Stand, World, enter

ONE = "/coordinator/messages/{message_id}"
REPORTS = "/coordinator/messages/reports"


async def _message(world: World, status: str) -> UUID:
    """Somebody's message that is in this state."""
    await visit_of(world)
    found = await world.one("SELECT id FROM message WHERE status = 'queued' ORDER BY id DESC LIMIT 1")
    sent_at = clock.now() if status == "sent" else None
    await db.execute("UPDATE message SET status = {}, sent_at = {} WHERE id = {}", status, sent_at, found)
    return found


def act(verb: str, status: str) -> Reach:
    """A button beside a message of that state."""

    async def reach(world: World) -> Stand:
        return Stand(world.desks["coordinator"], f"/coordinator/messages/{await _message(world, status)}/{verb}")

    return reach


async def act_on_staff_mail(world: World) -> Stand:
    """A mail to one of the staff that failed."""
    await raise_alarm(await world.one("SELECT id FROM account WHERE role = 'coordinator' LIMIT 1"), "failed")
    found = await world.one("SELECT id FROM message WHERE recipient_kind = 'account' ORDER BY id DESC LIMIT 1")
    return Stand(world.desks["admin"], f"/admin/staff-messages/{found}/retry")


async def raise_alarm(to: UUID, status: str) -> None:
    """A mail to a member of staff, in that state."""
    now = clock.now()
    await notifications.enqueue("urgent-task", "account", to, "urgent-task", new_id(), 1, now, now)
    await db.execute(
        "UPDATE message SET status = {}, sent_at = {} WHERE recipient_id = {}",
        status, now if status == "sent" else None, to,
    )  # fmt: skip


async def bounce(world: World) -> Stand:
    fields = (
        enter("cause", "5.1.1", kind="choice", also=("5.9.9",)),
        enter("code", "5.4.4", most=11, is_needed=False, also=("5", "2.0.0", "5.1.٣", "no such box")),
    )
    return Stand(
        world.desks["coordinator"], f"/coordinator/messages/{await _message(world, 'sent')}/bounce", fields
    )  # fmt: skip


async def hand_in(world: World) -> Stand:
    """Pasted; what comes as a file is read by the same lines, and tried in test_messages."""
    raw = (
        report(mail(f"{(await _message(world, 'sent')).hex}@localhost")).decode().replace("\r\n", "\n")
    )  # as forms are read
    wrong = (
        report(mail("somebody@mail.example")).decode(),
        report(mail(f"{UUID(int=7).hex}@localhost")).decode(),
        raw.replace("Action", "Reaction"), raw.replace("Status", "Stature"),
    )  # fmt: skip
    field = enter("mail", raw, kind="mail", most=200_000, also=wrong)
    return Stand(world.desks["coordinator"], REPORTS, (field,))


MESSAGES = (
    Form("try a mail to staff again", "/admin/staff-messages/{message_id}/{act}", "admin", act_on_staff_mail),
    Form("retry a message", f"{ONE}/retry", "coordinator", act("retry", "failed")),
    Form("stop a message", f"{ONE}/stop", "coordinator", act("stop", "queued")),
    Form("send a message again", f"{ONE}/send-again", "coordinator", act("send-again", "sent")),
    Form("note that a message came back", f"{ONE}/bounce", "coordinator", bounce),
    Form("hand in a report", REPORTS, "coordinator", hand_in),
)
