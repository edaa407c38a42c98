"""What a coordinator sees of patients: enough to book, nothing of what they answered."""

from dataclasses import fields
from datetime import timedelta

import pytest

from carepath import configuration
from carepath.journey import book
from carepath.kit.actor import SYSTEM
from carepath.kit.errors import NotFound
from carepath.settings import Settings
from carepath.worklists import coordinator
from tests import cast


async def test_patients_with_name_place_and_whether_they_can_be_booked(database: Settings):
    configuration.load(database.config_dir)
    await cast.patient("Paula", "Winter", "UT")
    (row,) = await coordinator.patients((await cast.coordinator()).actor.scope, cast.NOW)
    assert (row.name, row.jurisdiction, row.is_bookable, row.next_visit_at) == ("Paula Winter", "UT", True, None)


async def test_the_next_visit_is_one_that_is_still_to_come(database: Settings):
    configuration.load(database.config_dir)
    paula = await cast.patient("Paula", "Winter", "UT")
    doctor, desk = (await cast.provider()).practitioner, (await cast.coordinator()).actor
    assert doctor is not None
    first, second = (cast.NOW.replace(hour=17) + timedelta(days=days) for days in (1, 8))
    for start_at in (first, second):
        await book.book_for(SYSTEM, paula.id, doctor.id, "evaluation", start_at, cast.NOW)
    for now, expected in ((cast.NOW, first), (first + timedelta(minutes=1), second), (second, None)):
        (row,) = await coordinator.patients(desk.scope, now)
        assert row.next_visit_at == expected


def test_a_row_has_no_place_for_anything_clinical():
    assert {field.name for field in fields(coordinator.PatientRow)} == {
        "patient_id", "name", "jurisdiction", "zone", "intake_status", "is_bookable", "next_visit_at",
    }  # fmt: skip


async def test_the_list_is_for_coordinators(database: Settings):
    configuration.load(database.config_dir)
    paula = cast.as_patient(await cast.patient())
    for other in (paula, (await cast.provider()).actor, (await cast.admin()).actor):
        with pytest.raises(NotFound):
            await coordinator.patients(other.scope, cast.NOW)
