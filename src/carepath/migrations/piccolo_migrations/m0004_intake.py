"""Intakes and consents given"""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from carepath.kit.db import script

ID = "2026-11-23T04:00:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "Intakes and consents given"

SQL = """
CREATE TABLE intake (
    id uuid PRIMARY KEY,
    patient_id uuid REFERENCES patient ON DELETE RESTRICT,
    status text NOT NULL CHECK (status IN ('draft', 'stopped', 'in-progress', 'completed', 'withdrawn')),
    email_index bytea,
    email_enc bytea,
    first_name_enc bytea,
    last_name_enc bytea,
    birth_date_enc bytea NOT NULL,
    jurisdiction text NOT NULL,
    zone text NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    submitted_at timestamptz,
    CHECK (status IN ('draft', 'stopped') OR patient_id IS NOT NULL)
);
CREATE UNIQUE INDEX intake_one_open ON intake (patient_id) WHERE status = 'in-progress';
CREATE INDEX intake_patient ON intake (patient_id, created_at);

CREATE TABLE consent_given (
    id uuid PRIMARY KEY,
    intake_id uuid NOT NULL REFERENCES intake ON DELETE RESTRICT,
    patient_id uuid NOT NULL REFERENCES patient ON DELETE RESTRICT,
    consent_id text NOT NULL,
    version text NOT NULL,
    text_sha256 bytea NOT NULL,
    statements jsonb NOT NULL,
    initials_enc bytea NOT NULL,
    signed_name_enc bytea NOT NULL,
    address_enc bytea NOT NULL,
    signed_at timestamptz NOT NULL,
    UNIQUE (intake_id, consent_id, version)
);
"""


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="carepath", description=DESCRIPTION)

    async def run() -> None:
        await script(SQL)

    manager.add_raw(run)
    return manager
