"""The chart over time: everything inside its frame, in order, readable without colour, harmless whatever it is given."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from itertools import combinations, pairwise
from xml.etree import ElementTree

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from carepath.kit.chart import (
    Box,
    Chart,
    Drawing,
    Event,
    Lane,
    Level,
    Line,
    Mark,
    Path,
    Series,
    Sign,
    Span,
    Step,
    Stretch,
    Track,
    Value,
    Words,
    lay_out,
    svg,
)  # fmt: skip
from carepath.kit.chart.axis import ticks, wide
from carepath.kit.chart.frame import SIZE, Rows, spread
from carepath.kit.chart.shapes import corners

ZONE = "America/Denver"
START = datetime(2025, 3, 1, 12, 0, tzinfo=UTC)
SVG = "{http://www.w3.org/2000/svg}"
WIDTHS = (360, 680, 1080)
HOSTILE = '<script>alert("1")</script>&\x00\x1b\ud800'

hours = st.integers(-500, 30_000)
numbers = st.floats(-5, 40, allow_nan=False)
text = st.text(max_size=30)
at = hours.map(lambda h: START + timedelta(hours=h))
values = st.lists(st.builds(Value, at, numbers, text), max_size=25).map(tuple)
levels = st.lists(st.builds(Level, numbers, text, text, st.sampled_from(["guide", "base", "best"])), max_size=5)
bands = st.lists(numbers, max_size=5, unique=True).map(
    lambda found: [Level(v, f"band {n}", "b", "band") for n, v in enumerate(sorted(found))]
)
tracks = st.builds(
    Track, text, st.just(0.0), st.floats(0, 30), st.just((0.0, 5.0, 10.0)), st.sampled_from([40, 100]),
    st.lists(st.builds(Series, text, values, st.sampled_from(["main", "second"])), max_size=2).map(tuple), values,
    st.lists(st.builds(Step, at, st.none() | numbers, text), max_size=6).map(tuple),
    st.lists(st.builds(Span, at, numbers, numbers, text), max_size=6).map(tuple),
    st.one_of(levels, bands).map(tuple), st.none() | st.builds(Value, at, numbers, text),
)  # fmt: skip
tones = st.sampled_from(["red", "amber", "green", "blue"])
charts = st.builds(
    lambda span, **parts: Chart(start=START, end=START + timedelta(hours=span), zone=ZONE, **parts),
    span=st.sampled_from([0, 5, 24 * 9, 24 * 100, 24 * 900, 24 * 20_000]),
    title=text, description=text, tracks=st.lists(tracks, max_size=3).map(tuple),
    lanes=st.lists(st.builds(Lane, text, st.lists(st.builds(Stretch, at, text, text), max_size=5).map(tuple)), max_size=2).map(tuple),
    events=st.lists(st.builds(Event, at, text, text), max_size=12).map(tuple),
    signs=st.lists(st.builds(Sign, at, tones, text), max_size=25).map(tuple),
    signs_name=st.none() | text, tones=st.just((("red", "look today"), ("amber", "look soon"))),
    breaks=st.lists(at, max_size=5).map(tuple),
)  # fmt: skip


def extent(shape: object) -> tuple[float, float, float, float]:
    """Left, top, right, bottom."""
    match shape:
        case Line(x1, y1, x2, y2):
            return min(x1, x2), min(y1, y2), max(x1, x2), max(y1, y2)
        case Box(x, y, width, height):
            return x, y, x + width, y + height
        case Mark() as mark:
            found = corners(mark) or (
                (mark.x - mark.size, mark.y - mark.size),
                (mark.x + mark.size, mark.y + mark.size),
            )
            return (
                min(x for x, _ in found),
                min(y for _, y in found),
                max(x for x, _ in found),
                max(y for _, y in found),
            )
        case Path(points):
            return (
                min(x for x, _ in points),
                min(y for _, y in points),
                max(x for x, _ in points),
                max(y for _, y in points),
            )
        case Words(x, y, words, _look, anchor):
            width = wide(words, SIZE)
            left = {"start": x, "middle": x - width / 2, "end": x - width}[anchor]
            return left, y - SIZE * 0.75, left + width, y + 2
    raise AssertionError(shape)


def words_of(drawing: Drawing, *looks: str) -> list[Words]:
    return [one for one in drawing.shapes if isinstance(one, Words) and one.look in looks]


def marks_of(drawing: Drawing, look: str) -> list[Mark]:
    return [one for one in drawing.shapes if isinstance(one, Mark) and look in one.look.split()]


def overlap(one: Words, other: Words) -> bool:
    a, b = extent(one), extent(other)
    return min(a[2], b[2]) - max(a[0], b[0]) > 0.1 and min(a[3], b[3]) - max(a[1], b[1]) > 0.1


def parsed(drawing: Drawing) -> ElementTree.Element:
    return ElementTree.fromstring(svg(drawing, "chart").replace("<svg ", '<svg xmlns="http://www.w3.org/2000/svg" ', 1))


@settings(max_examples=150, deadline=None)
@given(charts, st.sampled_from(WIDTHS))
def test_every_mark_lies_inside_the_frame(chart: Chart, width: int):
    drawing = lay_out(chart, width)
    for shape in drawing.shapes:
        if isinstance(shape, Words):
            continue  # how far words reach is a matter of the words; those of ours are looked at below
        left, top, right, bottom = extent(shape)
        assert -0.01 <= left <= right <= drawing.width + 0.01, shape
        assert -0.01 <= top <= bottom <= drawing.height + 0.01, shape


@settings(max_examples=100, deadline=None)
@given(charts, st.sampled_from(WIDTHS))
def test_any_text_leaves_valid_xml_with_a_title_on_every_mark(chart: Chart, width: int):
    tree = parsed(lay_out(chart, width))
    assert {element.tag.removeprefix(SVG) for element in tree.iter()} <= {
        "svg", "title", "desc", "line", "text", "polyline", "polygon", "circle", "rect",
    }  # fmt: skip
    assert not [element for element in tree.iter() if element.get("style") or element.get("onload")]


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 9000), numbers), min_size=1, max_size=40), st.sampled_from(WIDTHS))
def test_later_is_never_further_left_and_higher_never_lower(pairs: list[tuple[int, float]], width: int):
    given_values = tuple(Value(START + timedelta(hours=h), v, f"{v}") for h, v in pairs)
    track = Track("PEG", 0, 10, (0, 5, 10), series=(Series("PEG", given_values),))
    drawing = lay_out(Chart("", "", START, START + timedelta(hours=9000), ZONE, (track,)), width)
    marks = marks_of(drawing, "chart-point")
    assert len(marks) == len(given_values)
    assert [m.title for m in marks] == [v.words for v in sorted(given_values, key=lambda v: v.at)]
    assert [m.x for m in marks] == sorted(m.x for m in marks)
    by_height = sorted(zip(marks, sorted(given_values, key=lambda v: v.at), strict=True), key=lambda p: p[1].value)
    assert all(high.y <= low.y for (low, _), (high, _) in pairwise(by_height))


def points(days: Sequence[int]) -> tuple[Value, ...]:
    return tuple(Value(START + timedelta(days=d), d % 10, f"day {d}") for d in days)


def year(days: int = 365, **more: object) -> Chart:
    """A year as a clinic knows it, with a PEG every `every` days."""
    end = START + timedelta(days=days)
    pain = Track(
        "Pain, 0 to 10", 0, 10, (0, 5, 10), 120, (Series("PEG", points(range(0, days, 14))), Series("NRS", points([3]), "second")),
        levels=(Level(7, "baseline 7.0", "base 7.0", "base"), Level(4.9, "30 % relief", "−30 %"), Level(3.5, "50 % relief", "−50 %"), Level(3.4, "best 3.4", "best 3.4", "best")),
        best=Value(START + timedelta(days=40), 3.4, "best"),
    )  # fmt: skip
    mood = Track("PHQ-9", 0, 27, (0, 10, 20, 27), 90, (Series("PHQ-9", points(range(0, days, 28))),), levels=tuple(
        Level(low, name, name, "band") for low, name in ((0, "minimal"), (5, "mild"), (10, "moderate"), (15, "mod. severe"), (20, "severe"))))  # fmt: skip
    events = tuple(
        Event(START + timedelta(days=d), label, label)
        for d, label in (
            (0, "Plan begins"),
            (0, "Induction"),
            (21, "Maintenance"),
            (200, "Paused"),
            (205, "Resumed"),
            (days, "Ended"),
        )
    )
    signs = tuple(
        Sign(START + timedelta(days=d), tone, tone) for d, tone in ((30, "green"), (30, "red"), (90, "amber"))
    )
    lanes = (Lane("A session every", tuple(Stretch(START + timedelta(days=d), f"{n} days", "") for d, n in ((0, 3), (21, 28)))),)  # fmt: skip
    parts: dict[str, object] = {
        "tracks": (pain, mood), "lanes": lanes, "events": events, "signs": signs, "signs_name": "Signals",
        "tones": (("red", "look today"), ("amber", "look soon"), ("green", "good news")),
    }  # fmt: skip
    return Chart("Course", "", START, end, ZONE, **{**parts, **more})  # type: ignore[arg-type]


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("days", [1, 9, 40, 120, 365, 1100, 4000])
def test_no_two_labels_overlap_and_none_is_cut(days: int, width: int):
    drawing = lay_out(year(days), width)
    for one, other in combinations(words_of(drawing, "chart-label", "chart-event-label", "chart-name"), 2):
        assert not overlap(one, other), (one, other)
    for one in words_of(drawing, "chart-label", "chart-event-label", "chart-name"):
        left, _top, right, _bottom = extent(one)
        assert left >= -0.01, one
        assert right <= drawing.width + 0.01, one


def test_a_missed_check_in_parts_the_line():
    track = Track("PEG", 0, 10, (0, 10), series=(Series("PEG", points([0, 7, 14, 28, 35])),))

    def paths(*breaks: int) -> list[int]:
        drawing = lay_out(
            Chart("", "", START, START + timedelta(days=40), ZONE, (track,), breaks=tuple(START + timedelta(days=d) for d in breaks)), 680
        )  # fmt: skip
        return [len(one.points) for one in drawing.shapes if isinstance(one, Path)]

    assert paths() == [5]
    assert paths(21) == [3, 2]
    assert paths(3, 10) == [3]  # a point between two breaks has no neighbour
    assert paths(7, 50) == [5]  # answered at the moment itself; asked after the last answer


def test_nothing_one_point_and_the_same_moment():
    empty = lay_out(Chart("Course", "", START, START, ZONE, (Track("PEG", 0, 10, (0, 10)),)), 360)
    assert not marks_of(empty, "chart-point")
    same = tuple(Value(START, v, str(v)) for v in (3, 3, 8))
    drawing = lay_out(
        Chart("", "", START, START, ZONE, (Track("PEG", 0, 10, (0, 10), series=(Series("PEG", same),)),)), 360
    )
    assert len({one.x for one in marks_of(drawing, "chart-point")}) == 1


def test_values_at_the_limits_lie_on_the_edges():
    ends = (Value(START, 0, "0"), Value(START + timedelta(days=9), 10, "10"))
    track = Track("PEG", 0, 10, (0, 10), 100, (Series("PEG", ends),))
    low, high = marks_of(lay_out(Chart("", "", START, ends[1].at, ZONE, (track,)), 680), "chart-point")
    assert low.y - high.y == 100
    assert low.x < high.x


def test_tones_are_told_apart_by_their_figures_alone():
    figures = {one.look: one.figure for one in marks_of(lay_out(year(), 1080), "chart-sign")}
    assert len(set(figures.values())) == len(figures) == 3


def test_signs_of_one_moment_stand_under_each_other():
    signs = tuple(Sign(START, tone, tone) for tone in ("red", "amber", "green"))
    marks = marks_of(lay_out(year(signs=signs, tones=()), 360), "chart-sign")
    assert len({one.y for one in marks}) == 3


def test_hostile_words_stay_words():
    drawing = lay_out(year(events=(Event(START, HOSTILE, HOSTILE),), signs_name=HOSTILE), 680)
    assert "<script" not in svg(drawing, "chart")
    assert '<script>alert("1")</script>&' in [element.text for element in parsed(drawing).iter(f"{SVG}text")]


@given(
    st.integers(0, 40_000), st.integers(2, 30), st.sampled_from([ZONE, "UTC", "Pacific/Auckland", "America/Sao_Paulo"])
)
@settings(max_examples=60, deadline=None)
def test_ticks_are_few_in_order_and_at_midnight(days: int, most: int, zone: str):
    end = START + timedelta(days=days)
    found = ticks(START, end, zone, most)
    assert len(found) <= most
    assert [one.at for one in found] == sorted({one.at for one in found})
    assert all(START <= one.at <= end for one in found)
    assert len({one.second for one in found if one.second}) == len([one for one in found if one.second])


def test_ticks_are_days_weeks_months_and_years_as_the_span_asks():
    said = {n: [t.first for t in ticks(START, START + timedelta(days=n), ZONE, 8)][:2] for n in (5, 30, 100, 365, 4000)}
    assert said == {5: ["Mar 2", "Mar 3"], 30: ["Mar 3", "Mar 10"], 100: ["Mar 10", "Mar 24"], 365: ["May", "Jul"], 4000: ["2026", "2028"]}  # fmt: skip


@given(st.lists(st.floats(-50, 200), min_size=1, max_size=8), st.floats(1, 30))
def test_labels_are_spread_in_their_order_within_their_room(wanted: list[float], apart: float):
    found = spread(wanted, apart, 0, 100)
    assert all(-1e-6 <= one <= 100 + 1e-6 for one in found)
    for (a, at_a), (b, at_b) in combinations(zip(wanted, found, strict=True), 2):
        assert (a - b) * (at_a - at_b) >= -1e-6
    room = min(apart, 100 / max(1, len(wanted) - 1))
    assert all(b - a >= room - 1e-6 for a, b in pairwise(sorted(found)))


def test_a_full_crowd_has_no_row():
    rows = Rows(2)
    assert [rows.place(0, 10), rows.place(5, 15), rows.place(9, 12), rows.place(20, 30)] == [0, 1, None, 0]
