"""States, due times and what a decision must say: without a database."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from carepath.evaluations import rules
from carepath.kit.actor import Role
from carepath.kit.errors import Conflict, Invalid, Refused
from carepath.kit.machine import Machine
from tests.cast import NOW

MACHINES = (rules.EVALUATION, rules.URGENT_TASK)


@pytest.mark.parametrize(("priority", "hours"), [("stat", 4), ("urgent", 24), ("routine", 72)])
def test_the_more_urgent_the_sooner(priority: str, hours: int):
    assert rules.due_by(config.due.hours, priority, NOW) == NOW + timedelta(hours=hours)


@pytest.mark.parametrize(
    ("outcome", "reason", "words", "wrong"),
    [
        ("suitable", "", "We begin carefully.", set()),
        ("not-suitable", "Recent infarct.", "Not now.", set()),
        ("not-suitable", " \n", "Not now.", {"reason"}),
        ("suitable", "", "  ", {"patient_words"}),
        ("perhaps", "", "", {"outcome", "patient_words"}),
        ("suitable", "x" * 2001, "x" * 2001, {"reason", "patient_words"}),
        ("suitable", "x" * 2000, "x" * 2000, set()),
    ],
)
def test_a_decision_says_what_it_must(outcome: str, reason: str, words: str, wrong: set[str]):
    if not wrong:
        rules.check_decision(outcome, reason, words)
        return
    with pytest.raises(Invalid) as caught:
        rules.check_decision(outcome, reason, words)
    assert set(caught.value.fields) == wrong


def test_a_text_is_neither_empty_nor_endless():
    rules.check_text("note", "Called her.", "Write.")
    for text in ("", " \t", "x" * 2001):
        with pytest.raises(Invalid) as caught:
            rules.check_text("note", text, "Write.")
        assert set(caught.value.fields) == {"note"}


@pytest.mark.parametrize("machine", MACHINES, ids=lambda m: m.name)
@given(data=st.data())
def test_no_sequence_of_actions_leaves_the_table(machine: Machine, data: st.DataObject):
    state = machine.initial[0]
    actions = st.sampled_from([t.action for t in machine.transitions])
    for action, role in data.draw(st.lists(st.tuples(actions, st.sampled_from(list(Role))), max_size=12)):
        try:
            state = machine.apply(state, action, role)
        except (Refused, Conflict):
            continue
        assert state in machine.states


@pytest.mark.parametrize("action", [t.action for t in rules.EVALUATION.transitions])
def test_what_is_decided_stays_decided(action: str):
    for role in Role:
        with pytest.raises((Refused, Conflict)):
            rules.EVALUATION.apply("completed", action, role)


@pytest.mark.parametrize("role", [Role.PATIENT, Role.COORDINATOR, Role.ADMIN, Role.SYSTEM, Role.ANONYMOUS])
def test_only_a_provider_decides(role: Role):
    with pytest.raises(Refused):
        rules.EVALUATION.apply("in-progress", "decide", role)
