"""All SQL over what changes ahead."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from carepath.kit import db
from carepath.kit.actor import Scope
from carepath.scheduling.rules.model import Validity
from carepath.scheduling.rules.warnings import HeldLicence


async def licences(scope: Scope, practitioner_id: UUID | None) -> list[HeldLicence]:
    """Every licence of everybody who can be booked, or of one practitioner."""
    found = await db.rows(
        """SELECT l.practitioner_id, p.name, l.jurisdiction, l.valid_from, l.valid_until
           FROM licence l JOIN practitioner p ON p.id = l.practitioner_id
           WHERE p.is_active AND ({}::uuid IS NULL OR p.id = {}) ORDER BY p.name, p.id, l.jurisdiction, l.valid_from""",
        practitioner_id, practitioner_id,
    )  # fmt: skip
    return [
        HeldLicence(r["practitioner_id"], r["name"], r["jurisdiction"], Validity(r["valid_from"], r["valid_until"]))
        for r in found
    ]


async def booked_within(
    scope: Scope, spans: Sequence[tuple[str, datetime, datetime]], practitioner_id: UUID | None,
    but_kinds: Sequence[str], now: datetime,
) -> int:  # fmt: skip
    """How many visits to come begin within their state's span, (state, from, to); kinds in `but_kinds` do not count."""
    row = await db.row(
        """SELECT count(*) AS n FROM appointment a
           JOIN unnest({}::text[], {}::timestamptz[], {}::timestamptz[]) AS s (code, since, past)
             ON a.jurisdiction = s.code AND a.start_at >= s.since AND a.start_at < s.past
           WHERE a.status = 'booked' AND a.start_at > {} AND ({}::uuid IS NULL OR a.practitioner_id = {})
             AND NOT a.visit_type = ANY({}::text[])""",
        [one[0] for one in spans], [one[1] for one in spans], [one[2] for one in spans], now, practitioner_id,
        practitioner_id, list(but_kinds),
    )  # fmt: skip
    return int(row["n"]) if row else 0
