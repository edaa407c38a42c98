"""A row for every private field that the demo clinic has not come to: a search for nothing finds nothing."""

from datetime import datetime, timedelta

from carepath.kit import crypto, db
from carepath.kit.actor import Role
from carepath.kit.ids import new_id
from tests.notifications.privacy.subjects import account, one


async def fill(now: datetime) -> None:
    """In the open transaction: sealed values are empty here, and are planted before anybody reads them."""
    staff, provider = await account(Role.COORDINATOR), await one("SELECT id FROM practitioner ORDER BY id LIMIT 1")
    asked = await one("SELECT id FROM evaluation ORDER BY id LIMIT 1")
    await db.execute("UPDATE patient SET phone_enc = ''")
    await db.execute("UPDATE decision SET reason_enc = coalesce(reason_enc, '')")
    await db.execute(
        """INSERT INTO information_request (id, evaluation_id, patient_id, question_enc, asked_by, asked_at, answer_enc,
           answered_at) SELECT {}, id, patient_id, '', {}, {}, '', {} FROM evaluation WHERE id = {}""",
        new_id(), staff, now, now, asked["id"],
    )  # fmt: skip
    await db.execute(
        """UPDATE urgent_task SET status = 'completed', done_at = {}, done_by = {}, note_enc = ''
           WHERE id = (SELECT id FROM urgent_task ORDER BY id DESC LIMIT 1)""",
        now, staff,
    )  # fmt: skip
    await db.execute(
        """UPDATE signal SET acknowledged_at = {}, acknowledged_by = {}, note_enc = ''
           WHERE id = (SELECT id FROM signal ORDER BY id LIMIT 1)""",
        now, staff,
    )  # fmt: skip
    await db.execute(
        """INSERT INTO busy_feed (id, practitioner_id, name, url_enc, etag, due_at, created_at)
           VALUES ({}, {}, '', '', '', {}, {})""",
        new_id(), provider["id"], now, now,
    )  # fmt: skip
    await db.execute(
        """INSERT INTO idempotent_answer (key_hash, request_hash, status, answer_enc, created_at)
           VALUES ({}, {}, 200, '', {})""",
        b"key" * 8, b"request", now,
    )  # fmt: skip
    await db.execute(
        """INSERT INTO assignment (appointment_id, practitioner_id, inputs, created_at)
           SELECT id, practitioner_id, '{{}}', {} FROM appointment ORDER BY id LIMIT 1 ON CONFLICT DO NOTHING""",
        now,
    )  # fmt: skip
    late = await one("SELECT id, patient_id, plan_id, practitioner_id FROM check_in ORDER BY id LIMIT 1")
    await db.execute(
        """INSERT INTO patient_call (id, patient_id, check_in_id, status, opened_at, due_at, late_since, done_at, done_by,
           note_enc) VALUES ({}, {}, {}, 'completed', {}, {}, {}, {}, {}, '') ON CONFLICT (check_in_id) DO UPDATE
           SET status = 'completed', done_at = excluded.done_at, done_by = excluded.done_by, note_enc = ''""",
        new_id(), late["patient_id"], late["id"], now, now, now, now, staff,
    )  # fmt: skip
    await db.execute(
        """INSERT INTO dosing_session (id, plan_id, patient_id, practitioner_id, reported_by, held_at, record_enc,
           author_id, created_at) VALUES ({}, {}, {}, {}, 'provider', {}, '', {}, {})""",
        new_id(), late["plan_id"], late["patient_id"], late["practitioner_id"], now, staff, now,
    )  # fmt: skip
    await db.execute("UPDATE treatment_plan SET details_enc = ''")
    await db.execute(
        """INSERT INTO reading (id, patient_id, practitioner_id, plan_id, source, source_id, taken_at, body_enc, recorded_at)
           SELECT {}, patient_id, practitioner_id, id, 'staff', {}, {}, '', {} FROM treatment_plan ORDER BY id LIMIT 1""",
        new_id(), new_id(), now, now,
    )  # fmt: skip
    await db.execute(
        """INSERT INTO emergency_access (id, account_id, patient_id, reason_enc, opened_at, ends_at)
           VALUES ({}, {}, {}, '', {}, {})""",
        new_id(), await account(Role.PROVIDER), late["patient_id"], now, now + timedelta(hours=4),
    )  # fmt: skip
    await _reviewed(asked["id"], now)


async def _reviewed(evaluation_id: object, now: datetime) -> None:
    """What a provider enters on the page of an evaluation."""
    staff, row = await account(Role.PROVIDER), (new_id(), new_id(), new_id())
    await db.execute(
        """INSERT INTO evaluation_check (id, evaluation_id, item, is_done, detail_enc, author_id, at)
           VALUES ({}, {}, 'location', true, {}, {}, {})""",
        row[0], evaluation_id, crypto.seal('{"state": "CO"}', f"evaluation_check.detail_enc:{row[0]}"), staff, now,
    )  # fmt: skip
    await db.execute(
        """INSERT INTO finding_override (id, evaluation_id, rule_id, rule_version, reason_enc, author_id, at)
           VALUES ({}, {}, 'bladder', '1', '', {}, {})""",
        row[1], evaluation_id, staff, now,
    )  # fmt: skip
    await db.execute(
        """INSERT INTO clinical_note (id, patient_id, practitioner_id, evaluation_id, text_enc, author_id, created_at,
           updated_at) SELECT {}, e.patient_id, p.id, e.id, '', {}, {}, {}
           FROM evaluation e, (SELECT id FROM practitioner ORDER BY id LIMIT 1) p WHERE e.id = {}""",
        row[2], staff, now, now, evaluation_id,
    )  # fmt: skip
