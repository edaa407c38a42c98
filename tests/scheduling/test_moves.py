"""A move keeps the row, and either happens whole or not at all."""

from datetime import timedelta

import pytest

from carepath.kit.errors import Conflict
from carepath.scheduling import service
from carepath.scheduling.service import SlotTaken

from .cast import MONDAY, NOW, TEN, Cast, booked, hold

HOUR = timedelta(hours=1)


async def test_a_move_keeps_the_row_and_frees_the_old_time(cast: Cast) -> None:
    visit = await booked(cast, cast.ana)
    moved = await service.move(cast.ana, visit.id, cast.ben, TEN + HOUR, NOW)
    assert (moved.id, moved.version, moved.practitioner_id) == (visit.id, 2, cast.ben)
    assert moved.room == visit.room
    assert (moved.end_at - moved.start_at) == timedelta(minutes=45)
    assert await service.move(cast.ana, visit.id, cast.ben, TEN + HOUR, NOW) == moved
    assert await hold(cast, cast.bo)


async def test_a_move_may_overlap_its_own_old_time(cast: Cast) -> None:
    visit = await booked(cast, cast.ana)
    offers = await service.search(
        cast.ana, "evaluation", "CO", NOW, MONDAY, MONDAY + timedelta(days=3), "America/Denver", moving=visit.id
    )
    target = TEN + timedelta(minutes=15)
    assert (target, cast.ada) in {(offer.start_at, offer.practitioner_id) for offer in offers}
    assert (await service.move(cast.ana, visit.id, cast.ada, target, NOW)).version == 2


async def test_a_lost_move_leaves_the_visit_where_it_was(cast: Cast) -> None:
    visit = await booked(cast, cast.ana)
    await booked(cast, cast.bo, TEN + HOUR)
    with pytest.raises(SlotTaken) as lost:
        await service.move(cast.ana, visit.id, cast.ada, TEN + HOUR, NOW)
    assert lost.value.alternatives
    assert await service.get(cast.ana.scope, visit.id) == visit


async def test_a_patient_cannot_move_or_cancel_what_has_begun(cast: Cast) -> None:
    visit = await booked(cast, cast.ana)
    for attempt in (
        service.move(cast.ana, visit.id, cast.ada, TEN + HOUR * 24, TEN),
        service.cancel(cast.ana, visit.id, "", TEN),
    ):
        with pytest.raises(Conflict, match="already begun"):
            await attempt
