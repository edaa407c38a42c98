"""A very small line of PEG values, for a row of a list."""

from collections.abc import Sequence
from decimal import Decimal

from markupsafe import Markup


def spark(values: Sequence[Decimal]) -> Markup | str:
    """An SVG of the values on the scale 0 to 10, or nothing for fewer than two."""
    if len(values) < 2:
        return ""
    step = 100 / (len(values) - 1)
    points = " ".join(f"{i * step:.1f},{26 - float(v) * 2.4:.1f}" for i, v in enumerate(values))
    return Markup('<svg class="spark" viewBox="0 0 100 28" aria-hidden="true"><polyline points="{}"/></svg>').format(
        points
    )
