"""Somebody needs a person today."""

import asyncio
from datetime import timedelta

import pytest

from carepath.accounts.people import Patient
from carepath.evaluations import service
from carepath.evaluations.service import UrgentTask
from carepath.kit import db
from carepath.kit.errors import Conflict, Invalid, NotFound
from carepath.kit.ids import new_id
from tests import cast
from tests.cast import NOW

from .conftest import Clinic

HOUR = timedelta(hours=1)
SUBJECT = new_id()


async def alarm(patient: Patient | None) -> tuple[UrgentTask, bool]:
    patient_id = patient.id if patient else None
    return await service.urgent(patient_id, None, "intake", SUBJECT, "phq-item9", "1", "Item 9 above zero.", NOW)


async def test_twenty_alarms_at_once_are_one_task(clinic: Clinic):
    raised = await asyncio.gather(*(alarm(clinic.paula) for _ in range(20)))
    assert {task.id for task, _is_new in raised} == {raised[0][0].id}
    assert sum(is_new for _task, is_new in raised) == 1
    assert raised[0][0].due_at == NOW + 4 * HOUR


async def test_an_alarm_hurries_the_evaluation_and_whoever_was_deciding_looks_again(clinic: Clinic):
    taken = await service.claim(clinic.rosa.actor, clinic.opened.id, NOW)
    await alarm(clinic.paula)
    hurried = await service.get(clinic.rosa.actor.scope, clinic.opened.id)
    assert (hurried.priority, hurried.due_at) == ("stat", NOW + 4 * HOUR)
    with pytest.raises(Conflict):
        await service.decide(clinic.rosa.actor, clinic.opened.id, "suitable", "", "Yes.", taken.version, NOW)
    await alarm(clinic.paula)
    assert await service.get(clinic.rosa.actor.scope, clinic.opened.id) == hurried, "told once"


async def test_a_task_of_nobody_is_everybodys_and_follows_whoever_takes_the_patient(clinic: Clinic):
    task, _is_new = await alarm(clinic.paula)
    assert task.practitioner_id is None
    for provider in (clinic.rosa, clinic.ivo):
        assert await service.urgent_task(provider.actor, task.id) == task
    await service.claim(clinic.rosa.actor, clinic.opened.id, NOW)
    assert clinic.rosa.practitioner is not None
    assert (await service.urgent_task(clinic.rosa.actor, task.id)).practitioner_id == clinic.rosa.practitioner.id
    with pytest.raises(NotFound):
        await service.urgent_task(clinic.ivo.actor, task.id)


async def test_an_applicant_nobody_knows_yet_raises_one_too(clinic: Clinic):
    task, is_new = await alarm(None)
    assert (task.patient_id, is_new) == (None, True)


async def test_a_task_is_finished_once_with_what_was_done(clinic: Clinic):
    task, _is_new = await alarm(clinic.paula)
    with pytest.raises(Invalid) as caught:
        await service.finish_urgent(clinic.rosa.actor, task.id, "  ", NOW)
    assert set(caught.value.fields) == {"note"}
    done = await service.finish_urgent(clinic.rosa.actor, task.id, "Called her, she is safe.", NOW + HOUR)
    assert (done.status, done.note) == ("completed", "Called her, she is safe.")
    with pytest.raises(Conflict):
        await service.finish_urgent(clinic.ivo.actor, task.id, "Called as well.", NOW + HOUR)
    (row,) = await db.rows("SELECT note_enc FROM urgent_task")
    assert b"safe" not in row["note_enc"]


async def test_after_it_was_finished_a_new_alarm_is_a_new_task(clinic: Clinic):
    first, _is_new = await alarm(clinic.paula)
    await service.finish_urgent(clinic.rosa.actor, first.id, "Called her.", NOW)
    second, is_new = await alarm(clinic.paula)
    assert is_new
    assert second.id != first.id


async def test_alarms_and_their_end_at_the_same_moment_always_leave_an_answer(clinic: Clinic):
    first, _is_new = await alarm(clinic.paula)
    results = await asyncio.gather(
        service.finish_urgent(clinic.rosa.actor, first.id, "Called her.", NOW), *(alarm(clinic.paula) for _ in range(8))
    )
    assert len(results) == 9


async def test_nobody_but_providers_sees_them(clinic: Clinic):
    task, _is_new = await alarm(clinic.paula)
    for other in (clinic.patient, (await cast.coordinator()).actor, (await cast.admin()).actor):
        with pytest.raises(NotFound):
            await service.urgent_task(other, task.id)
        with pytest.raises(NotFound):
            await service.finish_urgent(other, task.id, "Called her.", NOW)
