"""Somebody began an application and did not send it: they are reminded a few times, and then left in peace."""

from datetime import datetime

from carepath.kit.actor import SYSTEM
from carepath.notifications import service as notifications
from carepath.notifications.rules.kinds import KINDS
from carepath.notifications.service import Order
from carepath.worklists import unfinished


async def tick(now: datetime) -> int:
    """The worker's round; how many are reminded. A number of one application is written once, whoever looks."""
    delays, useful = notifications.times().nudges, KINDS[unfinished.KIND].useful
    found = await unfinished.due(SYSTEM.scope, delays, useful, now)
    orders = [Order(one.patient_id, one.intake_id, one.number, now) for one in found]
    await notifications.enqueue_all(unfinished.KIND, orders, now)
    return len(found)
