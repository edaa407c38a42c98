"""Who looks after a patient is said in one place"""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from carepath.kit.db import script

ID = "2026-11-29T21:30:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "Who looks after a patient is said in one place"

SQL = """
-- A provider looks after a patient by the evaluation that waits for their decision, by the newest evaluation, or by the
-- newest plan. Whoever had them before that has them no longer.
CREATE FUNCTION looks_after(provider uuid, patient uuid) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT EXISTS (SELECT 1 FROM evaluation e WHERE e.patient_id = patient AND e.practitioner_id = provider
                   AND e.status IN ('requested', 'in-progress', 'on-hold'))
        OR coalesce((SELECT e.practitioner_id = provider FROM evaluation e WHERE e.patient_id = patient
                     ORDER BY e.opened_at DESC, e.id DESC LIMIT 1), false)
        OR coalesce((SELECT t.practitioner_id = provider FROM treatment_plan t WHERE t.patient_id = patient
                     ORDER BY t.status = 'completed', t.created_at DESC, t.id DESC LIMIT 1), false)
$$;
"""


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="carepath", description=DESCRIPTION)

    async def run() -> None:
        await script(SQL)

    manager.add_raw(run)
    return manager
