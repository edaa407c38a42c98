"""A drawing as SVG: classes instead of styles, a title on every mark, every text escaped."""

import re
from collections.abc import Callable
from html import escape
from typing import Any

from carepath.kit.chart.shapes import Box, Drawing, Line, Mark, Path, Words, corners

_NO_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")


def svg(drawing: Drawing, name: str, more: str = "") -> str:
    """The drawing, safe to put in a page. `name` makes its ids its own on the page; `more` are further classes."""
    about = (
        f'<title id="{name}-title">{_safe(drawing.title)}</title>'
        f'<desc id="{name}-desc">{_safe(drawing.description)}</desc>'
    )
    return (
        f'<svg class="chart timeline {more}" viewBox="0 0 {drawing.width:g} {drawing.height:g}" role="img" '
        f'aria-labelledby="{name}-title {name}-desc">{about}'
        f"{''.join(_WRITERS[type(shape)](shape) for shape in drawing.shapes)}</svg>"
    )


def _safe(text: str) -> str:
    """Escaped, and without the characters that XML cannot hold."""
    return escape(_NO_XML.sub("", text))


def _closed(start: str, tag: str, title: str) -> str:
    return f"{start}><title>{_safe(title)}</title></{tag}>" if title else f"{start}/>"


def _line(one: Line) -> str:
    at = f'x1="{one.x1:.1f}" y1="{one.y1:.1f}" x2="{one.x2:.1f}" y2="{one.y2:.1f}"'
    return _closed(f'<line class="{one.look}" {at}', "line", one.title)


def _path(one: Path) -> str:
    return f'<polyline class="{one.look}" points="{_points(one.points)}"/>'


def _box(one: Box) -> str:
    at = f'x="{one.x:.1f}" y="{one.y:.1f}" width="{one.width:.1f}" height="{one.height:.1f}"'
    return _closed(f'<rect class="{one.look}" {at}', "rect", one.title)


def _mark(one: Mark) -> str:
    if one.figure == "circle":
        at = f'cx="{one.x:.1f}" cy="{one.y:.1f}" r="{one.size:.1f}"'
        return _closed(f'<circle class="{one.look}" {at}', "circle", one.title)
    return _closed(f'<polygon class="{one.look}" points="{_points(corners(one))}"', "polygon", one.title)


def _words(one: Words) -> str:
    anchor = "" if one.anchor == "start" else f' text-anchor="{one.anchor}"'
    return f'<text class="{one.look}" x="{one.x:.1f}" y="{one.y:.1f}"{anchor}>{_safe(one.text)}</text>'


def _points(found: tuple[tuple[float, float], ...]) -> str:
    return " ".join(f"{x:.1f},{y:.1f}" for x, y in found)


_WRITERS: dict[type, Callable[[Any], str]] = {Line: _line, Path: _path, Box: _box, Mark: _mark, Words: _words}
