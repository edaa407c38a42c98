"""Urgent tasks and red signals that nobody has seen to are told again"""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from carepath.kit.db import script

ID = "2026-11-29T21:40:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "Urgent tasks and red signals that nobody has seen to are told again"

SQL = """
-- escalations: so many times somebody was told that it still waits. escalate_at: when they are told again; of signals,
-- red ones only. What is open already and long late is told once at the next round.
ALTER TABLE urgent_task ADD escalations smallint NOT NULL DEFAULT 0, ADD escalate_at timestamptz;
UPDATE urgent_task SET escalate_at = due_at WHERE status = 'requested';
CREATE INDEX urgent_task_to_escalate ON urgent_task (escalate_at) WHERE status = 'requested';

ALTER TABLE signal ADD escalations smallint NOT NULL DEFAULT 0, ADD escalate_at timestamptz;
UPDATE signal SET escalate_at = raised_at + interval '24 hours' WHERE is_open AND severity = 'red';
CREATE INDEX signal_to_escalate ON signal (escalate_at) WHERE is_open AND escalate_at IS NOT NULL;
"""


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="carepath", description=DESCRIPTION)

    async def run() -> None:
        await script(SQL)

    manager.add_raw(run)
    return manager
