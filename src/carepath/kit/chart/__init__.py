"""Charts made on the server: what there is to show (model), where it goes (layout), how it is written (svg)."""

from carepath.kit.chart.layout import lay_out
from carepath.kit.chart.model import Chart, Event, Lane, Level, Series, Sign, Span, Step, Stretch, Track, Value
from carepath.kit.chart.shapes import Box, Drawing, Line, Mark, Path, Shape, Words
from carepath.kit.chart.svg import svg

__all__ = [
    "Box", "Chart", "Drawing", "Event", "Lane", "Level", "Line", "Mark", "Path", "Series", "Shape", "Sign",
    "Span", "Step", "Stretch", "Track", "Value", "Words", "lay_out", "svg",
]  # fmt: skip
