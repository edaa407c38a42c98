"""Our engine beside an independent one, over a folder of public questionnaires with random answers.

    python -m benchmarks.differential CORPUS ORACLE [ROUNDS] [--show]

CORPUS is a folder of FHIR R4 Questionnaires. ORACLE is a command that reads lines of {questionnaire, response} and
answers each with {enabled, calculated}: the NLM's LHC-Forms in a headless page does. Neither is part of the project.
"""

import json
import shlex
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any

from benchmarks.random_answers import respond
from carepath.questionnaires import evaluation, importing, resource

# Every difference that is known, with who is right; tests/questionnaires/test_differences.py holds ours to it.
# "no oracle": the other implementation gives nothing there, so it judges nothing.
EXPLAINED: dict[tuple[str, str], str] = {
    ("behavior_context_variables.json", "no"): "ours: a display has no answer, yet %context is its item",
    **{
        ("ussg-fhp.json", f"/54114-4/54139-1/{code}"): "ours: a Coding without system means any system"
        for code in ("54112-8", "54113-6", "54124-3", "54141-7")
    },
    ("apgar-with-itemWeight-variable.json", "9272-6"): "no oracle: it renames itemWeight in the questionnaire it reads",
    **{
        ("questionnaire-calculatedExpression.json", name): "no oracle: it sets no codings from a contained expansion"
        for name in ("repeating-choice", "repeating-open-choice-coding")
    },
}
_SHARES = (0.9, 0.5, 1.0, 0.2)


@dataclass(frozen=True, slots=True)
class Pair:
    """A form with one response to it."""

    name: str
    questionnaire: dict[str, Any]
    response: dict[str, Any]
    ours: dict[str, Any]


@dataclass(slots=True)
class Tally:
    """What was compared and what differed: (form, linkId, ours, theirs)."""

    items: int = 0
    values: int = 0
    unjudged: int = 0
    enabled: list[tuple[str, str, Any, Any]] = field(default_factory=list)
    calculated: list[tuple[str, str, Any, Any]] = field(default_factory=list)


def pairs(corpus: Path, rounds: int) -> Iterator[Pair]:
    """Every gradable form, `rounds` times with other answers; the response round-trips on the way."""
    for path in sorted(corpus.rglob("*.json")):
        questionnaire = json.loads(path.read_text(encoding="utf-8"))
        form = importing.grade(questionnaire).form
        if form is None:
            continue
        for n in range(rounds):
            answers = respond(form, Random(f"{path.name} {n}"), _SHARES[n % len(_SHARES)])
            response = resource.to_resource(form, answers, "in-progress")
            yield Pair(path.name, questionnaire, response, evaluation.judge(form, response, []))


def compare(found: list[Pair], theirs: list[dict[str, Any]]) -> Tally:
    """Count agreement. Items that the oracle does not know or leaves out are not judged."""
    tally = Tally()
    for pair, other in zip(found, theirs, strict=True):
        if "error" in other:
            continue
        known = {*other["enabled"], *other["disabled"]}
        mine = set(pair.ours["enabled"])
        form = importing.grade(pair.questionnaire).form
        assert form is not None
        for link_id in known & set(form.by_id):
            tally.items += 1
            if (link_id in mine) != (link_id in other["enabled"]):
                tally.enabled.append((pair.name, link_id, link_id in mine, link_id in other["enabled"]))
        for link_id, item in form.by_id.items():
            if item.calculated is None or link_id not in known:
                continue
            ours, their = pair.ours["calculated"].get(link_id), other["calculated"].get(link_id)
            if ours is None and their is None:
                continue
            if their is None and EXPLAINED.get((pair.name, link_id), "").startswith("no oracle"):
                tally.unjudged += 1
                continue
            tally.values += 1
            if not _agree(ours, their):
                tally.calculated.append((pair.name, link_id, ours, their))
    return tally


def _agree(ours: Any, theirs: Any) -> bool:
    if isinstance(ours, list) and isinstance(theirs, list) and len(ours) == len(theirs):
        return all(_agree(a, b) for a, b in zip(ours, theirs, strict=True))
    if isinstance(ours, dict):
        ours = ours.get("value")
    try:
        return abs(float(ours) - float(theirs)) <= 1e-6 * max(1.0, abs(float(theirs)))
    except (TypeError, ValueError):
        return bool(ours == theirs)


def ask(command: str, found: list[Pair]) -> list[dict[str, Any]]:
    """The oracle's answers, one a pair."""
    lines = "".join(json.dumps({"questionnaire": p.questionnaire, "response": p.response}) + "\n" for p in found)
    done = subprocess.run(shlex.split(command), input=lines, capture_output=True, text=True, check=True)
    return [json.loads(line) for line in done.stdout.splitlines()]


def main(arguments: list[str]) -> int:
    """Print the shares; 1 when one is below what is promised."""
    plain = [one for one in arguments if one != "--show"]
    if len(plain) < 2:
        print(__doc__)
        return 2
    found = list(pairs(Path(plain[0]), int(plain[2]) if len(plain) > 2 else 4))
    tally = compare(found, ask(plain[1], found))
    same = 100 - 100 * len(tally.enabled) / tally.items
    equal = 100 - 100 * len(tally.calculated) / tally.values
    print(f"{len(found)} responses to {len({p.name for p in found})} forms")
    print(f"enabled items:     {same:.2f} % of {tally.items} agree (promised 99 %)")
    print(f"calculated values: {equal:.2f} % of {tally.values} agree (promised 97 %)")
    print(f"{tally.unjudged} more values that only ours has; see EXPLAINED")
    news = {row[:2] for row in (*tally.enabled, *tally.calculated)} - set(EXPLAINED)
    for name, link_id in sorted(news):
        print(f"not explained: {name} {link_id}")
    if "--show" in arguments:
        for kind, rows in (("enabled", tally.enabled), ("calculated", tally.calculated)):
            for row in sorted(set(map(str, rows))):
                print(kind, row)
    return 0 if same >= 99 and equal >= 97 and not news else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
