"""A very small line of PEG values, for a row of a list."""

from functools import lru_cache


# A page has fifty lines of a dozen points, and only few different numbers are ever written in them.
@lru_cache(maxsize=64)
def _across(count: int) -> tuple[str, ...]:
    step = 100 / (count - 1)
    return tuple(f"{number * step:.1f}," for number in range(count))


@lru_cache(maxsize=1024)
def _down(value: float) -> str:
    return f"{26 - value * 2.4:.1f}"


@lru_cache(maxsize=4096)  # a desk is looked at all day, and its lines change with a check-in
def spark(values: tuple[float, ...]) -> str:
    """An SVG of the values on the scale 0 to 10, or nothing for fewer than two. Numbers alone: nothing to escape."""
    if len(values) < 2:
        return ""
    points = " ".join(map(str.__add__, _across(len(values)), map(_down, values)))
    return f'<svg class="spark" viewBox="0 0 100 28" aria-hidden="true"><polyline points="{points}"/></svg>'
