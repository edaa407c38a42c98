"""Where everything of a chart goes: labels of events, tracks, lanes, signs, the axis of time; from the top down."""

from collections.abc import Iterator

from carepath.kit.chart.axis import ticks, wide
from carepath.kit.chart.frame import GAP, HEAD, SIZE, Frame, Rows
from carepath.kit.chart.model import Chart, Lane
from carepath.kit.chart.shapes import Box, Drawing, Line, Mark, Shape, Words
from carepath.kit.chart.track import draw_track

_EVENT_ROWS, _SIGN_ROWS, _ROW, _LANE = 5, 6, 15, 18
_TICK_ROOM = 58  # between two ticks, at least
FIGURES = {"red": "triangle", "amber": "diamond", "green": "circle"}


def lay_out(chart: Chart, width: int) -> Drawing:
    """The chart on a frame of that width; the height follows. Nothing leaves the frame and no two labels overlap."""
    frame = Frame.of(chart, width)
    labels, top = _event_labels(chart, frame)
    parts: list[Shape] = []
    y = top
    for track in chart.tracks:
        parts += draw_track(track, chart.breaks, frame, y)
        y += HEAD + track.height + GAP
    for lane in chart.lanes:
        parts += _lane(lane, frame, y)
        y += HEAD + _LANE + GAP
    signs, y = _signs(chart, frame, y)
    axis = list(_axis(chart, frame, top, y))
    verticals = [_vertical(one, y) for one in labels]
    words = [shape for _x, _top, _title, shape in labels if shape is not None]
    return Drawing(chart.title, chart.description, width, y + 34, (*axis, *verticals, *parts, *signs, *words))


_Label = tuple[float, float, str, Words | None]


def _event_labels(chart: Chart, frame: Frame) -> tuple[list[_Label], float]:
    """(x, top of the vertical, title, label) of each event, and where they end. In a crowd a label is left out; its
    vertical keeps the words."""
    rows = Rows(_EVENT_ROWS)
    found: list[_Label] = []
    for one in sorted(chart.events, key=lambda e: e.at):
        x, size = frame.x(one.at), wide(one.label, SIZE)
        fits = x + 3 + size <= frame.width
        left = x + 3 if fits else x - 3 - size
        row = rows.place(left, left + size) if left >= 0 else None
        y = 12 + _ROW * (row or 0)
        words = Words(x + 3 if fits else x - 3, y, one.label, "chart-event-label", "start" if fits else "end")
        found.append((x, y - 9, one.words, None if row is None else words))
    return found, _ROW * rows.used + 8


def _vertical(label: _Label, bottom: float) -> Line:
    x, top, title, _words = label
    return Line(x, top, x, bottom, "chart-event", title)


def _lane(lane: Lane, frame: Frame, y: float) -> Iterator[Shape]:
    """A strip of boxes; a label that its box has no room for is left to the title."""
    yield Words(frame.left, y + 12, lane.name, "chart-name")
    ordered = sorted(lane.stretches, key=lambda s: s.at)
    ends = frame.ends([one.at for one in ordered])
    for one, end in zip(ordered, ends, strict=True):
        x = frame.x(one.at)
        if one.label and end > x:
            yield Box(x, y + HEAD, end - x, _LANE, "chart-stretch", one.words)
            if wide(one.label, SIZE) + 8 <= end - x:
                yield Words((x + end) / 2, y + HEAD + 13, one.label, "chart-label", "middle")


def _signs(chart: Chart, frame: Frame, y: float) -> tuple[list[Shape], float]:
    if chart.signs_name is None:
        return [], y
    rows, size = Rows(_SIGN_ROWS), 5.5 if frame.width > 500 else 5
    marks: list[Shape] = []
    for one in sorted(chart.signs, key=lambda s: s.at):
        x = frame.x(one.at)
        row = rows.place(x - size, x + size, 1)
        down = y + HEAD + 8 + _ROW * (rows.most - 1 if row is None else row)
        marks.append(Mark(x, down, size, FIGURES.get(one.tone, "square"), f"chart-sign chart-{one.tone}", one.words))
    return [*_legend(chart, frame, y), *marks], y + HEAD + _ROW * max(1, rows.used) + GAP


def _legend(chart: Chart, frame: Frame, y: float) -> Iterator[Shape]:
    """The strip's name, and what each tone looks like."""
    yield Words(frame.left, y + 12, f"{chart.signs_name}", "chart-name")
    x = frame.left + wide(chart.signs_name or "", SIZE + 1) + 16
    for tone, words in chart.tones:
        if x + 10 + wide(words, SIZE) <= frame.width:
            yield Mark(x, y + 8, 4.5, FIGURES.get(tone, "square"), f"chart-sign chart-{tone}", words)
            yield Words(x + 9, y + 12, words, "chart-label")
        x += 26 + wide(words, SIZE)


def _axis(chart: Chart, frame: Frame, top: float, bottom: float) -> Iterator[Shape]:
    yield Line(frame.left, bottom, frame.right, bottom, "chart-axis")
    rows = (Rows(1), Rows(1))
    for tick in ticks(chart.start, chart.end, chart.zone, max(2, int((frame.right - frame.left) / _TICK_ROOM))):
        x = frame.x(tick.at)
        yield Line(x, top, x, bottom + 4, "chart-grid")
        for number, text in enumerate((tick.first, tick.second)):
            half = wide(text, SIZE) / 2
            middle = min(max(x, half), frame.width - half)
            if text and rows[number].place(middle - half, middle + half) is not None:
                yield Words(middle, bottom + 15 + 13 * number, text, "chart-label", "middle")
