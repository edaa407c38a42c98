"""Sessions once for a visit, calls that did not reach anybody, check-ins counted anew after a pause"""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from carepath.kit.db import script

ID = "2026-11-24T16:50:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "Sessions once for a visit, calls that did not reach anybody, check-ins counted anew after a pause"

SQL = """
-- One report of a visit by each side. What corrects it hangs on it by `replaces`, which is unique by itself.
CREATE UNIQUE INDEX dosing_session_of_visit ON dosing_session (appointment_id, reported_by)
    WHERE appointment_id IS NOT NULL AND replaces IS NULL;
CREATE UNIQUE INDEX dosing_session_of_check_in ON dosing_session (check_in_id)
    WHERE check_in_id IS NOT NULL AND replaces IS NULL;

-- tries: so many times nobody was reached; late_since is when the answers were wanted.
ALTER TABLE patient_call
    ADD tries smallint NOT NULL DEFAULT 0 CHECK (tries >= 0),
    ADD tried_at timestamptz,
    ADD late_since timestamptz NOT NULL;

-- Set when a paused plan is resumed: windows of check-ins are counted from then, whatever came before.
ALTER TABLE treatment_plan ADD counted_from timestamptz;
"""


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="carepath", description=DESCRIPTION)

    async def run() -> None:
        await script(SQL)

    manager.add_raw(run)
    return manager
