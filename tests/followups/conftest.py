"""A provider with a patient who is in treatment."""

from dataclasses import dataclass, replace
from datetime import datetime

import pytest

from carepath import configuration
from carepath.accounts.people import Patient
from carepath.followups import service
from carepath.followups.service import Plan, PlanDraft
from carepath.kit import db
from carepath.kit.actor import Actor
from carepath.questionnaires import service as questionnaires
from carepath.settings import Settings
from tests import cast
from tests.cast import NOW, Staff

DRAFT = PlanDraft("iv", "clinic", "as agreed on the phone", 28, 14, "Walk to the shop.", NOW.date())
MONTHLY = replace(DRAFT, check_in_every_days=28, dose="less than before")


@dataclass(frozen=True, slots=True)
class Course:
    """Rosa treats Paula by `plan`; Ivo and Nora have nothing to do with it.

    `questions` is the URL of the check-in's questionnaire.
    """

    rosa: Staff
    ivo: Staff
    paula: Patient
    nora: Patient
    plan: Plan
    questions: str

    @property
    def patient(self) -> Actor:
        """Paula, signed in."""
        return cast.as_patient(self.paula)


@pytest.fixture
async def course(database: Settings) -> Course:
    questions = configuration.load(database.config_dir).intake.check_ins.weekly
    await questionnaires.register_all(NOW)
    rosa, ivo = await cast.provider(), await cast.provider("Ivo Brandt", "America/New_York", ("NY", "CO"))
    paula, nora = await cast.patient(), await cast.patient("Nora", "Summers")
    plan = await service.write_plan(rosa.actor, paula.id, DRAFT, NOW)
    return Course(rosa, ivo, paula, nora, plan, questions)


async def open_due(now: datetime) -> list[service.CheckIn]:
    """The worker's round, in its transaction."""
    async with db.transaction():
        return await service.open_due(now)
