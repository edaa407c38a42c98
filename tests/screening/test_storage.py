"""A verdict is kept as it was worded on the day, and only the right eyes reach it."""

from datetime import date, timedelta
from uuid import uuid4

import pytest

from carepath.intake import service as intakes
from carepath.kit import db
from carepath.kit.actor import NOBODY, SYSTEM, Role, Scope
from carepath.screening import service
from tests import cast
from tests.cast import NOW
from tests.screening.facts import facts


@pytest.mark.usefixtures("database")
class TestKeptVerdicts:
    async def test_the_verdict_comes_back_with_its_findings(self) -> None:
        intake = await intakes.begin(NOBODY, date(1975, 4, 23), "CO", "America/Denver", NOW)
        patient = await cast.patient()
        found = facts({"medical.organs": ["kidney"], "medical.heart": ["aneurysm"]})
        ran = await service.run(SYSTEM.scope, intake.id, patient.id, "intake", found, NOW)
        assert ran.outcome == "stop"
        kept = await service.verdict_of(cast.as_patient(patient).scope, intake.id)
        assert kept is not None
        assert {f.rule_id for f in kept.findings} == {"heart-stop", "kidney"}
        assert kept == ran
        assert await service.outcome_of(SYSTEM.scope, intake.id) == "stop"

    async def test_the_newest_verdict_counts(self) -> None:
        intake = await intakes.begin(NOBODY, date(1975, 4, 23), "CO", "America/Denver", NOW)
        await service.run(SYSTEM.scope, intake.id, None, "intake", facts({"medical.heart": ["aneurysm"]}), NOW)
        await service.run(SYSTEM.scope, intake.id, None, "intake", facts({}), NOW + timedelta(hours=1))
        assert await service.outcome_of(SYSTEM.scope, intake.id) == "eligible"

    async def test_answers_are_sealed_and_others_reach_nothing(self) -> None:
        intake = await intakes.begin(NOBODY, date(1975, 4, 23), "CO", "America/Denver", NOW)
        patient = await cast.patient()
        await service.run(SYSTEM.scope, intake.id, patient.id, "intake", facts({"medical.organs": ["kidney"]}), NOW)
        rows = await db.rows("SELECT answers_enc FROM finding")
        assert rows
        assert all(b"Kidney" not in bytes(row["answers_enc"]) for row in rows)
        others = [
            cast.as_patient(await cast.patient("Nora")).scope,
            Scope(Role.PROVIDER, practitioner_id=uuid4()),
            Scope(Role.COORDINATOR, uuid4()),
            Scope(Role.ADMIN, uuid4()),
            Scope(Role.ANONYMOUS),
        ]
        for other in others:
            assert await service.verdict_of(other, intake.id) is None
