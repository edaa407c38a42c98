"""Our slot search beside an independent one: Cal.com's own slot code, as npm `@calcom/platform-libraries` ships it.

    PYTHONPATH=src:. python -m benchmarks.calcom [CASES] [SEED]

Random weeks (several lines a day, dated overrides, busy times with buffers), visit lengths and grids, in every zone
of the database that changes its clocks, half of them around a change. Both get the same; starts are compared one by
one. Where they differ, the difference belongs to a class of `calcom_classes` that says why and who is right, or the
run ends with 1. The package goes into a temporary directory. Without node and npm it is skipped, and says so.
"""

import json
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from random import Random
from typing import Any

from benchmarks.calcom_cases import Case, common, random_case
from benchmarks.calcom_classes import CLASSES, class_of
from benchmarks.rows import PAIRS, Row

# Fixed, so that today's figures can be compared with next year's.
PACKAGES = ("dayjs@1.11.11", "zod@3.25.76")
THEIRS = "@calcom/platform-libraries@0.0.360"
_SCRIPT = Path(__file__).with_name("calcom.cjs")


class Skipped(Exception):
    """Cannot run here; the message says why."""


class Oracle:
    """The running script; asks cost a line each."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self._process = process

    def ask(self, case: Case) -> tuple[list[int], float]:
        """Their starts, in minutes since 1970, and the milliseconds that they computed."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(case.theirs()) + "\n")
        self._process.stdin.flush()
        found: dict[str, Any] = json.loads(self._process.stdout.readline())
        return [start for start in found["starts"] if case.window[0] <= start < case.window[1]], found["ms"]


@contextmanager
def oracle() -> Iterator[Oracle]:
    """Install and start. Skipped where that is not possible."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if node is None or npm is None:
        raise Skipped("skipped: node and npm are not installed here")
    with tempfile.TemporaryDirectory(prefix="carepath-calcom-") as name:
        _install(npm, Path(name))
        process = subprocess.Popen(
            [node, str(_SCRIPT), name], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )  # fmt: skip
        try:
            yield Oracle(process)
        finally:
            process.terminate()
            process.wait(10)


def _install(npm: str, home: Path) -> None:
    """dayjs as usual; the package unpacked by hand, for what it depends on is published nowhere."""
    quiet = ["--silent", "--no-save", "--no-package-lock", "--ignore-scripts", "--no-audit", "--no-fund"]
    target = home / "node_modules" / "@calcom" / "platform-libraries"
    try:
        subprocess.run([npm, "install", *quiet, *PACKAGES], cwd=home, check=True, capture_output=True, timeout=300)
        subprocess.run([npm, "pack", "--silent", THEIRS], cwd=home, check=True, capture_output=True, timeout=300)
    except (subprocess.CalledProcessError, subprocess.TimeoutExpired):
        raise Skipped(f"skipped: npm cannot fetch {THEIRS}") from None
    target.parent.mkdir(parents=True, exist_ok=True)
    [tarball] = home.glob("calcom-platform-libraries-*.tgz")
    shutil.unpack_archive(tarball, home / "unpacked", filter="data")
    (home / "unpacked" / "package").rename(target)


class Tally:
    """What was compared: starts on either side, cases that agree, differences by class with the smallest example."""

    def __init__(self) -> None:
        self.cases = self.alike = self.starts = self.agreed = 0
        self.classes: Counter[str] = Counter()
        self.examples: dict[str, tuple[Case, int, str]] = {}

    def add(self, case: Case, ours: list[int], theirs: list[int]) -> None:
        """Every start that only one of them has gets its class."""
        mine, other = set(ours), set(theirs)
        self.cases += 1
        self.alike += mine == other
        self.starts += len(mine | other)
        self.agreed += len(mine & other)
        for start in sorted(mine ^ other):
            side = "ours only" if start in mine else "theirs only"
            name = class_of(case, start, start in mine)
            self.classes[name] += 1
            known = self.examples.get(name)
            if known is None or case.size < known[0].size:
                self.examples[name] = (case, start, side)

    @property
    def share(self) -> float:
        """Of all starts that either has, those that both have."""
        return self.agreed / max(self.starts, 1)


def compare(their: Oracle, cases: int, seed: str = "slots") -> Tally:
    """`cases` random ones."""
    tally = Tally()
    for n in range(cases):
        case = random_case(Random(f"{seed} {n}"))
        tally.add(case, case.ours(), their.ask(case)[0])
    return tally


def rows() -> list[Row]:
    """Agreement, and computing alone: the same cases in turn, ours without anything kept from an earlier one."""
    try:
        with oracle() as their:
            return [_agreement(compare(their, 1000)), _compute(their)]
    except Skipped as why:
        return [
            Row(name, unit, None, str(why), None, None, target, None, 0)
            for name, unit, target in (("calcom-agreement", "share of starts", 0.0), ("slots-compute", "ms", 0.02))
        ]


def _agreement(tally: Tally) -> Row:
    """`ratio` is the share of starts that differ for no known reason."""
    unexplained = tally.classes["unexplained"]
    against = f"Cal.com's slot code: {tally.alike} of {tally.cases} random cases wholly, every difference explained"
    if unexplained:
        against = f"Cal.com's slot code: {unexplained} differences unexplained (python -m benchmarks.calcom)"
    return Row(
        "calcom-agreement", "share of starts", round(tally.share, 5), against, 1.0,
        round(unexplained / max(tally.starts, 1), 6), 0.0, unexplained == 0, 1,
    )  # fmt: skip


def _compute(their: Oracle) -> Row:
    cases = [common(zone, n) for n in range(3) for zone in ("America/New_York", "America/Denver", "Etc/UTC")]
    for case in cases:
        case.ours()
        their.ask(case)
    found = [
        (statistics.fmean(_ms(c) for c in cases), statistics.fmean(their.ask(c)[1] for c in cases))
        for _ in range(PAIRS)
    ]
    ratio = statistics.median(a / b for a, b in found)
    ours, theirs = (statistics.median(side) for side in zip(*found, strict=True))
    against = "Cal.com's slot code: one provider x 28 days, 60 visits, computing alone"
    return Row(
        "slots-compute", "ms", round(ours, 4), against, round(theirs, 4), round(ratio, 5), 0.02, ratio <= 0.02, PAIRS
    )  # fmt: skip


def _ms(case: Case) -> float:
    snapshot, ask = case.snapshot(), case.ask()
    begun = time.perf_counter()
    case.search(snapshot, ask)
    return (time.perf_counter() - begun) * 1000


def main(arguments: list[str]) -> int:
    """Print the shares and every class with its example; 1 for anything unexplained."""
    try:
        with oracle() as their:
            tally = compare(their, int(arguments[0]) if arguments else 5000, arguments[1] if arguments[1:] else "slots")
            print(
                f"{tally.alike} of {tally.cases} cases alike; {tally.agreed} of {tally.starts} starts ({tally.share:.4%})"
            )
            for name, count in tally.classes.most_common():
                case, start, side = tally.examples[name]
                print(f"\n{name}: {count} starts. {CLASSES.get(name, '')}\n    {side}: {case.said(start)}")
            print()
            for row in (_agreement(tally), _compute(their)):
                print(f"{row.name}: {row.ours} {row.unit}, {row.against}, ratio {row.ratio}")
            return int(tally.classes["unexplained"] > 0)
    except Skipped as why:
        print(why)
        return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
