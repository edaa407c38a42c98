"""The forms of the office's messages."""

from uuid import UUID

from carepath.kit import clock, db
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
    Form("retry a message", f"{ONE}/retry", "coordinator", act("retry", "failed")),
    Form("stop a message", f"{ONE}/stop", "coordinator", act("stop", "queued")),
    Form("send a message again", f"{ONE}/send-again", "coordinator", act("send-again", "sent")),
    Form("note that a message came back", f"{ONE}/bounce", "coordinator", bounce),
    Form("hand in a report", REPORTS, "coordinator", hand_in),
)
