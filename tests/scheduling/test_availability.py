"""Hours, days off and licences change; visits stay, and staff are told."""

from datetime import date, datetime, time, timedelta

import pytest

from carepath.kit.actor import SYSTEM
from carepath.kit.errors import Invalid, NotFound, Refused
from carepath.kit.ids import new_id
from carepath.scheduling import service
from carepath.scheduling.service import ExceptionDraft, HoursDraft, Unbookable

from .cast import MONDAY, NOW, TEN, Cast, add_provider, booked, hold, provider

TUESDAY = TEN.date()
LONG_AGO = date(2020, 1, 1)
MORNINGS = [HoursDraft(day, time(9), time(10), LONG_AGO) for day in range(5)]


async def _free(cast: Cast, on: date = TUESDAY) -> list[datetime]:
    offers = await service.search(cast.ana, "evaluation", "CO", NOW, on, on, "America/Denver", [cast.ada])
    return [offer.start_at for offer in offers]


async def test_a_shorter_week_keeps_the_visit_and_flags_it(cast: Cast) -> None:
    visit = await booked(cast, cast.ana)
    flagged = await service.replace_hours(cast.carol, cast.ada, MORNINGS, NOW)
    assert [(one.id, one.status, one.attention, one.version) for one in flagged] == [
        (visit.id, "booked", "outside-hours", 1)
    ]
    assert await _free(cast) == [TEN - timedelta(hours=1)]
    assert len(await service.hours_of(cast.carol.scope, cast.ada)) == 5
    whole = [HoursDraft(day, time(9), time(17), LONG_AGO) for day in range(5)]
    assert await service.replace_hours(cast.carol, cast.ada, whole, NOW) == []
    assert (await service.get(SYSTEM.scope, visit.id)).attention is None


async def test_a_day_off_closes_the_day_and_flags_what_is_booked(cast: Cast) -> None:
    visit = await booked(cast, cast.ana)
    off = ExceptionDraft("off", TUESDAY, TUESDAY)
    assert [one.id for one in await service.add_exception(cast.carol, cast.ada, off, NOW)] == [visit.id]
    assert await _free(cast) == []
    reasons = await service.why_nothing(
        cast.carol, "evaluation", "CO", NOW, TUESDAY, TUESDAY, "America/Denver", [cast.ada]
    )
    assert [(why.practitioner_name, why.code) for why in reasons] == [("Ada Quill", "day-off")]
    written = await service.exceptions_of(cast.carol.scope, cast.ada, MONDAY)
    assert [(one.kind, one.first_on) for one in written] == [("off", TUESDAY)]
    assert await service.remove_exception(cast.carol, written[0].id, NOW) == []
    assert await _free(cast)
    assert (await service.get(SYSTEM.scope, visit.id)).attention is None


async def test_moving_a_flagged_visit_clears_its_flag(cast: Cast) -> None:
    visit = await booked(cast, cast.ana)
    await service.add_exception(cast.carol, cast.ada, ExceptionDraft("off", TUESDAY, TUESDAY), NOW)
    moved = await service.move(cast.carol, visit.id, cast.ben, TEN, NOW)
    assert moved.attention is None


async def test_extra_hours_open_a_saturday(cast: Cast) -> None:
    saturday = MONDAY + timedelta(days=5)
    assert await _free(cast, saturday) == []
    extra = ExceptionDraft("extra", saturday, saturday, time(10), time(11))
    await service.add_exception(provider(cast.ada), cast.ada, extra, NOW)
    assert len(await _free(cast, saturday)) == 2


async def test_a_hold_is_not_confirmed_into_a_day_off(cast: Cast) -> None:
    held = await hold(cast, cast.ana)
    await service.add_exception(cast.carol, cast.ada, ExceptionDraft("off", TUESDAY, TUESDAY), NOW)
    with pytest.raises(Unbookable) as refused:
        await service.confirm(cast.ana, held.id, NOW)
    assert refused.value.code == "day-off"
    assert refused.value.alternatives


async def test_a_hold_in_time_is_confirmed_although_the_notice_has_begun(cast: Cast) -> None:
    almost = TEN - timedelta(hours=4)
    held = await hold(cast, cast.ana, now=almost)
    assert (await service.confirm(cast.ana, held.id, almost + timedelta(minutes=5))).status == "booked"


async def test_a_licence_that_ends_closes_the_days_after_it_and_flags(cast: Cast) -> None:
    visit = await booked(cast, cast.ana)
    [licence] = [one for one in await service.licences_of(cast.carol.scope, cast.ada) if one.jurisdiction == "CO"]
    flagged = await service.end_licence(cast.carol, licence.id, MONDAY, NOW)
    assert [(one.id, one.attention) for one in flagged] == [(visit.id, "not-licensed")]
    assert await _free(cast) == []
    assert await service.grant_licence(cast.carol, cast.ada, "CO", LONG_AGO, None, NOW) == []
    assert await _free(cast)


async def test_a_provider_who_left_offers_nothing_and_is_hidden_from_patients(cast: Cast) -> None:
    visit = await booked(cast, cast.ana)
    flagged = await service.set_practitioner_active(SYSTEM, cast.ada, False, NOW)
    assert [(one.id, one.attention) for one in flagged] == [(visit.id, "inactive")]
    assert await _free(cast) == []
    assert [one.id for one in await service.practitioners(cast.ana.scope)] == [cast.ben]
    assert len(await service.practitioners(cast.carol.scope)) == 2


async def test_hours_follow_the_providers_own_zone(cast: Cast) -> None:
    away = await add_provider("Cy Vale", "Pacific/Honolulu", "CO")
    offers = await service.search(cast.ana, "evaluation", "CO", NOW, TUESDAY, TUESDAY, "America/Denver", [away])
    assert [f"{offers[0].start_at:%H:%M}", f"{offers[-1].start_at:%d %H:%M}"] == ["19:00", "25 02:15"]


async def test_who_may_change_what(cast: Cast) -> None:
    for who in (cast.ana, cast.bo):
        with pytest.raises(Refused):
            await service.replace_hours(who, cast.ada, MORNINGS, NOW)
        with pytest.raises(Refused):
            await service.grant_licence(who, cast.ada, "CO", LONG_AGO, None, NOW)
        with pytest.raises(Refused):
            await service.why_nothing(who, "evaluation", "CO", NOW, TUESDAY, TUESDAY, "America/Denver")
    with pytest.raises(NotFound):
        await service.replace_hours(provider(cast.ben), cast.ada, MORNINGS, NOW)
    with pytest.raises(NotFound):
        await service.replace_hours(cast.carol, new_id(), MORNINGS, NOW)
    with pytest.raises(NotFound):
        await service.remove_exception(cast.carol, new_id(), NOW)
    with pytest.raises(Refused):
        await service.add_practitioner(cast.carol, "Dee", "MD", "America/Denver", NOW)


async def test_wrong_lines_are_named(cast: Cast) -> None:
    wrong_week = [
        HoursDraft(7, time(9), time(10), LONG_AGO),
        HoursDraft(0, time(10), time(9), LONG_AGO),
        HoursDraft(0, time(9, 0, 1), time(10), LONG_AGO),
        HoursDraft(0, time(9), time(10), LONG_AGO, date(2019, 1, 1)),
        HoursDraft(0, time(9), time(10), date(1, 1, 1)),
    ]
    with pytest.raises(Invalid) as wrong:
        await service.replace_hours(cast.carol, cast.ada, wrong_week, NOW)
    assert set(wrong.value.fields) == {"weekday_0", "opens_1", "opens_2", "valid_from_3", "valid_from_4"}
    for draft, field in (
        (ExceptionDraft("holiday", TUESDAY, TUESDAY), "kind"),
        (ExceptionDraft("off", TUESDAY, MONDAY), "first_on"),
        (ExceptionDraft("extra", TUESDAY, TUESDAY), "opens"),
        (ExceptionDraft("off", TUESDAY, TUESDAY, time(9)), "opens"),
    ):
        with pytest.raises(Invalid) as bad:
            await service.add_exception(cast.carol, cast.ada, draft, NOW)
        assert set(bad.value.fields) == {field}
    with pytest.raises(Invalid):
        await service.add_practitioner(SYSTEM, "a\0", " ", "x", NOW)
    assert await _free(cast)
