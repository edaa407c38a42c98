"""A drawing on a PDF page. It looks as the stylesheet has it in print."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeAlias

from fpdf import FPDF

from carepath.kit.chart import Box, Drawing, Line, Mark, Path, Words
from carepath.kit.chart.shapes import corners

_Color: TypeAlias = tuple[int, int, int]
_INK, _SOFT, _LINE, _PAPER = (29, 42, 42), (82, 96, 95), (217, 224, 220), (255, 255, 255)
_BRAND, _AMBER, _RED, _GREEN, _BLUE = (31, 92, 87), (138, 90, 0), (163, 40, 44), (34, 104, 58), (35, 82, 124)


@dataclass(frozen=True, slots=True)
class _Style:
    stroke: _Color | None = None
    fill: _Color | None = None
    width: float = 1
    dash: tuple[float, float] | None = None


_STYLES = {
    "chart-grid": _Style(_LINE, width=0.7), "chart-axis": _Style(_SOFT), "chart-band": _Style(fill=(238, 240, 240)),
    "chart-guide": _Style(_AMBER, dash=(5, 4)), "chart-base": _Style(_SOFT), "chart-best": _Style(_GREEN, width=1.5, dash=(1, 3)),
    "chart-star": _Style(_PAPER, _GREEN, 0.5), "chart-line-main": _Style(_BRAND, width=2),
    "chart-line-second": _Style(_BLUE, width=1.5, dash=(6, 3)), "chart-point-main": _Style(_BRAND, _PAPER, 2),
    "chart-point-second": _Style(_BLUE, _PAPER, 2), "chart-bar": _Style(fill=_BRAND), "chart-step": _Style(_AMBER, width=2),
    "chart-span": _Style(_BLUE, width=2), "chart-stretch": _Style(_LINE, (227, 239, 236)),
    "chart-event": _Style(_SOFT, dash=(2, 3)), "chart-sign": _Style(fill=_SOFT), "chart-red": _Style(fill=_RED),
    "chart-amber": _Style(fill=_AMBER), "chart-green": _Style(fill=_GREEN), "chart-blue": _Style(fill=_BLUE),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Place:
    """Where the drawing's own units lie on the page."""

    paper: FPDF
    left: float
    top: float
    scale: float

    def point(self, x: float, y: float) -> tuple[float, float]:
        return self.left + x * self.scale, self.top + y * self.scale

    def pen(self, look: str) -> str:
        """Take up the style of the last class that has one. What to do with a closed shape: D, F or DF."""
        style = next((_STYLES[name] for name in reversed(look.split()) if name in _STYLES), _Style(_INK))
        if style.stroke:
            self.paper.set_draw_color(*style.stroke)
        if style.fill:
            self.paper.set_fill_color(*style.fill)
        self.paper.set_line_width(style.width * self.scale)
        dash = style.dash or (0, 0)
        self.paper.set_dash_pattern(dash[0] * self.scale, dash[1] * self.scale)
        return ("D" if style.stroke else "") + ("F" if style.fill else "")


def paint(paper: FPDF, drawing: Drawing, font: str, left: float, top: float, scale: float) -> None:
    """The drawing with its upper left corner there, so many points for each of its units."""
    place = _Place(paper, left, top, scale)
    paper.set_font(font, size=11 * scale)
    for shape in drawing.shapes:
        _PAINTERS[type(shape)](place, shape)
    paper.set_dash_pattern()
    paper.set_text_color(0)
    paper.set_draw_color(*_LINE)
    paper.set_fill_color(*_PAPER)


def _line(place: _Place, one: Line) -> None:
    place.pen(one.look)
    place.paper.line(*place.point(one.x1, one.y1), *place.point(one.x2, one.y2))


def _path(place: _Place, one: Path) -> None:
    place.pen(one.look)
    place.paper.polyline([place.point(x, y) for x, y in one.points])


def _box(place: _Place, one: Box) -> None:
    style = place.pen(one.look)
    place.paper.rect(*place.point(one.x, one.y), one.width * place.scale, one.height * place.scale, style=style)


def _mark(place: _Place, one: Mark) -> None:
    style = place.pen(one.look)
    if one.figure == "circle":
        place.paper.circle(*place.point(one.x, one.y), one.size * place.scale, style=style)
    else:
        place.paper.polygon([place.point(x, y) for x, y in corners(one)], style=style)


def _words(place: _Place, one: Words) -> None:
    place.paper.set_text_color(*(_SOFT if one.look == "chart-label" else _INK))
    x, y = place.point(one.x, one.y)
    width, size = place.paper.get_string_width(one.text), place.paper.font_size
    left = x - width * {"start": 0, "middle": 0.5, "end": 1}[one.anchor]
    if one.look != "chart-label":  # verticals run behind these
        place.paper.set_fill_color(*_PAPER)
        place.paper.rect(left, y - size * 0.9, width, size * 1.2, style="F")
    place.paper.text(left, y, one.text)


_PAINTERS: dict[type, Callable[[_Place, Any], None]] = {
    Line: _line, Path: _path, Box: _box, Mark: _mark, Words: _words,
}  # fmt: skip
