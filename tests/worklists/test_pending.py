"""The list of evaluations: its order, why each row stands there, and pages that miss nothing and repeat nothing."""

import asyncio
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from random import Random
from uuid import UUID

import pytest

from carepath import configuration
from carepath.evaluations import service as evaluations
from carepath.evaluations.service import Evaluation
from carepath.intake import service as intakes
from carepath.journey import decide, evaluate
from carepath.kit import crypto, db
from carepath.kit.actor import SYSTEM
from carepath.kit.errors import NotFound, Refused
from carepath.kit.ids import new_id
from carepath.scheduling import service as scheduling
from carepath.screening import service as screening
from carepath.settings import Settings
from carepath.worklists import pending
from carepath.worklists.pending import PendingPage, PendingRow, Wanted
from tests import cast
from tests.cast import NOW
from tests.screening.facts import facts

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
ON = date(2026, 12, 1)
SINCE, PAST = datetime(2026, 12, 1, 7, tzinfo=UTC), datetime(2026, 12, 2, 7, tzinfo=UTC)  # Rosa's day, in Denver
FIRST = Wanted("all", ON, SINCE, PAST, None, 4)


@dataclass(frozen=True, slots=True)
class Desk:
    rosa: cast.Staff
    ivo: cast.Staff

    async def page(self, wanted: Wanted = FIRST, who: cast.Staff | None = None) -> PendingPage:
        return await pending.page((who or self.rosa).actor.scope, wanted)

    async def shown(self, show: str) -> list[UUID]:
        return [row.evaluation_id for row in (await self.page(replace(FIRST, show=show, size=50))).rows]


@pytest.fixture
async def desk(database: Settings) -> Desk:
    configuration.load(database.config_dir)
    return Desk(await cast.provider(), await cast.provider("Ivo Brandt", "America/New_York", ("CO", "NY")))


async def opened(first: str, priority: str = "routine", at: datetime = NOW) -> Evaluation:
    patient = await cast.patient(first, "Winter")
    intake = await intakes.newest(SYSTEM, patient.id)
    assert intake is not None
    return await evaluations.open_for(SYSTEM, patient.id, intake.id, priority, at)


async def many(desk: Desk, count: int, seed: int = 1) -> None:
    """Rows as there may be in years, written at once: several due at one moment, mine, nobody's and a colleague's."""
    rng, rows = Random(seed), []
    assert desk.rosa.practitioner is not None
    assert desk.ivo.practitioner is not None
    for _n in range(count):
        whose = rng.choice([desk.rosa.practitioner.id, desk.rosa.practitioner.id, None, desk.ivo.practitioner.id])
        status = "requested" if whose is None else rng.choice(["in-progress", "on-hold"])
        rows.append((whose, status, rng.choice(["stat", "urgent", "routine"]), NOW + rng.randrange(4) * HOUR))
    for whose, status, priority, due_at in rows:
        await row(whose, status, priority, due_at)


async def row(whose: UUID | None, status: str, priority: str, due_at: datetime) -> UUID:
    """One evaluation of somebody new."""
    patient, intake, found = new_id(), new_id(), new_id()
    name = {column: crypto.seal("Ann", f"patient.{column}:{patient}") for column in ("first_name_enc", "last_name_enc")}
    async with db.transaction():
        await db.execute(
            """INSERT INTO patient (id, email_index, email_enc, first_name_enc, last_name_enc, birth_date_enc, jurisdiction,
               zone, email_proved_at, created_at) VALUES ({}, {}, '', {}, {}, '', 'CO', 'America/Denver', {}, {})""",
            patient, patient.bytes, name["first_name_enc"], name["last_name_enc"], NOW, NOW,
        )  # fmt: skip
        await db.execute(
            """INSERT INTO intake (id, patient_id, status, birth_date_enc, jurisdiction, zone, created_at, updated_at,
               submitted_at) VALUES ({}, {}, 'completed', '', 'CO', 'America/Denver', {}, {}, {})""",
            intake, patient, NOW, NOW, NOW,
        )  # fmt: skip
        await db.execute(
            """INSERT INTO evaluation (id, patient_id, intake_id, practitioner_id, status, priority, due_at, opened_at)
               VALUES ({}, {}, {}, {}, {}, {}, {}, {})""",
            found, patient, intake, whose, status, priority, due_at, NOW,
        )  # fmt: skip
    return found


def place(one: PendingRow) -> tuple[int, datetime, datetime, UUID]:
    return one.rank, one.due_at, one.opened_at, one.evaluation_id


async def expected(desk: Desk) -> list[UUID]:
    """What the list should hold, worked out in another way."""
    assert desk.rosa.practitioner is not None
    found = await db.rows("SELECT * FROM evaluation WHERE status IN ('requested', 'in-progress', 'on-hold')")
    mine = [r for r in found if r["practitioner_id"] in (None, desk.rosa.practitioner.id)]
    ranks = {"stat": 0, "urgent": 1, "routine": 2}
    return [r["id"] for r in sorted(mine, key=lambda r: (ranks[r["priority"]], r["due_at"], r["opened_at"], r["id"]))]


class TestPages:
    @pytest.mark.parametrize("size", [1, 3, 7, 100])
    async def test_forward_and_back_again_every_row_is_met_once_in_order(self, desk: Desk, size: int):
        await many(desk, 40, size)
        wanted, pages = replace(FIRST, size=size), list[PendingPage]()
        while True:
            pages.append(await desk.page(wanted))
            if not pages[-1].has_after:
                break
            wanted = replace(wanted, mark=pages[-1].rows[-1].mark(False))
        met = [one.evaluation_id for page in pages for one in page.rows]
        assert met == await expected(desk)
        for number in range(len(pages) - 1, 0, -1):
            back = await desk.page(replace(wanted, mark=pages[number].rows[0].mark(True)))
            assert back.rows == pages[number - 1].rows
            assert (back.has_before, back.has_after) == (number > 1, True)

    async def test_going_back_to_less_than_a_page_shows_the_first_page_whole(self, desk: Desk):
        await many(desk, 30)
        first = await desk.page()
        back = await desk.page(replace(FIRST, mark=first.rows[2].mark(True)))
        assert back == first
        assert not back.has_before

    @pytest.mark.parametrize("seed", range(4))
    async def test_rows_that_come_or_are_taken_between_pages_make_none_appear_twice_or_go_missing(
        self, desk: Desk, seed: int
    ):
        await many(desk, 24, seed)
        rng, wanted, met = Random(seed), FIRST, list[PendingRow]()
        stay = set(await expected(desk))
        assert desk.rosa.practitioner is not None
        while True:
            page = await desk.page(wanted)
            met += page.rows
            if not page.has_after:
                break
            wanted = replace(wanted, mark=page.rows[-1].mark(False))
            for _n in range(3):
                whose = rng.choice([None, desk.rosa.practitioner.id])
                status = "requested" if whose is None else "in-progress"
                await row(whose, status, rng.choice(["stat", "routine"]), NOW + rng.randrange(4) * HOUR)
            free = [
                r["id"] for r in await db.rows("SELECT id FROM evaluation WHERE practitioner_id IS NULL ORDER BY id")
            ]
            if free:
                await evaluations.claim(desk.rosa.actor, rng.choice(free), NOW)  # mine now: in the same place
            if len(free) > 1:
                gone = rng.choice(free)
                if (await evaluations.get(SYSTEM.scope, gone)).practitioner_id is None:
                    await evaluations.claim(desk.ivo.actor, gone, NOW)  # a colleague's now: out of sight
                    stay.discard(gone)
        ids = [one.evaluation_id for one in met]
        assert len(set(ids)) == len(ids), "none twice"
        assert stay <= set(ids), "none missed that was there all the time"
        assert [place(one) for one in met] == sorted(place(one) for one in met)

    async def test_a_page_that_nothing_is_left_of_is_empty_and_leads_back(self, desk: Desk):
        await many(desk, 6)
        first = await desk.page()
        await db.execute("UPDATE evaluation SET status = 'cancelled'")
        page = await desk.page(replace(FIRST, mark=first.rows[-1].mark(False)))
        assert (page.rows, page.has_before, page.has_after) == ((), True, False)

    async def test_looking_while_others_claim_never_fails(self, desk: Desk):
        await many(desk, 12)
        free = [r["id"] for r in await db.rows("SELECT id FROM evaluation WHERE practitioner_id IS NULL")]
        looks = [desk.page() for _n in range(6)]
        claims = [evaluations.claim(desk.ivo.actor, one, NOW) for one in free]
        found = await asyncio.gather(*looks, *claims)
        for page in found[: len(looks)]:
            assert isinstance(page, PendingPage)
            assert [place(one) for one in page.rows] == sorted(place(one) for one in page.rows)


class TestFilters:
    async def test_each_shows_its_own(self, desk: Desk):
        mine, free = await opened("Mia", "urgent"), await opened("Fred")
        asked, stat = await opened("Ada"), await opened("Stan", "stat")
        theirs = await opened("Theo")
        for one in (mine, asked):
            await evaluations.claim(desk.rosa.actor, one.id, NOW)
        await evaluations.ask(desk.rosa.actor, asked.id, "Which dose?", NOW)
        await evaluations.claim(desk.ivo.actor, theirs.id, NOW)
        assert await desk.shown("all") == [stat.id, mine.id, free.id, asked.id]
        assert await desk.shown("mine") == [mine.id, asked.id]
        assert await desk.shown("unclaimed") == [stat.id, free.id]
        assert await desk.shown("urgent") == [stat.id, mine.id]
        assert await desk.shown("waiting") == [asked.id]
        assert await desk.shown("today") == []

    async def test_today_is_the_providers_own_day(self, desk: Desk):
        found = await opened("Paula")
        doctor = desk.rosa.practitioner
        assert doctor is not None
        me, start = cast.as_patient(await cast.patient()), datetime(2026, 12, 3, 17, tzinfo=UTC)
        held = await scheduling.hold(me, found.patient_id, doctor.id, "evaluation", start, "CO", "America/Denver", NOW)
        await scheduling.confirm(me, held.id, NOW)
        await evaluations.claim(desk.rosa.actor, found.id, NOW)
        for at, is_today in (
            (SINCE, True), (SINCE - HOUR, False), (PAST - timedelta(minutes=1), True), (PAST, False),
        ):  # fmt: skip
            await db.execute(
                "UPDATE appointment SET start_at = {}, end_at = {}, occupied = tstzrange({}, {})",
                at, at + HOUR, at, at + HOUR,
            )  # fmt: skip
            assert (await desk.shown("today") == [found.id]) is is_today, at
            listed = await evaluate.pending(desk.rosa.actor, "today", None, "America/Denver", NOW)
            assert bool(listed.rows) is is_today


class TestReasons:
    async def test_a_row_says_why_it_stands_there(self, desk: Desk):
        found = await opened("Paula", "stat")
        wrong = facts({"medical.organs": ["kidney"], "medical.heart": ["aneurysm"], "phq9.q9": ["several-days"]})
        await screening.run(SYSTEM.scope, found.intake_id, found.patient_id, "intake", facts({}), NOW - DAY)
        await screening.run(SYSTEM.scope, found.intake_id, found.patient_id, "intake", wrong, NOW)
        (one,) = (await desk.page()).rows
        assert (one.name, one.stops, one.reviews, one.visit_at, one.told) == ("P. W.", 1, 1, None, 0)
        await evaluations.urgent(found.patient_id, None, "intake", found.intake_id, "x", "1", "Item 9 above zero.", NOW)
        await evaluations.claim(desk.rosa.actor, found.id, NOW)
        await evaluations.ask(desk.rosa.actor, found.id, "Which dose?", NOW + HOUR)
        await evaluations.escalate(NOW + 30 * HOUR, 10)
        (one,) = (await desk.page()).rows
        assert (one.name, one.is_mine, one.urgent_words, one.asked_at, one.told) == (
            "Paula Winter", True, "Item 9 above zero.", NOW + HOUR, 2,
        )  # fmt: skip

    async def test_the_last_visit_counts_and_says_so_when_nobody_came(self, desk: Desk):
        found, doctor = await opened("Paula"), desk.rosa.practitioner
        assert doctor is not None
        me, seen = cast.as_patient(await cast.patient()), list[tuple[datetime | None, bool]]()
        starts = [datetime(2026, 12, on, 17, tzinfo=UTC) for on in (3, 8, 10)]
        for start in starts:
            held = await scheduling.hold(
                me, found.patient_id, doctor.id, "evaluation", start, "CO", "America/Denver", NOW
            )
            await scheduling.confirm(me, held.id, NOW)
            [row] = (await desk.page()).rows
            seen.append((row.visit_at, row.is_missed))
            if start != starts[2]:
                await scheduling.no_show(desk.rosa.actor, held.id, start + HOUR)
            else:
                await scheduling.cancel(me, held.id, "", NOW)
            [row] = (await desk.page()).rows
            seen.append((row.visit_at, row.is_missed))
        first, second, third = starts
        assert seen == [(first, False), (first, True), (second, False), (second, True), (third, False), (second, True)]

    async def test_who_handed_it_over_is_named_until_it_is_taken_again(self, desk: Desk):
        found = await opened("Paula")
        taken = await evaluations.claim(desk.rosa.actor, found.id, NOW)
        assert desk.ivo.practitioner is not None
        handed = await decide.hand_over(
            desk.rosa.actor, found.id, desk.ivo.practitioner.id, "Away.", taken.version, NOW + HOUR
        )
        (one,) = (await desk.page(who=desk.ivo)).rows
        assert one.handed_over_by == "Rosa Delgado"
        await decide.release(desk.ivo.actor, found.id, "Not mine.", handed.version, NOW + 2 * HOUR)
        await evaluations.claim(desk.rosa.actor, found.id, NOW + 3 * HOUR)
        (one,) = (await desk.page()).rows
        assert one.handed_over_by is None


async def test_only_providers_have_the_list_and_each_look_is_on_record(desk: Desk):
    found = await opened("Paula")
    paula = cast.as_patient(await cast.patient())
    for other in (paula, (await cast.coordinator()).actor, (await cast.admin()).actor):
        with pytest.raises(NotFound):
            await pending.page(other.scope, FIRST)
        with pytest.raises(Refused):
            await evaluate.pending(other, "all", None, "America/Denver", NOW)
    await evaluate.pending(desk.rosa.actor, "all", None, "America/Denver", NOW)
    looks = await db.rows("SELECT actor_id, detail FROM audit_event WHERE subject = 'pending-list'")
    assert [r["actor_id"] for r in looks] == [desk.rosa.account.id]
    assert (await desk.page(who=desk.ivo)).rows[0].evaluation_id == found.id
