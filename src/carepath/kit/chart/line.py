"""A line chart as SVG, made on the server: classes instead of styles, words beside the picture."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from html import escape

_WIDTH, _HEIGHT, _LEFT, _RIGHT, _TOP, _BOTTOM = 640, 240, 36, 16, 16, 32


@dataclass(frozen=True, slots=True)
class Point:
    """A value at a time. `day` is the date in words, in the reader's zone."""

    at: datetime
    value: Decimal
    day: str


def line_chart(
    title: str, description: str, points: Sequence[Point], high: int, guides: Sequence[tuple[Decimal, str]] = ()
) -> str:
    """An accessible SVG of `points` on a scale from 0 to `high`, with named horizontal guides. Safe to put in a page."""
    if not points:
        return ""
    parts = [
        f'<svg class="chart" viewBox="0 0 {_WIDTH} {_HEIGHT}" role="img" aria-labelledby="chart-title chart-desc">',
        f'<title id="chart-title">{escape(title)}</title><desc id="chart-desc">{escape(description)}</desc>',
        *(_grid(value, high) for value in range(0, high + 1, max(1, high // 5))),
        *(_guide(value, name, high) for value, name in guides),
    ]
    placed = [(_x(point, points), _y(point.value, high), point) for point in points]
    path = " ".join(f"{x:.1f},{y:.1f}" for x, y, _point in placed)
    parts.append(f'<polyline class="chart-line" points="{path}"/>')
    parts += [
        f'<circle class="chart-point" cx="{x:.1f}" cy="{y:.1f}" r="4"><title>{escape(p.day)}: {p.value}</title></circle>'
        for x, y, p in placed
    ]
    parts += [_date(points[0], points, "start"), _date(points[-1], points, "end") if len(points) > 1 else "", "</svg>"]
    return "".join(parts)


def _x(point: Point, points: Sequence[Point]) -> float:
    first, last = points[0].at, points[-1].at
    span = (last - first).total_seconds()
    share = (point.at - first).total_seconds() / span if span else 0.5
    return _LEFT + share * (_WIDTH - _LEFT - _RIGHT)


def _y(value: Decimal, high: int) -> float:
    return _TOP + (1 - float(value) / high) * (_HEIGHT - _TOP - _BOTTOM)


def _grid(value: int, high: int) -> str:
    y = _y(Decimal(value), high)
    return (
        f'<line class="chart-grid" x1="{_LEFT}" x2="{_WIDTH - _RIGHT}" y1="{y:.1f}" y2="{y:.1f}"/>'
        f'<text class="chart-label" x="{_LEFT - 8}" y="{y + 4:.1f}" text-anchor="end">{value}</text>'
    )


def _guide(value: Decimal, name: str, high: int) -> str:
    y = _y(value, high)
    return (
        f'<line class="chart-guide" x1="{_LEFT}" x2="{_WIDTH - _RIGHT}" y1="{y:.1f}" y2="{y:.1f}"/>'
        f'<text class="chart-label" x="{_WIDTH - _RIGHT}" y="{y - 5:.1f}" text-anchor="end">{escape(name)}</text>'
    )


def _date(point: Point, points: Sequence[Point], anchor: str) -> str:
    return f'<text class="chart-label" x="{_x(point, points):.1f}" y="{_HEIGHT - 10}" text-anchor="{anchor}">{escape(point.day)}</text>'
