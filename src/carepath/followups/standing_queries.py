"""Where patients stand on their provider's desk, kept beside the plan so that the list is read in order.

`treatment_plan.attention`: 0 red, 1 amber, 2 overdue, 3 due, 9 nothing; `attention_at`: since when; `standing`: what
the row on the desk says of it: how many signals are open, the words of the worst ones, whether one counts PHQ-9's item 9
or a blood pressure, the open check-in, the last answer. `scores`: what it says of those, as rules.scores works them out.
"""

import json
from collections.abc import Mapping, Sequence
from uuid import UUID

from carepath.followups.check_in_queries import reach
from carepath.kit import db
from carepath.kit.actor import Scope


async def hold(scope: Scope, patient_ids: Sequence[UUID]) -> None:
    """Nobody else changes where these patients stand until the transaction ends. Always in one order, the newest plan
    first (only that can run, and verbs lock the one that runs), and before check-ins and signals are locked: verbs that
    meet the other way round would wait for each other. Not by status: it changes while somebody waits.
    """
    condition, args = reach(scope)
    await db.execute(
        f"""SELECT 1 FROM treatment_plan WHERE patient_id = ANY({{}}) AND {condition}
            ORDER BY patient_id, created_at DESC, id DESC FOR NO KEY UPDATE""",
        list(patient_ids), *args,
    )  # fmt: skip


# Of a plan `p`: its patient's open signals. What is open is amber or red, and `worst` the greater word of both.
_SIGNALS = """LEFT JOIN LATERAL (
    SELECT nullif(count(*), 0) AS n, min(raised_at) FILTER (WHERE severity = 'red') AS red,
        min(raised_at) FILTER (WHERE severity = 'amber') AS amber,
        max(severity) AS worst,
        nullif(bool_or(readings ? 'item9'), false) AS item9,
        (array_agg(readings->>'pressure' ORDER BY about_at DESC, id)
            FILTER (WHERE readings ? 'pressure'))[1] AS pressure,
        max(about_at) FILTER (WHERE readings ? 'pressure') AS pressed_at
    FROM signal WHERE patient_id = p.patient_id AND practitioner_id = p.practitioner_id
      AND is_open) g ON true"""
# The newest of the worst, three at most: a seizure of this minute is not hidden behind a blood pressure of last week.
_WORDS = """LEFT JOIN LATERAL (
    SELECT replace(string_agg(words, ' · ' ORDER BY place), '. · ', ' · ') AS words
    FROM (SELECT words, row_number() OVER (
              ORDER BY max(raised_at) DESC, max(about_at) DESC, min(id::text)) AS place
          FROM signal WHERE patient_id = p.patient_id AND practitioner_id = p.practitioner_id
            AND is_open AND severity = g.worst GROUP BY words) said
    WHERE place <= 3) w ON true"""
_CHECK_INS = """LEFT JOIN LATERAL (
    SELECT min(due_at) FILTER (WHERE status = 'overdue') AS overdue,
           min(due_at) FILTER (WHERE status = 'due') AS due, max(completed_at) AS answered_at
    FROM check_in WHERE plan_id = p.id) c ON true"""
# The longest wait gives the rank. A patient stands by one plan, the one that leads.
_STANDS = """SELECT p.id,
    CASE WHEN NOT p.leads THEN 9 WHEN g.red IS NOT NULL THEN 0 WHEN g.amber IS NOT NULL THEN 1
         WHEN c.overdue IS NOT NULL THEN 2 WHEN c.due IS NOT NULL THEN 3 ELSE 9 END::smallint AS attention,
    CASE WHEN p.leads THEN coalesce(g.red, g.amber, c.overdue, c.due) END AS since,
    CASE WHEN p.leads THEN jsonb_strip_nulls(jsonb_build_object(
        'signals', g.n, 'words', w.words, 'item9', g.item9, 'pressure', g.pressure,
        'pressed_at', g.pressed_at, 'check_in', CASE WHEN c.overdue IS NOT NULL THEN 'overdue'
            WHEN c.due IS NOT NULL THEN 'due' END,
        'due_at', coalesce(c.overdue, c.due), 'answered_at', c.answered_at)) END AS standing"""


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
        f"""UPDATE treatment_plan t SET attention = s.attention, attention_at = s.since, standing = s.standing FROM (
                {_STANDS}
                FROM (SELECT id, patient_id, practitioner_id, row_number() OVER (
                          PARTITION BY patient_id, practitioner_id
                          ORDER BY (status = 'completed'), created_at DESC, id DESC) = 1 AS leads
                      FROM treatment_plan WHERE patient_id = ANY({{}}) AND {condition}) p
                {_SIGNALS} {_WORDS} {_CHECK_INS}
            ) s WHERE s.id = t.id
              AND (t.attention, t.attention_at, t.standing) IS DISTINCT FROM (s.attention, s.since, s.standing)""",
        list(patient_ids), *args,
    )  # fmt: skip


async def keep_scores(scope: Scope, patient_id: UUID, scores: Mapping[str, object]) -> None:
    """Write what the desk says of a patient's scores beside each plan of theirs that it could be shown with."""
    condition, args = reach(scope)
    await db.execute(
        f"UPDATE treatment_plan SET scores = {{}} WHERE patient_id = {{}} AND {condition}",
        json.dumps(scores), patient_id, *args,
    )  # fmt: skip
