"""Whose plan asks for a follow-up visit that nobody has booked or asked for yet."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from carepath.followups.catalogue import ReviewRule
from carepath.kit import db
from carepath.kit.actor import Scope
from carepath.kit.errors import NotFound

_BATCH = 50


@dataclass(frozen=True, slots=True)
class DueReview:
    """A running plan and the dates of its next follow-up visit: not before, and at the latest."""

    patient_id: UUID
    practitioner_id: UUID
    not_before_on: date
    latest_on: date


async def due(scope: Scope, rule: ReviewRule, now: datetime) -> list[DueReview]:
    """Plans whose window begins within `ask_ahead_days`. The last follow-up that took place counts, else the plan's
    beginning. One proposal a window: a patient who let it lapse or withdrew it is not asked again and again."""
    if not scope.is_system:
        raise NotFound
    found = await db.rows(
        """SELECT p.patient_id, p.practitioner_id, anchor.on_date
           FROM treatment_plan p, LATERAL (SELECT greatest(p.starts_on, (SELECT max(a.start_at)::date FROM appointment a
               WHERE a.patient_id = p.patient_id AND a.visit_type = {} AND a.status = 'fulfilled'))) anchor (on_date)
           WHERE p.status = 'active' AND anchor.on_date <= {}
             AND NOT EXISTS (SELECT 1 FROM appointment a WHERE a.patient_id = p.patient_id AND a.visit_type = {}
               AND a.status IN ('proposed', 'booked', 'checked-in'))
             AND NOT EXISTS (SELECT 1 FROM consult_request r WHERE r.patient_id = p.patient_id AND r.visit_type = {}
               AND (r.status IN ('waiting', 'offered') OR r.created_at::date > anchor.on_date))
           ORDER BY anchor.on_date, p.id LIMIT {}""",
        rule.visit_type, now.date() - timedelta(days=rule.not_before_days - rule.ask_ahead_days), rule.visit_type,
        rule.visit_type, _BATCH,
    )  # fmt: skip
    return [
        DueReview(
            r["patient_id"], r["practitioner_id"], r["on_date"] + timedelta(days=rule.not_before_days),
            r["on_date"] + timedelta(days=rule.latest_days),
        )
        for r in found
    ]  # fmt: skip
