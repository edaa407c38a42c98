"""A patient whom one provider handed over to another, and who has one of everything that a desk shows."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from uuid import UUID

from carepath import configuration
from carepath.dev import life, years
from carepath.dev.years import Life
from carepath.evaluations import service as evaluations
from carepath.journey import decide, evaluate, notes, visit
from carepath.journey.book import book_for
from carepath.kit import clock, db
from carepath.kit.actor import SYSTEM
from carepath.kit.ids import new_id
from carepath.scheduling import service as scheduling
from carepath.scheduling.service import Unbookable
from carepath.settings import Settings
from tests import cast
from tests.web.client import Browser
from tests.web.desks import sign_in
from tests.web.hostile_world import World, with_token
from tests.web.test_offers import as_patient

FIRST, LAST = "Zelda", "Quistgaard"


@dataclass(frozen=True, slots=True)
class Course:
    """`ids` of Zelda, who is in maintenance, and of Olga (`open_*`), who waits for a decision; both were handed over.
    `desks` by who sits there."""

    ids: dict[str, UUID]
    desks: dict[str, Browser]


async def open_course(settings: Settings, fresh: Callable[[], Browser]) -> Course:
    """The former provider has a visit with both behind them; the owner has everything since."""
    loaded = configuration.load(settings.config_dir)
    former, owner = await cast.provider(), await cast.provider("Mia Lang")
    other = await cast.provider("Ivo Brandt")
    for one in (owner, other):  # licensed, and nobody books them
        assert one.practitioner is not None
        await scheduling.replace_hours(SYSTEM, one.practitioner.id, [], cast.NOW)
    world = World(fresh, loaded, former)
    zelda = await _handed_over(world, owner, "maintenance-red", 120)
    ids = {"evaluation_id": await _evaluation(zelda)} | await _maintained(world, zelda, owner)
    olga = await _handed_over(world, owner, "waiting-for-decision", 6)
    ids |= {"open_evaluation_id": await _evaluation(olga)} | await _noted(world, owner, await _evaluation(olga))
    staff = {
        "owner": owner, "other": other, "former": former, "coordinator": await cast.coordinator(), "admin": await cast.admin(),
    }  # fmt: skip
    desks = {name: with_token(await sign_in(fresh(), one)) for name, one in staff.items()}
    desks["patient"] = await as_patient(fresh(), await cast.patient("Paula"))
    assert zelda.me.patient_id is not None
    desks["herself"] = await world.signed_in(zelda.me.patient_id)
    nobody = fresh()
    await nobody.get("/sign-in")
    return Course(ids, desks | {"nobody": with_token(nobody)})


async def _handed_over(world: World, owner: cast.Staff, stage: str, days: int) -> Life:
    """Applied, seen by the first provider, and handed to `owner`."""
    one, assert_owner = await world.person("waiting-for-decision"), owner.practitioner
    assert assert_owner is not None
    name = (FIRST, LAST) if stage.startswith("maintenance") else ("Olga", "Vestergaard")
    one.person = replace(one.person, first=name[0], last=name[1], stage=stage)
    start = world.now - timedelta(days=days)
    await life._apply(one, start)
    await life._answer(one, start, most=99)
    await life._send(one, start + timedelta(minutes=25))
    booked = await life._book(one, start + timedelta(minutes=30))
    assert booked is not None
    seen = await visit.fulfil(world.rosa.actor, booked.id, booked.end_at + timedelta(minutes=10))
    found = await life._evaluation_of(world.rosa.actor, seen.end_at + timedelta(minutes=20), one)
    file = await evaluate.open_evaluation(world.rosa.actor, found, seen.end_at + timedelta(minutes=20))
    at, version = seen.end_at + timedelta(hours=1), file.evaluation.version
    await decide.hand_over(world.rosa.actor, found, assert_owner.id, "Away.", version, at)
    return one


async def _evaluation(one: Life) -> UUID:
    row = await db.row("SELECT id FROM evaluation WHERE patient_id = {}", one.me.patient_id)
    assert row is not None
    return UUID(str(row["id"]))


async def _maintained(world: World, one: Life, owner: cast.Staff) -> dict[str, UUID]:
    """Decided and maintained by `owner`; the ids of one of everything."""
    at = world.now - timedelta(days=112)
    await life._decide(one, owner.actor, await _evaluation(one), at)
    await years.maintain(one, owner.actor, at + timedelta(hours=1))
    me = one.me.patient_id
    assert me is not None
    visited, which = await _visit(world, owner, me), owner.actor.practitioner_id
    await evaluations.urgent(me, which, "check-in", new_id(), "phq-item9", "1", "Item 9 above zero.", world.now)
    newest = "SELECT id FROM {} WHERE patient_id = {{}} {} ORDER BY id DESC LIMIT 1"
    tables = {
        "plan_id": ("treatment_plan", ""), "check_in_id": ("check_in", "AND status = 'completed'"),
        "signal_id": ("signal", "AND acknowledged_at IS NULL"), "task_id": ("urgent_task", ""),
        "session_id": ("dosing_session", ""),
    }  # fmt: skip
    found = {name: await world.one(newest.format(*which), me) for name, which in tables.items()}
    return found | {"patient_id": me, "appointment_id": visited}


async def _visit(world: World, owner: cast.Staff, patient_id: UUID) -> UUID:
    """A visit with the owner that is over, and nobody has said how it went."""
    assert owner.practitioner is not None
    for days in range(1, 20):
        start = (world.now - timedelta(days=days)).replace(hour=17, minute=0, second=0, microsecond=0)
        why = "Agreed on the phone."
        try:
            made = await book_for(
                SYSTEM, patient_id, owner.practitioner.id, "follow-up", start, start - timedelta(days=2), why
            )  # fmt: skip
        except Unbookable:
            continue
        return made.id
    raise AssertionError("no visit could be booked")


async def _noted(world: World, owner: cast.Staff, evaluation_id: UUID) -> dict[str, UUID]:
    """A signed note of the owner's."""
    at = clock.now()
    await notes.write(owner.actor, evaluation_id, None, "She sleeps badly since March.", 0, True, at)
    note = await world.one("SELECT id FROM clinical_note WHERE evaluation_id = {}", evaluation_id)
    seen = await world.one(
        "SELECT a.id FROM appointment a JOIN evaluation e ON e.patient_id = a.patient_id WHERE e.id = {}", evaluation_id
    )
    whose = await world.one("SELECT patient_id FROM evaluation WHERE id = {}", evaluation_id)
    return {"note_id": note, "open_appointment_id": seen, "open_patient_id": whose}
