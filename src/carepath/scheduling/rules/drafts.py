"""What staff write about availability, checked before anything is stored."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, time, timedelta

from carepath.kit import when
from carepath.kit.errors import Invalid
from carepath.kit.words import _

# Dates outside are typing mistakes, and far ones overflow arithmetic.
FIRST_DATE, LAST_DATE = date(2000, 1, 1), date(2199, 12, 31)
MOST_HOURS = 100


@dataclass(frozen=True, slots=True)
class HoursDraft:
    """Open (or, on a break, closed) every `weekday` (0 = Monday) in wall time of the practitioner's zone, both dates
    inclusive."""

    weekday: int
    opens: time
    closes: time
    valid_from: date
    valid_until: date | None = None
    is_break: bool = False


@dataclass(frozen=True, slots=True)
class ExceptionDraft:
    """`off` (without times: the whole day), `extra` hours, or `shortened` to some, on every date from `first_on` to
    `last_on`."""

    kind: str
    first_on: date
    last_on: date
    opens: time | None = None
    closes: time | None = None


def date_problem(on: date) -> str | None:
    """What is wrong with a date, if anything."""
    return None if FIRST_DATE <= on <= LAST_DATE else _("Choose a date between 2000 and 2199.")


def _times_problem(opens: time | None, closes: time | None) -> str | None:
    if opens is None or closes is None:
        return _("Give both a beginning and an end.")
    if any(t.second or t.microsecond or t.tzinfo for t in (opens, closes)):
        return _("Use whole minutes.")
    return _("The end comes after the beginning.") if closes <= opens else None


def _period_problem(first: date, last: date | None) -> str | None:
    for on in (first, last or first):
        if problem := date_problem(on):
            return problem
    return _("The last date comes after the first.") if last is not None and last < first else None


def check_hours(hours: Sequence[HoursDraft]) -> None:
    """Invalid names each wrong line: weekday_0, opens_0, valid_from_0 and so on."""
    problems: dict[str, str] = {}
    if len(hours) > MOST_HOURS:
        problems["hours"] = _("A week has at most 100 lines.")
    for place, one in enumerate(hours[:MOST_HOURS]):
        if not 0 <= one.weekday <= 6:
            problems[f"weekday_{place}"] = _("Choose a day of the week.")
        if problem := _times_problem(one.opens, one.closes):
            problems[f"opens_{place}"] = problem
        if problem := _period_problem(one.valid_from, one.valid_until):
            problems[f"valid_from_{place}"] = problem
    if problems:
        raise Invalid(problems)


def check_exception(draft: ExceptionDraft) -> None:
    """Invalid names kind, first_on, last_on or opens."""
    problems: dict[str, str] = {}
    if draft.kind not in {"off", "extra", "shortened"}:
        problems["kind"] = _("Choose time off, extra hours or a shortened day.")
    if problem := _period_problem(draft.first_on, draft.last_on):
        is_last = date_problem(draft.first_on) is None and date_problem(draft.last_on) is not None
        problems["last_on" if is_last else "first_on"] = problem
    timed = draft.kind in {"extra", "shortened"} or draft.opens is not None or draft.closes is not None
    if timed and (problem := _times_problem(draft.opens, draft.closes)):
        problems["opens"] = problem
    if problems:
        raise Invalid(problems)


def check_period(first_on: date, last_on: date | None) -> None:
    """Invalid names first_on or last_on."""
    if problem := _period_problem(first_on, last_on):
        is_last = date_problem(first_on) is None
        raise Invalid({"last_on" if is_last else "first_on": problem})


def check_within(last_on: date | None, end: date | None) -> date | None:
    """The last day of a week that must end where the dated week around it does; without a day of its own it ends
    there. Invalid `last_on` when it would run into the next one."""
    if last_on is not None and end is not None and last_on > end:
        words = _("Another dated week begins on {day}. End this one before it, or change that one.")
        raise Invalid({"last_on": words.format(day=when.say_date(end + timedelta(days=1)))})
    return end if last_on is None else last_on


def check_validity(valid_from: date, valid_until: date | None) -> None:
    """Invalid names valid_from or valid_until."""
    if problem := _period_problem(valid_from, valid_until):
        raise Invalid({"valid_until" if date_problem(valid_from) is None else "valid_from": problem})


def check_limits(max_per_day: int | None, max_per_week: int | None, weight: int) -> None:
    """Invalid names max_per_day, max_per_week or weight."""
    problems: dict[str, str] = {}
    for field, number, most in (("max_per_day", max_per_day, 200), ("max_per_week", max_per_week, 1000)):
        if number is not None and not 1 <= number <= most:
            problems[field] = _("Enter a number from 1 to {most}, or nothing.").format(most=most)
    if not 1 <= weight <= 1000:
        problems["weight"] = _("Enter a number from 1 to 1000; 100 is a full share.")
    if problems:
        raise Invalid(problems)
