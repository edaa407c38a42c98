"""One strip with a scale: bands and guides, bars, steps, spans, lines, marks."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import pairwise

from carepath.kit.chart.axis import wide
from carepath.kit.chart.frame import HEAD, PHONE, SIZE, Frame, number, spread
from carepath.kit.chart.model import Level, Series, Track, Value
from carepath.kit.chart.shapes import Box, Line, Mark, Path, Shape, Words

_FIGURES = {"main": "circle", "second": "square"}


class _Scale:
    """Where a value of the track lies; one outside lies on the edge."""

    def __init__(self, track: Track, top: float) -> None:
        self.top, self.bottom = top, top + track.height
        self._low, self._span = track.low, track.high - track.low

    def y(self, value: float) -> float:
        """Higher values lie higher."""
        share = (value - self._low) / self._span if self._span > 0 else 0.5
        return self.bottom - min(1.0, max(0.0, share)) * (self.bottom - self.top)


def draw_track(track: Track, breaks: Sequence[datetime], frame: Frame, y: float) -> Iterator[Shape]:
    """The strip, its head at `y`."""
    scale = _Scale(track, y + HEAD)
    yield from _bands(track, frame, scale)
    yield from _grid(track, frame, scale)
    yield from _levels(track, frame, scale)
    yield from _head(track, frame, y)
    yield from _bars(track, frame, scale)
    yield from _steps(track, frame, scale)
    yield from _spans(track, frame, scale)
    for one in track.series:
        yield from _series(one, breaks, frame, scale)
    if track.best:
        best = track.best
        yield Mark(frame.x(best.at), scale.y(best.value), 9, "star", "chart-star", best.words)


def _head(track: Track, frame: Frame, y: float) -> Iterator[Shape]:
    """The name; with more than one series, what each looks like, as long as there is room."""
    yield Words(frame.left, y + 12, track.name, "chart-name")
    x = frame.left + wide(track.name, SIZE + 1) + 16
    for one in track.series if len(track.series) > 1 else ():
        if x + 10 + wide(one.name, SIZE) <= frame.width:
            yield Mark(x, y + 8, 3.5, _FIGURES[one.look], f"chart-point chart-point-{one.look}", one.name)
            yield Words(x + 9, y + 12, one.name, "chart-label")
        x += 26 + wide(one.name, SIZE)


def _bands(track: Track, frame: Frame, scale: _Scale) -> Iterator[Shape]:
    """Every other band has a ground of its own."""
    for n, (band, top) in enumerate(_tops(track)):
        if n % 2:
            y = scale.y(top)
            yield Box(frame.left, y, frame.right - frame.left, scale.y(band.value) - y, "chart-band")


def _grid(track: Track, frame: Frame, scale: _Scale) -> Iterator[Shape]:
    last = scale.bottom + SIZE * 2
    for value in sorted(track.ticks):
        y = scale.y(value)
        yield Line(frame.left, y, frame.right, y, "chart-grid")
        if last - y >= SIZE:
            yield Words(frame.left - 6, y + 4, number(value), "chart-label", "end")
            last = y


def _levels(track: Track, frame: Frame, scale: _Scale) -> Iterator[Shape]:
    """Guides across the strip, and the names of guides and bands beside it."""
    tops = dict(_tops(track))
    heights = [scale.y((one.value + tops[one]) / 2 if one in tops else one.value) for one in track.levels]
    for one in track.levels:
        if one.look != "band":
            y = scale.y(one.value)
            yield Line(frame.left, y, frame.right, y, f"chart-guide chart-{one.look}", one.name)
    # A label's baseline lies a little below the middle of its letters.
    for one, y in zip(track.levels, spread(heights, SIZE + 2, scale.top, scale.bottom), strict=True):
        yield Words(frame.right + 5, y + 4, _fit(one, frame), "chart-label")


def _tops(track: Track) -> list[tuple[Level, float]]:
    """Each band with where it ends."""
    bands = [one for one in track.levels if one.look == "band"]
    return [*zip(bands, (one.value for one in bands[1:]), strict=False), *((one, track.high) for one in bands[-1:])]


def _fit(level: Level, frame: Frame) -> str:
    room = frame.width - frame.right - 5
    return level.name if frame.width >= PHONE and wide(level.name, SIZE) <= room else level.short


def _bars(track: Track, frame: Frame, scale: _Scale) -> Iterator[Shape]:
    """Thin where they are close together."""
    ordered = sorted(track.bars, key=lambda v: v.at)
    apart = min((b - a for a, b in pairwise(frame.x(one.at) for one in ordered)), default=8.0)
    width = min(8.0, max(1.5, apart * 0.75))
    for one in ordered:
        y = scale.y(one.value)
        x = min(max(frame.x(one.at) - width / 2, frame.left), frame.right - width)
        yield Box(x, y, width, scale.bottom - y, "chart-bar", one.words)


def _steps(track: Track, frame: Frame, scale: _Scale) -> Iterator[Shape]:
    ordered = sorted(track.steps, key=lambda s: s.at)
    ends = frame.ends([one.at for one in ordered])
    last: float | None = None
    for one, end in zip(ordered, ends, strict=True):
        x, y = frame.x(one.at), None if one.value is None else scale.y(one.value)
        if y is not None and last is not None and y != last:
            yield Line(x, last, x, y, "chart-step")
        if y is not None:
            yield Line(x, y, end, y, "chart-step", one.words)
        last = y


def _spans(track: Track, frame: Frame, scale: _Scale) -> Iterator[Shape]:
    for one in sorted(track.spans, key=lambda s: s.at):
        x, low, high = frame.x(one.at), scale.y(one.low), scale.y(one.high)
        yield Line(x, high, x, low, "chart-span", one.words)
        for y in (high, low):
            yield Line(x - 3, y, x + 3, y, "chart-span", one.words)


def _series(series: Series, breaks: Sequence[datetime], frame: Frame, scale: _Scale) -> Iterator[Shape]:
    """Lines between neighbours, but not across a break; then the marks, small where there are many."""
    ordered = sorted(series.values, key=lambda v: v.at)
    for run in _runs(ordered, sorted(breaks)):
        if len(run) > 1:
            points = tuple((frame.x(one.at), scale.y(one.value)) for one in run)
            yield Path(points, f"chart-line chart-line-{series.look}")
    size = 4.0 if len(ordered) * 10 < frame.right - frame.left else 2.5
    look = f"chart-point chart-point-{series.look}"
    for one in ordered:
        yield Mark(frame.x(one.at), scale.y(one.value), size, _FIGURES[series.look], look, one.words)


def _runs(ordered: Sequence[Value], breaks: Sequence[datetime]) -> list[list[Value]]:
    runs = [list(ordered[:1])]
    for one, after in pairwise(ordered):
        if bisect_right(breaks, one.at) < bisect_left(breaks, after.at):
            runs.append([])
        runs[-1].append(after)
    return runs
