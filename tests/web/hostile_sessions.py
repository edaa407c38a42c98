"""The forms of dosing sessions and of calls."""

from dataclasses import replace
from datetime import timedelta
from uuid import UUID

from carepath.followups import calling
from carepath.followups import service as followups
from carepath.journey import book, visit
from carepath.kit import db
from carepath.kit.actor import SYSTEM
from carepath.kit.errors import Conflict
from carepath.kit.ids import new_id
from carepath.scheduling.service import Appointment, Unbookable
from tests.web.hostile import Field
from tests.web.hostile_world import Form, Stand, World, alike, enter, newest

NEVER = ("1000-01-01", "2999-12-31")
PAGE = "/provider/patients/{patient_id}/sessions"


async def _visit(world: World, patient: UUID) -> Appointment:
    """A visit for a session which took place, on a morning of the last weeks."""
    assert world.rosa.practitioner is not None
    for days in range(3, 40):
        start = (world.now - timedelta(days=days)).replace(hour=17, minute=0, second=0, microsecond=0)
        begun = start - timedelta(days=2)
        try:
            made = await book.book_for(
                SYSTEM, patient, world.rosa.practitioner.id, "dosing-session", start, begun
            )  # fmt: skip
        except (Unbookable, Conflict):
            continue
        return await visit.fulfil(world.rosa.actor, made.id, made.end_at)
    raise AssertionError("no visit could be booked")


def _fields(on: str, at: str, also: tuple[str, ...]) -> tuple[Field, ...]:
    vitals = [
        enter(f"{moment}_{name}", value, kind="whole", most=12, is_needed=False, also=("9", "301"))
        for moment in ("before", "after")
        for name, value in (("systolic", "120"), ("diastolic", "80"), ("heart_rate", "70"), ("oxygen", "98"))
    ]
    return (
        enter("held_on", on, kind="day", most=10, also=(*NEVER, *also)), enter("held_time", at, kind="time", most=5),
        enter("route", "im", kind="choice", most=20), enter("dose_amount", "30", kind="exact", most=12, is_needed=False, also=("0",)),
        enter("dose_unit", "mg", kind="choice", most=10), enter("dose_words", "in two parts", is_needed=False),
        *alike(vitals), enter("effects", "nausea", "dizziness", kind="choice"),
        enter("severity", "mild", kind="choice", most=20),
        *(enter(name, "3", kind="number", most=12, is_needed=False, also=("11",)) for name in ("dissociation", "distress")),
        enter("escort", "yes", kind="choice", most=3), enter("home_with", "her brother", is_needed=False),
        enter("will_not_drive", "yes", kind="choice", most=3), enter("notes", "Slept.", most=2000, is_needed=False),
    )  # fmt: skip


async def write(world: World) -> Stand:
    patient, other = await world.patient("maintenance-long"), await world.patient("maintenance-short")
    mine, theirs = await _visit(world, patient), await _visit(world, other)
    about = Field("visit", (str(mine.id),), "uuid", 36, "hidden", False, gone=(str(theirs.id), str(new_id())))
    on = mine.start_at.date()
    fields = _fields(on.isoformat(), "10:00", ((on - timedelta(days=2)).isoformat(),))
    path = "/provider/patients/{}/sessions/new"
    others = (path.format(other), path.format(await world.ready(is_sent=True)))
    return Stand(world.desks["provider"], path.format(patient), (about, *fields), others)


async def correct(world: World) -> Stand:
    found = []
    for stage in ("maintenance-long", "maintenance-short"):
        patient = await world.patient(stage)
        [one, *_rest] = await followups.sessions_of(SYSTEM.scope, patient)
        assert one.by_provider is not None
        found.append((patient, one.by_provider.report))
    (patient, mine), (other, theirs) = found
    path = "/provider/patients/{}/sessions/{}/correct"
    on = world.now.date() - timedelta(days=3)
    read_alike = (replace(one, is_brief=True) for one in _fields(on.isoformat(), "10:00", ()))  # as those of a new one
    fields = (*read_alike, enter("reason", "Misread.", most=500))
    others = tuple(path.format(*pair) for pair in ((patient, theirs.id), (other, mine.id), (other, theirs.patient_id)))
    return Stand(world.desks["provider"], path.format(patient, mine.id), fields, others)


async def call(world: World) -> Stand:
    patient = await world.patient("maintenance-overdue")
    late = await followups.get_check_in(SYSTEM.scope, await newest("check_in", patient, world))
    async with db.transaction():
        await calling.ask(late, world.now)
    found = await newest("patient_call", patient, world)
    outcome = enter("outcome", "called", kind="choice", shape="button")
    note = enter("note", "Will answer tonight.", most=1000)
    return Stand(world.desks["coordinator"], f"/coordinator/calls/{found}", (outcome, note))


async def close_check_in(world: World) -> Stand:
    patient, other = await world.patient("maintenance-overdue"), await world.patient("maintenance-overdue")
    mine, theirs = await newest("check_in", patient, world), await newest("check_in", other, world)
    fields = (
        Field("check_in", (str(mine),), "uuid", 36, "hidden", gone=(str(new_id()), str(theirs))),
        enter("close_reason", "other", kind="choice"), enter("close_words", "In hospital.", most=500),
    )  # fmt: skip
    path = "/provider/patients/{}/plan/check-in"
    return Stand(world.desks["provider"], path.format(patient), fields, (path.format(other),))


SESSIONS = (
    Form("write a session", f"{PAGE}/new", "provider", write),
    Form("correct a session", f"{PAGE}/{{session_id}}/correct", "provider", correct),
    Form("close a check-in", "/provider/patients/{patient_id}/plan/check-in", "provider", close_check_in),
    Form("call somebody", "/coordinator/calls/{call_id}", "coordinator", call),
)
