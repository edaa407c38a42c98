"""All SQL over questionnaire versions, responses and scores."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from carepath.kit import crypto, db
from carepath.kit.actor import Role, Scope
from carepath.kit.errors import NotFound
from carepath.kit.ids import new_id
from carepath.questionnaires.definition import Questionnaire
from carepath.questionnaires.scoring import ENGINE_VERSION, Score


@dataclass(frozen=True, slots=True)
class StoredResponse:
    """A response as stored, with its resource opened."""

    id: UUID
    patient_id: UUID | None
    url: str
    version: str
    status: str
    revision: int
    resource: dict[str, Any]
    completed_at: datetime | None


@dataclass(frozen=True, slots=True)
class Reading:
    """A score of a patient at a time. `subject_id` is the intake or the check-in that it was answered in."""

    code: str
    value: Decimal | None
    answered: int
    items: int
    band: str | None
    taken_at: datetime
    subject_id: UUID | None = None


def _stored(r: dict[str, Any]) -> StoredResponse:
    text = crypto.unseal(r["resource_enc"], f"questionnaire_response.resource_enc:{r['id']}")
    return StoredResponse(
        r["id"], r["patient_id"], r["url"], r["version"], r["status"], r["revision"], json.loads(text),
        r["completed_at"],
    )  # fmt: skip


def _reach(scope: Scope) -> tuple[str, list[object]]:
    """Patients reach their own; providers those of patients assigned to them; nobody else any."""
    if scope.is_system:
        return "true", []
    if scope.role is Role.PATIENT:
        return "patient_id = {}", [scope.patient_id]
    if scope.role is Role.PROVIDER:
        return (
            "looks_after({}, patient_id)",
            [scope.practitioner_id],
        )
    return "false", []


async def version_hash(scope: Scope, url: str, version: str) -> bytes | None:
    """The content hash that is stored for a version."""
    found = await db.row("SELECT sha256 FROM questionnaire_version WHERE url = {} AND version = {}", url, version)
    return bytes(found["sha256"]) if found else None


async def insert_version(scope: Scope, form: Questionnaire, now: datetime) -> None:
    """Keep a version for ever."""
    await db.execute(
        """INSERT INTO questionnaire_version (id, url, version, sha256, resource, created_at)
           VALUES ({}, {}, {}, {}, {}, {}) ON CONFLICT (url, version) DO NOTHING""",
        new_id(), form.url, form.version, form.sha256, json.dumps(form.resource), now,
    )  # fmt: skip


async def version_resource(scope: Scope, url: str, version: str) -> str | None:
    """The JSON of a stored version."""
    found = await db.row("SELECT resource FROM questionnaire_version WHERE url = {} AND version = {}", url, version)
    return str(found["resource"]) if found else None


async def insert_response(
    scope: Scope, subject: str, subject_id: UUID, patient_id: UUID | None, form: Questionnaire, resource: str,
    now: datetime,
) -> UUID:  # fmt: skip
    """Open a response with `resource`, or answer the id of the one that is open or completed already."""
    if scope.role is Role.PATIENT and scope.patient_id != patient_id:
        raise NotFound
    response_id = new_id()
    await db.execute(
        """INSERT INTO questionnaire_response (id, subject, subject_id, patient_id, url, version, status, revision,
           resource_enc, created_at, updated_at) VALUES ({}, {}, {}, {}, {}, {}, 'in-progress', 0, {}, {}, {})
           ON CONFLICT (subject, subject_id, url) WHERE status <> 'entered-in-error' DO NOTHING""",
        response_id, subject, subject_id, patient_id, form.url, form.version,
        crypto.seal(resource, f"questionnaire_response.resource_enc:{response_id}"), now, now,
    )  # fmt: skip
    found = await db.row(
        """SELECT id FROM questionnaire_response WHERE subject = {} AND subject_id = {} AND url = {}
           AND status <> 'entered-in-error'""",
        subject, subject_id, form.url,
    )  # fmt: skip
    if found is None:
        raise NotFound
    return UUID(str(found["id"]))


async def response(scope: Scope, response_id: UUID, lock: bool = False) -> StoredResponse:
    """One response. NotFound when absent or out of reach."""
    condition, args = _reach(scope)
    suffix = " FOR UPDATE" if lock else ""
    found = await db.row(
        f"SELECT * FROM questionnaire_response WHERE id = {{}} AND {condition}{suffix}", response_id, *args
    )
    if found is None:
        raise NotFound
    return _stored(found)


async def responses_of(scope: Scope, subject: str, subject_id: UUID) -> list[StoredResponse]:
    """Every response of an intake or a check-in that the scope reaches."""
    condition, args = _reach(scope)
    found = await db.rows(
        f"""SELECT * FROM questionnaire_response WHERE subject = {{}} AND subject_id = {{}}
            AND status <> 'entered-in-error' AND {condition} ORDER BY created_at, id""",
        subject, subject_id, *args,
    )  # fmt: skip
    return [_stored(r) for r in found]


async def completed_at(scope: Scope, patient_id: UUID, url: str) -> datetime | None:
    """When a patient last completed any version of a questionnaire."""
    condition, args = _reach(scope)
    found = await db.row(
        f"""SELECT max(completed_at) AS at FROM questionnaire_response WHERE patient_id = {{}} AND url = {{}}
            AND status = 'completed' AND {condition}""",
        patient_id, url, *args,
    )  # fmt: skip
    return found["at"] if found else None


async def completed_of(scope: Scope, patient_id: UUID, subject: str, urls: Sequence[str]) -> list[StoredResponse]:
    """A patient's completed responses about one kind of subject to these questionnaires, oldest first."""
    condition, args = _reach(scope)
    found = await db.rows(
        f"""SELECT * FROM questionnaire_response WHERE patient_id = {{}} AND subject = {{}} AND url = ANY({{}})
            AND status = 'completed' AND {condition} ORDER BY completed_at, id""",
        patient_id, subject, list(urls), *args,
    )  # fmt: skip
    return [_stored(r) for r in found]


async def first_scores(scope: Scope, patient_id: UUID, subject: str) -> dict[str, Decimal]:
    """The first complete score of each instrument that a patient gave about one kind of subject."""
    condition, args = _reach(scope)
    found = await db.rows(
        f"""SELECT DISTINCT ON (code) code, value FROM score
            WHERE patient_id = {{}} AND value IS NOT NULL AND {condition}
              AND response_id IN (SELECT id FROM questionnaire_response WHERE patient_id = {{}} AND subject = {{}})
            ORDER BY code, taken_at, id""",
        patient_id, *args, patient_id, subject,
    )  # fmt: skip
    return {r["code"]: r["value"] for r in found}


async def update_response(scope: Scope, response_id: UUID, revision: int, resource: str, now: datetime) -> bool:
    """Write the next revision if `revision` is still the stored one."""
    found = await db.row(
        """UPDATE questionnaire_response SET resource_enc = {}, revision = revision + 1, updated_at = {}
           WHERE id = {} AND revision = {} AND status = 'in-progress' RETURNING id""",
        crypto.seal(resource, f"questionnaire_response.resource_enc:{response_id}"), now, response_id, revision,
    )  # fmt: skip
    return found is not None


async def complete_response(scope: Scope, response_id: UUID, resource: str, now: datetime) -> None:
    """The answers are final."""
    await db.execute(
        """UPDATE questionnaire_response SET resource_enc = {}, status = 'completed', completed_at = {},
           updated_at = {} WHERE id = {}""",
        crypto.seal(resource, f"questionnaire_response.resource_enc:{response_id}"), now, now, response_id,
    )  # fmt: skip


async def adopt(scope: Scope, subject: str, subject_id: UUID, patient_id: UUID) -> None:
    """Responses and scores given before an address was proved now belong to the patient. System only."""
    if not scope.is_system:
        raise NotFound
    await db.execute(
        """UPDATE questionnaire_response SET patient_id = {}
           WHERE subject = {} AND subject_id = {} AND patient_id IS NULL""",
        patient_id, subject, subject_id,
    )  # fmt: skip
    await db.execute(
        """UPDATE score SET patient_id = {} WHERE patient_id IS NULL AND response_id IN
           (SELECT id FROM questionnaire_response WHERE subject = {} AND subject_id = {})""",
        patient_id, subject, subject_id,
    )  # fmt: skip


async def insert_score(scope: Scope, response_id: UUID, patient_id: UUID | None, score: Score, now: datetime) -> None:
    """Keep a typed score."""
    await db.execute(
        """INSERT INTO score (id, response_id, patient_id, code, value, answered, items, band, engine_version, taken_at)
           VALUES ({}, {}, {}, {}, {}, {}, {}, {}, {}, {})""",
        new_id(), response_id, patient_id, score.code, score.value, score.answered, score.items, score.band,
        ENGINE_VERSION, now,
    )  # fmt: skip


async def scores_of(scope: Scope, patient_id: UUID, code: str | None) -> list[Reading]:
    """A patient's scores, oldest first, of one instrument or all."""
    condition, args = _reach(scope)
    found = await db.rows(
        f"""SELECT code, value, answered, items, band, taken_at,
                (SELECT q.subject_id FROM questionnaire_response q WHERE q.id = score.response_id) AS subject_id FROM score
            WHERE patient_id = {{}} AND ({{}} = '' OR code = {{}}) AND {condition} ORDER BY taken_at, id""",
        patient_id, code or "", code or "", *args,
    )  # fmt: skip
    return [Reading(**r) for r in found]
