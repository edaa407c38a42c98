"""A plan over time: phases, records, limits, home, what two people do to it at once."""

import asyncio
import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from carepath.audit import history
from carepath.followups import catalogue, service
from carepath.followups.rules.history import Dose, PlanPoint
from carepath.followups.rules.home import HomeGate
from carepath.followups.rules.limits import Limit
from carepath.followups.service import PlanDetails, Unseen
from carepath.kit import crypto, db
from carepath.kit.actor import SYSTEM
from carepath.kit.errors import CarepathError, Conflict, Invalid, NotFound, Refused
from carepath.kit.ids import new_id
from tests import cast
from tests.cast import NOW

from .conftest import DRAFT, MONTHLY, Course, open_due

DAY, TODAY = timedelta(days=1), NOW.date()
THIRTY = Dose(Decimal("30"), "mg")
DETAILS = PlanDetails(
    amount=THIRTY, session_dates=(TODAY, TODAY + 7 * DAY), therapies=("cbt",), therapy_words="Weekly."
)
FULL = replace(
    DRAFT, phase="induction", sessions_planned=6, runway_until=TODAY + 60 * DAY, labs_due_on=TODAY + 90 * DAY,
    pdmp_due_on=TODAY + 90 * DAY, details=DETAILS,
)  # fmt: skip
GATE = HomeGate("Max Winter", "555 010 0199", True, 120, 80, 70, TODAY, True)
AT_HOME = replace(DRAFT, setting="home", sessions_planned=6, details=PlanDetails(home=GATE))


@pytest.fixture
def clinic() -> Iterator[None]:
    """A clinic that treats at home and has set limits for infusions."""
    before = catalogue.followups()
    limit = Limit("iv", "Our medical lead", "mg", 25, shortest_interval_days=7)
    catalogue.configure(replace(before, home=replace(before.home, enabled=True), limits=[limit]))
    yield
    catalogue.configure(before)


async def steps(course: Course) -> list[tuple[str, str | None, str, str | None]]:
    found = await history.of(SYSTEM.scope, "treatment-plan", course.plan.id)
    return [(one.action, one.from_status, one.to_status, one.reason) for one in found]


async def change(course: Course, draft: object = FULL, version: int = 1, days: int = 1) -> service.Plan:
    at = NOW + days * DAY
    return await service.change_plan(course.rosa.actor, course.plan.id, draft, version, "As we agreed.", at)  # type: ignore[arg-type]


def kept(plan: service.Plan) -> service.PlanDraft:
    return service.PlanDraft(*(getattr(plan, name) for name in service.PlanDraft.__slots__))


async def test_every_part_is_kept_and_what_tells_of_the_patient_is_sealed(course: Course, clinic: None):
    draft = replace(FULL, route="im", setting="home", details=replace(DETAILS, home=GATE))
    plan = await change(course, draft)
    assert kept(plan) == draft
    assert await service.plan_of(course.rosa.actor.scope, course.paula.id) == plan
    assert [v.draft for v in await service.versions_of(course.rosa.actor.scope, plan.id)] == [draft, DRAFT]
    (row,) = await db.rows("SELECT * FROM treatment_plan")
    (version,) = await db.rows("SELECT * FROM treatment_plan_version WHERE version = 2")
    for word in (b"Max Winter", b"555 010", b"Weekly."):
        assert word not in row["details_enc"]
        assert word not in version["plan_enc"]
    assert (row["phase"], row["sessions_planned"], row["runway_until"]) == ("induction", 6, TODAY + 60 * DAY)
    assert (row["labs_due_on"], row["pdmp_due_on"]) == (TODAY + 90 * DAY, TODAY + 90 * DAY)
    assert version["author_id"] == course.rosa.account.id


async def test_a_plan_from_before_there_were_details_is_read_changed_and_compared(course: Course):
    (row,) = await db.rows("SELECT id FROM treatment_plan_version")
    old = {
        "route": "iv", "setting": "clinic", "dose": "as agreed on the phone", "interval_days": "28",
        "check_in_every_days": "14", "goals": "Walk to the shop.", "starts_on": TODAY.isoformat(),
    }  # fmt: skip
    sealed = crypto.seal(json.dumps(old), f"treatment_plan_version.plan_enc:{row['id']}")
    await db.execute("UPDATE treatment_plan_version SET plan_enc = {}", sealed)
    await db.execute("UPDATE treatment_plan SET details_enc = NULL")
    plan = await service.plan_of(course.rosa.actor.scope, course.paula.id)
    assert plan is not None
    assert plan.details == PlanDetails()
    assert (await change(course)).details == DETAILS
    assert [v.draft for v in await service.versions_of(course.rosa.actor.scope, plan.id)] == [FULL, DRAFT]


async def test_the_points_of_a_plan_are_its_versions_oldest_first(course: Course):
    await change(course)
    await change(course, replace(FULL, phase="maintenance", interval_days=21), 2, 2)
    assert await service.plan_points(SYSTEM.scope, course.plan.id) == (
        PlanPoint(NOW, 1, "maintenance", 28, None),
        PlanPoint(NOW + DAY, 2, "induction", 28, THIRTY),
        PlanPoint(NOW + 2 * DAY, 3, "maintenance", 21, THIRTY),
    )


async def test_a_taper_has_its_words_goes_on_asking_and_can_be_left_again(course: Course):
    plan = await service.taper_plan(course.rosa.actor, course.plan.id, " Half, then none. ", 1, "Enough.", NOW + DAY)
    assert (plan.phase, plan.status, plan.version, plan.details.taper) == ("taper", "active", 2, "Half, then none.")
    assert plan.next_check_in_at == NOW + 10 * DAY, "the window of a taper, a day sooner than before"
    assert len(await open_due(NOW + 14 * DAY)) == 1
    with pytest.raises(Conflict):
        await service.taper_plan(course.rosa.actor, plan.id, "Slower.", 2, "x", NOW + 2 * DAY)
    back = await change(course, replace(FULL, phase="maintenance"), 2, 20)
    assert (back.phase, back.details.taper) == ("maintenance", "")
    assert (await steps(course))[1:] == [
        ("taper", "active", "active", "Enough."), ("change", "active", "active", "As we agreed."),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("how", "reason", "field"), [("", "x", "taper"), ("x" * 1001, "x", "taper"), ("x", " ", "reason")]
)
async def test_a_taper_needs_its_words(course: Course, how: str, reason: str, field: str):
    with pytest.raises(Invalid) as caught:
        await service.taper_plan(course.rosa.actor, course.plan.id, how, 1, reason, NOW)
    assert set(caught.value.fields) == {field}
    assert len(await steps(course)) == 1


async def test_a_plan_neither_begins_with_its_taper_nor_is_changed_into_it(course: Course):
    taper = replace(DRAFT, phase="taper", details=PlanDetails(taper="Half."))
    with pytest.raises(Invalid) as caught:
        await service.write_plan(course.rosa.actor, course.nora.id, taper, NOW)
    assert set(caught.value.fields) == {"phase"}
    with pytest.raises(Invalid) as caught:
        await change(course, taper)
    assert set(caught.value.fields) == {"phase"}
    assert len(await steps(course)) == 1


async def test_a_change_says_why_and_leaves_a_paused_plan_paused(course: Course):
    with pytest.raises(Invalid) as caught:
        await service.change_plan(course.rosa.actor, course.plan.id, MONTHLY, 1, " ", NOW)
    assert set(caught.value.fields) == {"reason"}
    await service.pause_plan(course.rosa.actor, course.plan.id, "Infection", NOW)
    plan = await change(course, MONTHLY)
    assert (plan.status, plan.version, plan.next_check_in_at) == ("on-hold", 2, None)
    assert await open_due(NOW + 90 * DAY) == []


async def test_the_end_is_the_last_phase_and_nothing_follows_it(course: Course):
    actor, plan_id = course.rosa.actor, course.plan.id
    ended = await service.end_plan(actor, plan_id, "Moved away", NOW)
    assert (ended.status, ended.phase) == ("completed", "ended")
    for late in (
        change(course), service.taper_plan(actor, plan_id, "Half.", 1, "x", NOW), service.renew(actor, plan_id, TODAY, 1, NOW),
        service.record_labs(actor, plan_id, TODAY, None, 1, NOW), service.record_pdmp(actor, plan_id, TODAY, None, 1, NOW),
        service.pause_plan(actor, plan_id, "x", NOW),
    ):  # fmt: skip
        with pytest.raises(Conflict):
            await late
    assert len(await steps(course)) == 2
    assert len(await service.versions_of(actor.scope, plan_id)) == 1


async def test_what_is_seen_to_moves_its_due_date_and_nothing_else(course: Course):
    actor, plan_id = course.rosa.actor, course.plan.id
    before = await change(course)
    labs = await service.record_labs(actor, plan_id, TODAY, None, 2, NOW + DAY)
    pdmp = await service.record_pdmp(actor, plan_id, TODAY - DAY, TODAY + 30 * DAY, 3, NOW + 2 * DAY)
    plan = await service.renew(actor, plan_id, TODAY + 100 * DAY, 4, NOW + 3 * DAY)
    assert labs.labs_due_on == TODAY + 90 * DAY
    assert pdmp.pdmp_due_on == TODAY + 30 * DAY
    details = replace(before.details, labs_seen_on=TODAY, pdmp_checked_on=TODAY - DAY)
    assert plan == replace(
        before, version=5, updated_at=NOW + 3 * DAY, details=details, labs_due_on=TODAY + 90 * DAY,
        pdmp_due_on=TODAY + 30 * DAY, runway_until=TODAY + 100 * DAY,
    )  # fmt: skip
    assert [one[0] for one in await steps(course)] == ["write", "change", "record-labs", "record-pdmp", "renew"]
    assert (await steps(course))[2][3] == "Labs seen on Dec 1, 2026; the next are due on Mar 1, 2027."
    changed = await change(course, FULL, 5, 4)
    assert changed.details.labs_seen_on == TODAY, "the form does not know it, and does not forget it"


async def test_while_paused_records_are_kept_and_nothing_falls_due(course: Course):
    await service.pause_plan(course.rosa.actor, course.plan.id, "Infection", NOW)
    plan = await service.record_labs(course.rosa.actor, course.plan.id, TODAY, None, 1, NOW)
    assert (plan.status, plan.next_check_in_at, plan.labs_due_on) == ("on-hold", None, TODAY + 90 * DAY)


async def test_a_record_of_tomorrow_or_of_long_ago_is_refused(course: Course):
    actor, plan_id = course.rosa.actor, course.plan.id
    for act, field in (
        (service.record_labs(actor, plan_id, TODAY + DAY, None, 1, NOW), "labs_seen_on"),
        (service.record_labs(actor, plan_id, TODAY - 367 * DAY, None, 1, NOW), "labs_seen_on"),
        (service.record_pdmp(actor, plan_id, TODAY + DAY, None, 1, NOW), "pdmp_checked_on"),
        (service.record_pdmp(actor, plan_id, TODAY, TODAY, 1, NOW), "pdmp_next_on"),
        (service.renew(actor, plan_id, TODAY - DAY, 1, NOW), "renewed_until"),
    ):
        with pytest.raises(Invalid) as caught:
            await act
        assert set(caught.value.fields) == {field}
    assert len(await steps(course)) == 1


async def test_a_form_that_was_opened_before_a_record_does_not_bring_the_old_date_back(course: Course):
    await change(course)
    await service.record_labs(course.rosa.actor, course.plan.id, TODAY, None, 2, NOW + DAY)
    with pytest.raises(Conflict) as caught:
        await change(course, FULL, 2)
    assert caught.value.code == "changed"
    with pytest.raises(Conflict):
        await service.end_plan(course.rosa.actor, course.plan.id, "x", NOW, 2)


async def test_a_patient_and_other_providers_record_nothing(course: Course):
    plan_id = course.plan.id
    for actor, kind in (
        (course.patient, Refused),
        (course.ivo.actor, NotFound),
        ((await cast.admin()).actor, NotFound),
    ):
        for act in (
            service.record_labs(actor, plan_id, TODAY, None, 1, NOW), service.renew(actor, plan_id, TODAY, 1, NOW),
            service.record_pdmp(actor, plan_id, TODAY, None, 1, NOW), service.taper_plan(actor, plan_id, "x", 1, "x", NOW),
        ):  # fmt: skip
            with pytest.raises(kind):
                await act
    with pytest.raises(NotFound):
        await service.renew(course.rosa.actor, new_id(), TODAY, 1, NOW)
    assert len(await steps(course)) == 1


async def test_of_many_who_act_at_once_one_is_done_and_the_others_are_told(course: Course):
    actor, plan_id = course.rosa.actor, course.plan.id
    results = await asyncio.gather(
        change(course), change(course, MONTHLY), service.taper_plan(actor, plan_id, "Half.", 1, "x", NOW),
        service.record_labs(actor, plan_id, TODAY, None, 1, NOW), service.renew(actor, plan_id, TODAY, 1, NOW),
        return_exceptions=True,
    )  # fmt: skip
    done = [r for r in results if isinstance(r, service.Plan)]
    assert len(done) == 1
    assert [getattr(r, "code", "") for r in results if isinstance(r, CarepathError)] == ["changed"] * 4
    (latest, first) = await service.versions_of(actor.scope, plan_id)
    assert (latest.draft, first.draft) == (kept(done[0]), DRAFT)
    assert len(await steps(course)) == 2


async def test_a_change_while_it_is_ended_leaves_one_outcome(course: Course):
    for number in range(4):
        plan = await service.plan_of(course.rosa.actor.scope, course.paula.id)
        assert plan is not None
        ended, changed = await asyncio.gather(
            service.end_plan(course.rosa.actor, plan.id, "Enough.", NOW, plan.version),
            service.change_plan(course.rosa.actor, plan.id, MONTHLY, plan.version, "x", NOW),
            return_exceptions=True,
        )
        after = await service.plan_of(course.rosa.actor.scope, course.paula.id)
        assert after is not None
        assert isinstance(ended, Conflict) != isinstance(changed, Conflict), (number, ended, changed)
        assert (after.status, after.version) == (("completed", 1) if isinstance(changed, Conflict) else ("active", 2))
        if after.status == "active":
            await service.end_plan(course.rosa.actor, plan.id, "Enough.", NOW)
        await service.write_plan(course.rosa.actor, course.paula.id, DRAFT, NOW + (number + 1) * DAY)


async def test_beyond_a_limit_the_author_is_shown_it_and_what_they_saw_is_kept(course: Course, clinic: None):
    weekly = replace(FULL, interval_days=6)
    with pytest.raises(Unseen) as caught:
        await change(course, weekly)
    assert [one.field for one in caught.value.warnings] == ["amount", "interval_days"]
    assert len(await steps(course)) == 1
    keys = [one.key for one in caught.value.warnings]
    with pytest.raises(Unseen):
        await service.change_plan(course.rosa.actor, course.plan.id, weekly, 1, "x", NOW, frozenset(keys[:1]))
    plan = await service.change_plan(course.rosa.actor, course.plan.id, weekly, 1, "x", NOW, frozenset(keys))
    assert plan.interval_days == 6
    newest, first = await service.versions_of(course.rosa.actor.scope, plan.id)
    assert [(w.field, w.source) for w in newest.warnings] == [
        ("amount", "Our medical lead"), ("interval_days", "Our medical lead"),
    ]  # fmt: skip
    assert first.warnings == ()
    assert (await service.write_plan(course.rosa.actor, course.nora.id, replace(weekly, route="im"), NOW)).version == 1


async def test_at_home_is_refused_while_switched_off(course: Course):
    with pytest.raises(Invalid) as caught:
        await change(course, AT_HOME)
    assert set(caught.value.fields) == {"setting"}


async def test_at_home_a_paused_plan_waits_for_a_fresh_reading(course: Course, clinic: None):
    actor, plan_id = course.rosa.actor, course.plan.id
    await change(course, AT_HOME)
    await service.pause_plan(actor, plan_id, "Infection", NOW + 2 * DAY)
    with pytest.raises(Conflict) as caught:
        await service.resume_plan(actor, plan_id, "Well again", NOW + 8 * DAY)
    assert caught.value.code == "home-gate"
    fresh = replace(AT_HOME, details=PlanDetails(home=replace(GATE, measured_on=TODAY + 8 * DAY)))
    assert (await change(course, fresh, 2, 8)).status == "on-hold"
    assert (await service.resume_plan(actor, plan_id, "Well again", NOW + 8 * DAY)).status == "active"


async def test_at_home_nothing_is_resumed_once_the_clinic_switches_it_off(course: Course, clinic: None):
    await change(course, AT_HOME)
    await service.pause_plan(course.rosa.actor, course.plan.id, "Infection", NOW)
    found = catalogue.followups()
    catalogue.configure(replace(found, home=replace(found.home, enabled=False)))
    with pytest.raises(Conflict):
        await service.resume_plan(course.rosa.actor, course.plan.id, "Well again", NOW + DAY)
