"""What a coordinator sees of patients: enough to book, nothing of what they answered."""

from dataclasses import fields

import pytest

from carepath import configuration
from carepath.kit.errors import NotFound
from carepath.settings import Settings
from carepath.worklists import coordinator
from tests import cast


async def test_patients_with_name_place_and_whether_they_can_be_booked(database: Settings):
    configuration.load(database.config_dir)
    await cast.patient("Paula", "Winter", "UT")
    (row,) = await coordinator.patients((await cast.coordinator()).actor.scope)
    assert (row.name, row.jurisdiction, row.is_bookable, row.next_visit_at) == ("Paula Winter", "UT", True, None)


def test_a_row_has_no_place_for_anything_clinical():
    assert {field.name for field in fields(coordinator.PatientRow)} == {
        "patient_id", "name", "jurisdiction", "zone", "intake_status", "is_bookable", "next_visit_at",
    }  # fmt: skip


async def test_the_list_is_for_coordinators(database: Settings):
    configuration.load(database.config_dir)
    paula = cast.as_patient(await cast.patient())
    for other in (paula, (await cast.provider()).actor, (await cast.admin()).actor):
        with pytest.raises(NotFound):
            await coordinator.patients(other.scope)
