"""Reviewing: what of a patient needs somebody today"""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from carepath.kit.db import script

ID = "2026-11-24T16:20:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "Reviewing: what of a patient needs somebody today"

SQL = """
-- Asked for each row of the list of evaluations, and before somebody is found suitable.
CREATE INDEX urgent_task_patient ON urgent_task (patient_id) WHERE status = 'requested';
"""


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="carepath", description=DESCRIPTION)

    async def run() -> None:
        await script(SQL)

    manager.add_raw(run)
    return manager
