"""Every known difference from Cal.com's slot code, and who is right.

The law is said here once more, a minute at a time, so that a difference is explained only where ours agrees with it.
"""

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from benchmarks.calcom_cases import Case, offset
from carepath.scheduling.rules.ranges import minute_of

_DAY = 24 * 60
_ONE_DAY = timedelta(days=1)
CLASSES = {
    "through an hour that comes twice": "Theirs counts open hours in elapsed time, so that a wall time is offered "
    "twice or a visit runs on while the clock shows its own beginning again. Ours: a minute counts the first time.",
    "hours moved by a clock change": "Theirs adds the hours of a line to midnight and mends the difference with a time "
    "read on a twelve-hour clock: at the change and on its neighbors the line lies an hour off. Ours follows the wall.",
    "over midnight": "Theirs joins a line until 24:00 to the next day's from 0:00 only where it happens to read them in "
    "that order; else no visit runs over midnight. Ours: what is open without a gap is open.",
    "an override of joined days": "Where theirs has joined days over midnight, the whole belongs to the first: an "
    "override of that removes the next morning, too, and one of the next day leaves its morning open. Ours: an override "
    "is of its own date.",
    "grid of another clock": "Behind a busy time theirs rounds up by the minutes of UTC; in zones of half and quarter "
    "hours the provider's wall shows other minutes. Ours: always the wall.",
    "unexplained": "Look at it.",
}


def class_of(case: Case, start: int, is_ours: bool) -> str:
    """The class of a start that only one of them has."""
    if _is_legal(case, start) != is_ours:
        return "unexplained"
    zone = ZoneInfo(case.zone)
    shown = [datetime.fromtimestamp(m * 60, zone) for m in range(start, start + case.minutes)]
    if any(at.fold for at in shown):
        return "through an hour that comes twice"
    if _changes(case.zone, shown[0].date() - _ONE_DAY, shown[-1].date() + _ONE_DAY):
        return "hours moved by a clock change"
    if shown[0].date() != shown[-1].date():
        return "over midnight"
    if _is_joined_at_override(case, shown[-1], is_ours):
        return "an override of joined days"
    if offset(case.zone, start) % case.step:
        return "grid of another clock"
    return "unexplained"


def _changes(zone: str, first_on: date, last_on: date) -> bool:
    """Whether the clock is changed between the beginning of one date and the end of another."""
    ends = (datetime.combine(on, time(), ZoneInfo(zone)) for on in (first_on, last_on + _ONE_DAY))
    first, past = (minute_of(one) for one in ends)
    return offset(zone, first - 1) != offset(zone, past + 1)


def _is_joined_at_override(case: Case, at: datetime, is_ours: bool) -> bool:
    """In a line from 0:00 that goes on from the day before (or from further back, over whole days), with an override
    of one of those before (which took it from theirs) or of its own date (which did not)."""
    on, wall = at.date(), at.hour * 60 + at.minute
    dates = {day for day, _opens, _closes in case.overrides}
    nights = {day: opens for day, opens, closes in case.lines if day != on.weekday() and closes == _DAY}
    if not any((day, opens) == (on.weekday(), 0) and wall < closes for day, opens, closes in case.lines):
        return False
    before = on - _ONE_DAY
    while before.weekday() in nights:
        if (before if is_ours else on) in dates:
            return True
        if nights[before.weekday()] > 0:
            return False
        before -= _ONE_DAY
    return False


def _is_legal(case: Case, start: int) -> bool:
    zone = ZoneInfo(case.zone)
    shown = [datetime.fromtimestamp(m * 60, zone) for m in range(start, start + case.minutes)]
    on_grid = (shown[0].hour * 60 + shown[0].minute) % case.step == 0
    taken = range(start - case.before, start + case.minutes + case.after)
    is_free = all(end <= taken.start or taken.stop <= begin for begin, end in case.busy)
    return on_grid and is_free and all(_is_open(case, at) for at in shown)


def _is_open(case: Case, at: datetime) -> bool:
    wall, on = at.hour * 60 + at.minute, at.date()
    dated = [(opens, closes) for day, opens, closes in case.overrides if day == on]
    weekly = [(opens, closes) for day, opens, closes in case.lines if day == on.weekday()]
    replaced = any(day == on for day, _opens, _closes in case.overrides)
    return not at.fold and any(opens <= wall < closes for opens, closes in (dated if replaced else weekly))
