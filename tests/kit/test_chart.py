"""The drawn line: inside its frame, readable without seeing it, harmless whatever it is given."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from xml.etree import ElementTree

from hypothesis import given
from hypothesis import strategies as st

from carepath.kit.chart import Point, line_chart

START = datetime(2026, 1, 5, 12, 0, tzinfo=UTC)
SVG = "{http://www.w3.org/2000/svg}"
series = st.lists(st.tuples(st.integers(0, 5000), st.integers(0, 100)), min_size=1, max_size=40)


def drawn(points: list[Point], title: str = "PEG", guides: tuple[tuple[Decimal, str], ...] = ()) -> ElementTree.Element:
    svg = line_chart(title, "From 7 to 4", points, 10, guides)
    return ElementTree.fromstring(svg.replace("<svg ", '<svg xmlns="http://www.w3.org/2000/svg" ', 1))


def points(pairs: list[tuple[int, int]]) -> list[Point]:
    return [Point(START + timedelta(hours=h), Decimal(v) / 10, str(v)) for h, v in sorted(pairs)]


@given(series)
def test_every_value_is_drawn_inside_the_frame_and_a_higher_one_never_lower(pairs: list[tuple[int, int]]):
    given_points = points(pairs)
    circles = [(float(c.get("cx", "")), float(c.get("cy", ""))) for c in drawn(given_points).iter(f"{SVG}circle")]
    assert len(circles) == len(given_points)
    assert all(0 <= x <= 640 and 0 <= y <= 240 for x, y in circles)
    assert [x for x, _y in circles] == sorted(x for x, _y in circles)
    for (_x, y), point in zip(circles, given_points, strict=True):
        assert all(
            (y <= other_y)
            for (_ox, other_y), other in zip(circles, given_points, strict=True)
            if other.value <= point.value
        )


def test_words_stand_beside_the_picture():
    svg = drawn(points([(0, 70), (24, 40)]), guides=((Decimal("4.9"), "30 % relief"),))
    assert svg.get("role") == "img"
    named = {element.get("id"): element.text for element in svg if element.get("id")}
    assert [named[name] for name in svg.get("aria-labelledby", "").split()] == ["PEG", "From 7 to 4"]
    assert "30 % relief" in [text.text for text in svg.iter(f"{SVG}text")]


def test_no_inline_style_and_no_markup_from_words():
    svg = drawn(points([(0, 70)]), title="<script>alert(1)</script>", guides=((Decimal(3), '"><b>'),))
    assert not [element for element in svg.iter() if element.get("style")]
    assert {element.tag.removeprefix(SVG) for element in svg.iter()} <= {
        "svg", "title", "desc", "line", "text", "polyline", "circle",
    }  # fmt: skip


def test_nothing_to_draw_is_nothing():
    assert line_chart("PEG", "", [], 10) == ""
