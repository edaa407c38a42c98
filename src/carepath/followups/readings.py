"""Readings: what is known of a patient at a time."""

from datetime import datetime
from uuid import UUID

from carepath.followups import reading_queries
from carepath.followups.plan_queries import Plan
from carepath.followups.rules.history import Reading
from carepath.followups.signal_queries import Signal
from carepath.kit.actor import SYSTEM, Actor


async def take_reading(
    actor: Actor, plan: Plan, reading: Reading, source_id: UUID, replaces: UUID | None, now: datetime
) -> list[Signal]:
    """Keep a reading, in the caller's transaction; the signals that it raises."""
    await reading_queries.insert(SYSTEM.scope, plan, reading, source_id, replaces, now)
    return []
