"""Letters to the clinic's own people. They say that there is something, never about whom."""

from datetime import datetime

from carepath.accounts import service as accounts
from carepath.journey.letters.desk import Desk, Outcome, Writer, singly
from carepath.notifications.service import Letter, Message


async def _urgent(desk: Desk, message: Message, now: datetime) -> Outcome:
    account = await accounts.account(message.recipient_id)
    link = f"{desk.base_url}/provider"
    return Letter(account.email, account.name, message.kind, account.name, account.zone, {}, link)


WRITERS: dict[str, Writer] = {"urgent-task": singly(_urgent)}
