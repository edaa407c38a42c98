"""The one function that renders a time, for page, mail and calendar alike. It always names the zone."""

from datetime import UTC, date, datetime, time
from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

from babel.dates import format_date, format_datetime, format_time, get_timezone_name

_LOCALE = "en_US"


@lru_cache(maxsize=1)
def zone_names() -> frozenset[str]:
    """Every IANA zone that this machine knows."""
    return frozenset(available_timezones())


def is_zone(name: str) -> bool:
    """True for an IANA zone name. Guards against paths and made-up names."""
    return name in zone_names()


def zone(name: str) -> ZoneInfo:
    """The zone of that name. ValueError for an unknown one."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, OSError, ValueError):
        raise ValueError(f"{name!r} is not a time zone") from None


def instant(on: date, at: time, name: str) -> datetime | None:
    """The instant at which the wall clock of the zone shows that, the first time it does; None where it never does,
    because the clocks jump over it."""
    found = datetime.combine(on, at, zone(name)).astimezone(UTC)
    return found if found.astimezone(zone(name)).replace(tzinfo=None) == datetime.combine(on, at) else None


def zone_words(instant: datetime, name: str) -> str:
    """ "Mountain Standard Time": the zone as a person says it, at that instant."""
    return _zone_words(_quarter(instant), name)


def _quarter(instant: datetime) -> datetime:
    instant = instant.astimezone(UTC)  # of one zone, the two hours of a night that share their names would be equal
    return instant.replace(minute=instant.minute - instant.minute % 15, second=0, microsecond=0)


# The words of times are kept: ten thousand reminders, or fifty lines of a list, are about a few hundred days and times
# of day, and to format one takes as long as to write a hundred. Clocks change on the quarter.
@lru_cache(maxsize=4096)
def _zone_words(quarter: datetime, name: str) -> str:
    return get_timezone_name(quarter.astimezone(zone(name)), locale=_LOCALE)


def say(instant: datetime, name: str) -> str:
    """ "Tuesday, December 1, 2026 at 9:30 AM Mountain Standard Time"."""
    return f"{say_day(instant, name)} at {say_time(instant, name)} {zone_words(instant, name)}"


def say_short(instant: datetime, name: str) -> str:
    """ "Tue, Dec 1, 9:30 AM" followed by the zone's short name, for tables."""
    return _say_short(instant.astimezone(UTC), name)


@lru_cache(maxsize=4096)
def _say_short(instant: datetime, name: str) -> str:
    local = instant.astimezone(zone(name))
    return f"{_say_weekday(local.date())}, {_say_wall(_to_minute(local))} {_zone_letters(_quarter(instant), name)}"


@lru_cache(maxsize=4096)
def _say_weekday(on: date) -> str:
    return _plain(format_date(on, "EEE, MMM d", locale=_LOCALE))


@lru_cache(maxsize=4096)
def _zone_letters(quarter: datetime, name: str) -> str:
    return _plain(format_datetime(quarter, "z", tzinfo=zone(name), locale=_LOCALE))


def say_day(instant: datetime, name: str) -> str:
    """ "Tuesday, December 1, 2026": the date in the zone."""
    return say_date(instant.astimezone(zone(name)).date())


@lru_cache(maxsize=4096)
def say_date(on: date) -> str:
    """ "Tuesday, December 1, 2026"."""
    return _plain(format_date(on, "EEEE, MMMM d, y", locale=_LOCALE))


def say_days(first: date, last: date) -> str:
    """ "Tue, Nov 24 to Tue, Dec 8, 2026", for tables."""
    begin = format_date(first, "EEE, MMM d" if first.year == last.year else "EEE, MMM d, y", locale=_LOCALE)
    return _plain(f"{begin} to {format_date(last, 'EEE, MMM d, y', locale=_LOCALE)}")


def say_date_short(instant: datetime, name: str) -> str:
    """ "Dec 1, 2026": the date in the zone, for the edge of a drawing."""
    return say_on(instant.astimezone(zone(name)).date())


@lru_cache(maxsize=4096)
def say_on(on: date) -> str:
    """ "Dec 1, 2026": a date of no particular zone, where many stand side by side."""
    return _plain(format_date(on, "MMM d, y", locale=_LOCALE))


@lru_cache(maxsize=4096)
def say_month_day(on: date) -> str:
    """ "Dec 1": for the axis of a drawing that names its year."""
    return _plain(format_date(on, "MMM d", locale=_LOCALE))


def say_month(on: date) -> str:
    """ "Dec": likewise."""
    return _plain(format_date(on, "MMM", locale=_LOCALE))


def say_time(instant: datetime, name: str) -> str:
    """ "9:30 AM": the wall time in the zone. For use beside a named zone only."""
    return _say_wall(_to_minute(instant.astimezone(zone(name))))


def _to_minute(local: datetime) -> time:
    return local.time().replace(second=0, microsecond=0, fold=0)


@lru_cache(maxsize=1440)
def _say_wall(at: time) -> str:
    return _plain(format_time(at, "h:mm a", locale=_LOCALE))


def say_clock(at: time) -> str:
    """ "5 PM", "9:30 AM": a wall time of no particular day."""
    return _plain(format_time(at, "h:mm a" if at.minute else "h a", locale=_LOCALE))


def _plain(text: str) -> str:
    """Without the narrow no-break spaces that some mail readers show as boxes."""
    return text.replace("\u202f", " ").replace("\xa0", " ")
