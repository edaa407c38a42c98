"""A very small line of PEG values, for a row of a list."""

from collections.abc import Sequence

from markupsafe import Markup


def spark(values: Sequence[float]) -> Markup | str:
    """An SVG of the values on the scale 0 to 10, or nothing for fewer than two."""
    if len(values) < 2:
        return ""
    step = 100 / (len(values) - 1)
    points = " ".join(f"{i * step:.1f},{26 - v * 2.4:.1f}" for i, v in enumerate(values))
    # Numbers alone: there is nothing to escape, and a page has fifty of these.
    return Markup(f'<svg class="spark" viewBox="0 0 100 28" aria-hidden="true"><polyline points="{points}"/></svg>')  # noqa: S704
