"""The frame that all strips of a chart share: margins, where an instant lies, rows for things that must not overlap."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from carepath.kit.chart.axis import wide
from carepath.kit.chart.model import Chart, Track

HEAD, GAP, SIZE = 22, 14, 11  # above a strip, below it; of the type
PHONE = 500  # narrower than this, short names are used


@dataclass(frozen=True, slots=True)
class Frame:
    """From `left` to `right` runs the time from `start` to `end`."""

    width: float
    left: float
    right: float
    start: datetime
    end: datetime

    @classmethod
    def of(cls, chart: Chart, width: int) -> "Frame":
        """Margins as wide as the labels that stand in them."""
        scale = [wide(number(one), SIZE) for track in chart.tracks for one in track.ticks]
        names = [wide(name, SIZE) for track in chart.tracks for name in level_names(track, width)]
        right = max(12, min(max(names, default=0) + 10, width * 0.3))
        return cls(width, max(20, *scale, 0) + 8, width - right, chart.start, chart.end)

    def x(self, at: datetime) -> float:
        """Where an instant lies; one outside lies on the edge."""
        span = (self.end - self.start).total_seconds()
        share = (at - self.start).total_seconds() / span if span > 0 else 0.5
        return self.left + min(1.0, max(0.0, share)) * (self.right - self.left)

    def ends(self, begins: Sequence[datetime]) -> list[float]:
        """Where each of these, in order of time, gives way to the next; the last one reaches the edge."""
        return [*map(self.x, begins[1:]), self.right] if begins else []


def number(value: float) -> str:
    """Without needless decimals."""
    return f"{value:g}"


def level_names(track: Track, width: float) -> list[str]:
    """What stands beside the track, as long as there is room for."""
    return [one.short if width < PHONE else one.name for one in track.levels]


@dataclass(slots=True)
class Rows:
    """Rows in which nothing overlaps: things are placed from left to right, each in the first row with room."""

    most: int
    taken: list[list[tuple[float, float]]] = field(default_factory=list)

    @property
    def used(self) -> int:
        """How many rows there are."""
        return len(self.taken)

    def place(self, left: float, right: float, apart: float = 4) -> int | None:
        """The row; None when all are full there."""
        for row, taken in enumerate(self.taken):
            if all(right + apart <= a or b + apart <= left for a, b in taken):
                taken.append((left, right))
                return row
        if self.used == self.most:
            return None
        self.taken.append([(left, right)])
        return self.used - 1


def spread(wanted: Sequence[float], apart: float, low: float, high: float) -> list[float]:
    """Heights as near to those wanted as they can be while lying `apart`, in the same order; when there is no room
    for that between `low` and `high`, as far apart as there is room for."""
    order = sorted(range(len(wanted)), key=lambda n: wanted[n])
    apart = min(apart, (high - low) / max(1, len(wanted) - 1))
    placed: list[float] = []
    for n in order:
        placed.append(max(wanted[n], low, placed[-1] + apart if placed else low))
    ceiling = high
    for k in reversed(range(len(placed))):
        placed[k] = min(placed[k], ceiling)
        ceiling = placed[k] - apart
    return [placed[order.index(n)] for n in range(len(wanted))]
