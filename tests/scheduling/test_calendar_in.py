"""A provider's own calendar blocks their time here: added, read by the worker, read again, removed."""

import asyncio
from datetime import UTC, date, datetime, timedelta

import pytest

from carepath.journey import busy
from carepath.kit import db
from carepath.kit.actor import SYSTEM, Actor, Role
from carepath.kit.errors import Conflict, Invalid, NotFound, Refused
from carepath.kit.ids import new_id
from carepath.scheduling import feed_queries, service
from carepath.scheduling.rules import feed_times
from carepath.scheduling.service import BusyFeed, Outside
from tests.servers import Stranger, answer, stranger

from .cast import NOW, TEN, Cast, booked, provider

HERE = Outside("clinic.example", allow_private=True, seconds=2)
LATER = NOW + timedelta(minutes=20)
DENTIST = "UID:dentist\r\nSUMMARY:Dentist with Bo\r\nDTSTART:20261124T170000Z\r\nDTEND:20261124T180000Z"


def calendar(*events: str) -> bytes:
    inside = "\r\n".join(f"BEGIN:VEVENT\r\n{one}\r\nEND:VEVENT" for one in events)
    return f"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//x//EN\r\n{inside}\r\nEND:VCALENDAR\r\n".encode()


async def added(cast: Cast, other: Stranger, name: str = "Mine") -> None:
    await busy.add_address(provider(cast.ada), cast.ada, name, other.url, HERE, NOW)


async def feed(cast: Cast) -> BusyFeed:
    (found,) = await service.busy_feeds(cast.carol, cast.ada)
    return found


async def free_at_ten(cast: Cast) -> bool:
    offers = await service.search(
        cast.ana, "evaluation", "CO", NOW, date(2026, 11, 24), date(2026, 11, 24), "America/Denver", [cast.ada]
    )
    return TEN in {one.start_at for one in offers}


async def acts(action: str) -> int:
    return len(await db.rows("SELECT 1 FROM audit_event WHERE action = {} AND subject = 'busy-feed'", action))


async def test_a_busy_calendar_takes_its_times_from_the_search_and_says_so(cast: Cast):
    async with stranger(answer(calendar(DENTIST))) as other:
        await added(cast, other)
        assert await free_at_ten(cast)
        assert other.asked == []  # a page fetches nothing
        assert await busy.tick(HERE, NOW) == 1
    assert not await free_at_ten(cast)
    found = await feed(cast)
    assert (found.times, found.problem, found.read_at, found.due_at) == (1, None, NOW, NOW + feed_times.EVERY)
    with pytest.raises(service.Unbookable) as refused:
        await booked(cast, cast.ana)
    assert refused.value.code == "busy-elsewhere"
    assert await acts("add") == await acts("import") == 1


async def test_a_visit_that_meets_it_stays_and_is_flagged_until_the_calendar_goes(cast: Cast):
    visit = await booked(cast, cast.ana)
    async with stranger(answer(calendar(DENTIST))) as other:
        await added(cast, other)
        await busy.tick(HERE, NOW)
    seen = await service.get(SYSTEM.scope, visit.id)
    assert (seen.status, seen.version, seen.attention) == ("booked", 1, "busy-elsewhere")
    await busy.remove(cast.carol, cast.ada, (await feed(cast)).id, NOW)
    assert (await service.get(SYSTEM.scope, visit.id)).attention is None
    assert await db.rows("SELECT 1 FROM busy_time") == []
    assert await acts("remove") == 1


async def test_times_that_left_the_calendar_are_free_again(cast: Cast):
    async with stranger(answer(calendar(DENTIST))) as other:
        await added(cast, other)
        await busy.tick(HERE, NOW)
        other.reply = answer(calendar())
        assert await busy.tick(HERE, NOW) == 0  # not due yet
        assert await busy.tick(HERE, LATER) == 1
    assert await free_at_ten(cast)


async def test_a_calendar_that_says_the_same_again_writes_nothing_new(cast: Cast):
    async with stranger(answer(calendar(DENTIST))) as other:
        await added(cast, other)
        await busy.tick(HERE, NOW)
        before = await db.rows("SELECT id FROM busy_time")
        await busy.tick(HERE, LATER)
    assert await db.rows("SELECT id FROM busy_time") == before
    assert (await feed(cast)).read_at == LATER
    assert await acts("import") == 1


@pytest.mark.parametrize(
    ("reply", "said"),
    [
        (answer(b"<!doctype html><html>Sign in</html>"), "web page"),
        (answer(b"", "503 Busy"), "503"),
        (answer(b"BEGIN:VCALENDAR\r\n" + b"X" * 2_097_153), "2 MB"),
        (answer(calendar(DENTIST).split(b"END:VEVENT")[0]), "not complete"),
        (answer(calendar(*[f"UID:{n}\r\nDTSTART:20261124T000000Z\r\nDURATION:PT1M\r\nRRULE:FREQ=DAILY;BYHOUR=0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23" for n in range(9)])), "too often"),
    ],
    ids=["a page", "503", "2 MB", "cut", "endless"],
)  # fmt: skip
async def test_a_failure_keeps_the_old_times_and_waits_longer_each_time(cast: Cast, reply: bytes, said: str):
    async with stranger(answer(calendar(DENTIST))) as other:
        await added(cast, other)
        await busy.tick(HERE, NOW)
        other.reply, pauses, moment = reply, [], LATER
        for _ in range(8):
            assert await busy.tick(HERE, moment) == 1
            found = await feed(cast)
            assert found.due_at is not None
            pauses.append(found.due_at - moment)
            moment = found.due_at
        assert not await free_at_ten(cast)
        assert (found.times, found.read_at, found.failures) == (1, NOW, 8)
        assert found.problem is not None
        assert said in found.problem
        assert pauses == sorted(pauses)
        assert (pauses[0], pauses[1], pauses[-1]) == (feed_times.EVERY, feed_times.EVERY * 2, timedelta(hours=12))
        other.reply = answer(calendar(DENTIST))
        await busy.tick(HERE, moment)
    found = await feed(cast)
    assert (found.problem, found.failures, found.due_at) == (None, 0, moment + feed_times.EVERY)
    assert await acts("import") == 3  # the times, the first failure, the recovery


async def test_lies_are_left_out_and_told_and_the_truth_beside_them_counts(cast: Cast):
    lies = (
        "UID:a\r\nDTSTART:20261125T180000Z\r\nDTEND:20261125T170000Z",
        "UID:b\r\nDTSTART:20261131T170000Z\r\nDTEND:20261131T180000Z",
        "UID:c\r\nDTSTART;VALUE=DATE:20240229\r\nRRULE:FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30",
    )
    async with stranger(answer(calendar(*lies, DENTIST))) as other:
        await added(cast, other)
        await busy.tick(HERE, NOW)
    found = await feed(cast)
    assert found.times == 1
    assert found.problem is None
    assert any("end before they begin: 1" in note for note in found.notes)
    assert any("cannot be read: 1" in note for note in found.notes)
    assert "Dentist" not in str(await db.rows("SELECT * FROM busy_feed"))


async def test_our_own_visits_coming_back_make_nobody_busy(cast: Cast):
    """In whatever state the copy is: also where we have moved or cancelled the visit since."""
    mine, gone = await booked(cast, cast.ana), await booked(cast, cast.bo, TEN + timedelta(hours=2))
    await service.cancel(cast.carol, gone.id, "Ill.", NOW)
    theirs = await booked(cast, cast.bo, TEN + timedelta(hours=4), cast.ben)
    copies = [
        f"UID:{who}@{host}\r\nDTSTART:{start:%Y%m%dT%H%M%SZ}\r\nDURATION:PT50M"
        for who, host, start in (
            (mine.id, "clinic.example", mine.start_at),
            (str(mine.id).upper(), "Clinic.Example", mine.start_at + timedelta(hours=1)),
            (gone.id, "clinic.example", gone.start_at),
            (theirs.id, "clinic.example", theirs.start_at),
            (mine.id, "elsewhere.example", datetime(2026, 11, 25, 17, tzinfo=UTC)),
            (new_id(), "clinic.example", datetime(2026, 11, 26, 17, tzinfo=UTC)),
        )
    ]
    async with stranger(answer(calendar(*copies))) as other:
        await added(cast, other)
        await busy.tick(HERE, NOW)
    assert (await service.get(SYSTEM.scope, mine.id)).attention is None
    found = await db.rows("SELECT begins_at FROM busy_time ORDER BY begins_at")
    # A colleague's visit that Ada is at (as that colleague's patient, perhaps) and what is not ours at all do count.
    assert [r["begins_at"] for r in found] == [
        theirs.start_at, datetime(2026, 11, 25, 17, tzinfo=UTC), datetime(2026, 11, 26, 17, tzinfo=UTC),
    ]  # fmt: skip


async def test_a_slow_calendar_delays_nobody(cast: Cast):
    async def silence(writer: asyncio.StreamWriter) -> None:
        await asyncio.sleep(30)

    quick = Outside("clinic.example", allow_private=True, seconds=0.5)
    async with stranger(silence) as slow, stranger(answer(calendar(DENTIST))) as other:
        await added(cast, slow, "slow")
        await added(cast, other, "honest")
        async with asyncio.timeout(10):
            assert await busy.tick(quick, NOW) == 2
    states = {one.name: one.problem for one in await service.busy_feeds(cast.carol, cast.ada)}
    assert states == {"slow": "The server took too long.", "honest": None}
    assert not await free_at_ten(cast)


async def test_nothing_is_locked_while_a_calendar_is_fetched_and_nobody_fetches_it_twice(cast: Cast):
    """While the stranger is silent the provider is booked, and a second worker finds nothing to do."""
    asked, go = asyncio.Event(), asyncio.Event()

    async def wait(writer: asyncio.StreamWriter) -> None:
        asked.set()
        await go.wait()
        writer.write(answer(calendar(DENTIST)))

    async with stranger(wait) as other:
        await added(cast, other)
        patient = Outside("clinic.example", allow_private=True, seconds=20)
        round_ = asyncio.create_task(busy.tick(patient, NOW))
        await asked.wait()
        async with asyncio.timeout(5):
            visit = await booked(cast, cast.ana)
        assert await busy.tick(patient, NOW) == 0
        go.set()
        assert await round_ == 1
    assert (await service.get(SYSTEM.scope, visit.id)).attention == "busy-elsewhere"


async def test_a_reading_that_was_overtaken_is_thrown_away(cast: Cast):
    async with stranger(answer(calendar(DENTIST))) as other:
        await added(cast, other)
        (old,) = await service.claim_feeds(NOW, 10)
        late = await service.read_feed(old, HERE, NOW)
        await service.read_feed_soon(cast.carol, old.id, LATER)
        other.reply = answer(calendar())
        await busy.tick(HERE, LATER)
        assert not await service.store_reading(old, late, LATER)
        assert await free_at_ten(cast)
        await busy.remove(cast.carol, cast.ada, old.id, LATER)
        assert not await service.store_reading(old, late, LATER)
    assert await db.rows("SELECT 1 FROM busy_time") == []


async def test_a_calendar_whose_reader_died_is_read_by_the_next_one(cast: Cast):
    async with stranger(answer(calendar(DENTIST))) as other:
        await added(cast, other)
        assert len(await service.claim_feeds(NOW, 10)) == 1
        assert await busy.tick(HERE, NOW + feed_times.LEASE - timedelta(seconds=1)) == 0
        assert await busy.tick(HERE, NOW + feed_times.LEASE) == 1
    assert not await free_at_ten(cast)


async def test_rounds_side_by_side_share_the_work(cast: Cast):
    async with stranger(answer(calendar(DENTIST))) as other:
        for n in range(feed_times.MOST_FEEDS):
            await busy.add_address(cast.carol, cast.ada, str(n), f"{other.url}?{n}", HERE, NOW)
        found = await asyncio.gather(*(busy.tick(HERE, NOW) for _ in range(4)))
        assert sum(found) == len(other.asked) == feed_times.MOST_FEEDS


async def test_an_inactive_provider_s_calendar_is_left_alone(cast: Cast):
    async with stranger(answer(calendar(DENTIST))) as other:
        await added(cast, other)
        await service.set_practitioner_active(SYSTEM, cast.ada, False, NOW)
        assert await busy.tick(HERE, NOW) == 0
        assert other.asked == []


async def test_the_address_is_sealed_and_never_told_again(cast: Cast):
    async with stranger(answer(calendar())) as other:
        await added(cast, other, "")
    stored = await db.row("SELECT id, url_enc FROM busy_feed")
    assert stored is not None
    assert b"secret-token" not in stored["url_enc"]
    assert "secret-token" not in repr(await service.busy_feeds(cast.carol, cast.ada))
    assert (await feed(cast)).name == "127.0.0.1"
    moved = new_id()
    await db.execute("UPDATE busy_feed SET id = {}", moved)  # a sealed address opens in its own row only
    await busy.tick(HERE, NOW)
    assert (await feed(cast)).problem == "The address cannot be opened any more. Remove this calendar and add it again."


@pytest.mark.parametrize(
    "url",
    ["http://127.0.0.1/a.ics", "https://localhost/", "https://clinic.example/calendar/x.ics", "https://x.example:8/"],
)
async def test_in_production_no_private_address_and_none_of_ours_is_taken(cast: Cast, url: str):
    live = Outside("clinic.example", allow_private=False)
    with pytest.raises(Invalid) as wrong:
        await busy.add_address(cast.carol, cast.ada, "", url, live, NOW)
    assert set(wrong.value.fields) == {"url"}
    assert await db.rows("SELECT 1 FROM busy_feed") == []


async def test_an_address_that_was_taken_in_development_is_not_read_in_production(cast: Cast):
    async with stranger(answer(calendar(DENTIST))) as other:
        await added(cast, other)
        await busy.tick(Outside("clinic.example", allow_private=False), NOW)
        assert other.asked == []
    assert "https://" in str((await feed(cast)).problem)


async def test_the_same_address_twice_and_one_too_many_are_refused(cast: Cast):
    for n in range(feed_times.MOST_FEEDS):
        await busy.add_address(cast.carol, cast.ada, "", f"https://calendar.example/{n}", HERE, NOW)
    for url in ("https://calendar.example/0", "https://calendar.example/new"):
        with pytest.raises(Invalid):
            await busy.add_address(cast.carol, cast.ada, "", url, HERE, NOW)
    with pytest.raises(Invalid):
        await busy.add_file(cast.carol, cast.ada, "", calendar(DENTIST).decode(), HERE, NOW)
    assert len(await service.busy_feeds(cast.carol, cast.ada)) == feed_times.MOST_FEEDS


async def test_five_at_once_leave_room_for_no_sixth(cast: Cast):
    adding = (busy.add_address(cast.carol, cast.ada, "", f"https://calendar.example/{n}", HERE, NOW) for n in range(9))
    done = await asyncio.gather(*adding, return_exceptions=True)
    assert sum(one is None for one in done) == feed_times.MOST_FEEDS
    assert all(one is None or isinstance(one, Invalid) for one in done)


async def test_a_pasted_calendar_counts_at_once_for_a_year_and_is_not_read_again(cast: Cast):
    visit = await booked(cast, cast.ana)
    yearly = "UID:y\r\nDTSTART:20261201T170000Z\r\nDURATION:PT1H\r\nRRULE:FREQ=MONTHLY"
    await busy.add_file(provider(cast.ada), cast.ada, "", calendar(DENTIST, yearly).decode(), HERE, NOW)
    assert (await service.get(SYSTEM.scope, visit.id)).attention == "busy-elsewhere"
    found = await feed(cast)
    assert (found.is_pasted, found.due_at, found.times, found.name) == (True, None, 13, "Pasted calendar")
    assert await busy.tick(HERE, LATER) == 0
    with pytest.raises(Conflict):
        await busy.read_soon(cast.carol, cast.ada, found.id, LATER)
    with pytest.raises(Invalid) as wrong:
        await busy.add_file(cast.carol, cast.ada, "", "nonsense", HERE, NOW)
    assert set(wrong.value.fields) == {"file"}


async def test_both_nights_on_which_the_clock_changes_are_busy_as_long_as_they_are(cast: Cast):
    """Denver, 1 AM to 3 AM by the wall clock: three hours in November, one in March. The parser's own zones decide."""
    nights = [
        f"UID:{day}\r\nDTSTART;TZID=America/Denver:{day}T010000\r\nDTEND;TZID=America/Denver:{day}T030000"
        for day in ("20271107", "20270314")
    ]
    await busy.add_file(cast.carol, cast.ada, "", calendar(*nights).decode(), HERE, NOW)
    found = await db.rows("SELECT begins_at, ends_at FROM busy_time ORDER BY begins_at")
    assert [(r["ends_at"] - r["begins_at"]) / timedelta(hours=1) for r in found] == [1, 3]


async def test_only_the_provider_and_the_office_reach_a_provider_s_calendars(cast: Cast):
    await busy.add_address(cast.carol, cast.ada, "", "https://calendar.example/", HERE, NOW)
    known = (await feed(cast)).id
    for stranger_, error in ((provider(cast.ben), NotFound), (cast.ana, Refused), (Actor(Role.ANONYMOUS), Refused)):
        with pytest.raises(error):
            await service.busy_feeds(stranger_, cast.ada)
        with pytest.raises(error):
            await busy.remove(stranger_, cast.ada, known, NOW)
        with pytest.raises(error):
            await busy.add_address(stranger_, cast.ada, "", "https://calendar.example/2", HERE, NOW)
    with pytest.raises(NotFound):
        await busy.remove(provider(cast.ben), cast.ben, known, NOW)
    with pytest.raises(NotFound):
        await busy.read_soon(cast.carol, cast.ben, known, NOW)
    assert len(await feed_queries.of(SYSTEM.scope, cast.ada)) == 1
