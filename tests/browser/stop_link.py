"""Prints the path at which a mail of the running product can be stopped: `python -m tests.browser.stop_link`."""

import asyncio
import os
import sys

from carepath.app import prepare
from carepath.dev import runtime
from carepath.kit import clock, db
from carepath.kit.ids import new_id
from carepath.notifications import service as notifications
from carepath.notifications import unwanted
from carepath.settings import Settings


async def path() -> str:
    """Of a reminder to some patient, which leaves with the worker's next round or is dropped by it."""
    prepare(Settings.from_environment(runtime.complete(os.environ)))
    patient, about, now = await db.row("SELECT id FROM patient LIMIT 1"), new_id(), clock.now()
    assert patient is not None
    await notifications.enqueue("intake-unfinished", "patient", patient["id"], "intake", about, 1, now, now)
    message = await db.row("SELECT id FROM message WHERE subject_id = {}", about)
    assert message is not None
    return f"/stop/{unwanted.token_of(message['id'])}"


if __name__ == "__main__":
    sys.stdout.write(asyncio.run(path()))
