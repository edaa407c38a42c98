"""Readings: kept once, and the signals that follow from them."""

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from carepath.followups import plan_queries, reading_queries, signal_queries, standing_queries
from carepath.followups.baseline import baseline_of
from carepath.followups.catalogue import followups
from carepath.followups.plan_queries import Plan
from carepath.followups.rules.history import History, Reading
from carepath.followups.rules.scores import scores
from carepath.followups.rules.signals import Noticed, Raised, SignalRule, signals
from carepath.followups.signal_queries import Signal, Whose
from carepath.kit import db
from carepath.kit.actor import SYSTEM, Actor, Scope
from carepath.kit.errors import Conflict
from carepath.kit.words import _


async def take_reading(
    actor: Actor, plan: Plan, reading: Reading, source_id: UUID, replaces: UUID | None, now: datetime,
    also: Sequence[Noticed] = (),
) -> list[Signal] | None:  # fmt: skip
    """Keep a reading and raise what is new since it is known; `also` are signals about it that other rules found.

    Readings of one patient are taken one after the other. What the new one changes is what is raised with it but was
    not without it, by the rules of today: so late data adds signals about later readings, and takes back none that a
    changed rule alone would. What is no longer raised has lapsed; its row stays. None when it was there already; Conflict
    when what is there says something else, or is of somebody else: nobody would hear of what this one says.
    """
    async with db.transaction():
        await standing_queries.hold(SYSTEM.scope, [plan.patient_id])
        before = await history_of(SYSTEM.scope, plan.patient_id)
        since = reading.at if replaces is None else min(reading.at, await _taken_at(actor, replaces))
        if not await reading_queries.insert(actor.scope, plan, reading, source_id, replaces, now):
            await _must_be_same(plan, reading, source_id)
            return None
        kept = tuple(one for one in before.readings if one.id != replaces)
        after = replace(before, readings=(*kept, reading))
        was, is_now = (_keyed(signals(followups().signals, one, since)) for one in (before, after))
        found = [raised for key, raised in is_now.items() if key not in was]
        found += [Raised(one.rule, f"reading:{reading.id}", reading.at, one.readings, reading.id) for one in also]
        await signal_queries.lapse(SYSTEM.scope, [was[key] for key in was.keys() - is_now.keys()], now)
        check_in_id = source_id if reading.source == "check-in" else None
        owned, again_at = _owned(plan, reading, check_in_id, found), followups().red_again.first(now)
        raised_now = await signal_queries.insert(SYSTEM.scope, owned, again_at, now)
        await standing_queries.keep_scores(SYSTEM.scope, plan.patient_id, scores(after))
        await standing_queries.refresh(SYSTEM.scope, [plan.patient_id])
        return raised_now


async def red_in(patient_id: UUID, check_in_id: UUID, reading: Reading) -> list[SignalRule]:
    """What would be red in answers that nobody takes any more, unless the answers that were taken said it. Nothing is
    kept."""
    async with db.transaction():
        taken = await reading_queries.of_check_in(SYSTEM.scope, check_in_id)
        known = await history_of(SYSTEM.scope, patient_id)
        others = tuple(one for one in known.readings if one.id not in taken)
        raised = signals(followups().signals, replace(known, readings=(*others, reading)), reading.at)
        was = {
            one.rule_id for one in await signal_queries.signals_of(SYSTEM.scope, patient_id) if one.reading_id in taken
        }
        red = [one.rule for one in raised if one.reading_id == reading.id and one.rule.tone == "red"]
        return [one for one in red if one.id not in was]


async def acknowledged_reds(reading_ids: Collection[UUID]) -> dict[UUID, int]:
    """Of each of these readings, how many red signals somebody has looked at."""
    return await signal_queries.acknowledged_reds(SYSTEM.scope, reading_ids)


async def _must_be_same(plan: Plan, reading: Reading, source_id: UUID) -> None:
    patient_id, there = await reading_queries.kept(SYSTEM.scope, reading.source, source_id)
    if patient_id != plan.patient_id or replace(there, id=reading.id) != reading:
        words = _(
            "This entry was sent before with something else, which stands. Open the page again and enter it anew."
        )
        raise Conflict(words, "entry-used")


async def _taken_at(actor: Actor, reading_id: UUID) -> datetime:
    return await reading_queries.taken_at(actor.scope, reading_id)


def _keyed(found: Sequence[Raised]) -> dict[tuple[str, str], Raised]:
    return {(one.anchor, one.rule.id): one for one in found}


def _owned(
    plan: Plan, reading: Reading, check_in_id: UUID | None, found: Sequence[Raised]
) -> list[tuple[Whose, Raised]]:
    """Only what is about this reading itself was answered in its check-in."""
    return [
        (Whose(plan.patient_id, plan.practitioner_id, check_in_id if one.reading_id == reading.id else None), one)
        for one in found
    ]


async def keep_scores(patient_id: UUID) -> None:
    """What the desk says of a patient's scores is that of all readings; for a plan that was just written."""
    await standing_queries.hold(SYSTEM.scope, [patient_id])
    known = await history_of(SYSTEM.scope, patient_id)
    await standing_queries.keep_scores(SYSTEM.scope, patient_id, scores(known))


async def history_of(scope: Scope, patient_id: UUID) -> History:
    """All that signals are worked out from."""
    return History(
        await baseline_of(scope, patient_id), tuple(await reading_queries.of_patient(scope, patient_id)),
        await plan_queries.points(scope, patient_id),
    )  # fmt: skip
