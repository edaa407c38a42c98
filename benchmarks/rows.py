"""A row of the table: what ours takes, against what, and whether the ratio is reached."""

import statistics
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass

PAIRS = 7


@dataclass(frozen=True, slots=True)
class Row:
    """`ratio` is ours / theirs, `target` the most it may be. `pairs`: how many interleaved runs the medians are of.
    `ok` is None for what cannot run here; `against` then says why."""

    name: str
    unit: str
    ours: float | None
    against: str
    theirs: float | None
    ratio: float | None
    target: float
    ok: bool | None
    pairs: int

    def json(self) -> dict[str, object]:
        """As bench.json has it."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Task:
    """Something that is timed against a fixed limit, in milliseconds."""

    name: str
    run: Callable[[], object]
    limit_ms: float
    against: str


def against_limits(tasks: list[Task]) -> list[Row]:
    """Every task once a round, so that a slow moment of the machine hits them all alike; medians over the rounds."""
    for task in tasks:
        task.run()
    found: dict[str, list[float]] = {task.name: [] for task in tasks}
    for _round in range(PAIRS):
        for task in tasks:
            found[task.name].append(_ms(task.run))
    return [_row(task, statistics.median(found[task.name])) for task in tasks]


def _ms(run: Callable[[], object], times: int = 20) -> float:
    begun = time.perf_counter()
    for _n in range(times):
        run()
    return (time.perf_counter() - begun) * 1000 / times


def _row(task: Task, ours: float) -> Row:
    ratio = ours / task.limit_ms
    return Row(task.name, "ms", round(ours, 4), task.against, task.limit_ms, round(ratio, 4), 1.0, ratio <= 1.0, PAIRS)
