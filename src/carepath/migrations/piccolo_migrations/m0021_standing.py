"""Where a patient stands on the desk is kept and indexed; a provider may say that they are late"""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from carepath.kit.db import script

ID = "2026-11-24T17:10:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "Where a patient stands on the desk is kept and indexed; a provider may say that they are late"

# What a row says of the scores there are, as followups.rules.scores writes it with each later reading.
SCORES = """
UPDATE treatment_plan t SET scores = jsonb_strip_nulls(jsonb_build_object(
    'line', s.line, 'baseline', s.baseline, 'best', s.best, 'now', s.now,
    'relief', floor((s.baseline::numeric - s.now::numeric) * 100 / nullif(s.baseline::numeric, 0)),
    'phq9', (SELECT trunc(value) FROM score WHERE patient_id = t.patient_id AND code = 'phq-9' AND value IS NOT NULL
             ORDER BY taken_at DESC, id DESC LIMIT 1),
    'pgic', (SELECT trunc(value) FROM score WHERE patient_id = t.patient_id AND code = 'pgic' AND value IS NOT NULL
             ORDER BY taken_at DESC, id DESC LIMIT 1)))
FROM (
    SELECT patient_id,
        to_jsonb(array_agg(round(value, 1) ORDER BY taken_at, id) FILTER (WHERE place = 1 OR left_over <= 24)) AS line,
        min(trim_scale(value)::text) FILTER (WHERE place = 1) AS baseline,
        trim_scale(round(min((value + before) / 2) FILTER (WHERE place > 2), 1))::text AS best,
        min(trim_scale(value)::text) FILTER (WHERE place > 1 AND left_over = 1) AS now
    FROM (SELECT *, row_number() OVER way AS place, lag(value) OVER way AS before,
              count(*) OVER (PARTITION BY patient_id) + 1 - row_number() OVER way AS left_over
          FROM score WHERE code = 'peg' AND value IS NOT NULL WINDOW way AS (PARTITION BY patient_id ORDER BY taken_at, id)
    ) each_one GROUP BY patient_id
) s WHERE s.patient_id = t.patient_id;
"""
SQL = f"""
-- What one patient needs: these keep a look at it the same, however long the history is.
CREATE INDEX treatment_plan_patient ON treatment_plan (patient_id, practitioner_id);
CREATE INDEX check_in_open_of_plan ON check_in (plan_id, due_at) WHERE status IN ('due', 'overdue');
CREATE INDEX check_in_patient ON check_in (patient_id, due_at);
CREATE INDEX appointment_next ON appointment (patient_id, start_at) WHERE status IN ('booked', 'checked-in');
DROP INDEX score_patient;
CREATE INDEX score_patient ON score (patient_id, code, taken_at) INCLUDE (value);

-- standing and scores: what the row on the desk says, kept with the rank: a page of fifty is read in one walk along an
-- index.
ALTER TABLE treatment_plan ADD standing jsonb, ADD scores jsonb;
UPDATE treatment_plan t SET attention = s.attention, attention_at = s.since, standing = s.standing
FROM (
    SELECT p.id,
        CASE WHEN g.red IS NOT NULL THEN 0 WHEN g.amber IS NOT NULL THEN 1 WHEN c.overdue IS NOT NULL THEN 2
             WHEN c.due IS NOT NULL THEN 3 ELSE 9 END AS attention,
        coalesce(g.red, g.amber, c.overdue, c.due) AS since,
        jsonb_strip_nulls(jsonb_build_object(
            'signals', g.n, 'words', g.words, 'item9', g.item9, 'pressure', g.pressure, 'pressed_at', g.pressed_at,
            'check_in', CASE WHEN c.overdue IS NOT NULL THEN 'overdue' WHEN c.due IS NOT NULL THEN 'due' END,
            'due_at', coalesce(c.overdue, c.due), 'answered_at', c.answered_at)) AS standing
    FROM (SELECT DISTINCT ON (patient_id, practitioner_id) * FROM treatment_plan
          ORDER BY patient_id, practitioner_id, (status = 'completed'), created_at DESC, id DESC) p
    LEFT JOIN (SELECT patient_id, practitioner_id, count(*) AS n, min(raised_at) FILTER (WHERE severity = 'red') AS red,
                   min(raised_at) FILTER (WHERE severity = 'amber') AS amber,
                   (array_agg(words ORDER BY severity DESC, raised_at, id))[1] AS words,
                   nullif(bool_or(readings ? 'item9'), false) AS item9,
                   (array_agg(readings->>'pressure' ORDER BY about_at DESC, id)
                       FILTER (WHERE readings ? 'pressure'))[1] AS pressure,
                   max(about_at) FILTER (WHERE readings ? 'pressure') AS pressed_at
               FROM signal WHERE is_open GROUP BY 1, 2) g
        USING (patient_id, practitioner_id)
    LEFT JOIN (SELECT plan_id, min(due_at) FILTER (WHERE status = 'overdue') AS overdue,
                   min(due_at) FILTER (WHERE status = 'due') AS due, max(completed_at) AS answered_at
               FROM check_in GROUP BY 1) c ON c.plan_id = p.id
) s WHERE s.id = t.id;
{SCORES}
ALTER TABLE treatment_plan ADD CONSTRAINT treatment_plan_stands CHECK ((attention = 9) = (attention_at IS NULL));

-- The lists of the desk, each in its order: who needs a look, whose laboratory values or PDMP are due, everybody.
CREATE INDEX treatment_plan_attention ON treatment_plan (practitioner_id, attention, attention_at, id) WHERE attention < 9;
CREATE INDEX treatment_plan_own_labs ON treatment_plan (practitioner_id, labs_due_on, id)
    WHERE status IN ('active', 'on-hold') AND labs_due_on IS NOT NULL;
CREATE INDEX treatment_plan_own_pdmp ON treatment_plan (practitioner_id, pdmp_due_on, id)
    WHERE status IN ('active', 'on-hold') AND pdmp_due_on IS NOT NULL;
CREATE INDEX treatment_plan_running ON treatment_plan (practitioner_id, coalesce(next_check_in_at, 'infinity'), id)
    WHERE status IN ('active', 'on-hold');
CREATE INDEX evaluation_suitable ON evaluation (practitioner_id, decided_at) WHERE outcome = 'suitable';

-- What the list of evaluations says of a result's findings, which never change: kept with it, so that a page counts none.
ALTER TABLE screening_result ADD stops smallint NOT NULL DEFAULT 0, ADD reviews smallint NOT NULL DEFAULT 0,
    ADD urgent_words text;
UPDATE screening_result r SET stops = f.stops, reviews = f.reviews, urgent_words = f.words
FROM (SELECT result_id, count(*) FILTER (WHERE outcome = 'stop') AS stops,
          count(*) FILTER (WHERE outcome = 'review') AS reviews,
          min(provider_words) FILTER (WHERE outcome = 'urgent') AS words
      FROM finding GROUP BY 1) f WHERE f.result_id = r.id;
DROP INDEX screening_result_intake;
CREATE INDEX screening_result_intake ON screening_result (intake_id, stage, created_at);

ALTER TABLE appointment ADD late_minutes smallint CHECK (late_minutes BETWEEN 1 AND 120);
"""


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="carepath", description=DESCRIPTION)

    async def run() -> None:
        await script(SQL)

    manager.add_raw(run)
    return manager
