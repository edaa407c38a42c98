"""Parts of a day as people say them, and the minutes that they are on given dates."""

from carepath.scheduling.rules import days
from carepath.scheduling.rules.ranges import Range, merge

# Wall minutes after midnight, from and to.
PARTS: dict[str, Range] = {"morning": (0, 12 * 60), "afternoon": (12 * 60, 17 * 60), "evening": (17 * 60, 24 * 60)}


def minutes_of(part: str, zone: str, window: Range) -> list[Range]:
    """The minutes since 1970 within the dates of `window` at which the wall clock of `zone` shows that part of the
    day. KeyError for an unknown part."""
    walls = [PARTS[part]]
    return merge(found for on in days.dates(zone, *window) for found in days.instants(zone, on, walls))
