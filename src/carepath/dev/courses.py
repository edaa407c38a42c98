"""Plans of the demo's patients, as their providers write them on from version to version.

The amounts are there to draw a trend from: a demo is no place to read a dose from.
"""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from uuid import UUID

from carepath.dev.people import DemoPatient
from carepath.followups.rules.history import Dose
from carepath.followups.service import Plan, PlanDetails, PlanDraft, Unseen
from carepath.journey import treat
from carepath.kit import when
from carepath.kit.actor import SYSTEM, Actor
from carepath.scheduling import service as scheduling

# Phase, days between sessions, amount in mg. A version follows each check-in; None: it goes on as it was.
_COURSES: dict[str, tuple[tuple[str, int, str] | None, ...]] = {
    "maintenance-long": (("test-dose", 7, "20"), ("induction", 5, "30"), ("maintenance", 28, "40")),
    "maintenance-waning": (("induction", 5, "30"), ("maintenance", 28, "30"), None, ("maintenance", 21, "40")),
    "maintenance-short": (("induction", 5, "25"), None, None, ("maintenance", 28, "25")),
    "maintenance-overdue": (("induction", 5, "30"), ("maintenance", 30, "30")),
    "maintenance-red": (("induction", 5, "30"), ("maintenance", 30, "35")),
}
_SESSIONS = {"test-dose": 1, "induction": 6}
_SEEN_EVERY = timedelta(days=90)


def draft(person: DemoPatient, number: int, every: int, at: datetime) -> PlanDraft:
    """Version `number`, counted from 0."""
    version = _COURSES[person.stage][number]
    assert version is not None, f"{person.stage} has no version {number}"
    phase, interval, amount = version
    details = PlanDetails(
        amount=Dose(Decimal(amount), "mg"), therapies=("physical-therapy", "sleep"),
        therapy_words="Graded walking; a fixed hour of going to bed.",
    )  # fmt: skip
    due = (at + _SEEN_EVERY).date()
    return PlanDraft(
        "iv", "clinic", "as written in the infusion protocol", interval, every, f"Relief, not cure. {person.goal}",
        at.date(), phase, _SESSIONS.get(phase), due, due, due, details,
    )  # fmt: skip


def has_version(person: DemoPatient, number: int) -> bool:
    """Does this one's plan change at check-in `number`?"""
    course = _COURSES[person.stage]
    return number < len(course) and course[number] is not None


async def first_version(person: DemoPatient, provider: Actor, patient_id: UUID, every: int, at: datetime) -> Plan:
    """The plan as it begins; `every` so many days a check-in."""
    first = draft(person, 0, every, at)
    return await _ticked(lambda seen: treat.write_plan(provider, patient_id, first, at, seen))


async def _ticked(write: Callable[[frozenset[str]], Awaitable[Plan]]) -> Plan:
    """A clinic that has set limits of its own sees its demo all the same: its providers tick what they are shown."""
    try:
        return await write(frozenset())
    except Unseen as shown:
        return await write(frozenset(one.key for one in shown.warnings))


async def next_version(person: DemoPatient, provider: Actor, plan: Plan, number: int, at: datetime) -> Plan:
    """What falls due stays as it is."""
    new = replace(
        draft(person, number, plan.check_in_every_days, at), starts_on=plan.starts_on, runway_until=plan.runway_until,
        labs_due_on=plan.labs_due_on, pdmp_due_on=plan.pdmp_due_on,
    )  # fmt: skip
    is_next_phase = new.phase != plan.phase
    why = "It went well, and we go on." if is_next_phase else "The effect does not last the four weeks any more."
    return await _ticked(lambda seen: treat.change_plan(provider, plan.id, new, plan.version, why, at, seen))


def is_due(person: DemoPatient, plan: Plan, at: datetime) -> bool:
    """Somebody's labs are left, so that a desk shows what it looks like."""
    return plan.labs_due_on is not None and plan.labs_due_on <= at.date() and person.stage != "maintenance-red"


async def see_to(provider: Actor, plan: Plan, at: datetime) -> Plan:
    """Labs, register and prescription, one after the other."""
    person = await scheduling.practitioner(SYSTEM.scope, plan.practitioner_id)
    on, minute = at.astimezone(when.zone(person.zone)).date(), timedelta(minutes=1)
    plan = await treat.record_labs(provider, plan.id, on, None, plan.version, at + minute)
    plan = await treat.record_pdmp(provider, plan.id, on, None, plan.version, at + 2 * minute)
    return await treat.renew(provider, plan.id, on + _SEEN_EVERY, plan.version, at + 3 * minute)
