"""Check-ins about one visit, beside those on the plan's cadence"""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from carepath.kit.db import script

ID = "2026-11-24T14:00:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "Check-ins about one visit, beside those on the plan's cadence"

SQL = """
-- A check-in with a visit asks how somebody has been since it, once; one without asks on the plan's cadence.
ALTER TABLE check_in ADD visit_id uuid REFERENCES appointment ON DELETE RESTRICT;
DROP INDEX check_in_one_open;
CREATE UNIQUE INDEX check_in_one_open ON check_in (plan_id) WHERE status IN ('due', 'overdue') AND visit_id IS NULL;
CREATE UNIQUE INDEX check_in_of_visit ON check_in (visit_id) WHERE visit_id IS NOT NULL;
CREATE INDEX appointment_over ON appointment (end_at) WHERE status = 'fulfilled';
"""


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="carepath", description=DESCRIPTION)

    async def run() -> None:
        await script(SQL)

    manager.add_raw(run)
    return manager
