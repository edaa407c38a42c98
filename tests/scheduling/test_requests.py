"""The waiting list: what suits, one offer a time, and every way an offer ends."""

import asyncio
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from itertools import islice
from random import Random
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from carepath.kit import db, when
from carepath.kit.actor import SYSTEM, Actor, Role, Scope
from carepath.kit.errors import Conflict, Invalid, NotFound, Refused
from carepath.scheduling import catalogue, service
from carepath.scheduling.rules import requests
from carepath.scheduling.rules.model import Clinic
from carepath.scheduling.rules.ranges import instant_of, minute_of
from carepath.scheduling.rules.requests import Suits, windows_of
from carepath.scheduling.service import Appointment, ConsultRequest, HoursDraft, RequestDraft

from .cast import MONDAY, NOW, TEN, Cast, add_patient, add_provider, booked, hold

DENVER = "America/Denver"
SOON = RequestDraft("evaluation", MONDAY, MONDAY + timedelta(days=20))
DAY = timedelta(days=1)


# Rules


@given(
    zone=st.sampled_from(sorted(when.zone_names())), first=st.dates(date(2024, 1, 1), date(2035, 1, 1)),
    weekdays=st.sets(st.integers(0, 6)), parts=st.sets(st.sampled_from(["morning", "afternoon", "evening"])),
    minutes=st.integers(1, 480),
)  # fmt: skip
def test_the_whole_visit_lies_in_what_the_patient_said(zone: str, first: date, weekdays, parts, minutes: int):
    windows = windows_of(weekdays, parts)
    begin = minute_of(datetime(first.year, first.month, first.day, tzinfo=ZoneInfo("UTC")))
    found = requests.suitable(windows, zone, first, first + 2 * DAY, (begin, begin + 3 * 1440), minutes)
    for low, past in found:
        for start in (low, past - 1):
            shown = [instant_of(minute).astimezone(ZoneInfo(zone)) for minute in (start, start + minutes - 1)]
            for local in shown:
                clock = local.hour * 60 + local.minute
                assert first <= local.date() <= first + 2 * DAY
                assert not windows or any(w[0] == local.weekday() and w[1] <= clock < w[2] for w in windows)


places = st.lists(
    st.tuples(st.uuids(), st.lists(st.integers(0, 300), unique=True).map(sorted)), max_size=4, unique_by=lambda p: p[0]
)


@given(
    places, st.lists(st.tuples(st.integers(0, 300), st.integers(1, 60)), max_size=4), st.none() | st.integers(0, 300),
    st.none() | st.integers(0, 300),
)  # fmt: skip
def test_places_are_all_and_only_what_suits_best_first(free, ranges, before, target):
    wanted = requests.merge((low, low + length) for low, length in ranges)
    offered = frozenset((who, starts[0]) for who, starts in free[:1] if starts)
    found = list(requests.places(free, Suits(tuple(wanted), offered, before, target)))
    expected = {
        (who, start)
        for who, starts in free
        for start in starts
        if any(low <= start < past for low, past in wanted)
        and (who, start) not in offered
        and (before is None or start < before)
    }
    assert {(who, place.start) for place in found for who in place.practitioner_ids} == expected
    keys = [abs(p.start - target) if target is not None else p.start for p in found]
    assert keys == sorted(keys)
    order = [who for who, _starts in free]
    assert all(list(p.practitioner_ids) == sorted(p.practitioner_ids, key=order.index) for p in found)


def test_no_days_and_no_parts_is_any_time_at_all():
    assert windows_of((), ()) == ()
    assert windows_of((2,), ("morning", "afternoon")) == ((2, 0, 17 * 60),)
    assert len(windows_of((), ("morning", "evening"))) == 14


@pytest.mark.parametrize(
    ("draft", "field"),
    [
        (replace(SOON, first_on=MONDAY - DAY, last_on=MONDAY - DAY), "last_on"),
        (replace(SOON, first_on=MONDAY + 5 * DAY, last_on=MONDAY), "last_on"),
        (replace(SOON, first_on=date(1999, 1, 1)), "first_on"),
        (replace(SOON, last_on=date(2200, 1, 1)), "last_on"),
        (replace(SOON, first_on=MONDAY + 61 * DAY, last_on=MONDAY + 70 * DAY), "first_on"),
        (replace(SOON, windows=((7, 0, 60),)), "windows"),
        (replace(SOON, windows=((0, 60, 60),)), "windows"),
        (replace(SOON, windows=((0, 0, 1441),)), "windows"),
        (replace(SOON, windows=((0, 0, 60),) * 22), "windows"),
    ],
)
def test_what_cannot_be_waited_for_is_named(draft: RequestDraft, field: str):
    with pytest.raises(Invalid) as wrong:
        requests.check(draft, MONDAY, 60)
    assert set(wrong.value.fields) == {field}


# Verbs


async def ask(cast: Cast, who: Actor | None = None, draft: RequestDraft = SOON, now: datetime = NOW) -> ConsultRequest:
    who = who or cast.ana
    assert who.patient_id is not None
    return await service.ask(who, who.patient_id, "patient", draft, "CO", DENVER, now)


async def match(now: datetime = NOW) -> list[Appointment]:
    """One round of the worker, without messages."""
    made = []
    for look in await service.looks(now):
        for place in islice(look.places, 4):
            held = await service.offer_place(look, place, now)
            if held is not None:
                made.append(held)
                break
        else:
            await service.not_matched(look, now)
    return made


async def settle(now: datetime) -> None:
    for offer in await service.ended_offers(now):
        await service.settle_offer(offer, now)


async def state(one: ConsultRequest) -> ConsultRequest:
    return await service.request(SYSTEM.scope, one.id)


async def full(cast: Cast, *, but: int = 0) -> None:
    """Nobody is open, but for Dr. Ada on Wednesday morning for so many visits of an hour."""
    hours = [HoursDraft(2, time(9), time(9 + but), date(2020, 1, 1))] if but else []
    await service.replace_hours(cast.carol, cast.ada, hours, NOW)
    await service.replace_hours(cast.carol, cast.ben, [], NOW)


async def test_the_earliest_time_that_suits_is_kept_for_whoever_waits(cast: Cast):
    one = await ask(cast, draft=replace(SOON, windows=windows_of((2,), ("afternoon",))))
    [held] = await match()
    local = held.start_at.astimezone(ZoneInfo(DENVER))
    assert (local.date(), local.hour, local.minute) == (date(2026, 11, 25), 12, 0)
    assert (held.status, held.patient_id, held.request_id) == ("proposed", cast.ana.patient_id, one.id)
    assert held.hold_expires_at == NOW + timedelta(hours=12)
    now = await state(one)
    assert (now.status, now.offer_id, now.look_at) == ("offered", held.id, None)
    assert await match() == []


async def test_an_offer_ends_when_the_patient_could_not_book_it_any_more(cast: Cast):
    await ask(cast)
    [held] = await match()
    assert held.hold_expires_at is not None
    assert held.hold_expires_at == min(NOW + timedelta(hours=12), held.start_at - timedelta(hours=4))
    assert held.hold_expires_at - NOW >= requests.LEAST_TIME


async def test_accepting_books_the_very_hold_and_twice_is_harmless(cast: Cast):
    one = await ask(cast)
    [held] = await match()
    first = await service.accept(cast.ana, held.id, NOW)
    again = await service.accept(cast.ana, held.id, NOW + DAY)
    assert (first.visit.id, first.visit.status, first.is_move, first.is_repeat) == (held.id, "booked", False, False)
    assert (again.visit.id, again.is_repeat) == (held.id, True)
    assert (await state(one)).status == "fulfilled"
    assert (await service.offer_of(SYSTEM.scope, held.id)).outcome == "accepted"


async def test_a_booked_visit_moves_to_the_earlier_time_with_its_id(cast: Cast):
    late = await booked(cast, cast.ana, TEN + 14 * DAY)
    await ask(cast, draft=replace(SOON, instead_of=late.id))
    [held] = await match()
    assert held.start_at < late.start_at
    taken = await service.accept(cast.ana, held.id, NOW)
    assert (taken.is_move, taken.visit.id, taken.visit.version) == (True, late.id, 2)
    assert (taken.visit.start_at, taken.visit.practitioner_id) == (held.start_at, held.practitioner_id)
    assert (await service.get(SYSTEM.scope, held.id)).status == "cancelled"
    live = await db.rows("SELECT id FROM appointment WHERE status IN ('proposed', 'booked')")
    assert [r["id"] for r in live] == [late.id]


async def test_nothing_later_than_the_visit_is_offered_instead_of_it(cast: Cast):
    await full(cast, but=1)
    soon = await booked(cast, cast.ana, datetime(2026, 11, 25, 16, 0, tzinfo=TEN.tzinfo))
    one = await ask(cast, draft=replace(SOON, instead_of=soon.id))
    assert await match() == []
    await service.cancel(cast.ana, soon.id, "", NOW)
    await service.lapse_requests(NOW)
    assert (await state(one)).status == "lapsed"


async def test_a_declined_time_is_not_offered_again_to_the_same_but_to_the_next(cast: Cast):
    await full(cast, but=1)
    only = replace(SOON, last_on=date(2026, 11, 25))
    first, second = await ask(cast, draft=only), await ask(cast, cast.bo, only)
    [held] = await match()
    assert held.patient_id == cast.ana.patient_id
    left = await service.decline(cast.ana, held.id, NOW)
    assert (left.status, (await service.decline(cast.ana, held.id, NOW)).status) == ("waiting", "waiting")
    [passed_on] = await match()
    assert (passed_on.patient_id, passed_on.start_at) == (cast.bo.patient_id, held.start_at)
    assert (await state(second)).status == "offered"
    await service.decline(cast.bo, passed_on.id, NOW)
    await match()
    times = [o.start_at for o in await db_offers(first)]
    assert len(times) == len(set(times))


async def db_offers(one: ConsultRequest) -> list[service.ConsultOffer]:
    rows = await db.rows(
        "SELECT appointment_id, request_id, practitioner_id, start_at, expires_at, outcome FROM consult_offer WHERE request_id = {}",
        one.id,
    )
    return [service.ConsultOffer(**r) for r in rows]


async def test_an_offer_without_an_answer_passes_on_and_after_two_the_list_asks_no_more(cast: Cast):
    one = await ask(cast)
    [held] = await match()
    late = NOW + timedelta(hours=13)
    await service.expire_holds(late)
    await settle(late)
    now = await state(one)
    assert (now.status, now.missed, now.look_at) == ("waiting", 1, late)
    [second] = await match(late)
    assert second.start_at != held.start_at
    later = late + timedelta(hours=13)
    await settle(later)
    assert ((await state(one)).status, (await state(one)).missed) == ("lapsed", 2)
    assert {o.outcome for o in await db_offers(one)} == {"expired"}
    live = await db.rows("SELECT id FROM appointment WHERE status = 'proposed'")
    assert live == []


async def test_an_expired_offer_cannot_be_accepted_and_says_why(cast: Cast):
    await ask(cast)
    [held] = await match()
    assert held.hold_expires_at is not None
    with pytest.raises(Conflict) as late:
        await service.accept(cast.ana, held.id, held.hold_expires_at)
    assert late.value.code == "hold-expired"


async def test_freed_time_is_offered_at_once_and_nothing_else_is_looked_at(cast: Cast):
    await full(cast, but=1)
    taken = await booked(cast, cast.bo, datetime(2026, 11, 25, 16, 0, tzinfo=TEN.tzinfo))
    one = await ask(cast, draft=replace(SOON, last_on=date(2026, 11, 25)))
    assert await match() == []
    assert (await state(one)).look_at == NOW + timedelta(minutes=15)
    soon = NOW + timedelta(minutes=1)
    assert await match(soon) == []
    await service.cancel(cast.bo, taken.id, "", soon)
    [held] = await match(soon)
    assert (held.start_at, held.patient_id) == (taken.start_at, cast.ana.patient_id)
    assert await db.rows("SELECT 1 FROM freed_time") == []


async def test_time_that_suits_nobody_pulls_nobody(cast: Cast):
    visit = await booked(cast, cast.bo)
    await full(cast)
    wants_ben = await ask(cast, draft=replace(SOON, practitioner_ids=(cast.ben,)))
    carl = await add_patient()
    later = await ask(cast, carl, replace(SOON, first_on=MONDAY + 18 * DAY))
    await match()
    before = [(await state(one)).look_at for one in (wants_ben, later)]
    await service.cancel(cast.bo, visit.id, "", NOW)
    await match(NOW + timedelta(minutes=1))
    assert [(await state(one)).look_at for one in (wants_ben, later)] == before


async def test_the_wish_for_one_provider_is_kept_and_a_choice_among_many_is_explained(cast: Cast):
    only_ben = await ask(cast, draft=replace(SOON, practitioner_ids=(cast.ben,)))
    anybody = await ask(cast, cast.bo)
    found = {held.request_id: held for held in await match()}
    assert found[only_ben.id].practitioner_id == cast.ben
    assert await service.assignment_of(SYSTEM.scope, found[only_ben.id].id) is None
    kept = await service.assignment_of(SYSTEM.scope, found[anybody.id].id)
    assert kept is not None
    # Dr. Ben's first hours are given away, so only who was free then is named as asked.
    assert kept.considered[0]["id"] == str(found[anybody.id].practitioner_id)


async def test_one_waits_once_for_a_kind_of_visit(cast: Cast):
    await ask(cast)
    with pytest.raises(Conflict) as twice:
        await ask(cast)
    assert twice.value.code == "already-waiting"


async def test_booking_another_way_ends_the_search_and_frees_the_offer(cast: Cast):
    one = await ask(cast)
    [held] = await match()
    await booked(cast, cast.ana, TEN + 7 * DAY)
    assert cast.ana.patient_id is not None
    await service.met_otherwise(cast.ana.patient_id, "evaluation", NOW)
    assert (await state(one)).status == "fulfilled"
    assert (await service.get(SYSTEM.scope, held.id)).status == "cancelled"
    assert (await service.offer_of(SYSTEM.scope, held.id)).outcome == "withdrawn"


async def test_withdrawing_frees_the_offer_and_staff_say_why(cast: Cast):
    one = await ask(cast)
    [held] = await match()
    with pytest.raises(Invalid):
        await service.withdraw(cast.carol, one.id, " ", NOW)
    for _twice in range(2):
        left = await service.withdraw(cast.carol, one.id, "Called us", NOW)
        assert left.status == "withdrawn"
    assert (await service.get(SYSTEM.scope, held.id)).status == "cancelled"
    with pytest.raises(Conflict):
        await service.accept(cast.ana, held.id, NOW)


async def test_a_hold_of_ones_own_over_the_offer_declines_it(cast: Cast):
    one = await ask(cast)
    [held] = await match()
    await hold(cast, cast.ana, held.start_at + timedelta(minutes=15), held.practitioner_id)
    await settle(NOW)
    assert (await service.offer_of(SYSTEM.scope, held.id)).outcome == "declined"
    assert (await state(one)).status == "waiting"


async def test_nobody_reaches_anothers_request_or_offer(cast: Cast):
    one = await ask(cast)
    [held] = await match()
    for reach in (
        service.request(cast.bo.scope, one.id), service.accept(cast.bo, held.id, NOW),
        service.decline(cast.bo, held.id, NOW), service.withdraw(cast.bo, one.id, "", NOW),
        service.request(Scope(cast.bo.role), one.id),
    ):  # fmt: skip
        with pytest.raises(NotFound):
            await reach
    assert cast.ana.patient_id is not None
    with pytest.raises(Refused):
        await service.ask(Actor(Role.PROVIDER), cast.ana.patient_id, "patient", SOON, "CO", DENVER, NOW)
    theirs = await booked(cast, cast.bo)
    with pytest.raises(NotFound):
        await ask(cast, await add_patient(), replace(SOON, instead_of=theirs.id))


async def test_accept_against_expiry_has_one_outcome(cast: Cast):
    for _round in range(5):
        who = await add_patient()
        one = await ask(cast, who)
        [held] = await match()
        assert held.hold_expires_at is not None
        await asyncio.gather(
            service.accept(who, held.id, held.hold_expires_at - timedelta(seconds=1)),
            service.expire_holds(held.hold_expires_at), settle(held.hold_expires_at), return_exceptions=True,
        )  # fmt: skip
        await settle(held.hold_expires_at)
        visit, request = await service.get(SYSTEM.scope, held.id), await state(one)
        outcome = (await service.offer_of(SYSTEM.scope, held.id)).outcome
        assert (visit.status, request.status, outcome) in {
            ("booked", "fulfilled", "accepted"), ("cancelled", "waiting", "expired"),
        }  # fmt: skip
        await service.withdraw(SYSTEM, one.id, "", NOW)


@pytest.fixture
def patient_clinic(clinic: Clinic) -> Clinic:
    """Offers are kept for an hour, and a patient may let many of them go."""
    found = replace(clinic, rules=replace(clinic.rules, offer_hours=1, most_missed_offers=20))
    catalogue.configure(found)
    return found


async def overlaps() -> int:
    found = await db.row(
        """SELECT count(*) AS n FROM appointment a JOIN appointment b ON a.id < b.id AND a.occupied && b.occupied
           AND (a.practitioner_id = b.practitioner_id OR a.patient_id = b.patient_id)
           WHERE a.status IN ('proposed', 'booked') AND b.status IN ('proposed', 'booked')"""
    )
    assert found is not None
    return int(found["n"])


async def test_two_hundred_wait_and_twenty_times_are_freed(cast: Cast, patient_clinic: Clinic):
    """Four providers, five visits each, all cancelled; three matchers at once, round after round, until every offer is
    over. No time is kept for two at once, nobody is offered a time twice, and there are never more offers than times."""
    await full(cast)
    wednesday = [HoursDraft(2, time(9), time(14), date(2020, 1, 1))]
    people = [cast.ada, cast.ben] + [await add_provider(f"Dr. {n}", DENVER, "CO") for n in range(2)]
    begin = datetime(2026, 11, 25, 16, 0, tzinfo=TEN.tzinfo)
    visits = []
    for who in people:
        await service.replace_hours(cast.carol, who, wednesday, NOW)
        zone = ZoneInfo("America/Chicago" if who == cast.ben else DENVER)
        nine = datetime(2026, 11, 25, 9, 0, tzinfo=zone)
        for hour in range(5):
            visits.append(await booked(cast, await add_patient(), nine + timedelta(hours=hour), who))
    crowd = {}
    for _n in range(200):
        who = await add_patient()
        one = await ask(cast, who, replace(SOON, first_on=begin.date(), last_on=begin.date()))
        crowd[one.id] = who
    while await service.looks(NOW):
        pass
    for visit in visits:
        await service.cancel(SYSTEM, visit.id, "", NOW + timedelta(minutes=1))

    rng, now, most = Random(7), NOW + timedelta(minutes=2), 0
    for _round in range(60):
        await asyncio.gather(*(match(now) for _n in range(3)))
        live = await db.rows("SELECT id, request_id FROM appointment WHERE status = 'proposed'")
        most = max(most, len(live))
        assert len(live) <= 20
        assert await overlaps() == 0
        answered = list(live)
        rng.shuffle(answered)
        for r in answered[: len(answered) // 3]:
            who = crowd[r["request_id"]]
            await (service.accept(who, r["id"], now) if rng.random() < 0.2 else service.decline(who, r["id"], now))
        now += timedelta(minutes=67)
        await service.expire_holds(now)
        await asyncio.gather(settle(now), settle(now))
        if now > begin:
            break
    end = begin + 2 * DAY
    await service.expire_holds(end)
    await settle(end)
    while await service.lapse_requests(end):
        pass
    assert most == 20
    outcomes = await db.rows("SELECT outcome, count(*) AS n FROM consult_offer GROUP BY outcome")
    assert {r["outcome"] for r in outcomes} <= {"accepted", "declined", "expired"}
    repeats = await db.rows(
        "SELECT 1 FROM consult_offer GROUP BY request_id, practitioner_id, start_at HAVING count(*) > 1"
    )
    assert repeats == []
    states = {
        r["status"]: r["n"] for r in await db.rows("SELECT status, count(*) AS n FROM consult_request GROUP BY 1")
    }
    accepted = next(r["n"] for r in outcomes if r["outcome"] == "accepted")
    assert states == {"fulfilled": accepted, "lapsed": 200 - accepted}
    kept = await db.row("SELECT count(*) AS n FROM appointment WHERE status = 'booked'")
    assert kept == {"n": accepted}
    assert await db.rows("SELECT 1 FROM appointment WHERE status = 'proposed'") == []


async def test_a_long_visit_of_the_patient_hides_no_later_time(cast: Cast):
    assert cast.ana.patient_id is not None
    await service.book_for(SYSTEM, cast.ana.patient_id, cast.ben, "dosing-session", TEN, "CO", DENVER, NOW)
    tuesday = TEN.date()
    await ask(cast, draft=RequestDraft("evaluation", tuesday, tuesday, ((1, 10 * 60, 17 * 60),), (cast.ada,)))
    [held] = await match()
    assert held.start_at >= TEN + timedelta(hours=2)


async def test_time_that_becomes_free_while_somebody_is_looked_at_is_not_forgotten(cast: Cast):
    await full(cast, but=1)
    nine = datetime(2026, 11, 25, 16, 0, tzinfo=TEN.tzinfo)
    taken = await booked(cast, cast.bo, nine)
    one = await ask(cast, draft=replace(SOON, last_on=nine.date()))
    [look] = await service.looks(NOW)
    assert list(look.places) == []
    await service.cancel(cast.bo, taken.id, "", NOW)
    other_worker = await service.looks(NOW + timedelta(seconds=1))
    await service.not_matched(look, NOW)
    assert [each.wanted.id for each in other_worker] == [one.id]
    assert (await state(one)).look_at == NOW + timedelta(minutes=2, seconds=1)
    [held] = await match(NOW + timedelta(minutes=3))
    assert held.start_at == nine


async def test_an_earlier_time_never_moves_a_visit_to_a_later_one(cast: Cast):
    late = await booked(cast, cast.ana, TEN + 14 * DAY)
    await ask(cast, draft=replace(SOON, first_on=MONDAY + 4 * DAY, instead_of=late.id))
    [held] = await match()
    early = await service.move(cast.ana, late.id, cast.ada, TEN, NOW)
    with pytest.raises(Conflict) as already:
        await service.accept(cast.ana, held.id, NOW)
    assert already.value.code == "earlier-already"
    assert (await service.get(SYSTEM.scope, late.id)).start_at == early.start_at


async def test_an_earlier_time_is_still_theirs_when_the_visit_was_cancelled_meanwhile(cast: Cast):
    late = await booked(cast, cast.ana, TEN + 14 * DAY)
    await ask(cast, draft=replace(SOON, instead_of=late.id))
    [held] = await match()
    await service.cancel(cast.ana, late.id, "", NOW)
    taken = await service.accept(cast.ana, held.id, NOW)
    again = await service.accept(cast.ana, held.id, NOW)
    assert (taken.visit.id, taken.visit.status, taken.is_move) == (held.id, "booked", False)
    assert (again.visit.id, again.is_repeat, again.is_move) == (held.id, True, False)
