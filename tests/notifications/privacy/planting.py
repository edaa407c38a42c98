"""Puts a marker of its own into every private field of every row.

What is private is read from the schema, so that a new column is in the search as soon as it exists: all that is sealed,
and of the rest all words that are not known to be codes of ours.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from carepath.kit import crypto, db
from tests.notifications.privacy.markers import Field, Markers, in_json

How = Callable[[Markers, Field, str], str]


def _words(markers: Markers, field: Field, before: str) -> str:
    return markers.new(field)


def _address(markers: Markers, field: Field, before: str) -> str:
    return f"{markers.new(field)}@mail.example"


def _link(markers: Markers, field: Field, before: str) -> str:
    return f"http://127.0.0.1:9/{markers.new(field)}"


def _date(markers: Markers, field: Field, before: str) -> str:
    return markers.birth(field)


def _json(markers: Markers, field: Field, before: str) -> str:
    return in_json(before, markers.new(field))


SEALED: dict[str, How] = {
    "account.email_enc": _address, "account.name_enc": _words, "account.totp_enc": _words,
    "patient.email_enc": _address, "patient.first_name_enc": _words, "patient.last_name_enc": _words,
    "patient.phone_enc": _words, "patient.birth_date_enc": _date,
    "intake.email_enc": _address, "intake.first_name_enc": _words, "intake.last_name_enc": _words,
    "intake.birth_date_enc": _date,
    "consent_given.initials_enc": _words, "consent_given.signed_name_enc": _words, "consent_given.address_enc": _words,
    "questionnaire_response.resource_enc": _json, "finding.answers_enc": _json,
    "decision.reason_enc": _words, "decision.patient_words_enc": _words,
    "information_request.question_enc": _words, "information_request.answer_enc": _words,
    "urgent_task.note_enc": _words, "signal.note_enc": _words, "status_change.reason_enc": _words,
    "treatment_plan.dose_enc": _words, "treatment_plan.goals_enc": _words, "treatment_plan_version.plan_enc": _json,
    "treatment_plan.details_enc": _json, "dosing_session.record_enc": _json, "reading.body_enc": _json,
    "evaluation_check.detail_enc": _json, "finding_override.reason_enc": _words, "clinical_note.text_enc": _words,
    "patient_call.note_enc": _words, "busy_feed.url_enc": _link,
    "emergency_access.reason_enc": _words, "idempotent_answer.answer_enc": _json,
}  # fmt: skip
# Not sealed, and yet nobody's business: names, rooms, words about health, and what was noted beside an act.
OPEN: dict[str, How] = {
    "account.password_hash": _words, "appointment.room": _link, "assignment.inputs": _json, "audit_event.detail": _json,
    "busy_feed.name": _words, "busy_feed.etag": _words, "finding.patient_words": _words,
    "finding.provider_words": _words, "finding.rule_id": _words, "finding.source": _words,
    "finding_override.rule_id": _words, "practitioner.name": _words,
    "score.band": _words, "screening_result.urgent_words": _words, "session.device": _words, "signal.readings": _json, "signal.rule_id": _words,
    "signal.source": _words, "signal.words": _words, "treatment_plan.scores": _json, "treatment_plan.standing": _json, "urgent_task.rule_id": _words,
    "urgent_task.words": _words,
}  # fmt: skip
# Columns that hold codes of ours, of places and of standards, wherever they stand; and what is the same for everybody.
CODES = {
    "action", "actor_role", "anchor", "attention", "author_role", "code", "consent_id", "credential", "engine_version",
    "from_status", "item", "jurisdiction", "kind", "limited_kind", "located_in", "outcome", "overridden",
    "patient_zone", "phase", "practitioner_ids", "priority", "purpose", "recipient_kind", "reported_by", "request_id",
    "role", "route",
    "rule_version", "setting", "severity", "source", "stage", "statements", "status", "subject", "to_status", "url",
    "version", "visit_type", "windows", "zone", "questionnaire_version.resource", "heartbeat.name",
    # Sentences of ours, which are searched for what they might quote.
    "busy_feed.notes", "busy_feed.problem", "message.reason",
}  # fmt: skip
_TEXTUAL = {"text", "character varying", "json", "jsonb", "ARRAY"}


@dataclass(frozen=True, slots=True)
class Column:
    """One of the schema, and the key of its table."""

    table: str
    name: str
    type: str
    key: str
    key_type: str

    @property
    def full(self) -> str:
        """ "table.column"."""
        return f"{self.table}.{self.name}"


async def schema() -> list[Column]:
    """Every column of every table of ours."""
    found = await db.rows(
        """SELECT c.table_name AS table, c.column_name AS name, c.data_type AS type, k.attname AS key,
               format_type(k.atttypid, k.atttypmod) AS key_type
           FROM information_schema.columns c
           JOIN pg_index i ON i.indrelid = format('%I.%I', c.table_schema, c.table_name)::regclass AND i.indisprimary
           JOIN pg_attribute k ON k.attrelid = i.indrelid AND k.attnum = i.indkey[0]
           WHERE c.table_schema = current_schema() AND c.table_name <> 'migration'
           ORDER BY c.table_name, c.ordinal_position"""
    )
    return [Column(**r) for r in found]


def unknown(columns: Sequence[Column]) -> list[str]:
    """Those of which nobody has decided whether they are private, or how they are marked."""
    sealed = [one.full for one in columns if one.name.endswith("_enc")]
    words = [one for one in columns if one.type in _TEXTUAL]
    known = CODES | set(OPEN)
    return [one for one in sealed if one not in SEALED] + [
        one.full for one in words if one.full not in known and one.name not in known
    ]


async def plant(markers: Markers) -> None:
    """Everywhere at once, in the open transaction. Triggers sleep: history and audit take no change otherwise."""
    await db.execute("SET LOCAL session_replication_role = replica")
    ways = {**SEALED, **OPEN}
    for column in await schema():
        if column.full in ways:
            await _fill(column, ways[column.full], markers)
    for table in ("patient", "account", "intake"):
        await _index(table, markers)


async def _index(table: str, markers: Markers) -> None:
    """By their new addresses people are found again, as whoever signs in expects."""
    rows = await db.rows(f"SELECT id FROM {table} WHERE email_enc IS NOT NULL")
    digests = [crypto.blind_index(f"{markers.of(f'{table}.email_enc', r['id'])}@mail.example") for r in rows]
    await db.execute(
        f"""UPDATE {table} t SET email_index = v.digest FROM unnest($1::uuid[], $2::bytea[]) v (id, digest)
            WHERE t.id = v.id""",
        [r["id"] for r in rows], digests,
    )  # fmt: skip


async def _fill(column: Column, how: How, markers: Markers) -> None:
    rows = await db.rows(
        f"SELECT {column.key} AS key, {column.name} AS value FROM {column.table} WHERE {column.name} IS NOT NULL"
    )
    is_sealed = column.full in SEALED
    values = [_sealed(column, how, markers, r) if is_sealed else _open(column, how, markers, r) for r in rows]
    through = "bytea" if is_sealed else "text"
    await db.execute(
        f"""UPDATE {column.table} t SET {column.name} = v.value::{column.type}
            FROM unnest($1::{column.key_type}[], $2::{through}[]) v (key, value) WHERE t.{column.key} = v.key""",
        [r["key"] for r in rows], values,
    )  # fmt: skip


def _field(column: Column, key: object) -> Field:
    return Field(column.full, key.hex() if isinstance(key, bytes) else str(key))


def _sealed(column: Column, how: How, markers: Markers, r: Mapping[str, Any]) -> bytes:
    """What stands there is opened first: it was sealed for the place for which the marker will be."""
    field = _field(column, r["key"])
    place = f"{field.column}:{field.row}"
    before = crypto.unseal(r["value"], place) if r["value"] else ""
    return crypto.seal(how(markers, field, before), place)


def _open(column: Column, how: How, markers: Markers, r: Mapping[str, Any]) -> str:
    return how(markers, _field(column, r["key"]), r["value"])
