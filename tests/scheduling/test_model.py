"""The calendar against a small model of it (`model`): whatever people do, in whatever order, both say the same.

After every step: no two visits overlap (asked of the database in SQL of its own), every visit to come lies within the
rules as they are written now, or says which were set aside, or is flagged for staff; the rows are exactly the model's,
with their versions and their whole history, so nothing is lost, doubled or changed behind anybody's back.

The week is the one in which the clocks go back. CAREPATH_MODEL_RUNS=500 looks for longer, elsewhere each time, and makes what it finds
small.
"""

import asyncio
import os
from collections.abc import Coroutine
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from carepath.kit import db
from carepath.kit.actor import SYSTEM, Actor, Role
from carepath.kit.errors import Conflict
from carepath.kit.ids import new_id
from carepath.scheduling import catalogue, service
from carepath.scheduling.rules.model import Clinic
from carepath.scheduling.rules.ranges import instant_of, minute_of
from carepath.scheduling.service import Appointment, ExceptionDraft, HoursDraft, Unbookable
from carepath.settings import Settings

from .cast import RULES, add_patient
from .model import (
    CHANGE_NOTICE,
    GRACE,
    HOLD,
    MOST_HOLDS,
    MOST_MOVES,
    ROOM_OPENS,
    SET_ASIDE,
    Calendar,
    Change,
    Hours,
    Kind,
    Provider,
    Visit,
)

RUNS = int(os.environ.get("CAREPATH_MODEL_RUNS", "0"))
START = datetime(2026, 10, 28, 12, 0, tzinfo=UTC)  # Wednesday; the clocks go back on Sunday
DATES = [date(2026, 10, 28) + timedelta(days=n) for n in range(7)]
KINDS = {"evaluation": Kind(45, 0, 15), "follow-up": Kind(20, 0, 10), "dosing-session": Kind(120, 15, 15, 30, 24 * 60)}
LONG_AGO = date(2020, 1, 1)
WEEK = [Hours(day, 8 * 60, 18 * 60) for day in range(7)] + [Hours(6, 0, 4 * 60)]
WHY = "Agreed on the phone"

OVERLAPS = """
    SELECT a.id, b.id FROM appointment a JOIN appointment b ON a.id < b.id
    AND (a.practitioner_id = b.practitioner_id OR a.patient_id = b.patient_id)
    WHERE a.status <> 'cancelled' AND b.status <> 'cancelled'
    AND lower(a.occupied) < upper(b.occupied) AND lower(b.occupied) < upper(a.occupied)
"""
ROWS = """
    SELECT id, practitioner_id, patient_id, visit_type, status, version, moves, overridden, attention, hold_expires_at,
        start_at, end_at, lower(occupied) AS begins, upper(occupied) AS ends FROM appointment
"""
STEPS = "SELECT subject_id, from_status, to_status, action FROM status_change WHERE subject = 'appointment' ORDER BY id"

wednesday = int(START.timestamp()) // 60 - 12 * 60
starts = st.one_of(
    st.builds(
        lambda day, quarter: wednesday + day * 1440 + 14 * 60 + quarter * 15, st.integers(0, 3), st.integers(0, 44)
    ),
    st.builds(lambda quarter: wednesday + 4 * 1440 + 5 * 60 + quarter * 15, st.integers(0, 24)),  # the long night
    st.builds(lambda minute: wednesday + 1440 + 16 * 60 + minute, st.integers(0, 90)),
)
kinds = st.sampled_from(["evaluation", "evaluation", "follow-up", "dosing-session"])
places = st.integers(0, 7)
two, three = st.integers(0, 1), st.integers(0, 2)
spans = st.tuples(st.integers(0, 40), st.integers(1, 55)).map(lambda s: (s[0] * 30, min((s[0] + s[1]) * 30, 1439)))
dates = st.tuples(st.sampled_from(DATES[1:5]), st.integers(0, 1))


def clock(minutes: int) -> time:
    return time(minutes // 60, minutes % 60)


class Clinicians(RuleBasedStateMachine):
    """Two providers, three patients, a coordinator, and the clock."""

    loop: asyncio.AbstractEventLoop
    wipe: Any

    def run(self, work: Coroutine[Any, Any, Any]) -> Any:
        return self.loop.run_until_complete(work)

    @initialize(limits=st.tuples(st.none() | st.integers(1, 4), st.none() | st.integers(2, 6)))
    def begin(self, limits: tuple[int | None, int | None]) -> None:
        self.model = Calendar(KINDS, START)
        self.carol = Actor(Role.COORDINATOR, account_id=new_id())
        self.run(self._begin(limits))
        self.whom, self.who = list(self.model.providers), [p.patient_id for p in self.patients]

    async def _begin(self, limits: tuple[int | None, int | None]) -> None:
        await self.wipe()
        for name, zone in (("Ada Quill", "America/Denver"), ("Ben Marsh", "America/Chicago")):
            added = await service.add_practitioner(SYSTEM, name, "MD", zone, START)
            self.model.providers[added.id] = Provider(zone, list(WEEK))
            await service.replace_hours(SYSTEM, added.id, _drafts(WEEK), START)
            await service.grant_licence(SYSTEM, added.id, "CO", LONG_AGO, None, START)
            await self._read_licences(added.id)
        ada = next(iter(self.model.providers))
        self.model.providers[ada].per_day, self.model.providers[ada].per_week = limits
        await db.execute("UPDATE practitioner SET max_per_day = {}, max_per_week = {} WHERE id = {}", *limits, ada)
        self.patients = [await add_patient() for _ in range(3)]

    def attempt(self, work: Coroutine[Any, Any, Any], wanted: set[str]) -> Any:
        """The verb's answer, or None after a refusal for one of the reasons that the model foresees."""
        self.alternatives: list[service.Offer] = []
        found, said = None, ""
        try:
            found = self.run(work)
        except Unbookable as refused:
            said, self.alternatives = refused.code, refused.alternatives
        except Conflict as refused:
            said = refused.code
        assert said in wanted if wanted else not said, (said, wanted)
        return found

    def check_alternatives(self, patient: UUID, kind: str, notice: int, moving: Visit | None = None) -> None:
        """What is offered instead can be had."""
        for offer in self.alternatives:
            start = minute_of(offer.start_at)
            assert not self.model.against(offer.practitioner_id, patient, kind, start, notice, moving)

    # -- taking time

    def _take(self, patient: int, provider: int, kind: str, start: int, by_staff: bool, override: bool = False) -> None:
        model, who, whom = self.model, self.who[patient], self.whom[provider]
        actor, notice = (self.carol, 0) if by_staff else (self.patients[patient], KINDS[kind].notice)
        same = [
            v for v in model.visits.values()
            if (v.patient, v.provider, v.kind, v.start) == (who, whom, kind, start)
            and v.status in ({"booked"} if by_staff else {"proposed", "booked"}) and not model.has_run_out(v)
        ]  # fmt: skip
        wanted = set() if same else model.against(whom, who, kind, start, notice)
        aside = wanted if override and wanted <= SET_ASIDE else set()
        args = (actor, who, whom, kind, instant_of(start), "CO", "America/Denver", model.now)
        work = service.book_for(*args, override=WHY if override else None) if by_staff else service.hold(*args)
        found = self.attempt(work, wanted - SET_ASIDE if override else wanted)
        if found is None:
            self.check_alternatives(who, kind, notice)
            return
        if same:
            assert model.visits[found.id] is same[0]
            return
        model.clear_the_way(who, whom, kind, start, 0 if by_staff else MOST_HOLDS - 1)
        status, action = ("booked", "book") if by_staff else ("proposed", "hold")
        expires = None if by_staff else model.now + timedelta(minutes=HOLD)
        model.visits[found.id] = Visit(
            who, whom, kind, start, status, model.now, expires, overridden=frozenset(aside),
            steps=[(None, status, action)],
        )  # fmt: skip

    @rule(patient=three, provider=two, kind=st.sampled_from(["evaluation", "follow-up"]), start=starts)
    def hold(self, patient: int, provider: int, kind: str, start: int) -> None:
        self._take(patient, provider, kind, start, by_staff=False)

    @rule(patient=three, provider=two, kind=kinds, start=starts, override=st.booleans())
    def book_for(self, patient: int, provider: int, kind: str, start: int, override: bool) -> None:
        self._take(patient, provider, kind, start, by_staff=True, override=override)

    @rule(
        patient=three,
        provider=two,
        day=st.sampled_from(DATES[1:5]),
        place=st.integers(0, 40),
        then=st.sampled_from(["", "confirm", "confirm", "away"]),
    )
    def search_and_hold_and_perhaps_confirm(
        self, patient: int, provider: int, day: date, place: int, then: str
    ) -> None:
        """What a day's page shows is what the model says is legal, and each of it can be had; confirmed, too, unless the
        provider is away by then."""
        model, whom, who = self.model, self.whom[provider], self.who[patient]
        offers = self.run(
            service.search(
                self.patients[patient], "evaluation", "CO", model.now, day, day, "America/Denver", [whom]
            )
        )  # fmt: skip
        found = [minute_of(offer.start_at) for offer in offers]
        notice = KINDS["evaluation"].notice
        assert found == [m for m in _quarters(day) if not model.against(whom, who, "evaluation", m, notice)]
        if found:
            self._take(patient, provider, "evaluation", found[place % len(found)], by_staff=False)
            if then == "away":
                self._add(whom, Change("off", day, day))
            if then:
                self._confirm(list(model.visits)[-1])

    @precondition(lambda self: bool(self.model.visits))
    @rule(place=st.integers(0, 7), provider=two, shift=st.sampled_from([-15, 0, 15]), override=st.booleans())
    def book_the_same_patient_beside_their_visit(self, place: int, provider: int, shift: int, override: bool) -> None:
        one = self.pick(place)[1]
        patient, start = self.who.index(one.patient), one.start + shift
        self._take(patient, provider, one.kind, start, by_staff=True, override=override)

    # -- what happens to a visit

    def pick(self, place: int) -> tuple[UUID, Visit]:
        """One of the latest, live ones first."""
        latest = sorted(self.model.visits, key=lambda row_id: self.model.visits[row_id].status == "cancelled")
        row_id = latest[place % len(latest)]
        return row_id, self.model.visits[row_id]

    some = precondition(lambda self: bool(self.model.visits))

    @some
    @rule(place=places)
    def confirm(self, place: int) -> None:
        self._confirm(self.pick(place)[0])

    def _confirm(self, row_id: UUID) -> None:
        model, one = self.model, self.model.visits[row_id]
        wanted: set[str] = set()
        if model.has_run_out(one) or (one.status == "cancelled" and one.version == 1):
            wanted = {"hold-expired"}
        elif one.status == "proposed":
            wanted = model.against(one.provider, one.patient, one.kind, one.start, 0, one)
        elif one.status != "booked":
            wanted = {one.status}
        actor = self.patients[self.who.index(one.patient)]
        found = self.attempt(service.confirm(actor, row_id, model.now), wanted)
        if found is None:
            self.check_alternatives(one.patient, one.kind, 0, one)
        elif one.status == "proposed":
            one.become("booked", "confirm")

    @some
    @rule(place=places)
    def release(self, place: int) -> None:
        row_id, one = self.pick(place)
        gone = one.status == "cancelled" and one.version == 1
        wanted = set() if gone or one.status == "proposed" else {one.status}
        if self.attempt(service.release(self.carol, row_id, self.model.now), wanted) and not gone:
            one.become("cancelled", "release")

    @some
    @rule(place=places, by_staff=st.booleans())
    def cancel(self, place: int, by_staff: bool) -> None:
        row_id, one = self.pick(place)
        wanted: set[str] = set()
        if one.status in {"fulfilled", "noshow"}:
            wanted = {one.status}
        elif not by_staff and one.status != "cancelled":
            wanted = self._patient_may_not("cancel", one)
        actor = self.carol if by_staff else self.patients[self.who.index(one.patient)]
        found = self.attempt(service.cancel(actor, row_id, WHY if by_staff else "", self.model.now), wanted)
        if found and one.status != "cancelled":
            one.version += int(one.status != "proposed")
            one.become("cancelled", "cancel")

    def _patient_may_not(self, action: str, one: Visit) -> set[str]:
        begins, now = instant_of(one.start), self.model.now
        if now >= begins:
            return {"already-begun"}
        found: set[str] = set()
        if one.status == "booked" and now > begins - timedelta(minutes=CHANGE_NOTICE):
            found.add("too-late")
        if one.status == "booked" and action == "move" and one.moves >= MOST_MOVES:
            found.add("moved-often")
        return found

    @some
    @rule(place=places, provider=two, day=st.sampled_from(DATES[:5]), which=st.integers(0, 40))
    def look_for_another_time_and_move(self, place: int, provider: int, day: date, which: int) -> None:
        """Of a visit that is moved, its own time counts as free; each of what is shown can be had."""
        row_id, one = self.pick(place)
        if one.status != "booked":
            return
        whom, ask = self.whom[provider], (one.kind, "CO", self.model.now, day, day, "America/Denver")
        offers = self.run(service.search(self.carol, *ask, [whom], moving=row_id))
        found = [minute_of(offer.start_at) for offer in offers]
        assert found == [m for m in _quarters(day) if not self.model.against(whom, one.patient, one.kind, m, 0, one)]
        if found:
            self._move(place, provider, found[which % len(found)], by_staff=True, override=False)

    @some
    @rule(place=places, provider=two, start=starts, by_staff=st.booleans(), override=st.booleans(), back=st.booleans())
    def move(self, place: int, provider: int, start: int, by_staff: bool, override: bool, back: bool) -> None:
        """Sometimes onto another visit's very time."""
        start = list(self.model.visits.values())[place % len(self.model.visits)].start if back else start
        self._move(place, provider, start, by_staff, override)

    def _move(self, place: int, provider: int, start: int, by_staff: bool, override: bool) -> None:
        model, whom = self.model, self.whom[provider]
        row_id, one = self.pick(place)
        stays, notice = (one.provider, one.start) == (whom, start), 0 if by_staff else KINDS[one.kind].notice
        override = override and by_staff
        wanted, aside = set[str](), set[str]()
        if one.status != "booked":
            wanted = {one.status}
        elif not stays:
            wanted = set() if by_staff else self._patient_may_not("move", one)
            if not wanted:
                wanted = model.against(whom, one.patient, one.kind, start, notice, one)
                aside, wanted = (wanted, wanted - SET_ASIDE) if override else (set(), wanted)
        actor = self.carol if by_staff else self.patients[self.who.index(one.patient)]
        why = WHY if by_staff else ""
        work = service.move(actor, row_id, whom, instant_of(start), model.now, WHY if override else None, why)
        if self.attempt(work, wanted) is None:
            self.check_alternatives(one.patient, one.kind, notice, one)
        elif not stays:
            model.clear_the_way(one.patient, whom, one.kind, start, 0)
            one.provider, one.start, one.version, one.overridden = whom, start, one.version + 1, frozenset(aside)
            one.moves, one.is_located = one.moves + (not by_staff), False
            one.steps.append(("booked", "booked", "move"))

    @some
    @rule(place=places)
    def check_in(self, place: int) -> None:
        """From where the visit was booked for. Without a licence there by now, the patient is turned away."""
        row_id, one = self.pick(place)
        wanted = set() if one.status in {"booked", "checked-in"} else {one.status}
        if not wanted and self.model.now < instant_of(one.start - ROOM_OPENS):
            wanted = {"too-early"}
        arrival = self.attempt(service.check_in(SYSTEM, row_id, "CO", self.model.now), wanted)
        if arrival is None:
            return
        against = self.model.standing_against(one.provider, one.kind, one.start)
        is_away = bool(against & {"not-licensed", "licence-expired"})
        assert bool(arrival.refused) == is_away
        target = "booked" if is_away else "checked-in"
        if (one.status, one.is_located) != (target, True):
            one.is_located = True
            one.become(target, "turn-away" if is_away else "check-in")

    @some
    @rule(place=places, action=st.sampled_from(["fulfil", "no-show", "reverse-no-show"]))
    def step(self, place: int, action: str) -> None:
        row_id, one = self.pick(place)
        verb, sources, target, from_start = {
            "fulfil": (service.fulfil, {"booked", "checked-in"}, "fulfilled", 0),
            "no-show": (service.no_show, {"booked"}, "noshow", GRACE),
            "reverse-no-show": (service.reverse_no_show, {"noshow"}, "checked-in", -(10**6)),
        }[action]
        wanted: set[str] = set()
        if one.status not in sources:
            wanted = {one.status}
        elif self.model.now < instant_of(one.start + from_start):
            wanted = {"too-early"}
        if self.attempt(verb(SYSTEM, row_id, self.model.now), wanted):
            one.become(target, action)

    # -- the clock

    @rule(minutes=st.sampled_from([1, 9, 11, 60, 240, 700, 1500]))
    def time_passes(self, minutes: int) -> None:
        self.model.now += timedelta(minutes=minutes)

    @rule()
    def the_worker_ends_holds(self) -> None:
        due = [v for v in self.model.visits.values() if self.model.has_run_out(v)]
        assert self.run(service.expire_holds(self.model.now)) == len(due)
        for one in due:
            one.become("cancelled", "expire")

    @rule()
    def the_worker_marks_no_shows(self) -> None:
        missed = {
            row_id: v for row_id, v in self.model.visits.items()
            if v.status == "booked" and not v.is_located and instant_of(v.start + KINDS[v.kind].minutes + GRACE) <= self.model.now
        }  # fmt: skip
        assert {one.id for one in self.run(service.mark_no_shows(self.model.now))} == set(missed)
        for one in missed.values():
            one.become("noshow", "no-show")

    # -- what is written about availability

    def _flags(self, answer: list[Appointment], provider: UUID) -> None:
        flagged = {row_id for row_id, is_flagged in self.model.flagged() if is_flagged}
        assert {one.id for one in answer} == {r for r in flagged if self.model.visits[r].provider == provider}

    @rule(
        provider=two, week=st.lists(st.tuples(st.integers(0, 6), spans, st.booleans()), max_size=8), whole=st.booleans()
    )
    def replace_hours(self, provider: int, week: list[tuple[int, tuple[int, int], bool]], whole: bool) -> None:
        hours = WEEK if whole else [Hours(day, *span, is_break) for day, span, is_break in week] + WEEK[::2]
        self.model.providers[self.whom[provider]].hours = list(hours)
        work = service.replace_hours(self.carol, self.whom[provider], _drafts(hours), self.model.now)
        self._flags(self.run(work), self.whom[provider])

    @rule(provider=two, kind=st.sampled_from(["off", "off", "extra", "shortened"]), on=dates, span=spans, all_day=two)
    def add_exception(
        self, provider: int, kind: str, on: tuple[date, int], span: tuple[int, int], all_day: int
    ) -> None:
        times = (None, None) if kind == "off" and all_day else span
        self._add(self.whom[provider], Change(kind, on[0], on[0] + timedelta(days=on[1]), *times))

    def _add(self, whom: UUID, written: Change) -> None:
        kind, first_on, last_on, *times = written
        draft = ExceptionDraft(kind, first_on, last_on, *(None if t is None else clock(t) for t in times))
        answer = self.run(service.add_exception(self.carol, whom, draft, self.model.now))
        known = self.model.providers[whom].changes
        [added] = [
            one.id for one in self.run(service.exceptions_of(self.carol.scope, whom, DATES[0])) if one.id not in known
        ]  # fmt: skip
        known[added] = written
        self._flags(answer, whom)

    @precondition(lambda self: any(p.changes for p in self.model.providers.values()))
    @rule(place=places)
    def remove_exception(self, place: int) -> None:
        written = [(whom, one) for whom, p in self.model.providers.items() for one in p.changes]
        whom, one = written[place % len(written)]
        del self.model.providers[whom].changes[one]
        self._flags(self.run(service.remove_exception(self.carol, one, self.model.now)), whom)

    async def _read_licences(self, whom: UUID) -> None:
        held = [one for one in await service.licences_of(SYSTEM.scope, whom) if one.jurisdiction == "CO"]
        self.model.providers[whom].licences = {one.id: (one.valid_from, one.valid_until) for one in held}

    @rule(provider=two, place=places, until=st.sampled_from([*DATES, DATES[-1] + timedelta(days=99)]))
    def end_licence(self, provider: int, place: int, until: date) -> None:
        whom = self.whom[provider]
        held = self.model.providers[whom].licences
        one = list(held)[place % len(held)]
        until = max(until, held[one][0])
        held[one] = (held[one][0], until)
        self._flags(self.run(service.end_licence(self.carol, one, until, self.model.now)), whom)

    @rule(provider=two, since=st.sampled_from([LONG_AGO, *DATES[1:5]]))
    def grant_licence(self, provider: int, since: date) -> None:
        whom = self.whom[provider]
        answer = self.run(service.grant_licence(self.carol, whom, "CO", since, None, self.model.now))
        known = self.model.providers[whom].licences
        self.run(self._read_licences(whom))
        now_held = self.model.providers[whom].licences
        assert {**known, **now_held} == now_held or since in {a for a, _b in known.values()}
        assert (since, None) in now_held.values()
        self._flags(answer, whom)

    @rule(provider=two)
    def come_or_go(self, provider: int) -> None:
        who = self.model.providers[self.whom[provider]]
        who.is_active = not who.is_active
        work = service.set_practitioner_active(SYSTEM, self.whom[provider], who.is_active, self.model.now)
        self._flags(self.run(work), self.whom[provider])

    # -- what is always true

    @invariant()
    def nothing_overlaps_and_nothing_is_lost(self) -> None:
        if not hasattr(self, "who"):
            return
        assert not self.run(db.rows(OVERLAPS))
        rows = {r["id"]: r for r in self.run(db.rows(ROWS))}
        assert {row_id: _row(r) for row_id, r in rows.items()} == {
            row_id: self._wanted(one) for row_id, one in self.model.visits.items()
        }
        for row_id, is_flagged in self.model.flagged():
            assert (rows[row_id]["attention"] is not None) == is_flagged, self.model.visits[row_id]
        steps: dict[UUID, list[tuple[str | None, str, str]]] = {row_id: [] for row_id in rows}
        for r in self.run(db.rows(STEPS)):
            steps[r["subject_id"]].append((r["from_status"], r["to_status"], r["action"]))
        for row_id, one in self.model.visits.items():
            assert sorted(map(str, steps[row_id])) == sorted(map(str, one.steps)), row_id
        self.model.now += timedelta(seconds=1)

    def _wanted(self, one: Visit) -> tuple[object, ...]:
        span = (one.start, one.start + KINDS[one.kind].minutes, *self.model.occupies(one.kind, one.start))
        return (
            one.provider, one.patient, one.kind, one.status, one.version, one.moves, one.overridden, one.expires,
            *(instant_of(minute) for minute in span),
        )  # fmt: skip


def _quarters(day: date) -> range:
    """Every quarter of an hour of a date in Denver, the repeated hour's twice."""
    first, past = (
        datetime.combine(on, time(), ZoneInfo("America/Denver")).astimezone(UTC)
        for on in (day, day + timedelta(days=1))
    )
    return range(minute_of(first), minute_of(past), 15)


def _row(r: dict[str, Any]) -> tuple[object, ...]:
    return (
        r["practitioner_id"], r["patient_id"], r["visit_type"], r["status"], r["version"], r["moves"],
        frozenset(r["overridden"]), r["hold_expires_at"], r["start_at"], r["end_at"], r["begins"], r["ends"],
    )  # fmt: skip


def _drafts(hours: list[Hours]) -> list[HoursDraft]:
    return [HoursDraft(h.weekday, clock(h.opens), clock(h.closes), LONG_AGO, None, h.is_break) for h in hours]


@pytest.fixture
async def loop(database: Settings) -> asyncio.AbstractEventLoop:
    """The session's own loop, on which the pool lives: the machine runs each step on it."""
    return asyncio.get_running_loop()


def test_whatever_people_do_the_calendar_is_what_the_model_says(
    loop: asyncio.AbstractEventLoop, clinic: Clinic
) -> None:
    from tests.conftest import wipe

    limits = replace(
        RULES, max_open_holds=MOST_HOLDS, most_moves=MOST_MOVES, change_notice_hours=CHANGE_NOTICE // 60
    )  # fmt: skip
    catalogue.configure(replace(clinic, rules=limits))
    machine = type("Machine", (Clinicians,), {"loop": loop, "wipe": staticmethod(wipe)})
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=RUNS or 30, stateful_step_count=35, deadline=None, derandomize=not RUNS, database=None,
            phases=[Phase.generate, *([Phase.shrink] if RUNS else [])],
            suppress_health_check=list(HealthCheck),
        ),
    )  # fmt: skip
