"""Evaluations, decisions, questions to the patient, urgent tasks"""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from carepath.kit.db import script

ID = "2026-11-23T07:00:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "Evaluations, decisions, questions to the patient, urgent tasks"

SQL = """
CREATE TABLE evaluation (
    id uuid PRIMARY KEY,
    patient_id uuid NOT NULL REFERENCES patient ON DELETE RESTRICT,
    intake_id uuid NOT NULL UNIQUE REFERENCES intake ON DELETE RESTRICT,
    practitioner_id uuid REFERENCES practitioner ON DELETE RESTRICT,
    status text NOT NULL CHECK (status IN ('requested', 'in-progress', 'on-hold', 'completed', 'cancelled')),
    priority text NOT NULL CHECK (priority IN ('routine', 'urgent', 'stat')),
    due_at timestamptz NOT NULL,
    outcome text CHECK (outcome IN ('suitable', 'not-suitable')),
    version integer NOT NULL DEFAULT 1,
    opened_at timestamptz NOT NULL,
    decided_at timestamptz,
    CHECK ((status = 'completed') = (outcome IS NOT NULL))
);
CREATE INDEX evaluation_pending ON evaluation (priority, due_at, id) WHERE status IN ('requested', 'in-progress', 'on-hold');
CREATE INDEX evaluation_patient ON evaluation (patient_id);

CREATE TABLE decision (
    id uuid PRIMARY KEY,
    evaluation_id uuid NOT NULL REFERENCES evaluation ON DELETE RESTRICT,
    outcome text NOT NULL CHECK (outcome IN ('suitable', 'not-suitable')),
    reason_enc bytea,
    patient_words_enc bytea,
    author_id uuid NOT NULL,
    at timestamptz NOT NULL
);
CREATE INDEX decision_evaluation ON decision (evaluation_id);

CREATE TABLE information_request (
    id uuid PRIMARY KEY,
    evaluation_id uuid NOT NULL REFERENCES evaluation ON DELETE RESTRICT,
    patient_id uuid NOT NULL REFERENCES patient ON DELETE RESTRICT,
    question_enc bytea NOT NULL,
    asked_by uuid NOT NULL,
    asked_at timestamptz NOT NULL,
    answer_enc bytea,
    answered_at timestamptz,
    CHECK ((answer_enc IS NULL) = (answered_at IS NULL))
);
CREATE INDEX information_request_evaluation ON information_request (evaluation_id);
CREATE INDEX information_request_open ON information_request (patient_id) WHERE answered_at IS NULL;

CREATE TABLE urgent_task (
    id uuid PRIMARY KEY,
    patient_id uuid REFERENCES patient ON DELETE RESTRICT,
    practitioner_id uuid REFERENCES practitioner ON DELETE RESTRICT,
    subject text NOT NULL CHECK (subject IN ('intake', 'check-in')),
    subject_id uuid NOT NULL,
    rule_id text NOT NULL,
    rule_version text NOT NULL,
    words text NOT NULL,
    status text NOT NULL CHECK (status IN ('requested', 'completed')),
    opened_at timestamptz NOT NULL,
    due_at timestamptz NOT NULL,
    done_at timestamptz,
    done_by uuid,
    note_enc bytea,
    CHECK ((status = 'completed') = (done_at IS NOT NULL AND done_by IS NOT NULL AND note_enc IS NOT NULL))
);
CREATE UNIQUE INDEX urgent_task_once ON urgent_task (subject, subject_id, rule_id) WHERE status = 'requested';
CREATE INDEX urgent_task_open ON urgent_task (due_at) WHERE status = 'requested';
"""


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="carepath", description=DESCRIPTION)

    async def run() -> None:
        await script(SQL)

    manager.add_raw(run)
    return manager
