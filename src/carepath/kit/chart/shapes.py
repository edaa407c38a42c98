"""What a drawing is made of. `look` names a class of the stylesheet, or a style of whatever else draws it."""

from dataclasses import dataclass
from typing import TypeAlias


@dataclass(frozen=True, slots=True)
class Line:
    """A straight line, with a title where it means something by itself."""

    x1: float
    y1: float
    x2: float
    y2: float
    look: str
    title: str = ""


@dataclass(frozen=True, slots=True)
class Path:
    """A line through points."""

    points: tuple[tuple[float, float], ...]
    look: str


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle."""

    x: float
    y: float
    width: float
    height: float
    look: str
    title: str = ""


@dataclass(frozen=True, slots=True)
class Mark:
    """A small figure around a point: circle, square, diamond, triangle or star. `size` is its half width."""

    x: float
    y: float
    size: float
    figure: str
    look: str
    title: str = ""


@dataclass(frozen=True, slots=True)
class Words:
    """One line of text on its baseline. `anchor`: start, middle or end."""

    x: float
    y: float
    text: str
    look: str
    anchor: str = "start"


Shape: TypeAlias = Line | Path | Box | Mark | Words

_CORNERS: dict[str, tuple[tuple[float, float], ...]] = {
    "square": ((-0.9, -0.9), (0.9, -0.9), (0.9, 0.9), (-0.9, 0.9)),
    "diamond": ((0, -1), (1, 0), (0, 1), (-1, 0)),
    "triangle": ((0, -1), (1, 0.85), (-1, 0.85)),
    "star": (
        (0, -1), (0.24, -0.32), (0.95, -0.31), (0.38, 0.12), (0.59, 0.81), (0, 0.4), (-0.59, 0.81), (-0.38, 0.12),
        (-0.95, -0.31), (-0.24, -0.32),
    ),
}  # fmt: skip


def corners(mark: Mark) -> tuple[tuple[float, float], ...]:
    """The corners of any mark but a circle, which has none."""
    return tuple((mark.x + dx * mark.size, mark.y + dy * mark.size) for dx, dy in _CORNERS.get(mark.figure, ()))


@dataclass(frozen=True, slots=True)
class Drawing:
    """Shapes in the order they are drawn, inside a frame from (0, 0) to (width, height)."""

    title: str
    description: str
    width: float
    height: float
    shapes: tuple[Shape, ...]
