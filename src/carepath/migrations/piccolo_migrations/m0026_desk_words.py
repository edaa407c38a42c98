"""A line of the desk says the newest of its worst signals"""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from carepath.kit.db import script

ID = "2026-11-29T21:10:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "A line of the desk says the newest of its worst signals"

# As followups.standing_queries writes it with each later change: until then a line would say what it said before.
WORDS = """
UPDATE treatment_plan t SET standing = t.standing || jsonb_build_object('words', s.words)
FROM (
    SELECT patient_id, practitioner_id, replace(string_agg(words, ' · ' ORDER BY place), '. · ', ' · ') AS words
    FROM (SELECT patient_id, practitioner_id, words, row_number() OVER (PARTITION BY patient_id, practitioner_id
              ORDER BY max(raised_at) DESC, max(about_at) DESC, min(id::text)) AS place
          FROM (SELECT *, max(severity) OVER (PARTITION BY patient_id, practitioner_id) AS worst
                FROM signal WHERE is_open) o
          WHERE severity = worst GROUP BY patient_id, practitioner_id, words) said
    WHERE place <= 3 GROUP BY patient_id, practitioner_id
) s WHERE s.patient_id = t.patient_id AND s.practitioner_id = t.practitioner_id AND t.standing ? 'words';
"""


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="carepath", description=DESCRIPTION)

    async def run() -> None:
        await script(WORDS)

    manager.add_raw(run)
    return manager
