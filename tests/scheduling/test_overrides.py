"""What staff may set aside, what nobody may, and what binds patients only."""

from dataclasses import replace
from datetime import date, datetime, time, timedelta
from uuid import uuid4

import pytest

from carepath.audit import history
from carepath.kit import db
from carepath.kit.actor import SYSTEM
from carepath.kit.errors import Conflict, Invalid, NotFound, Refused
from carepath.scheduling import catalogue, service
from carepath.scheduling.asking import check_wish
from carepath.scheduling.rules.model import Clinic
from carepath.scheduling.rules.refusals import OVERRIDABLE
from carepath.scheduling.service import Appointment, ExceptionDraft, HoursDraft, Unbookable

from .cast import MONDAY, NOW, TEN, Cast, booked, hold, provider

SUNDAY_THREE = datetime(2026, 11, 29, 10, 0, tzinfo=TEN.tzinfo)  # 3 AM in Denver
WHY = "Agreed on the phone"


async def book(cast: Cast, start_at: datetime = SUNDAY_THREE, **more: str) -> Appointment:
    assert cast.ana.patient_id is not None
    return await service.book_for(
        cast.carol, cast.ana.patient_id, cast.ada, "evaluation", start_at, "CO", "America/Denver", NOW, **more
    )


async def test_without_a_reason_a_coordinator_is_bound_like_everybody(cast: Cast):
    with pytest.raises(Unbookable) as refused:
        await book(cast)
    assert refused.value.code == "outside-hours"


async def test_with_a_reason_a_visit_stands_outside_hours_and_says_which_rule_it_breaks(cast: Cast):
    visit = await book(cast, override=WHY)
    assert visit.overridden == ("outside-hours",)
    changes = await history.of(SYSTEM.scope, "appointment", visit.id)
    assert [(c.action, c.reason) for c in changes] == [("book", WHY)]


async def test_a_time_off_the_grid_on_a_day_off_breaks_two_rules(cast: Cast):
    await service.add_exception(cast.carol, cast.ada, ExceptionDraft("off", MONDAY, date(2026, 12, 1)), NOW)
    visit = await book(cast, TEN + timedelta(minutes=7), override=WHY)
    assert set(visit.overridden) == {"day-off", "off-grid"}


async def test_an_overridden_visit_is_not_flagged_for_that_rule_but_for_another(cast: Cast):
    visit = await book(cast, override=WHY)
    week = [HoursDraft(day, time(8), time(16), date(2020, 1, 1)) for day in range(5)]
    assert await service.replace_hours(cast.carol, cast.ada, week, NOW) == []
    off = ExceptionDraft("off", SUNDAY_THREE.date(), SUNDAY_THREE.date())
    flagged = await service.add_exception(cast.carol, cast.ada, off, NOW)
    assert [(f.id, f.attention) for f in flagged] == [(visit.id, "outside-hours")]


async def test_a_visit_through_an_hour_that_comes_twice_breaks_the_rules_that_it_breaks(cast: Cast):
    """The clocks go back on November 7, 2027: nobody is open the second time, but that alone is no day off."""
    far = datetime(2027, 10, 1, 12, 0, tzinfo=TEN.tzinfo)
    twice = datetime(2027, 11, 7, 7, 30, tzinfo=TEN.tzinfo)  # from 1:30 MDT to 1:15 MST
    other_day = ExceptionDraft("off", date(2027, 11, 5), date(2027, 11, 5))
    await service.add_exception(cast.carol, cast.ada, other_day, far)
    assert cast.ana.patient_id is not None
    visit = await service.book_for(
        cast.carol, cast.ana.patient_id, cast.ada, "evaluation", twice, "CO", "America/Denver", far, override=WHY
    )
    assert visit.overridden == ("outside-hours",)
    extra = ExceptionDraft("extra", date(2027, 11, 5), date(2027, 11, 5), time(9), time(10))
    assert await service.add_exception(cast.carol, cast.ada, extra, far) == []
    off = ExceptionDraft("off", date(2027, 11, 7), date(2027, 11, 7), time(1), time(1, 10))
    assert [one.id for one in await service.add_exception(cast.carol, cast.ada, off, far)] == [visit.id]


@pytest.mark.parametrize("reason", ["", "   ", "x" * 501, "a\0b"])
async def test_an_empty_or_unkeepable_reason_is_named(cast: Cast, reason: str):
    with pytest.raises(Invalid) as wrong:
        await book(cast, override=reason)
    assert set(wrong.value.fields) == {"reason"}


async def test_no_reason_buys_a_taken_time_an_expired_licence_or_another_state(cast: Cast):
    taken = await booked(cast, cast.bo)
    with pytest.raises(Unbookable) as lost:
        await book(cast, taken.start_at + timedelta(minutes=7), override=WHY)
    assert lost.value.code == "taken"
    for licence in await service.licences_of(SYSTEM.scope, cast.ada):
        await service.end_licence(cast.carol, licence.id, date(2026, 11, 25), NOW)
    with pytest.raises(Unbookable) as unlicensed:
        await book(cast, override=WHY)
    assert unlicensed.value.code == "licence-expired"
    assert OVERRIDABLE.isdisjoint(
        {"taken", "patient-busy", "not-licensed", "licence-expired", "no-telehealth", "inactive"}
    )


async def test_a_patient_overrides_nothing(cast: Cast):
    visit = await booked(cast, cast.ana)
    with pytest.raises(Refused):
        await service.move(cast.ana, visit.id, cast.ada, SUNDAY_THREE, NOW, override=WHY)


async def test_moving_back_into_hours_clears_what_was_set_aside(cast: Cast):
    visit = await book(cast, override=WHY)
    moved = await service.move(cast.carol, visit.id, cast.ada, TEN, NOW)
    assert (moved.id, moved.overridden, moved.version) == (visit.id, (), 2)


@pytest.fixture
def strict(clinic: Clinic) -> Clinic:
    """A day's notice and two moves."""
    found = replace(clinic, rules=replace(clinic.rules, change_notice_hours=24, most_moves=2))
    catalogue.configure(found)
    return found


async def test_within_the_notice_a_patient_calls_and_staff_say_why(cast: Cast, strict: Clinic):
    visit = await booked(cast, cast.ana)
    late = visit.start_at - timedelta(hours=23)
    for change in (
        lambda who, reason: service.cancel(who, visit.id, reason, late),
        lambda who, reason: service.move(who, visit.id, cast.ada, TEN + timedelta(days=2), late, reason=reason),
    ):
        with pytest.raises(Conflict) as refused:
            await change(cast.ana, "")
        assert refused.value.code == "too-late"
        with pytest.raises(Invalid) as unexplained:
            await change(cast.carol, "")
        assert set(unexplained.value.fields) == {"reason"}
    moved = await service.move(cast.carol, visit.id, cast.ada, TEN + timedelta(days=2), late, reason="Called us")
    assert moved.version == 2
    in_time = await service.cancel(cast.ana, visit.id, "", late)
    assert in_time.status == "cancelled"


async def test_exactly_at_the_notice_a_patient_may(cast: Cast, strict: Clinic):
    visit = await booked(cast, cast.ana)
    cancelled = await service.cancel(cast.ana, visit.id, "", visit.start_at - timedelta(hours=24))
    assert cancelled.status == "cancelled"


async def test_a_patient_moves_twice_and_then_calls(cast: Cast, strict: Clinic):
    visit = await booked(cast, cast.ana, TEN + timedelta(days=2))
    for hours in (1, 2):
        visit = await service.move(cast.ana, visit.id, cast.ada, TEN + timedelta(days=2, hours=hours), NOW)
    assert visit.moves == 2
    with pytest.raises(Conflict) as often:
        await service.move(cast.ana, visit.id, cast.ada, TEN + timedelta(days=3), NOW)
    assert often.value.code == "moved-often"
    by_staff = await service.move(cast.carol, visit.id, cast.ada, TEN + timedelta(days=3), NOW, reason="Called us")
    assert by_staff.moves == 2


async def test_a_dosing_session_is_booked_by_the_clinic(cast: Cast):
    with pytest.raises(Refused):
        await hold(cast, cast.ana, visit_type="dosing-session")
    assert cast.bo.patient_id is not None
    ada = provider(cast.ada)
    by_ada = await service.book_for(
        ada, cast.bo.patient_id, cast.ada, "dosing-session", TEN, "CO", "America/Denver", NOW
    )
    assert by_ada.status == "booked"
    with pytest.raises(NotFound):
        await service.book_for(ada, cast.bo.patient_id, cast.ben, "follow-up", TEN, "CO", "America/Denver", NOW)


async def request_of(cast: Cast) -> object:
    row_id = uuid4()
    await db.execute(
        """INSERT INTO consult_request (id, patient_id, visit_type, source, status, jurisdiction, zone, first_on, last_on,
           windows, look_at, created_at, updated_at)
           VALUES ({}, {}, 'evaluation', 'patient', 'waiting', 'CO', 'America/Denver', {}, {}, '[]', {}, {}, {})""",
        row_id, cast.ana.patient_id, MONDAY, MONDAY, NOW, NOW, NOW,
    )  # fmt: skip
    return row_id


async def test_an_offer_and_a_patients_own_hold_stand_beside_each_other(cast: Cast):
    assert cast.ana.patient_id is not None
    wish = check_wish(cast.ana.patient_id, cast.ada, "evaluation", TEN, "CO", "America/Denver")
    offer = await service.offer_hold(wish, await request_of(cast), NOW + timedelta(hours=12), NOW)  # type: ignore[arg-type]
    own = await hold(cast, cast.ana, TEN + timedelta(hours=3))
    assert (await service.get(SYSTEM.scope, offer.id)).status == "proposed"
    again = await hold(cast, cast.ana, TEN + timedelta(minutes=30))
    assert again.status == "proposed"
    states = {one.id: (await service.get(SYSTEM.scope, one.id)).status for one in (offer, own)}
    assert states == {offer.id: "cancelled", own.id: "cancelled"}


async def test_what_becomes_free_is_noted_once_for_each_way(cast: Cast):
    moved = await booked(cast, cast.ana)
    await service.move(cast.ana, moved.id, cast.ben, TEN + timedelta(hours=4), NOW)
    await service.cancel(cast.ana, moved.id, "", NOW)
    gone = await hold(cast, cast.bo, TEN + timedelta(days=1))
    await service.release(cast.bo, gone.id, NOW)
    run_out = await hold(cast, cast.bo, TEN + timedelta(days=2))
    assert await service.expire_holds(NOW + timedelta(minutes=11)) == 1
    freed = await db.rows("SELECT practitioner_id, begins_at FROM freed_time ORDER BY begins_at")
    assert [(r["practitioner_id"], r["begins_at"]) for r in freed] == [
        (cast.ada, TEN), (cast.ben, TEN + timedelta(hours=4)), (cast.ada, gone.start_at), (cast.ada, run_out.start_at),
    ]  # fmt: skip
