"""Treatment plans, check-ins, signals"""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from carepath.kit.db import script

ID = "2026-11-23T08:00:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "Treatment plans, check-ins, signals"

SQL = """
CREATE TABLE treatment_plan (
    id uuid PRIMARY KEY,
    patient_id uuid NOT NULL REFERENCES patient ON DELETE RESTRICT,
    practitioner_id uuid NOT NULL REFERENCES practitioner ON DELETE RESTRICT,
    version integer NOT NULL DEFAULT 1,
    status text NOT NULL CHECK (status IN ('active', 'on-hold', 'completed')),
    route text NOT NULL CHECK (route IN ('iv', 'im', 'sc', 'nasal', 'sublingual', 'other')),
    setting text NOT NULL CHECK (setting IN ('clinic', 'home')),
    dose_enc bytea NOT NULL,
    interval_days integer NOT NULL CHECK (interval_days BETWEEN 1 AND 366),
    check_in_every_days integer NOT NULL CHECK (check_in_every_days BETWEEN 1 AND 366),
    goals_enc bytea NOT NULL,
    starts_on date NOT NULL,
    next_check_in_at timestamptz,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    ended_at timestamptz
);
CREATE UNIQUE INDEX treatment_plan_one_running ON treatment_plan (patient_id) WHERE status IN ('active', 'on-hold');
CREATE INDEX treatment_plan_due ON treatment_plan (next_check_in_at) WHERE status = 'active';

CREATE TABLE treatment_plan_version (
    id uuid PRIMARY KEY,
    plan_id uuid NOT NULL REFERENCES treatment_plan ON DELETE RESTRICT,
    version integer NOT NULL,
    plan_enc bytea NOT NULL,
    author_id uuid NOT NULL,
    at timestamptz NOT NULL,
    UNIQUE (plan_id, version)
);

CREATE TABLE check_in (
    id uuid PRIMARY KEY,
    plan_id uuid NOT NULL REFERENCES treatment_plan ON DELETE RESTRICT,
    patient_id uuid NOT NULL REFERENCES patient ON DELETE RESTRICT,
    practitioner_id uuid NOT NULL REFERENCES practitioner ON DELETE RESTRICT,
    sequence integer NOT NULL,
    status text NOT NULL CHECK (status IN ('due', 'overdue', 'completed', 'cancelled')),
    due_at timestamptz NOT NULL,
    overdue_at timestamptz NOT NULL,
    response_id uuid REFERENCES questionnaire_response ON DELETE RESTRICT,
    completed_at timestamptz,
    created_at timestamptz NOT NULL,
    UNIQUE (plan_id, sequence)
);
CREATE UNIQUE INDEX check_in_one_open ON check_in (plan_id) WHERE status IN ('due', 'overdue');
CREATE INDEX check_in_open ON check_in (practitioner_id, due_at) WHERE status IN ('due', 'overdue');
CREATE INDEX check_in_to_overdue ON check_in (overdue_at) WHERE status = 'due';

CREATE TABLE signal (
    id uuid PRIMARY KEY,
    patient_id uuid NOT NULL REFERENCES patient ON DELETE RESTRICT,
    practitioner_id uuid NOT NULL REFERENCES practitioner ON DELETE RESTRICT,
    check_in_id uuid NOT NULL REFERENCES check_in ON DELETE RESTRICT,
    rule_id text NOT NULL,
    rule_version text NOT NULL,
    severity text NOT NULL CHECK (severity IN ('red', 'amber', 'green')),
    words text NOT NULL,
    source text NOT NULL,
    readings jsonb NOT NULL,
    raised_at timestamptz NOT NULL,
    acknowledged_at timestamptz,
    acknowledged_by uuid,
    note_enc bytea,
    UNIQUE (check_in_id, rule_id),
    CHECK ((acknowledged_at IS NULL) = (note_enc IS NULL))
);
CREATE INDEX signal_open ON signal (practitioner_id, severity, raised_at) WHERE acknowledged_at IS NULL;
CREATE INDEX signal_patient ON signal (patient_id, raised_at);
"""


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="carepath", description=DESCRIPTION)

    async def run() -> None:
        await script(SQL)

    manager.add_raw(run)
    return manager
