"""A provider's absence against a real PostgreSQL: proposed, accepted whole or in part, carried out in one go."""

import asyncio
from datetime import date, timedelta
from uuid import UUID

import pytest

from carepath.kit import db
from carepath.kit.actor import NOBODY, Actor, Role
from carepath.kit.errors import Conflict, Invalid, NotFound, Refused
from carepath.kit.ids import new_id
from carepath.scheduling import service
from carepath.scheduling.service import Appointment, ExceptionDraft, NotCarriedOut, Replan

from .cast import NOW, TEN, Cast, add_patient, booked, provider
from .test_races import OVERLAPS

TUESDAY = date(2026, 11, 24)
HOUR = timedelta(hours=1)


async def away(cast: Cast, hours: int = 3) -> list[Appointment]:
    """Dr. Ada has visits of as many patients from ten o'clock on Tuesday, and then is away that day."""
    people = [cast.ana, cast.bo, *[await add_patient() for _ in range(hours - 2)]]
    visits = [await booked(cast, who, TEN + n * HOUR) for n, who in enumerate(people[:hours])]
    await service.add_exception(cast.carol, cast.ada, ExceptionDraft("off", TUESDAY, TUESDAY), NOW)
    return visits


async def proposed(cast: Cast) -> Replan:
    found = await service.propose(cast.carol, cast.ada, TUESDAY, TUESDAY, NOW)
    assert found is not None
    return found


def ids(found: Replan) -> list[UUID]:
    return [item.appointment_id for item in found.items if item.to_start_at is not None]


async def now_at(visits: list[Appointment], cast: Cast) -> list[Appointment]:
    return [await service.get(cast.carol.scope, one.id) for one in visits]


async def count(table: str, where: str = "true") -> int:
    found = await db.row(f"SELECT count(*) AS n FROM {table} WHERE {where}")
    assert found is not None
    return int(found["n"])


async def test_every_visit_of_the_day_goes_to_the_colleague_at_its_own_hour(cast: Cast) -> None:
    visits = await away(cast)
    found = await proposed(cast)
    assert [(i.appointment_id, i.to_practitioner_id, i.to_start_at) for i in found.items] == [
        (one.id, cast.ben, one.start_at) for one in visits
    ]
    assert found.cost == found.bound <= found.greedy_cost
    assert found.status == "proposed"
    assert await now_at(visits, cast) == [await service.get(cast.carol.scope, v.id) for v in visits]
    assert {one.version for one in await now_at(visits, cast)} == {1}, "a proposal moves nothing"


async def test_it_is_carried_out_in_one_go_with_history_and_twice_is_once(cast: Cast) -> None:
    visits = await away(cast)
    found = await proposed(cast)
    done = await service.carry_out(cast.carol, found.id, ids(found), NOW)
    assert [(one.practitioner_id, one.start_at, one.version, one.attention) for one in await now_at(visits, cast)] == [
        (cast.ben, one.start_at, 2, None) for one in visits
    ]
    assert done.replan.status == "carried-out"
    assert len(done.moved) == 3
    again = await service.carry_out(cast.carol, found.id, ids(found), NOW)
    assert (again.replan, again.moved) == (done.replan, ())
    assert await count("status_change", "action = 'move'") == 3
    assert await count("status_change", "action = 'carry-out'") == 1


async def test_a_part_is_carried_out_and_the_rest_stays(cast: Cast) -> None:
    visits = await away(cast)
    found = await proposed(cast)
    done = await service.carry_out(cast.carol, found.id, ids(found)[:1], NOW)
    assert [item.outcome for item in done.replan.items] == ["moved", "kept", "kept"]
    assert [one.version for one in await now_at(visits, cast)] == [2, 1, 1]
    with pytest.raises(Conflict) as late:
        await service.carry_out(cast.carol, found.id, ids(found), NOW)
    assert late.value.code == "carried-out"
    again = await service.propose_again(cast.carol, found.id, NOW)
    assert again is not None
    assert [item.appointment_id for item in again.items] == [one.id for one in visits[1:]]


async def test_when_one_time_is_gone_nothing_moves_and_each_loss_has_its_reason(cast: Cast) -> None:
    visits = await away(cast)
    found = await proposed(cast)
    await booked(cast, await add_patient(), TEN, cast.ben)
    await service.cancel(cast.bo, visits[1].id, "", NOW)
    with pytest.raises(NotCarriedOut) as lost:
        await service.carry_out(cast.carol, found.id, ids(found), NOW)
    assert set(lost.value.reasons) == {visits[0].id, visits[1].id}
    assert "cancelled" in lost.value.reasons[visits[1].id]
    assert [one.version for one in await now_at(visits, cast)] == [1, 2, 1]
    assert (await service.replan(cast.carol.scope, found.id)).status == "proposed"
    done = await service.carry_out(cast.carol, found.id, [visits[2].id], NOW)
    assert [one.id for one in done.moved] == [visits[2].id]


async def test_a_visit_that_its_patient_moved_meanwhile_is_not_moved_again(cast: Cast) -> None:
    visits = await away(cast)
    found = await proposed(cast)
    await service.move(cast.ana, visits[0].id, cast.ben, TEN + 24 * HOUR, NOW)
    with pytest.raises(NotCarriedOut) as lost:
        await service.carry_out(cast.carol, found.id, ids(found), NOW)
    assert set(lost.value.reasons) == {visits[0].id}
    assert [one.version for one in await now_at(visits, cast)] == [2, 1, 1]


async def test_a_visit_that_has_begun_stays(cast: Cast) -> None:
    visits = await away(cast)
    found = await proposed(cast)
    with pytest.raises(NotCarriedOut) as lost:
        await service.carry_out(cast.carol, found.id, ids(found), visits[0].start_at)
    assert "begun" in lost.value.reasons[visits[0].id]


async def test_a_licence_that_ended_meanwhile_is_asked_for_at_the_commit(cast: Cast) -> None:
    await away(cast)
    found = await proposed(cast)
    (licence,) = await service.licences_of(cast.carol.scope, cast.ben)
    await service.end_licence(cast.carol, licence.id, date(2026, 11, 1), NOW)
    with pytest.raises(NotCarriedOut) as lost:
        await service.carry_out(cast.carol, found.id, ids(found), NOW)
    assert len(lost.value.reasons) == 3


async def test_two_coordinators_at_once_carry_it_out_once(cast: Cast) -> None:
    visits = await away(cast)
    found = await proposed(cast)
    answers = await asyncio.gather(*(service.carry_out(cast.carol, found.id, ids(found), NOW) for _ in range(4)))
    assert sorted(len(one.moved) for one in answers) == [0, 0, 0, 3]
    assert {one.version for one in await now_at(visits, cast)} == {2}


async def test_beside_patients_who_book_move_and_cancel_it_is_whole_or_not_at_all(cast: Cast) -> None:
    for turn in range(6):
        day = TUESDAY + timedelta(days=7 * turn)
        start = TEN + timedelta(days=7 * turn)
        people = [await add_patient() for _ in range(4)]
        visits = [await booked(cast, who, start + n * HOUR) for n, who in enumerate(people)]
        found = await service.propose(cast.carol, cast.ada, day, day, NOW)
        assert found is not None
        others = [await add_patient() for _ in range(3)]
        answers = await asyncio.gather(
            service.carry_out(cast.carol, found.id, ids(found), NOW),
            service.cancel(people[0], visits[0].id, "", NOW),
            service.move(people[1], visits[1].id, cast.ben, start + 5 * HOUR, NOW),
            *(booked(cast, who, start + n * HOUR, cast.ben) for n, who in enumerate(others)),
            return_exceptions=True,
        )
        strange = [a for a in answers if isinstance(a, BaseException) and not isinstance(a, Conflict)]
        assert not strange
        after = (await service.replan(cast.carol.scope, found.id)).items
        moved = {item.outcome for item in after if item.to_start_at is not None}
        assert moved == ({"moved"} if not isinstance(answers[0], BaseException) else {"proposed"})
        assert not await db.rows(OVERLAPS)


async def test_patients_of_another_state_go_to_whoever_is_licensed_there(cast: Cast) -> None:
    """Dr. Ben has no license for Wyoming: that visit waits for Dr. Ada's return."""
    ana = cast.ana.patient_id
    assert ana is not None
    there = await service.book_for(cast.carol, ana, cast.ada, "evaluation", TEN, "WY", "America/Denver", NOW)
    here = await booked(cast, cast.bo, TEN + HOUR)
    found = await service.propose(cast.carol, cast.ada, TUESDAY, TUESDAY, NOW)
    assert found is not None
    to = {item.appointment_id: item for item in found.items}
    assert to[here.id].to_practitioner_id in {cast.ada, cast.ben}
    assert to[there.id].to_practitioner_id == cast.ada
    await service.add_exception(cast.carol, cast.ada, ExceptionDraft("off", TUESDAY, TUESDAY + timedelta(days=60)), NOW)
    found = await proposed(cast)
    assert {item.appointment_id: item.outcome for item in found.items} == {there.id: "unplaced", here.id: "proposed"}
    with pytest.raises(Invalid):
        await service.carry_out(cast.carol, found.id, [there.id], NOW)


async def test_nobody_is_told_of_a_time_later_than_they_would_have_to_book_it(cast: Cast) -> None:
    """At nine in the morning Dr. Ada falls ill; the clinic's notice is four hours."""
    visits = await away(cast)
    nine = TEN - HOUR
    found = await service.propose(cast.carol, cast.ada, TUESDAY, TUESDAY, nine)
    assert found is not None
    assert len(found.items) == len(visits)
    assert all(item.to_start_at >= nine + 4 * HOUR for item in found.items if item.to_start_at)


@pytest.mark.parametrize(("days_later", "is_placed"), [(0, False), (1, True)])
async def test_nobody_is_expected_sooner_than_they_knew_without_a_days_warning(
    cast: Cast, days_later: int, is_placed: bool
) -> None:
    """Nobody is open from the visit's day on. Today would be too sudden; tomorrow is not."""
    visit = await booked(cast, cast.ana, TEN + days_later * 24 * HOUR)
    first, last = TUESDAY + timedelta(days=days_later), TUESDAY + timedelta(days=60)
    for who in (cast.ada, cast.ben):
        await service.add_exception(cast.carol, who, ExceptionDraft("off", first, last), NOW)
    found = await service.propose_flagged(cast.carol, cast.ada, NOW)
    assert found is not None
    (to,) = [item.to_start_at for item in found.items]
    assert (to is not None) == is_placed
    assert to is None or NOW + 24 * HOUR <= to < visit.start_at


async def test_a_providers_limit_holds_over_the_whole_plan(cast: Cast) -> None:
    await away(cast, 4)
    await db.execute("UPDATE practitioner SET max_per_day = 2 WHERE id = {}", cast.ben)
    found = await proposed(cast)
    on_tuesday = [i for i in found.items if i.to_practitioner_id == cast.ben and i.to_start_at.date() == TUESDAY]  # type: ignore[union-attr]
    assert len(on_tuesday) == 2
    done = await service.carry_out(cast.carol, found.id, ids(found), NOW)
    assert len(done.moved) == 4


@pytest.mark.parametrize("is_full", [False, True])
async def test_a_session_never_falls_behind_the_talk_about_it(cast: Cast, is_full: bool) -> None:
    """Dr. Ben has the patient at noon for the talk. If his morning is full, no hour after it will do."""
    assert cast.ana.patient_id is not None
    session = await booked(cast, cast.ana)
    await service.book_for(
        cast.carol, cast.ana.patient_id, cast.ben, "integration", TEN + 2 * HOUR, "CO", "America/Denver", NOW
    )
    for n in range(-2, 2) if is_full else ():
        await booked(cast, await add_patient(), TEN + n * HOUR, cast.ben)
    await service.add_exception(cast.carol, cast.ada, ExceptionDraft("off", TUESDAY, TUESDAY), NOW)
    (item,) = (await proposed(cast)).items
    assert item.appointment_id == session.id
    assert item.to_start_at == (None if is_full else TEN)


async def test_every_flagged_visit_of_a_provider_can_be_planned_at_once(cast: Cast) -> None:
    visits = [await booked(cast, cast.ana), await booked(cast, cast.bo, TEN + 48 * HOUR)]
    assert await service.propose_flagged(cast.carol, cast.ada, NOW) is None
    for licence in await service.licences_of(cast.carol.scope, cast.ada):
        await service.end_licence(cast.carol, licence.id, date(2026, 11, 23), NOW)
    found = await service.propose_flagged(cast.carol, cast.ada, NOW)
    assert found is not None
    assert (found.first_on, found.last_on) == (TUESDAY, TUESDAY + timedelta(days=2))
    assert [item.to_practitioner_id for item in found.items] == [cast.ben, cast.ben]
    done = await service.carry_out(cast.carol, found.id, ids(found), NOW)
    assert [one.id for one in done.moved] == [one.id for one in visits]
    assert await service.propose_flagged(cast.carol, cast.ada, NOW) is None


async def test_a_newer_proposal_for_the_same_days_dismisses_the_older(cast: Cast) -> None:
    await away(cast)
    older = await proposed(cast)
    newer = await proposed(cast)
    assert [one.id for one in await service.open_replans(cast.carol.scope)] == [newer.id]
    with pytest.raises(Conflict) as late:
        await service.carry_out(cast.carol, older.id, ids(older), NOW)
    assert late.value.code == "dismissed"
    assert {item.outcome for item in (await service.replan(cast.carol.scope, older.id)).items} == {"kept"}


async def test_dismissing_twice_is_once_and_what_was_carried_out_is_not_dismissed(cast: Cast) -> None:
    await away(cast)
    found = await proposed(cast)
    first = await service.dismiss(cast.carol, found.id, NOW)
    assert await service.dismiss(cast.carol, found.id, NOW) == first
    other = await proposed(cast)
    await service.carry_out(cast.carol, other.id, ids(other), NOW)
    with pytest.raises(Conflict):
        await service.dismiss(cast.carol, other.id, NOW)


async def test_days_without_visits_need_no_plan(cast: Cast) -> None:
    assert await service.propose(cast.carol, cast.ada, TUESDAY, TUESDAY, NOW) is None
    assert await count("replan") == 0


async def test_again_with_nothing_left_dismisses(cast: Cast) -> None:
    visits = await away(cast)
    found = await proposed(cast)
    for one in visits:
        await service.cancel(cast.carol, one.id, "ill", NOW)
    assert await service.propose_again(cast.carol, found.id, NOW) is None
    assert (await service.replan(cast.carol.scope, found.id)).status == "dismissed"


@pytest.mark.parametrize("chosen", [[], [new_id()]])
async def test_a_choice_that_was_not_proposed_is_invalid(cast: Cast, chosen: list[UUID]) -> None:
    await away(cast)
    found = await proposed(cast)
    with pytest.raises(Invalid) as wrong:
        await service.carry_out(cast.carol, found.id, chosen, NOW)
    assert set(wrong.value.fields) == {"visits"}


@pytest.mark.parametrize(
    ("first", "last"), [(TUESDAY, TUESDAY - timedelta(days=1)), (TUESDAY, TUESDAY + timedelta(days=92)),
                        (date(1, 1, 1), date(1, 1, 2)), (date(9999, 12, 31), date(9999, 12, 31))],
)  # fmt: skip
async def test_impossible_dates_are_invalid(cast: Cast, first: date, last: date) -> None:
    with pytest.raises(Invalid):
        await service.propose(cast.carol, cast.ada, first, last, NOW)


async def test_it_is_for_coordinators(cast: Cast) -> None:
    await away(cast)
    found = await proposed(cast)
    for who in (cast.ana, provider(cast.ada), NOBODY, Actor(Role.ADMIN, account_id=new_id())):
        for act in (
            service.propose(who, cast.ada, TUESDAY, TUESDAY, NOW), service.propose_flagged(who, cast.ada, NOW),
            service.propose_again(who, found.id, NOW),
        ):  # fmt: skip
            with pytest.raises(Refused):
                await act
        for act in (service.carry_out(who, found.id, ids(found), NOW), service.dismiss(who, found.id, NOW)):
            with pytest.raises(NotFound):
                await act
        with pytest.raises(NotFound):
            await service.replan(who.scope, found.id)


async def test_what_does_not_exist_is_not_found(cast: Cast) -> None:
    nothing = new_id()
    for act in (
        service.propose(cast.carol, nothing, TUESDAY, TUESDAY, NOW), service.propose_flagged(cast.carol, nothing, NOW),
        service.propose_again(cast.carol, nothing, NOW), service.carry_out(cast.carol, nothing, [nothing], NOW),
        service.dismiss(cast.carol, nothing, NOW),
    ):  # fmt: skip
        with pytest.raises(NotFound):
            await act


async def test_a_plan_is_never_worked_out_inside_a_transaction(cast: Cast) -> None:
    await away(cast)
    async with db.transaction():
        with pytest.raises(RuntimeError, match="outside"):
            await service.propose(cast.carol, cast.ada, TUESDAY, TUESDAY, NOW)
