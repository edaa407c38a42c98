"""When a plan's next check-in is to be opened."""

from dataclasses import replace
from datetime import datetime
from uuid import UUID

from carepath.followups import check_in_queries, plan_queries
from carepath.followups.catalogue import followups
from carepath.followups.rules import check_ins
from carepath.followups.rules.check_ins import Facts, Window
from carepath.kit.actor import SYSTEM


def window_of(facts: Facts) -> Window:
    """The window of the next check-in, by the clinic's numbers."""
    windows = followups().windows
    return check_ins.window(windows.phases[facts.phase], facts, windows.before_runway_days)


def window_after(facts: Facts, answered_at: datetime) -> Window:
    """The one after a check-in that is expected to be answered then."""
    return window_of(replace(facts, last_check_in_at=answered_at))


async def look_again(plan_id: UUID, now: datetime, anew: bool = False) -> None:
    """Something that windows are worked out from has changed; the plan's row is locked by the caller. `anew` counts
    from now, whatever came before."""
    if anew:
        await check_in_queries.count_from(SYSTEM.scope, plan_id, now)
    facts = (await check_in_queries.facts(SYSTEM.scope, [plan_id]))[plan_id]
    if facts.phase in followups().windows.phases:
        await plan_queries.set_next(SYSTEM.scope, plan_id, window_of(facts).not_before_at)
