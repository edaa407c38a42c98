"""A week as a form sends it: stretches and breaks of each weekday."""

from datetime import date, time

from carepath.kit.words import _
from carepath.scheduling.service import HoursDraft
from carepath.web.forms import Form

_MOST = 14  # lines of a day: as many as a week may have, and more than anybody writes
_NAMES = {False: ("opens", "closes"), True: ("break_from", "break_to")}


def has_fields(form: Form) -> bool:
    """A week that is closed arrives as empty fields; a form without any would close it by accident."""
    return any(form.has(f"{name}_{day}_0") for day in range(7) for name in _NAMES[False])


def read(form: Form, first_on: date, last_on: date | None) -> list[HoursDraft]:
    """The lines that are filled in. What is wrong is noted in the form."""
    found: list[HoursDraft] = []
    for day in range(7):
        stretches = _lines(form, day, _NAMES[False], _("It must close after it opens."))
        breaks = _lines(form, day, _NAMES[True], _("It must end after it begins."))
        _apart(form, "opens", day, stretches)
        _apart(form, "break_from", day, breaks)
        for k, (begins, ends) in breaks.items():
            if not any(opens < ends and begins < closes for opens, closes in stretches.values()):
                words = _("This break is outside the open hours of the day.")
                form.problems.setdefault(f"break_from_{day}_{k}", words)
        found += [HoursDraft(day, *one, first_on, last_on) for one in stretches.values()]
        found += [HoursDraft(day, *one, first_on, last_on, is_break=True) for one in breaks.values()]
    return found


def _lines(form: Form, day: int, names: tuple[str, str], backwards: str) -> dict[int, tuple[time, time]]:
    found = {}
    for k in range(_MOST):
        opens, closes = f"{names[0]}_{day}_{k}", f"{names[1]}_{day}_{k}"
        if form.has(opens) or form.has(closes):
            one = _pair(form, opens, closes, backwards)
            if one is not None:
                found[k] = one
    return found


def _pair(form: Form, opens: str, closes: str, backwards: str) -> tuple[time, time] | None:
    begin, end = form.clock_time(opens, None), form.clock_time(closes, None)
    if opens in form.problems or closes in form.problems or (begin is None and end is None):
        return None
    if begin is None or end is None:
        form.problems[opens if begin is None else closes] = _("Enter both times, or neither.")
    elif end <= begin:
        form.problems[closes] = backwards
    else:
        return begin, end
    return None


def _apart(form: Form, name: str, day: int, lines: dict[int, tuple[time, time]]) -> None:
    """No line of a day lies over one before it."""
    for k, (begins, ends) in lines.items():
        if any(other < ends and begins < past for j, (other, past) in lines.items() if j < k):
            form.problems[f"{name}_{day}_{k}"] = _("This lies over other times of the day.")
