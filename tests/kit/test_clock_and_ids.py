from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from carepath.kit import clock
from carepath.kit.errors import Refused
from carepath.kit.ids import new_id, new_token, token_hash
from carepath.kit.when import is_zone, say, say_short


@pytest.fixture
def travelling(tmp_path: Path):
    before = clock._travel.path
    clock.follow(tmp_path)
    yield
    clock._travel.path, clock._travel.stamp = before, None


def test_travel_moves_now_and_leaves_true_time_alone(travelling: None):
    clock.travel(timedelta(hours=26))
    assert timedelta(hours=25, minutes=59) < clock.now() - clock.wall() < timedelta(hours=26, minutes=1)
    clock.travel(timedelta(hours=-2))
    assert clock.offset() == timedelta(hours=24)
    clock.reset()
    assert clock.offset() == timedelta()


def test_another_process_sees_the_journey(travelling: None, tmp_path: Path):
    clock.travel(timedelta(days=3))
    clock.follow(tmp_path)
    assert clock.offset() == timedelta(days=3)


def test_without_a_travel_file_nobody_travels():
    before, clock._travel.path = clock._travel.path, None
    try:
        with pytest.raises(Refused):
            clock.travel(timedelta(hours=1))
        assert clock.offset() == timedelta()
    finally:
        clock._travel.path = before


def test_ids_sort_by_time_and_carry_their_version():
    ids = [new_id() for _ in range(50)]
    assert len(set(ids)) == 50
    assert all(i.version == 7 and i.variant == "specified in RFC 4122" for i in ids)
    assert [i.int >> 80 for i in ids] == sorted(i.int >> 80 for i in ids)


def test_tokens_are_long_and_kept_as_hashes_only():
    token = new_token()
    assert len(token) >= 43
    assert token_hash(token) != token_hash(new_token())
    assert token.encode() not in token_hash(token)


@pytest.mark.parametrize(
    ("zone", "words"),
    [
        ("America/Denver", "Tuesday, December 1, 2026 at 9:30 AM Mountain Standard Time"),
        ("America/Phoenix", "Tuesday, December 1, 2026 at 9:30 AM Mountain Standard Time"),
        ("America/New_York", "Tuesday, December 1, 2026 at 11:30 AM Eastern Standard Time"),
        ("Pacific/Honolulu", "Tuesday, December 1, 2026 at 6:30 AM Hawaii-Aleutian Standard Time"),
    ],
)
def test_a_time_is_said_with_its_zone(zone: str, words: str):
    assert say(datetime(2026, 12, 1, 16, 30, tzinfo=UTC), zone) == words


def test_the_same_wall_time_twice_in_a_night_is_told_apart():
    first, second = datetime(2026, 11, 1, 5, 30, tzinfo=UTC), datetime(2026, 11, 1, 6, 30, tzinfo=UTC)
    assert "1:30 AM Eastern Daylight Time" in say(first, "America/New_York")
    assert "1:30 AM Eastern Standard Time" in say(second, "America/New_York")
    assert say_short(first, "America/New_York") != say_short(second, "America/New_York")
    both = [say_short(one.astimezone(ZoneInfo("America/New_York")), "America/New_York") for one in (first, second)]
    assert both == ["Sun, Nov 1, 1:30 AM EDT", "Sun, Nov 1, 1:30 AM EST"]


def test_zone_names_are_known_names_only():
    assert is_zone("America/Boise")
    assert not is_zone("../etc/passwd")
    assert not is_zone("Mars/Olympus")
