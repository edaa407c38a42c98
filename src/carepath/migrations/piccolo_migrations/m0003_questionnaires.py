"""Questionnaire versions, responses, typed scores"""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from carepath.kit.db import script

ID = "2026-11-23T03:00:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "Questionnaire versions, responses, typed scores"

SQL = """
CREATE TABLE questionnaire_version (
    id uuid PRIMARY KEY,
    url text NOT NULL,
    version text NOT NULL,
    sha256 bytea NOT NULL,
    resource jsonb NOT NULL,
    created_at timestamptz NOT NULL,
    UNIQUE (url, version)
);

CREATE TABLE questionnaire_response (
    id uuid PRIMARY KEY,
    subject text NOT NULL CHECK (subject IN ('intake', 'check-in')),
    subject_id uuid NOT NULL,
    patient_id uuid REFERENCES patient ON DELETE RESTRICT,
    url text NOT NULL,
    version text NOT NULL,
    status text NOT NULL CHECK (status IN ('in-progress', 'completed', 'amended', 'entered-in-error')),
    revision integer NOT NULL CHECK (revision >= 0),
    resource_enc bytea NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    completed_at timestamptz,
    FOREIGN KEY (url, version) REFERENCES questionnaire_version (url, version) ON DELETE RESTRICT
);
CREATE UNIQUE INDEX questionnaire_response_once ON questionnaire_response (subject, subject_id, url)
    WHERE status <> 'entered-in-error';
CREATE INDEX questionnaire_response_patient ON questionnaire_response (patient_id, completed_at);

CREATE TABLE score (
    id uuid PRIMARY KEY,
    response_id uuid NOT NULL REFERENCES questionnaire_response ON DELETE RESTRICT,
    patient_id uuid REFERENCES patient ON DELETE RESTRICT,
    code text NOT NULL,
    value numeric,
    answered integer NOT NULL,
    items integer NOT NULL,
    band text,
    engine_version text NOT NULL,
    taken_at timestamptz NOT NULL
);
CREATE INDEX score_response ON score (response_id);
CREATE INDEX score_patient ON score (patient_id, code, taken_at);
"""


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="carepath", description=DESCRIPTION)

    async def run() -> None:
        await script(SQL)

    manager.add_raw(run)
    return manager
