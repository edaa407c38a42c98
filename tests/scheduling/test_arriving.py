"""Just before a visit: the room opens to a patient who is where the provider may see them, and to nobody else."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from carepath.audit import history
from carepath.kit import db
from carepath.kit.actor import SYSTEM, Actor
from carepath.kit.errors import Conflict, Invalid, NotFound
from carepath.scheduling import catalogue, service
from carepath.scheduling.rules import slots
from carepath.scheduling.rules.gates import LOCAL
from carepath.scheduling.rules.model import Ask, Pattern, Snapshot, Validity, VisitType, Weekly

from .cast import NOW, RULES, TEN, Cast, booked, provider
from .conftest import CONFIG

MINUTE = timedelta(minutes=1)
SOON = TEN - 10 * MINUTE
PLACES = catalogue.load(CONFIG)


async def state(who: Actor, visit: service.Appointment, now: datetime = SOON) -> str:
    """What stands between the patient and the room."""
    return (await service.entrance(who.scope, await service.get(SYSTEM.scope, visit.id), now)).state


async def flag(visit: service.Appointment) -> str | None:
    return (await service.get(SYSTEM.scope, visit.id)).attention


async def test_the_room_opens_once_the_patient_said_where_they_are(cast: Cast) -> None:
    visit = await booked(cast, cast.ana)
    assert await state(cast.ana, visit, TEN - 31 * MINUTE) == "early"
    assert await state(cast.ana, visit) == "ask"
    arrival = await service.check_in(cast.ana, visit.id, "CO", SOON)
    assert arrival.refused is None
    assert (arrival.appointment.status, arrival.appointment.located_in) == ("checked-in", "CO")
    assert arrival.appointment.located_at == SOON
    assert await state(cast.ana, visit) == "open"
    assert await state(cast.ana, visit, visit.end_at) == "none"


async def test_a_provider_may_be_licensed_where_the_patient_is_instead(cast: Cast) -> None:
    visit = await booked(cast, cast.ana)
    arrival = await service.check_in(cast.ana, visit.id, "WY", SOON)
    assert (arrival.refused, arrival.appointment.status, arrival.appointment.jurisdiction) == (None, "checked-in", "CO")


async def test_who_is_elsewhere_is_turned_away_and_the_clinic_told(cast: Cast) -> None:
    visit = await booked(cast, cast.ana)
    arrival = await service.check_in(cast.ana, visit.id, "UT", SOON)
    assert arrival.refused is not None
    assert arrival.refused.code == "not-licensed"
    kept = arrival.appointment
    assert (kept.status, kept.located_in, kept.attention) == ("booked", "UT", "located-elsewhere")
    assert await state(cast.ana, visit) == "refused"
    changes = await history.of(SYSTEM.scope, "appointment", visit.id)
    assert [(one.action, one.author_role) for one in changes][-1] == ("turn-away", "patient")


async def test_an_answer_can_be_corrected_in_both_directions(cast: Cast) -> None:
    visit = await booked(cast, cast.ana)
    await service.check_in(cast.ana, visit.id, "UT", SOON)
    arrival = await service.check_in(cast.ana, visit.id, "CO", SOON + MINUTE)
    assert (arrival.refused, arrival.appointment.status, arrival.appointment.attention) == (None, "checked-in", None)
    assert await state(cast.ana, visit) == "open"
    again = await service.check_in(cast.ana, visit.id, "CO", SOON + 2 * MINUTE)
    assert again.appointment == arrival.appointment
    away = await service.check_in(cast.ana, visit.id, "UT", SOON + 3 * MINUTE)
    assert (away.appointment.status, away.appointment.attention) == ("booked", "located-elsewhere")
    assert await state(cast.ana, visit, SOON + 3 * MINUTE) == "refused"


async def test_a_licence_that_ends_while_the_patient_waits_closes_the_room(cast: Cast) -> None:
    visit = await booked(cast, cast.ana)
    await service.check_in(cast.ana, visit.id, "CO", SOON)
    [licence] = [one for one in await service.licences_of(SYSTEM.scope, cast.ada) if one.jurisdiction == "CO"]
    await service.end_licence(cast.carol, licence.id, NOW.date(), SOON)
    assert await state(cast.ana, visit) == "refused"
    assert await flag(visit) == "not-licensed"
    arrival = await service.check_in(cast.ana, visit.id, "CO", SOON + MINUTE)
    assert arrival.refused is not None
    assert arrival.refused.code == "licence-expired"


async def test_a_licence_for_where_the_patient_is_ends_the_flag_but_the_patient_is_asked_again(cast: Cast) -> None:
    visit = await booked(cast, cast.ana)
    await service.check_in(cast.ana, visit.id, "UT", SOON)
    assert await service.grant_licence(cast.carol, cast.ada, "UT", date(2020, 1, 1), None, SOON) == []
    assert await flag(visit) is None
    assert await state(cast.ana, visit) == "ask"
    assert (await service.check_in(cast.ana, visit.id, "UT", SOON)).appointment.status == "checked-in"


async def test_other_changes_do_not_hide_that_the_patient_is_elsewhere(cast: Cast) -> None:
    visit = await booked(cast, cast.ana)
    await service.check_in(cast.ana, visit.id, "UT", SOON)
    whole = [service.HoursDraft(day, time(8), time(18), date(2020, 1, 1)) for day in range(5)]
    flagged = await service.replace_hours(cast.carol, cast.ada, whole, SOON)
    assert [(one.id, one.attention) for one in flagged] == [(visit.id, "located-elsewhere")]


async def test_a_state_without_telehealth_is_refused_although_the_licence_is_there(cast: Cast) -> None:
    visit, found = await booked(cast, cast.ana), catalogue.clinic()
    rule = replace(PLACES.jurisdictions["FL"].prescribing[0], valid_from=date(2020, 1, 1), closes_booking=True)
    wyoming = replace(found.jurisdictions["WY"], prescribing=(rule,))
    catalogue.configure(replace(found, jurisdictions={**found.jurisdictions, "WY": wyoming}))
    arrival = await service.check_in(cast.ana, visit.id, "WY", SOON)
    assert arrival.refused is not None
    assert arrival.refused.code == "no-telehealth"


async def test_a_visit_in_person_asks_nobody_where_they_are(cast: Cast) -> None:
    visit, found = await booked(cast, cast.ana), catalogue.clinic()
    here = replace(found.visit_types["evaluation"], modality="in-person")
    catalogue.configure(replace(found, visit_types={"evaluation": here}))
    assert await state(cast.ana, visit) == "none"
    arrival = await service.check_in(cast.carol, visit.id, None, SOON)
    assert (arrival.appointment.status, arrival.appointment.located_in) == ("checked-in", None)


@pytest.mark.parametrize("place", [None, "", "XX", "co", "Colorado"])
async def test_nobody_checks_in_without_a_state_staff_included(cast: Cast, place: str | None) -> None:
    visit = await booked(cast, cast.ana)
    for who in (cast.ana, cast.carol, provider(cast.ada)):
        with pytest.raises(Invalid) as wrong:
            await service.check_in(who, visit.id, place, SOON)
        assert set(wrong.value.fields) == {"located_in"}
    assert (await service.get(SYSTEM.scope, visit.id)).status == "booked"
    for who in (cast.carol, provider(cast.ada)):
        assert (await service.check_in(who, visit.id, "CO", SOON)).appointment.status == "checked-in"


async def test_only_ones_own_visit_in_its_time(cast: Cast) -> None:
    visit = await booked(cast, cast.ana)
    with pytest.raises(NotFound):
        await service.check_in(cast.bo, visit.id, "CO", SOON)
    with pytest.raises(NotFound):
        await service.check_in(provider(cast.ben), visit.id, "CO", SOON)
    elsewhere = replace(cast.ana, limited_to=("appointment", cast.ada))
    with pytest.raises(NotFound):
        await service.check_in(elsewhere, visit.id, "CO", SOON)
    with pytest.raises(Conflict) as early:
        await service.check_in(cast.ana, visit.id, "CO", TEN - 31 * MINUTE)
    with pytest.raises(Conflict) as late:
        await service.check_in(cast.ana, visit.id, "CO", visit.end_at)
    assert (early.value.code, late.value.code) == ("too-early", "over")
    assert (await service.get(SYSTEM.scope, visit.id)).located_in is None


async def test_who_was_turned_away_is_no_no_show(cast: Cast) -> None:
    away, missing = await booked(cast, cast.ana), await booked(cast, cast.bo, TEN + timedelta(hours=1))
    await service.check_in(cast.ana, away.id, "UT", SOON)
    assert [one.id for one in await service.mark_no_shows(TEN + timedelta(hours=9))] == [missing.id]
    assert (await service.get(SYSTEM.scope, away.id)).status == "booked"


async def test_moving_the_visit_forgets_where_the_patient_was(cast: Cast) -> None:
    visit = await booked(cast, cast.ana)
    await service.check_in(cast.ana, visit.id, "UT", SOON)
    moved = await service.move(cast.carol, visit.id, cast.ada, TEN + timedelta(days=1), SOON, reason="In Utah today.")
    assert (moved.located_in, moved.located_at, moved.attention) == (None, None, None)
    row = await db.row("SELECT located_at FROM appointment WHERE id = {}", visit.id)
    assert row is not None
    assert row["located_at"] is None


_DATES = st.dates(date(2026, 1, 1), date(2028, 12, 31))
_LICENCES = st.lists(
    st.builds(lambda first, days: Validity(first, first + timedelta(days=days)), _DATES, st.integers(0, 400))
    | st.builds(lambda first: Validity(first, None), _DATES),
    max_size=3,
)


@given(st.sampled_from(sorted(PLACES.jurisdictions)), _DATES, st.integers(0, 1439), _LICENCES, _LICENCES, st.booleans())
def test_the_gate_lets_nobody_through_whom_the_search_would_not_have(
    code: str, on: date, minute: int, licences: list[Validity], closed: list[Validity], is_active: bool
) -> None:
    """For every place and date: it refuses exactly what the rules of place refuse, whatever else is the matter."""
    always = Pattern("America/Denver", tuple(Weekly(day, 0, 1440, date(2020, 1, 1), None) for day in range(7)))
    seen = Snapshot(UUID(int=1), "Ada Quill", "MD", always, is_active, tuple(licences))
    visit = VisitType("evaluation", "First evaluation", 45, 0, 0)
    start = datetime(on.year, on.month, on.day, tzinfo=UTC) + timedelta(minutes=minute)
    ask = Ask(visit, PLACES.jurisdictions[code].zone, RULES, 0, NOW, no_telehealth=tuple(closed))
    refused, everything = slots.not_here(seen, ask, start), slots.against(seen, ask, start)
    local = [one for one in everything if one in {rule.code for rule in LOCAL}]
    assert (refused.code if refused else None) == next(iter(local), None)
    first = slots.bookable(seen, ask, start)
    assert first is None or first.code not in {rule.code for rule in LOCAL} or refused == first
    day = start.astimezone(ZoneInfo(PLACES.jurisdictions[code].zone)).date()
    covered = any(one.valid_from <= day <= (one.valid_until or date.max) for one in licences)
    assert covered or refused is not None
