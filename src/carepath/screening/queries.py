"""All SQL over screening results and findings."""

import json
from datetime import datetime
from uuid import UUID

from carepath.kit import crypto, db
from carepath.kit.actor import Role, Scope
from carepath.kit.ids import new_id
from carepath.screening.rules import Finding, Verdict


def _reach(scope: Scope) -> tuple[str, list[object]]:
    if scope.is_system:
        return "true", []
    if scope.role is Role.PATIENT:
        return "patient_id = {}", [scope.patient_id]
    if scope.role is Role.PROVIDER:
        return "intake_id IN (SELECT intake_id FROM evaluation WHERE practitioner_id = {})", [scope.practitioner_id]
    return "false", []


async def insert(
    scope: Scope, intake_id: UUID, patient_id: UUID | None, stage: str, verdict: Verdict, now: datetime
) -> None:
    """Keep a result with its findings, as they were worded on the day, and what a list says of them."""
    result_id, outcomes = new_id(), [one.outcome for one in verdict.findings]
    urgent = [one.provider_words for one in verdict.findings if one.outcome == "urgent"]
    await db.execute(
        """INSERT INTO screening_result (id, intake_id, patient_id, stage, outcome, is_urgent, created_at, stops, reviews,
           urgent_words) VALUES ({}, {}, {}, {}, {}, {}, {}, {}, {}, {})""",
        result_id, intake_id, patient_id, stage, verdict.outcome, verdict.is_urgent, now, outcomes.count("stop"),
        outcomes.count("review"), min(urgent, default=None),
    )  # fmt: skip
    for finding in verdict.findings:
        row_id = new_id()
        await db.execute(
            """INSERT INTO finding (id, result_id, rule_id, rule_version, outcome, source, patient_words,
               provider_words, answers_enc) VALUES ({}, {}, {}, {}, {}, {}, {}, {}, {})""",
            row_id, result_id, finding.rule_id, finding.rule_version, finding.outcome, finding.source,
            finding.patient_words, finding.provider_words,
            crypto.seal(json.dumps(finding.answers), f"finding.answers_enc:{row_id}"),
        )  # fmt: skip


async def newest(scope: Scope, intake_id: UUID, stage: str) -> Verdict | None:
    """The newest result of a stage, with its findings."""
    condition, args = _reach(scope)
    found = await db.row(
        f"""SELECT * FROM screening_result WHERE intake_id = {{}} AND stage = {{}} AND {condition}
            ORDER BY created_at DESC, id DESC LIMIT 1""",
        intake_id, stage, *args,
    )  # fmt: skip
    if found is None:
        return None
    rows = await db.rows("SELECT * FROM finding WHERE result_id = {} ORDER BY id", found["id"])
    findings = tuple(
        Finding(
            r["rule_id"], r["rule_version"], r["outcome"], r["patient_words"], r["provider_words"], r["source"],
            tuple(
                (str(q), str(a))
                for q, a in json.loads(crypto.unseal(r["answers_enc"], f"finding.answers_enc:{r['id']}"))
            ),
        )
        for r in rows
    )  # fmt: skip
    return Verdict(found["outcome"], found["is_urgent"], findings)
