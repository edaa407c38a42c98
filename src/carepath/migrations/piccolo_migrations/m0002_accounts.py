"""People: staff accounts, patients, sessions, links"""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from carepath.kit.db import script

ID = "2026-11-23T02:00:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "People: staff accounts, patients, sessions, links"

SQL = """
CREATE TABLE account (
    id uuid PRIMARY KEY,
    role text NOT NULL CHECK (role IN ('provider', 'coordinator', 'admin')),
    practitioner_id uuid,
    email_index bytea NOT NULL UNIQUE,
    email_enc bytea NOT NULL,
    name_enc bytea NOT NULL,
    zone text NOT NULL,
    password_hash text NOT NULL,
    totp_enc bytea NOT NULL,
    totp_last_step bigint NOT NULL DEFAULT 0,
    is_active boolean NOT NULL DEFAULT true,
    created_at timestamptz NOT NULL,
    CHECK ((role = 'provider') = (practitioner_id IS NOT NULL))
);

CREATE TABLE patient (
    id uuid PRIMARY KEY,
    email_index bytea NOT NULL UNIQUE,
    email_enc bytea NOT NULL,
    first_name_enc bytea NOT NULL,
    last_name_enc bytea NOT NULL,
    phone_enc bytea,
    birth_date_enc bytea NOT NULL,
    jurisdiction text NOT NULL,
    zone text NOT NULL,
    email_proved_at timestamptz NOT NULL,
    created_at timestamptz NOT NULL
);

CREATE TABLE session (
    id uuid PRIMARY KEY,
    token_hash bytea NOT NULL UNIQUE,
    account_id uuid REFERENCES account ON DELETE RESTRICT,
    patient_id uuid REFERENCES patient ON DELETE RESTRICT,
    intake_id uuid,
    limited_kind text CHECK (limited_kind IN ('appointment', 'check-in')),
    limited_id uuid,
    second_factor_at timestamptz,
    created_at timestamptz NOT NULL,
    last_seen_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    revoked_at timestamptz,
    device text NOT NULL DEFAULT '',
    CHECK ((limited_kind IS NULL) = (limited_id IS NULL)),
    CHECK (num_nonnulls(account_id, coalesce(patient_id, intake_id)) = 1)
);
CREATE INDEX session_account ON session (account_id) WHERE account_id IS NOT NULL AND revoked_at IS NULL;
CREATE INDEX session_patient ON session (patient_id) WHERE patient_id IS NOT NULL AND revoked_at IS NULL;

CREATE TABLE login_link (
    id uuid PRIMARY KEY,
    token_hash bytea NOT NULL UNIQUE,
    purpose text NOT NULL CHECK (purpose IN ('apply', 'sign-in', 'appointment', 'check-in')),
    patient_id uuid REFERENCES patient ON DELETE RESTRICT,
    intake_id uuid,
    subject_id uuid,
    is_single_use boolean NOT NULL,
    created_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    used_at timestamptz,
    CHECK ((purpose = 'apply') = (intake_id IS NOT NULL)),
    CHECK (purpose = 'apply' OR patient_id IS NOT NULL)
);
"""


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="carepath", description=DESCRIPTION)

    async def run() -> None:
        await script(SQL)

    manager.add_raw(run)
    return manager
