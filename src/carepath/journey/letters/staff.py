"""Letters to the clinic's own people. They say that there is something, never about whom."""

from datetime import datetime

from carepath.accounts import service as accounts
from carepath.journey.letters.desk import Desk, Outcome, Writer, singly
from carepath.notifications.service import Message


async def _urgent(desk: Desk, message: Message, now: datetime) -> Outcome:
    return desk.to_account(await accounts.account(message.recipient_id), message, "/provider")


WRITERS: dict[str, Writer] = {"urgent-task": singly(_urgent)}
