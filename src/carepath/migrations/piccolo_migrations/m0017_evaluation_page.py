"""The evaluation page: the same person under another address, and one draft of a note at a time"""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from carepath.kit.db import script

ID = "2026-11-24T16:30:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "The evaluation page: the same person under another address, and one draft of a note at a time"

SQL = """
-- Blind indexes over name and birth date, and over the phone: equal for the same person, and nothing can be read from
-- them. Made when a patient is added. The names of those who were here before are sealed, and a migration holds no key:
-- the worker fills theirs, some hundred at a time.
ALTER TABLE patient ADD person_index bytea, ADD phone_index bytea;
CREATE INDEX patient_person ON patient (person_index) WHERE person_index IS NOT NULL;
CREATE INDEX patient_phone ON patient (phone_index) WHERE phone_index IS NOT NULL;
CREATE INDEX patient_without_index ON patient (id) WHERE person_index IS NULL;

-- Two windows cannot begin the same note twice.
CREATE UNIQUE INDEX clinical_note_one_draft ON clinical_note (evaluation_id, author_id, addends) NULLS NOT DISTINCT
    WHERE signed_at IS NULL AND evaluation_id IS NOT NULL;
"""


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="carepath", description=DESCRIPTION)

    async def run() -> None:
        await script(SQL)

    manager.add_raw(run)
    return manager
