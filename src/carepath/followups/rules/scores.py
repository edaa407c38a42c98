"""What a list says of a patient's scores: worked out when a reading is taken, so that a page of fifty reads it as it is."""

from decimal import Decimal

from carepath.followups.rules import course
from carepath.followups.rules.history import History

_DRAWN = 24  # the newest values of a small line


def scores(known: History) -> dict[str, object]:
    """PEG: its line of values with the baseline first, baseline, best, now and relief in percent; the last PHQ-9 and
    PGIC. What was never answered is left out. Numbers that are shown are written as they are shown."""
    readings = sorted(known.readings, key=lambda one: (one.at, str(one.id)))
    pegs = [one.peg for one in readings if one.peg is not None]
    stands = course.course(known.baseline.peg, pegs)
    line = [*([] if stands.baseline is None else [stands.baseline]), *pegs[-_DRAWN:]]
    said = {
        "line": [round(float(one), 1) for one in line] or None,
        "baseline": _shown(stands.baseline), "best": _shown(stands.best), "now": _shown(stands.now),
        "relief": None if stands.relief is None else int(stands.relief),
        "phq9": next((one.phq9 for one in reversed(readings) if one.phq9 is not None), known.baseline.phq9),
        "pgic": next((one.change for one in reversed(readings) if one.change is not None), None),
    }  # fmt: skip
    return {name: value for name, value in said.items() if value is not None}


def _shown(number: Decimal | None) -> str | None:
    """Without zeros that say nothing."""
    return None if number is None else f"{number.normalize():f}"
