"""How far a calendar from outside is read, how often, and when again after a failure."""

from datetime import datetime, timedelta

from carepath.scheduling.rules.model import Clinic
from carepath.scheduling.rules.ranges import Range, minute_of

MOST_FEEDS = 5
EVERY = timedelta(minutes=15)
LEASE = timedelta(minutes=5)
PASTED_AHEAD = timedelta(days=366)  # nobody reads a pasted calendar again, so it is read for a year
_BEFORE = timedelta(days=1)
_MARGIN = timedelta(days=7)
_LONGEST_PAUSE = timedelta(hours=12)
_STALE = timedelta(days=60)


def ahead(clinic: Clinic, is_pasted: bool) -> timedelta:
    """How far from now times matter: as far as anything can be booked, and a little."""
    if is_pasted:
        return PASTED_AHEAD
    horizons = (kind.horizon_days or clinic.rules.horizon_days for kind in clinic.visit_types.values())
    return timedelta(days=max(clinic.rules.horizon_days, *horizons)) + _MARGIN


def window(clinic: Clinic, is_pasted: bool, now: datetime) -> Range:
    """The minutes of which busy times are kept."""
    return minute_of(now - _BEFORE), minute_of(now + ahead(clinic, is_pasted))


def visits_since(now: datetime) -> datetime:
    """From when on our own visits are looked for in it: copies may be older than the window, and moved since."""
    return now - _STALE


def next_try(failures: int, now: datetime) -> datetime:
    """After `failures` in a row: a quarter of an hour, doubling, half a day at most."""
    pause: timedelta = EVERY * 2 ** min(max(failures - 1, 0), 10)
    return now + min(pause, _LONGEST_PAUSE)
