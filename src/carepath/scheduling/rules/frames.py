"""Windows of possible starts, a bit each.

Starts lie where the wall clock shows a multiple of some step, so a month has a few thousand of them,
and every rule is an integer that says which of them it lets through.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import compress
from math import gcd

from carepath.scheduling.rules import days
from carepath.scheduling.rules.ranges import Range

_TO_FLAGS = bytes.maketrans(b"01", b"\x00\x01")


@dataclass(frozen=True, slots=True, eq=False)
class Frame:
    """Bit i stands for the start `first + i * unit` (minutes since 1970). Compared by identity, like what follows
    from it. `on_grid` are the starts that the wall clock allows: where a clock change repeats an hour, its second
    time is left out."""

    first: int
    unit: int
    count: int
    on_grid: int
    minutes_of: tuple[int, ...]
    whole: int

    @property
    def past(self) -> int:
        """The minute after the last start that could be meant."""
        return self.first + (self.count - 1) * self.unit + 1

    def span(self, first: int, past: int) -> int:
        """The starts from `first` up to, not including, `past`."""
        low = max(0, -((self.first - first) // self.unit))
        high = min(self.count, -((self.first - past) // self.unit))
        return ((1 << (high - low)) - 1) << low if high > low else 0

    def fits(self, ranges: Iterable[Range], minutes: int) -> int:
        """Starts from which a visit lies wholly inside one of the ranges."""
        mask = 0
        for first, past in ranges:
            mask |= self.span(first, past - minutes + 1)
        return mask

    def touched(self, busy: tuple[Range, ...], before: int, after: int) -> int:
        """Starts whose time, from `before` minutes ahead of them to `after` behind, meets something busy.

        Kept for whole windows: of fifty calendars read again, hardly one has changed since, and comparing what was read
        costs a fraction of working it out.
        """
        return (_touched if self.count == 1 else _kept_touched)(self, busy, before, after)

    def minutes(self, mask: int) -> list[int]:
        """The starts of `mask`, in order. Kept for whole windows, like what is `touched`."""
        return list((_minutes if self.count == 1 else _kept_minutes)(self, mask))


def _minutes(frame: Frame, mask: int) -> tuple[int, ...]:
    flags = format(mask, "b").encode().translate(_TO_FLAGS)
    return tuple(compress(frame.minutes_of, flags[::-1]))


_kept_minutes = lru_cache(maxsize=1024)(_minutes)


def _touched(frame: Frame, busy: tuple[Range, ...], before: int, after: int) -> int:
    """`span`, written out: this is the innermost loop of the search."""
    mask, unit, count = 0, frame.unit, frame.count
    to_low, to_high = unit - after - frame.first, before - frame.first + unit - 1
    for begin, end in busy:
        low = (begin + to_low) // unit
        high = (end + to_high) // unit
        if low < 0:
            low = 0
        if high > count:
            high = count
        if high > low:
            mask |= ((1 << (high - low)) - 1) << low
    return mask


_kept_touched = lru_cache(maxsize=4096)(_touched)


@lru_cache(maxsize=256)
def frame(zone: str, step: int, window: Range) -> Frame:
    """Every start within `window` at which the wall clock of `zone` shows a multiple of `step` minutes."""
    return _frame(zone, step, window)


def one(zone: str, step: int, start: int) -> Frame:
    """The frame of a single minute, on the grid or not. Not kept: its like is not asked for again."""
    return Frame(start, 1, 1, int(days.is_on_grid(zone, start, step)), (start,), 1)


def _made(first: int, unit: int, count: int, on_grid: int) -> Frame:
    return Frame(first, unit, count, on_grid, tuple(range(first, first + count * unit, unit)), (1 << count) - 1)


def _frame(zone: str, step: int, window: Range) -> Frame:
    combs = [
        (first, count) for on in days.dates(zone, *window) for first, count in days.wall_grid(zone, on, step) if count
    ]
    origin = combs[0][0] if combs else window[0]
    unit = step
    for first, _count in combs:
        unit = gcd(unit, first - origin)  # a clock change by half an hour shifts a grid of hours
    first = window[0] + (origin - window[0]) % unit
    count = max(0, -((first - window[1]) // unit))
    whole = _made(first, unit, count, 0)
    mask = 0
    for begin, teeth in combs:
        mask |= _comb(whole, begin, teeth, step)
    return replace(whole, on_grid=mask)


def _comb(frame: Frame, begin: int, teeth: int, step: int) -> int:
    """Every `step` minutes from `begin`, `teeth` times, as far as it lies in the frame."""
    if step == frame.unit:
        return frame.span(begin, begin + (teeth - 1) * step + 1)
    mask = 0
    for tooth in range(begin, begin + teeth * step, step):
        mask |= frame.span(tooth, tooth + 1)
    return mask
