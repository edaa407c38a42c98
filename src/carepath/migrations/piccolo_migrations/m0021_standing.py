"""Where a patient stands on the desk is kept and indexed; a provider may say that they are late"""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from carepath.kit.db import script

ID = "2026-11-24T17:10:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "Where a patient stands on the desk is kept and indexed; a provider may say that they are late"

SQL = """
-- What one patient needs: these keep a look at it the same, however long the history is.
CREATE INDEX treatment_plan_patient ON treatment_plan (patient_id, practitioner_id);
CREATE INDEX check_in_open_of_plan ON check_in (plan_id, due_at) WHERE status IN ('due', 'overdue');
CREATE INDEX check_in_patient ON check_in (patient_id, due_at);
CREATE INDEX signal_waiting ON signal (patient_id, practitioner_id) WHERE acknowledged_at IS NULL AND severity <> 'green';
CREATE INDEX appointment_next ON appointment (patient_id, start_at) WHERE status IN ('booked', 'checked-in');
DROP INDEX score_patient;
CREATE INDEX score_patient ON score (patient_id, code, taken_at) INCLUDE (value);

UPDATE treatment_plan t SET attention = s.attention, attention_at = s.at
FROM (
    SELECT p.id,
        CASE WHEN g.red IS NOT NULL THEN 0 WHEN g.amber IS NOT NULL THEN 1 WHEN c.overdue IS NOT NULL THEN 2
             WHEN c.due IS NOT NULL THEN 3 ELSE 9 END AS attention,
        coalesce(g.red, g.amber, c.overdue, c.due) AS at
    FROM (SELECT DISTINCT ON (patient_id, practitioner_id) * FROM treatment_plan
          ORDER BY patient_id, practitioner_id, (status = 'completed'), created_at DESC, id DESC) p
    LEFT JOIN (SELECT patient_id, practitioner_id, min(raised_at) FILTER (WHERE severity = 'red') AS red,
                   min(raised_at) FILTER (WHERE severity = 'amber') AS amber
               FROM signal WHERE acknowledged_at IS NULL AND severity <> 'green' GROUP BY 1, 2) g
        USING (patient_id, practitioner_id)
    LEFT JOIN (SELECT plan_id, min(due_at) FILTER (WHERE status = 'overdue') AS overdue,
                   min(due_at) FILTER (WHERE status = 'due') AS due
               FROM check_in WHERE status IN ('due', 'overdue') GROUP BY 1) c ON c.plan_id = p.id
) s WHERE s.id = t.id;
ALTER TABLE treatment_plan ADD CONSTRAINT treatment_plan_stands CHECK ((attention = 9) = (attention_at IS NULL));

-- The lists of the desk, each in its order: who needs a look, whose laboratory values or PDMP are due, everybody.
CREATE INDEX treatment_plan_attention ON treatment_plan (practitioner_id, attention, attention_at, id) WHERE attention < 9;
CREATE INDEX treatment_plan_labs ON treatment_plan (practitioner_id, labs_due_on, id)
    WHERE status IN ('active', 'on-hold') AND labs_due_on IS NOT NULL;
CREATE INDEX treatment_plan_pdmp ON treatment_plan (practitioner_id, pdmp_due_on, id)
    WHERE status IN ('active', 'on-hold') AND pdmp_due_on IS NOT NULL;
CREATE INDEX treatment_plan_running ON treatment_plan (practitioner_id, coalesce(next_check_in_at, 'infinity'), id)
    WHERE status IN ('active', 'on-hold');
CREATE INDEX evaluation_suitable ON evaluation (practitioner_id, decided_at) WHERE outcome = 'suitable';

ALTER TABLE appointment ADD late_minutes smallint CHECK (late_minutes BETWEEN 1 AND 120);
"""


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="carepath", description=DESCRIPTION)

    async def run() -> None:
        await script(SQL)

    manager.add_raw(run)
    return manager
