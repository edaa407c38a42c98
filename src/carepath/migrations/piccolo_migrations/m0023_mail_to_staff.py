"""Messages to staff, as admins list them"""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from carepath.kit.db import script

ID = "2026-11-24T17:30:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "Messages to staff, as admins list them"

SQL = """
CREATE INDEX message_to_staff ON message (created_at, id) WHERE recipient_kind = 'account';
CREATE INDEX message_to_staff_failed ON message (created_at, id) WHERE status = 'failed' AND recipient_kind = 'account';
"""


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="carepath", description=DESCRIPTION)

    async def run() -> None:
        await script(SQL)

    manager.add_raw(run)
    return manager
