"""Where it hurts, as an SVG made on the server: a figure from the front and from behind, classes instead of styles, and
words beside the picture. The figure is the project's own drawing.

Left and right are the person's own. Seen from the front, their right is on the reader's left.
"""

import re
from collections.abc import Collection
from html import escape

from carepath.kit.words import _

_WIDE, _GAP, _HIGH = 120, 40, 300
_NUMBER = re.compile(r"(-?[0-9.]+),(-?[0-9.]+)")

# Parts on the middle line, then halves as they stand on the reader's left; the other half is their mirror image.
_HEAD = "M60,6 C70,6 77,14 76,25 L44,25 C43,14 50,6 60,6 Z"
_NECK = "M53,45 L67,45 L69,56 L51,56 Z"
_CHEST = "M43,57 L77,57 L80,96 L40,96 Z"
_ABDOMEN = "M40,98 L80,98 L81,132 L39,132 Z"
_JAW = "M59,27 L44,27 C45,36 50,43 59,44 Z"
_SHOULDER = "M41,57 L41,76 L25,78 C24,66 30,58 41,57 Z"
_UPPER_ARM = "M25,80 L37,78 L35,112 L22,112 Z"
_LOWER_ARM = "M22,114 L35,114 L29,152 L19,152 Z"
_HAND = "M19,154 L29,154 C31,166 28,174 22,174 C17,174 16,164 19,154 Z"
_HIP = "M39,134 L59,134 L59,160 L36,158 Z"
_UPPER_LEG = "M36,160 L58,162 L56,214 L41,214 Z"
_LOWER_LEG = "M41,216 L56,216 L53,272 L44,272 Z"
_FOOT = "M44,274 L53,274 L54,288 L38,290 Z"
_HALVES = {
    "shoulder": _SHOULDER, "upper-arm": _UPPER_ARM, "lower-arm": _LOWER_ARM, "hand": _HAND, "hip": _HIP,
    "upper-leg": _UPPER_LEG, "lower-leg": _LOWER_LEG, "foot": _FOOT,
}  # fmt: skip


def _mirrored(path: str) -> str:
    return _NUMBER.sub(lambda found: f"{_WIDE - float(found[1]):g},{found[2]}", path)


def _sides(halves: dict[str, str], first: str, second: str) -> list[tuple[str, str]]:
    """Both sides of what there are two of; `first` is the side on the reader's left."""
    found = []
    for name, path in halves.items():
        found += [(f"{name}-{first}", path), (f"{name}-{second}", _mirrored(path))]
    return found


_MIDDLE = [("head", _HEAD), ("neck", _NECK)]
_FRONT = [
    *_MIDDLE, ("chest", _CHEST), ("abdomen", _ABDOMEN), *_sides({"jaw": _JAW, **_HALVES}, "right", "left"),
]  # fmt: skip
_BACK = [
    *_MIDDLE, ("upper-back", _CHEST), ("lower-back", _ABDOMEN), *_sides({"jaw": _JAW, **_HALVES}, "left", "right"),
]  # fmt: skip
PLACES = frozenset(name for name, _path in (*_FRONT, *_BACK))


def draw(title: str, description: str, hurts: Collection[str]) -> str:
    """An accessible SVG with the places of `hurts` marked. ValueError for a place that is not drawn.

    `description` lists the places in words: it is what a screen reader has instead of the picture. Safe to put in a page.
    """
    unknown = set(hurts) - PLACES
    if unknown:
        raise ValueError(f"the body map has no {', '.join(sorted(unknown))}")
    views = ((_("Front"), _FRONT, 0, _("right"), _("left")), (_("Back"), _BACK, _WIDE + _GAP, _("left"), _("right")))
    return "".join(
        (
            f'<svg class="body-map" viewBox="0 0 {2 * _WIDE + _GAP} {_HIGH + 16}" role="img"'
            ' aria-labelledby="body-map-title body-map-desc">',
            f'<title id="body-map-title">{escape(title)}</title><desc id="body-map-desc">{escape(description)}</desc>',
            *(_view(*view, hurts=hurts) for view in views),
            "</svg>",
        )
    )


def _view(name: str, parts: list[tuple[str, str]], x: int, near: str, far: str, *, hurts: Collection[str]) -> str:
    drawn = "".join(
        f'<path class="body-part{" body-pain" if place in hurts else ""}" data-place="{place}" d="{path}"/>'
        for place, path in parts
    )
    labels = (
        f'<text class="chart-label" x="{_WIDE // 2}" y="{_HIGH + 10}" text-anchor="middle">{escape(name)}</text>'
        f'<text class="chart-label" x="2" y="50">{escape(near)}</text>'
        f'<text class="chart-label" x="{_WIDE - 2}" y="50" text-anchor="end">{escape(far)}</text>'
    )
    return f'<g transform="translate({x},0)">{drawn}{labels}</g>'
