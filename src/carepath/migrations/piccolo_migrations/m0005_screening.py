"""Screening results and their findings"""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from carepath.kit.db import script

ID = "2026-11-23T05:00:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "Screening results and their findings"

SQL = """
CREATE TABLE screening_result (
    id uuid PRIMARY KEY,
    intake_id uuid NOT NULL REFERENCES intake ON DELETE RESTRICT,
    patient_id uuid REFERENCES patient ON DELETE RESTRICT,
    stage text NOT NULL CHECK (stage IN ('eligibility', 'intake')),
    outcome text NOT NULL CHECK (outcome IN ('eligible', 'review', 'stop')),
    is_urgent boolean NOT NULL,
    created_at timestamptz NOT NULL
);
CREATE INDEX screening_result_intake ON screening_result (intake_id, created_at);

CREATE TABLE finding (
    id uuid PRIMARY KEY,
    result_id uuid NOT NULL REFERENCES screening_result ON DELETE RESTRICT,
    rule_id text NOT NULL,
    rule_version text NOT NULL,
    outcome text NOT NULL CHECK (outcome IN ('stop', 'review', 'inform', 'urgent')),
    source text NOT NULL,
    patient_words text NOT NULL,
    provider_words text NOT NULL,
    answers_enc bytea NOT NULL
);
CREATE INDEX finding_result ON finding (result_id);
"""


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="carepath", description=DESCRIPTION)

    async def run() -> None:
        await script(SQL)

    manager.add_raw(run)
    return manager
