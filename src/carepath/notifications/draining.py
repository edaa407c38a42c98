"""The worker's verbs: three kinds of round, all safe with any number at once. What is due; what a lost worker had in
its hands, one by one; and, apart from both, what goes to mail domains that are slow.

They read the time whenever they need it, since a round may last: what has begun meanwhile is not told any more.
"""

from carepath.kit import clock
from carepath.kit.actor import SYSTEM
from carepath.notifications import outbox_queries
from carepath.notifications.post import DrainReport, Moment, Post
from carepath.notifications.rounds import Round
from carepath.notifications.rules import timing
from carepath.notifications.smtp import PATIENT, QUICK

_SCOPE = SYSTEM.scope


async def drain(moment: Moment, post: Post) -> DrainReport:
    """One round of what is due; while it waits for slow mails, it takes up what falls due. Raises only for the
    database; what it then holds comes back with its lease."""
    started = clock.wall()
    lease = started + timing.LEASE
    batch = await outbox_queries.claim(_SCOPE, timing.BATCH, moment(), lease)
    if not batch:
        return DrainReport(0, 0, 0, 0, 0)
    async with Round(post, moment, QUICK, await outbox_queries.slow_lanes(_SCOPE, started)) as sending:
        await sending.run(batch, lease)
        while sending.left and clock.wall() < started + timing.ROUND:
            await sending.wait(1)
            lease = clock.wall() + timing.LEASE
            if more := await outbox_queries.claim(_SCOPE, timing.BATCH, moment(), lease):
                await sending.run(more, lease)
    return sending.report


async def drain_lost(moment: Moment, post: Post) -> DrainReport:
    """One message whose worker was lost, if there is any."""
    wall = clock.wall()
    lease = wall + timing.LEASE
    found = await outbox_queries.claim_lost(_SCOPE, moment(), wall, lease)
    if found is None:
        return DrainReport(0, 0, 0, 0, 0)
    async with Round(post, moment, QUICK, await outbox_queries.slow_lanes(_SCOPE, wall)) as sending:
        await sending.run([found], lease)
    return sending.report


async def drain_slow(moment: Moment, post: Post) -> DrainReport:
    """What is due to slow mail domains, one domain after the other, with more patience."""
    started = clock.wall()
    await outbox_queries.forget_slow(_SCOPE, started)
    async with Round(post, moment, PATIENT, frozenset()) as sending:
        while (wall := clock.wall()) < started + timing.ROUND:
            lease = wall + timing.LEASE
            batch = await outbox_queries.claim_slow(_SCOPE, timing.SLOW_BATCH, moment(), wall, lease)
            if not batch:
                break
            await sending.run(batch, lease)
    return sending.report
