"""Messages: rows first, sent by workers"""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from carepath.kit.db import script

ID = "2026-11-23T09:00:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "Messages: rows first, sent by workers"

SQL = """
CREATE TABLE message (
    id uuid PRIMARY KEY,
    kind text NOT NULL,
    recipient_kind text NOT NULL CHECK (recipient_kind IN ('patient', 'intake', 'account')),
    recipient_id uuid NOT NULL,
    subject text NOT NULL,
    subject_id uuid NOT NULL,
    subject_version integer NOT NULL,
    due_at timestamptz NOT NULL,
    useful_until timestamptz,
    status text NOT NULL CHECK (status IN ('queued', 'sending', 'sent', 'failed', 'skipped', 'superseded')),
    reason text NOT NULL DEFAULT '',
    attempts integer NOT NULL DEFAULT 0,
    next_try_at timestamptz NOT NULL,
    lease_until timestamptz,
    sent_at timestamptz,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    UNIQUE (subject, subject_id, subject_version, kind, recipient_id),
    CHECK ((status = 'sent') = (sent_at IS NOT NULL)),
    CHECK ((status = 'sending') = (lease_until IS NOT NULL))
);
CREATE INDEX message_due ON message (next_try_at, id) WHERE status = 'queued';
CREATE INDEX message_leased ON message (lease_until) WHERE status = 'sending';
CREATE INDEX message_recent ON message (created_at DESC, id);
CREATE INDEX message_recipient ON message (recipient_id, created_at);
"""


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="carepath", description=DESCRIPTION)

    async def run() -> None:
        await script(SQL)

    manager.add_raw(run)
    return manager
