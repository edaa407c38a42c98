"""Every step that a history can hold has words: no page shows the name of an action."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from carepath.evaluations import rules as evaluation_rules
from carepath.evaluations.rules.checklist import ENTERED
from carepath.followups.rules.plans import PLAN
from carepath.kit.actor import Role
from carepath.kit.machine import Machine
from carepath.scheduling.rules.machine import APPOINTMENT, MAKERS
from carepath.web.history_words import EVALUATION, VISIT, WHO, step_words
from carepath.web.provider.plan_views import ACTIONS as PLAN_WORDS

SOURCE = Path(__file__).parents[2] / "src" / "carepath"
# The functions that append to the history of a visit or an evaluation, by island, and where each takes the action.
WRITERS = {"evaluations": {"step": 3, "note_step": 2}, "scheduling": {"_become": 3, "_step": 2, "_note": 4}}
# The last are the steps of a request for a time, which no page tells one by one.
WORDS = {"evaluations": set(EVALUATION), "scheduling": {*VISIT, "ask", "withdraw"}}


def actions(machine: Machine) -> set[str]:
    return {one.action for one in machine.transitions}


def test_every_transition_of_an_evaluation_and_every_entry_has_words():
    entered = {f"{how}-{item}" for item in ENTERED for how in ("check", "uncheck")}
    assert set(EVALUATION) == actions(evaluation_rules.EVALUATION) | entered | {"open", "override"}


def test_every_transition_of_a_visit_has_words():
    assert set(VISIT) == actions(APPOINTMENT) | set(MAKERS)


def test_every_transition_of_a_plan_has_words():
    assert actions(PLAN) | {"taper"} <= set(PLAN_WORDS)


def test_words_are_words():
    for words in (EVALUATION, VISIT, PLAN_WORDS):
        assert len(set(words.values())) == len(words), "two steps that read the same"
        for action, said in words.items():
            assert said[0].isupper(), action
            assert said != action
    assert set(WHO) == set(Role)
    assert step_words(EVALUATION, "check-pdmp", "provider") == "Checklist, entered: PDMP (provider)"


def written(island: str) -> Iterator[str]:
    """The actions that stand in calls of writers as they are; others come from a machine, and are tried above."""
    for path in (SOURCE / island).glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
                at = WRITERS[island].get(node.func.id)
                if at is not None and len(node.args) > at and isinstance(node.args[at], ast.Constant):
                    yield ast.literal_eval(node.args[at])


@pytest.mark.parametrize("island", WRITERS)
def test_whatever_the_code_writes_has_words(island: str):
    found = set(written(island))
    assert len(found) > 6, found
    assert found <= WORDS[island]
