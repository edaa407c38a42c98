"""A provider opens the record of somebody whom they do not look after: why, and until when"""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from carepath.kit.db import script

ID = "2026-11-24T17:40:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "A provider opens the record of somebody whom they do not look after: why, and until when"

SQL = """
-- request_id: the request that opened it, which the audit rows of that moment carry, too.
CREATE TABLE emergency_access (
    id uuid PRIMARY KEY,
    account_id uuid NOT NULL REFERENCES account,
    patient_id uuid NOT NULL REFERENCES patient,
    reason_enc bytea NOT NULL,
    opened_at timestamptz NOT NULL,
    ends_at timestamptz NOT NULL,
    request_id text NOT NULL DEFAULT '',
    CHECK (ends_at >= opened_at),
    -- One at a time for one provider and one patient, however often the button is pressed.
    CONSTRAINT emergency_access_once EXCLUDE USING gist
        (account_id WITH =, patient_id WITH =, tstzrange(opened_at, ends_at) WITH &&)
);
CREATE INDEX emergency_access_patient ON emergency_access (patient_id, opened_at);
CREATE INDEX emergency_access_opened ON emergency_access (opened_at, id);

-- What was opened stays on record as it was; only its end may come sooner.
CREATE FUNCTION emergency_access_only_ends_sooner() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.ends_at > OLD.ends_at
       OR (NEW.id, NEW.account_id, NEW.patient_id, NEW.reason_enc, NEW.opened_at, NEW.request_id)
          IS DISTINCT FROM (OLD.id, OLD.account_id, OLD.patient_id, OLD.reason_enc, OLD.opened_at, OLD.request_id) THEN
        RAISE EXCEPTION 'emergency_access can only end sooner' USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER emergency_access_ends_sooner BEFORE UPDATE ON emergency_access
    FOR EACH ROW EXECUTE FUNCTION emergency_access_only_ends_sooner();
CREATE TRIGGER emergency_access_no_delete BEFORE DELETE ON emergency_access
    FOR EACH ROW EXECUTE FUNCTION forbid_change();
CREATE TRIGGER emergency_access_no_truncate BEFORE TRUNCATE ON emergency_access
    FOR EACH STATEMENT EXECUTE FUNCTION forbid_change();
"""


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="carepath", description=DESCRIPTION)

    async def run() -> None:
        await script(SQL)

    manager.add_raw(run)
    return manager
