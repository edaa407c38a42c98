"""Where patients stand on their provider's desk, kept beside the plan so that the list is read in order.

`treatment_plan.attention`: 0 red, 1 amber, 2 overdue, 3 due, 9 nothing; `attention_at`: since when.
"""

from collections.abc import Sequence
from uuid import UUID

from carepath.followups.check_in_queries import reach
from carepath.kit import db
from carepath.kit.actor import Scope


async def hold(scope: Scope, patient_ids: Sequence[UUID]) -> None:
    """Nobody else changes where these patients stand until the transaction ends. Always in one order, running plans
    first, and before check-ins and signals are locked: verbs that meet the other way round would wait for each other.
    """
    condition, args = reach(scope)
    await db.execute(
        f"""SELECT 1 FROM treatment_plan WHERE patient_id = ANY({{}}) AND {condition}
            ORDER BY (status = 'completed'), id FOR NO KEY UPDATE""",
        list(patient_ids), *args,
    )  # fmt: skip


async def refresh(scope: Scope, patient_ids: Sequence[UUID]) -> None:
    """Work out where these patients stand and write what changed. Called at the end of every verb that changes a
    plan, a check-in or a signal, in its transaction.

    A patient stands on the desk once: by the running plan, or the last one, so that a warning that nobody has
    acknowledged outlives its plan. The plans are held first: the statement after it sees what others have committed.
    """
    if not patient_ids:
        return
    await hold(scope, patient_ids)
    condition, args = reach(scope)
    await db.execute(
        f"""UPDATE treatment_plan t SET attention = s.attention, attention_at = s.since FROM (
                SELECT p.id,
                    CASE WHEN NOT p.leads THEN 9 WHEN g.red IS NOT NULL THEN 0 WHEN g.amber IS NOT NULL THEN 1
                         WHEN c.overdue IS NOT NULL THEN 2 WHEN c.due IS NOT NULL THEN 3 ELSE 9 END AS attention,
                    CASE WHEN p.leads THEN coalesce(g.red, g.amber, c.overdue, c.due) END AS since
                FROM (SELECT id, patient_id, practitioner_id, row_number() OVER (
                          PARTITION BY patient_id, practitioner_id
                          ORDER BY (status = 'completed'), created_at DESC, id DESC) = 1 AS leads
                      FROM treatment_plan WHERE patient_id = ANY({{}}) AND {condition}) p
                LEFT JOIN LATERAL (
                    SELECT min(raised_at) FILTER (WHERE severity = 'red') AS red,
                           min(raised_at) FILTER (WHERE severity = 'amber') AS amber
                    FROM signal WHERE patient_id = p.patient_id AND practitioner_id = p.practitioner_id
                      AND acknowledged_at IS NULL AND severity <> 'green') g ON true
                LEFT JOIN LATERAL (
                    SELECT min(due_at) FILTER (WHERE status = 'overdue') AS overdue,
                           min(due_at) FILTER (WHERE status = 'due') AS due
                    FROM check_in WHERE plan_id = p.id AND status IN ('due', 'overdue')) c ON true
            ) s WHERE s.id = t.id
              AND (t.attention, t.attention_at) IS DISTINCT FROM (s.attention::smallint, s.since)""",
        list(patient_ids), *args,
    )  # fmt: skip
