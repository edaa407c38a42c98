"""For every kind of message something real that it is about, in the state in which that message is due.

The demo clinic has lived through most of it; what has changed since or has not come yet is put there.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import count
from typing import Any
from uuid import UUID

from carepath.journey import digest, escalate, foresee
from carepath.kit import db
from carepath.kit.actor import Role
from carepath.kit.ids import new_id
from carepath.notifications.rules.kinds import KINDS

_DAY = timedelta(days=1)
_days = count(40)


@dataclass(frozen=True, slots=True)
class Subject:
    """What a message is about, and who gets it."""

    id: UUID
    recipient_id: UUID
    version: int = 1


Recipe = Callable[[datetime], Awaitable[Subject]]


async def one(sql: str, *args: object) -> dict[str, Any]:
    """The row that must be there."""
    found = await db.row(sql, *args)
    assert found is not None, f"the demo clinic has none: {sql}"
    return found


async def account(role: Role) -> UUID:
    """Somebody of the clinic's staff."""
    found = await one("SELECT id FROM account WHERE role = {} AND is_active ORDER BY id LIMIT 1", role.value)
    return UUID(str(found["id"]))


async def _visit(now: datetime, status: str = "booked") -> dict[str, Any]:
    """A visit that is over, put into the future: each on a day of its own, when nobody has another."""
    start = now + next(_days) * _DAY
    end, hold = start + timedelta(minutes=50), now + _DAY if status == "proposed" else None
    return await one(
        """UPDATE appointment SET status = {}, start_at = {}, end_at = {}, occupied = tstzrange({}, {}),
               hold_expires_at = {}, version = version + 1, attention = NULL
           WHERE id = (SELECT id FROM appointment WHERE status = 'fulfilled' ORDER BY id LIMIT 1)
           RETURNING id, patient_id, practitioner_id, jurisdiction, patient_zone, visit_type, start_at, version""",
        status, start, end, start, end, hold,
    )  # fmt: skip


async def _booked(now: datetime) -> Subject:
    found = await _visit(now)
    return Subject(found["id"], found["patient_id"], found["version"])


async def _cancelled(now: datetime) -> Subject:
    found = await _visit(now, "cancelled")
    return Subject(found["id"], found["patient_id"], found["version"])


async def _late_visit(now: datetime) -> Subject:
    """A visit whose provider has just said to be late."""
    found = await _visit(now)
    await db.execute("UPDATE appointment SET late_minutes = 20 WHERE id = {}", found["id"])
    return Subject(found["id"], found["patient_id"], found["version"] * 1000 + 20)


async def _moved(now: datetime) -> Subject:
    """Two visits of a re-plan that was carried out, of two patients: each is told of their own."""
    author, replan, visits = await account(Role.COORDINATOR), new_id(), [await _visit(now), await _visit(now)]
    on = now.date()
    await db.execute(
        """INSERT INTO replan (id, practitioner_id, first_on, last_on, status, cost, greedy_cost, bound, created_by,
           created_at, decided_at) VALUES ({}, {}, {}, {}, 'carried-out', 1, 1, 1, {}, {}, {})""",
        replan, visits[0]["practitioner_id"], on, on, author, now, now,
    )  # fmt: skip
    for visit in visits:
        await db.execute(
            """INSERT INTO replan_item (id, replan_id, appointment_id, appointment_version, patient_id, from_start_at,
               to_practitioner_id, to_start_at, outcome) VALUES ({}, {}, {}, {}, {}, {}, {}, {}, 'moved')""",
            new_id(), replan, visit["id"], visit["version"] - 1, visit["patient_id"], now + _DAY,
            visit["practitioner_id"], visit["start_at"],
        )  # fmt: skip
    return Subject(replan, visits[0]["patient_id"])


async def _offered(now: datetime) -> Subject:
    """A time that is kept for somebody who waits."""
    held, request = await _visit(now, "proposed"), new_id()
    await db.execute(
        """INSERT INTO consult_request (id, patient_id, visit_type, source, status, jurisdiction, zone, first_on, last_on,
           windows, offer_id, created_at, updated_at)
           VALUES ({}, {}, {}, 'patient', 'offered', {}, {}, {}, {}, '[]', {}, {}, {})""",
        request, held["patient_id"], held["visit_type"], held["jurisdiction"], held["patient_zone"], now.date(),
        (now + 90 * _DAY).date(), held["id"], now, now,
    )  # fmt: skip
    await db.execute(
        """INSERT INTO consult_offer (appointment_id, request_id, practitioner_id, start_at, expires_at, created_at)
           VALUES ({}, {}, {}, {}, {}, {})""",
        held["id"], request, held["practitioner_id"], held["start_at"], now + _DAY, now,
    )  # fmt: skip
    return Subject(held["id"], held["patient_id"])


async def _draft(now: datetime) -> Subject:
    """Somebody who has given an address and not proved it."""
    intake = new_id()
    await db.execute(
        """INSERT INTO intake (id, status, email_enc, first_name_enc, last_name_enc, birth_date_enc, jurisdiction, zone,
           created_at, updated_at) VALUES ({}, 'draft', '', '', '', '', 'CO', 'America/Denver', {}, {})""",
        intake, now, now,
    )  # fmt: skip
    return Subject(intake, intake)


async def _begun(now: datetime) -> Subject:
    found = await one("SELECT id, patient_id FROM intake WHERE status = 'in-progress' ORDER BY id LIMIT 1")
    return Subject(found["id"], found["patient_id"])


async def _sign_in(now: datetime) -> Subject:
    found = await one("SELECT id FROM patient ORDER BY id LIMIT 1")
    return Subject(new_id(), found["id"])


async def _asked(now: datetime) -> Subject:
    """A question that nobody has answered."""
    about, question = await _pending(), new_id()
    await db.execute(
        """INSERT INTO information_request (id, evaluation_id, patient_id, question_enc, asked_by, asked_at)
           VALUES ({}, {}, {}, '', {}, {})""",
        question, about["id"], about["patient_id"], about["account_id"], now,
    )  # fmt: skip
    return Subject(question, about["patient_id"])


async def _evaluation(now: datetime) -> Subject:
    found = await one("SELECT id, patient_id FROM evaluation WHERE status = 'completed' ORDER BY id DESC LIMIT 1")
    return Subject(found["id"], found["patient_id"])


async def _check_in(now: datetime, status: str, visit_id: UUID | None = None) -> Subject:
    """One more of a plan that has none open."""
    found = await one(
        """INSERT INTO check_in (id, plan_id, patient_id, practitioner_id, sequence, status, due_at, overdue_at,
               created_at, visit_id, opens_at, latest_at)
           SELECT {}, p.id, p.patient_id, p.practitioner_id, 1000, {}, {}, {}, {}, {}, {}, {} FROM treatment_plan p
           WHERE NOT EXISTS (SELECT 1 FROM check_in c WHERE c.plan_id = p.id AND c.status IN ('due', 'overdue'))
           ORDER BY p.id LIMIT 1 RETURNING id, patient_id""",
        new_id(), status, now, now if status == "overdue" else now + 5 * _DAY, now, visit_id,
        now, now + 5 * _DAY,
    )  # fmt: skip
    return Subject(found["id"], found["patient_id"])


async def _due(now: datetime) -> Subject:
    return await _check_in(now, "due")


async def _overdue(now: datetime) -> Subject:
    return await _check_in(now, "overdue")


async def _after_session(now: datetime) -> Subject:
    over = await one("SELECT id FROM appointment WHERE status = 'fulfilled' ORDER BY id DESC LIMIT 1")
    return await _check_in(now, "due", over["id"])


async def _urgent(now: datetime) -> Subject:
    found = await one("SELECT id FROM urgent_task WHERE status = 'requested' ORDER BY id LIMIT 1")
    return Subject(found["id"], await account(Role.PROVIDER))


async def _pending() -> dict[str, Any]:
    """An evaluation that goes on, with the account of whoever has it."""
    return await one(
        """SELECT e.id, e.version, e.patient_id, a.id AS account_id FROM evaluation e JOIN account a ON a.practitioner_id = e.practitioner_id
           WHERE e.status IN ('in-progress', 'on-hold') AND a.is_active ORDER BY e.id LIMIT 1"""
    )


async def _of_a_colleague(now: datetime) -> Subject:
    found = await _pending()
    return Subject(found["id"], found["account_id"], found["version"])


async def _late(now: datetime) -> Subject:
    """Something is late, and was noticed."""
    found = await _pending()
    await db.execute("UPDATE evaluation SET due_at = {}, escalations = 1 WHERE id = {}", now - _DAY, found["id"])
    return Subject(found["account_id"], found["account_id"], int(now.timestamp()))


async def _waits_urgently(now: datetime) -> Subject:
    """An urgent task that nobody has finished, and somebody was told."""
    found = await _urgent(now)
    await db.execute("UPDATE urgent_task SET due_at = {}, escalations = 1 WHERE id = {}", now - _DAY, found.id)
    return Subject(found.recipient_id, found.recipient_id, int(now.timestamp()))


async def _reading(now: datetime) -> Subject:
    """A reading that raised something red."""
    found = await one("SELECT reading_id AS id FROM signal WHERE reading_id IS NOT NULL AND severity = 'red' LIMIT 1")
    return Subject(found["id"], await account(Role.PROVIDER))


async def _waits_unseen(now: datetime) -> Subject:
    """A red signal that nobody has acknowledged, and somebody was told again."""
    found = await one(
        """UPDATE signal SET escalations = 1 WHERE id = (SELECT id FROM signal WHERE is_open AND severity = 'red'
           ORDER BY id LIMIT 1) RETURNING practitioner_id"""
    )
    owner = await one("SELECT id FROM account WHERE practitioner_id = {}", found["practitioner_id"])
    return Subject(owner["id"], owner["id"], int(now.timestamp()))


async def _opened_in_emergency(now: datetime) -> Subject:
    found = await one("SELECT id FROM emergency_access ORDER BY id LIMIT 1")
    return Subject(found["id"], await account(Role.PROVIDER))


async def _morning(now: datetime) -> Subject:
    """There is something to tell: somebody waits."""
    office = await one("SELECT id, zone FROM account WHERE role = 'coordinator' AND is_active ORDER BY id LIMIT 1")
    return Subject(office["id"], office["id"], digest.today(office["zone"], now).toordinal())


async def _license_ends(now: datetime) -> Subject:
    """Before a visit that rests on it."""
    visit, last_on = await _visit(now), (now + 20 * _DAY).date()
    await db.execute(
        "UPDATE licence SET valid_until = {} WHERE practitioner_id = {} AND jurisdiction = {} AND valid_until IS NULL",
        last_on, visit["practitioner_id"], visit["jurisdiction"],
    )  # fmt: skip
    found = await foresee.affecting(now)
    ends = ("licence-ends", last_on + _DAY)
    [key] = [key for key, warned in found.items() if (warned.change.kind, warned.change.since) == ends]
    return Subject(key[0], await account(Role.COORDINATOR), key[1])


RECIPES: dict[str, Recipe] = {
    "prove-email": _draft,
    "sign-in": _sign_in,
    **{name: _booked for name, kind in KINDS.items() if kind.subject == "appointment"},
    "consult-cancelled": _cancelled,
    "consult-late": _late_visit,
    "consults-moved": _moved,
    **{name: _offered for name, kind in KINDS.items() if kind.subject == "consult-offer"},
    "intake-unfinished": _begun,
    "more-information": _asked,
    "decision-ready": _evaluation,
    "check-in-due": _due,
    "check-in-overdue": _overdue,
    "after-session": _after_session,
    "urgent-task": _urgent,
    "evaluation-handed-over": _of_a_colleague,
    "evaluation-withdrawn": _of_a_colleague,
    escalate.KIND: _late,
    escalate.URGENT: _waits_urgently,
    "red-signal": _reading,
    escalate.RED: _waits_unseen,
    "break-glass-notice": _opened_in_emergency,
    "staff-digest": _morning,
    foresee.KIND: _license_ends,
}
