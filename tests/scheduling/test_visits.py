"""What happens to an appointment after it was made."""

import asyncio
from datetime import timedelta

import pytest

from carepath.audit import history
from carepath.kit.actor import SYSTEM
from carepath.kit.errors import Conflict, Invalid, Refused
from carepath.scheduling import service

from .cast import MONDAY, NOW, TEN, Cast, add_patient, booked, hold, provider

MINUTE = timedelta(minutes=1)


async def test_a_cancelled_visit_has_a_new_version_a_reason_and_frees_its_time(cast: Cast) -> None:
    visit = await booked(cast, cast.ana)
    cancelled = await service.cancel(cast.carol, visit.id, "Dr. Quill is ill", NOW)
    assert (cancelled.status, cancelled.version) == ("cancelled", 2)
    assert await service.cancel(cast.ana, visit.id, "", NOW) == cancelled
    steps = await history.of(SYSTEM.scope, "appointment", visit.id)
    assert (steps[-1].action, steps[-1].reason, steps[-1].author_role) == ("cancel", "Dr. Quill is ill", "coordinator")
    assert await hold(cast, cast.bo)
    assert cast.ana.patient_id is not None
    assert await service.appointments_of(cast.ana.scope, cast.ana.patient_id) == [cancelled]


@pytest.mark.parametrize("reason", ["", "  ", "x" * 501, "a\0b", "\ud800"])
async def test_staff_give_a_reason_that_can_be_kept(cast: Cast, reason: str) -> None:
    visit = await booked(cast, cast.ana)
    with pytest.raises(Invalid) as wrong:
        await service.cancel(cast.carol, visit.id, reason, NOW)
    assert set(wrong.value.fields) == {"reason"}
    assert await service.get(SYSTEM.scope, visit.id) == visit


async def test_a_hold_can_be_given_back_twice(cast: Cast) -> None:
    held = await hold(cast, cast.ana)
    assert (await service.release(cast.ana, held.id, NOW)).status == "cancelled"
    assert (await service.release(cast.ana, held.id, NOW)).version == 1
    with pytest.raises(Conflict, match="not confirmed"):
        await service.confirm(cast.ana, held.id, NOW)


async def test_a_booking_cannot_be_released(cast: Cast) -> None:
    visit = await booked(cast, cast.ana)
    with pytest.raises(Conflict) as refused:
        await service.release(cast.ana, visit.id, NOW)
    assert refused.value.code == "booked"


async def test_a_visit_takes_place(cast: Cast) -> None:
    visit, ada = await booked(cast, cast.ana), provider(cast.ada)
    with pytest.raises(Conflict, match="too early"):
        await service.check_in(cast.ana, visit.id, "CO", TEN - 31 * MINUTE)
    here = (await service.check_in(cast.ana, visit.id, "CO", TEN - 30 * MINUTE)).appointment
    assert here.status == "checked-in"
    with pytest.raises(Conflict, match="too early"):
        await service.fulfil(ada, visit.id, TEN - MINUTE)
    with pytest.raises(Refused):
        await service.fulfil(cast.ana, visit.id, TEN)
    done = await service.fulfil(ada, visit.id, TEN + 40 * MINUTE)
    assert (done.status, done.version) == ("fulfilled", 1)
    with pytest.raises(Conflict) as late:
        await service.cancel(cast.carol, visit.id, "late", TEN + 41 * MINUTE)
    assert late.value.code == "fulfilled"


async def test_a_no_show_is_said_after_the_grace_and_can_be_taken_back(cast: Cast) -> None:
    visit, ada = await booked(cast, cast.ana), provider(cast.ada)
    with pytest.raises(Conflict, match="too early"):
        await service.no_show(ada, visit.id, TEN + 29 * MINUTE)
    assert (await service.no_show(ada, visit.id, TEN + 30 * MINUTE)).status == "noshow"
    back = await service.reverse_no_show(ada, visit.id, TEN + 31 * MINUTE)
    assert back.status == "checked-in"
    assert await service.mark_no_shows(TEN + timedelta(days=1)) == []
    assert (await service.fulfil(ada, visit.id, TEN + 32 * MINUTE)).status == "fulfilled"


async def test_the_clock_marks_no_shows_once_the_visit_and_its_grace_are_over(cast: Cast) -> None:
    visit = await booked(cast, cast.ana)
    here = await booked(cast, cast.bo, TEN + timedelta(hours=1))
    await service.check_in(cast.bo, here.id, "CO", here.start_at)
    assert await service.mark_no_shows(visit.end_at + 29 * MINUTE) == []
    marked = await service.mark_no_shows(visit.end_at + timedelta(hours=5))
    assert [(one.id, one.status) for one in marked] == [(visit.id, "noshow")]
    assert await service.mark_no_shows(visit.end_at + timedelta(hours=5)) == []


async def test_run_out_holds_are_swept_with_a_history(cast: Cast) -> None:
    held = await hold(cast, cast.ana)
    assert await service.expire_holds(NOW + 9 * MINUTE) == 0
    assert await service.expire_holds(NOW + 10 * MINUTE) == 1
    assert await service.expire_holds(NOW + 10 * MINUTE) == 0
    assert (await history.of(SYSTEM.scope, "appointment", held.id))[-1].action == "expire"
    with pytest.raises(Conflict) as lost:
        await service.confirm(cast.ana, held.id, NOW + 10 * MINUTE)
    assert lost.value.code == "hold-expired"


async def test_a_week_is_seven_days_of_the_zone_and_each_sees_their_own(cast: Cast) -> None:
    visit = await booked(cast, cast.ana)
    other = await booked(cast, cast.bo, practitioner_id=cast.ben)
    board = await service.week(cast.carol.scope, MONDAY, "America/Denver")
    assert [one.id for one in board] == [visit.id, other.id]
    assert [one.id for one in await service.week(provider(cast.ben).scope, MONDAY, "America/Denver")] == [other.id]
    assert await service.week(cast.carol.scope, MONDAY + timedelta(days=2), "America/Denver") == []
    assert len(await service.week(cast.carol.scope, MONDAY + timedelta(days=1), "Asia/Tokyo")) == 2
    with pytest.raises(Invalid):
        await service.week(cast.carol.scope, MONDAY, "Mars/Base")


async def test_a_visit_beside_one_that_was_not_kept_stays_in_order(cast: Cast) -> None:
    """The database's ranges are half-open: what ends at eleven leaves eleven free."""
    visit = await booked(cast, cast.ana)
    await service.no_show(provider(cast.ada), visit.id, visit.end_at)
    follow_up = await booked(cast, cast.bo, TEN + timedelta(hours=1), visit_type="follow-up")
    assert follow_up.end_at - follow_up.start_at == timedelta(minutes=20)


async def test_many_no_shows_are_marked_while_others_book(cast: Cast) -> None:
    missed = [await booked(cast, await add_patient(), TEN + timedelta(hours=n)) for n in range(6)]
    late = TEN + timedelta(days=1)
    tries = [hold(cast, await add_patient(), late + timedelta(days=1, hours=n), now=late) for n in range(6)]
    rounds = [service.mark_no_shows(late) for _ in range(3)]
    answers = await asyncio.gather(*tries, *rounds)
    assert sum(len(answer) for answer in answers if isinstance(answer, list)) == len(missed)
    for visit in missed:
        steps = await history.of(SYSTEM.scope, "appointment", visit.id)
        assert [step.action for step in steps] == ["hold", "confirm", "no-show"]
