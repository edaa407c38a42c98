"""Extensions, append-only history and audit, heartbeats"""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from carepath.kit.db import script

ID = "2026-11-23T01:00:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "Extensions, append-only history and audit, heartbeats"

SQL = """
CREATE EXTENSION IF NOT EXISTS btree_gist;

CREATE FUNCTION forbid_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'insufficient_privilege';
END $$;

CREATE TABLE audit_event (
    id uuid PRIMARY KEY,
    seq bigint GENERATED ALWAYS AS IDENTITY UNIQUE,
    at timestamptz NOT NULL,
    actor_role text NOT NULL,
    actor_id uuid,
    action text NOT NULL,
    subject text NOT NULL,
    subject_id uuid,
    patient_id uuid,
    request_id text NOT NULL DEFAULT '',
    detail jsonb NOT NULL DEFAULT '{}',
    mac bytea NOT NULL
);
CREATE INDEX audit_event_patient ON audit_event (patient_id, at) WHERE patient_id IS NOT NULL;
CREATE INDEX audit_event_request ON audit_event (request_id);
CREATE TRIGGER audit_event_append_only BEFORE UPDATE OR DELETE ON audit_event
    FOR EACH ROW EXECUTE FUNCTION forbid_change();
CREATE TRIGGER audit_event_no_truncate BEFORE TRUNCATE ON audit_event
    FOR EACH STATEMENT EXECUTE FUNCTION forbid_change();

CREATE TABLE status_change (
    id uuid PRIMARY KEY,
    subject text NOT NULL,
    subject_id uuid NOT NULL,
    from_status text,
    to_status text NOT NULL,
    action text NOT NULL,
    author_role text NOT NULL,
    author_id uuid,
    reason_enc bytea,
    at timestamptz NOT NULL,
    request_id text NOT NULL DEFAULT ''
);
CREATE INDEX status_change_subject ON status_change (subject, subject_id, at);
CREATE TRIGGER status_change_append_only BEFORE UPDATE OR DELETE ON status_change
    FOR EACH ROW EXECUTE FUNCTION forbid_change();
CREATE TRIGGER status_change_no_truncate BEFORE TRUNCATE ON status_change
    FOR EACH STATEMENT EXECUTE FUNCTION forbid_change();

CREATE TABLE heartbeat (
    name text PRIMARY KEY,
    at timestamptz NOT NULL
);
"""


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="carepath", description=DESCRIPTION)

    async def run() -> None:
        await script(SQL)

    manager.add_raw(run)
    return manager
