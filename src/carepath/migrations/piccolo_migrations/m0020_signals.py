"""Signals that no longer stand, and which of them a provider still has to look at"""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from carepath.kit.db import script

ID = "2026-11-24T17:00:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "Signals that no longer stand, and which of them a provider still has to look at"

SQL = """
-- lapsed_at: since then what is known no longer raises it (late data, or a date that moved on). Its words stay as they were.
-- Red stays open until a person says what they did, lapsed or not.
ALTER TABLE signal
    ADD lapsed_at timestamptz,
    ADD is_open boolean GENERATED ALWAYS AS
        (acknowledged_at IS NULL AND severity <> 'green' AND (lapsed_at IS NULL OR severity = 'red')) STORED;
DROP INDEX signal_open;
CREATE INDEX signal_open ON signal (practitioner_id, severity, raised_at) WHERE is_open;
CREATE INDEX signal_open_of_patient ON signal (patient_id) WHERE is_open;
CREATE INDEX signal_due ON signal (anchor) WHERE is_open AND reading_id IS NULL;

-- What has come due, for the worker's round.
CREATE INDEX treatment_plan_labs ON treatment_plan (labs_due_on) WHERE status IN ('active', 'on-hold');
CREATE INDEX treatment_plan_pdmp ON treatment_plan (pdmp_due_on) WHERE status IN ('active', 'on-hold');
CREATE INDEX treatment_plan_runway ON treatment_plan (runway_until) WHERE status IN ('active', 'on-hold');
CREATE INDEX check_in_late ON check_in (step) WHERE status IN ('due', 'overdue') AND step > 0;
"""


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="carepath", description=DESCRIPTION)

    async def run() -> None:
        await script(SQL)

    manager.add_raw(run)
    return manager
