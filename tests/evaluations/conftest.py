"""Two providers, two patients, and one intake that waits for a review."""

from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest

from carepath import configuration
from carepath.accounts.people import Patient
from carepath.evaluations import service
from carepath.evaluations.service import Evaluation
from carepath.intake import catalogue, queries
from carepath.intake import service as intakes
from carepath.kit.actor import SYSTEM, Actor
from carepath.settings import Settings
from tests import cast
from tests.cast import NOW, Staff
from tests.checklist import see_to
from tests.mailroom import Mailroom, mailroom


@dataclass(frozen=True, slots=True)
class Clinic:
    """Rosa and Ivo review; Paula waits for it, Nora has nothing to do with it. `opened` is nobody's yet."""

    rosa: Staff
    ivo: Staff
    paula: Patient
    nora: Patient
    opened: Evaluation

    @property
    def patient(self) -> Actor:
        """Paula, signed in."""
        return cast.as_patient(self.paula)


async def open_for(patient: Patient, priority: str = "routine") -> Evaluation:
    """The evaluation of a patient's newest intake."""
    intake = await intakes.newest(SYSTEM, patient.id)
    assert intake is not None
    return await service.open_for(SYSTEM, patient.id, intake.id, priority, NOW)


@pytest.fixture
async def clinic(database: Settings) -> Clinic:
    configuration.load(database.config_dir)
    rosa, ivo = await cast.provider(), await cast.provider("Ivo Brandt", "America/New_York", ("NY", "CO"))
    paula, nora = await cast.patient(), await cast.patient("Nora", "Summers")
    return Clinic(rosa, ivo, paula, nora, await open_for(paula))


@pytest.fixture
async def room(database: Settings) -> AsyncIterator[Mailroom]:
    async with mailroom(database, configuration.load(database.config_dir)) as found:
        yield found


async def sign_all(mine: Evaluation) -> None:
    """As if every text of today had been signed before the answers were sent."""
    intake = await queries.get(SYSTEM.scope, mine.intake_id)
    for text in catalogue.wanted_consents():
        await queries.insert_consent(SYSTEM.scope, intake, text, "PW", "Paula Winter", "test", NOW)


async def make_ready(clinic: Clinic, mine: Evaluation) -> None:
    """Everything is seen to that an approval asks for."""
    await see_to(clinic.rosa.actor, mine.id, "CO", NOW)
    await sign_all(mine)
