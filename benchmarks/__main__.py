"""`make bench`: ratios against limits and peers. Prints a table and writes bench.json into the data directory.

ONLY=name,name runs the rows whose names begin so, and no suite without any. Ends with 1 when a target is missed.
"""

import json
import os
import sys

from benchmarks import calcom, desk, mail, questionnaires, replan, scheduling
from benchmarks.rows import Row
from carepath.dev.runtime import data_dir_of

# Each suite with how the names of its rows begin.
SUITES = {
    "questionnaires": (questionnaires.rows, ("phq-9", "intake-battery", "page-")),
    "scheduling": (scheduling.rows, ("slots-1", "slots-50", "slots-history", "book-")),
    "replan": (replan.rows, ("replan",)),
    "desk": (desk.rows, ("desk-",)),
    "mail": (mail.rows, ("mail-",)),
    "calcom": (calcom.rows, ("calcom-", "slots-compute")),
}


def main() -> int:
    """Run, print, write."""
    only = tuple(name.strip() for name in os.environ.get("ONLY", "").split(",") if name.strip())
    found: list[Row] = []
    for name, (suite, names) in SUITES.items():
        if not only or any(one.startswith(names) or any(n.startswith(one) for n in names) for one in only):
            print(f"{name} ...", file=sys.stderr, flush=True)
            found += [row for row in suite() if not only or row.name.startswith(only)]
    print(f"{'name':24} {'ours':>10} {'theirs':>10} {'ratio':>8} {'target':>7}      against")
    for row in found:
        mark = "ok" if row.ok else "--" if row.ok is None else "MISSED"
        print(
            f"{row.name:24} {_figure(row.ours):>10} {_figure(row.theirs):>10} {_figure(row.ratio):>8} {row.target:>7} {mark:6} {row.against} ({row.unit})"
        )
    target = data_dir_of(os.environ) / "bench.json"
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(json.dumps([row.json() for row in found], indent=2) + "\n", encoding="utf-8")
    print(f"written: {target}")
    return int(any(row.ok is False for row in found))


def _figure(number: float | None) -> str:
    return "-" if number is None else f"{number:.4g}"


if __name__ == "__main__":
    sys.exit(main())
