"""States, due times and what a decision must say: without a database."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from carepath.evaluations import catalogue, rules
from carepath.kit.actor import Role
from carepath.kit.errors import Conflict, Invalid, Refused
from carepath.kit.machine import Machine
from carepath.settings import ROOT
from tests.cast import NOW

CONFIG = catalogue.load(ROOT / "config")
REACHED = {
    ("assign", "system"): {"requested": "in-progress", "in-progress": "in-progress", "on-hold": "on-hold"},
    ("claim", "provider"): {"requested": "in-progress", "in-progress": "in-progress", "on-hold": "on-hold"},
    ("lose-provider", "admin"): {"in-progress": "requested", "on-hold": "on-hold"},
    ("release", "provider"): {"in-progress": "requested"},
    ("hand-over", "provider"): {"in-progress": "in-progress", "on-hold": "on-hold"},
    ("ask", "provider"): {"in-progress": "on-hold", "on-hold": "on-hold"},
    ("answer", "patient"): {"on-hold": "in-progress"},
    ("decide", "provider"): {"in-progress": "completed", "on-hold": "completed"},
    ("withdraw", "patient"): {"requested": "cancelled", "in-progress": "cancelled", "on-hold": "cancelled"},
    ("escalate", "system"): {"requested": "requested", "in-progress": "in-progress", "on-hold": "on-hold"},
}
MACHINES = (rules.EVALUATION, rules.URGENT_TASK)


@pytest.mark.parametrize(("priority", "hours"), [("stat", 4), ("urgent", 24), ("routine", 72)])
def test_the_more_urgent_the_sooner(priority: str, hours: int):
    assert rules.due_by(CONFIG.due.hours, priority, NOW) == NOW + timedelta(hours=hours)


@pytest.mark.parametrize(
    ("outcome", "reason", "words", "wrong"),
    [
        ("suitable", "", "We begin carefully.", set()),
        ("not-suitable", "Recent infarct.", "Not now.", set()),
        ("not-suitable", " \n", "Not now.", {"reason"}),
        ("suitable", "", "  ", {"patient_words"}),
        ("refer-elsewhere", "", "Please see them.", {"reason"}),
        ("refer-elsewhere", "A wound clinic.", "Please see them.", set()),
        ("more-information", "", "Which dose?", set()),
        ("more-information", "", "", {"patient_words"}),
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


def test_words_that_are_only_a_beginning_are_not_sent_as_they_stand():
    rules.check_changed("Dear Ann, which dose?", "Dear Ann,")
    for words in ("Dear Ann,", " Dear\n Ann, \n"):
        with pytest.raises(Invalid) as caught:
            rules.check_changed(words, "Dear Ann,")
        assert set(caught.value.fields) == {"patient_words"}


@pytest.mark.parametrize("outcome", rules.DECISIONS)
def test_only_an_approval_waits_for_what_comes_first(outcome: str):
    rules.check_open((), outcome)
    if outcome != "suitable":
        rules.check_open(("See them.",), outcome)
        return
    with pytest.raises(Invalid) as caught:
        rules.check_open(("See them.", "Call."), outcome)
    assert "See them. Call." in caught.value.fields["outcome"]


def test_every_outcome_has_words_that_hold_for_anybody():
    for one in CONFIG.decisions.values():
        filled = one.filled("{phone}", "Clinic {x}", "555")
        assert "{phone}" in filled, "what somebody is called is not read as a place"
        assert one.label


def test_a_question_begins_below_the_words_that_lead_to_it():
    """A provider types at the end: their question would stand glued to the colon."""
    words = CONFIG.decisions[rules.MORE].filled("Ada", "Larkspur", "555")
    assert f"{words}Have you had an ECG?".endswith("we would like to know:\n\nHave you had an ECG?")


def test_a_text_is_neither_empty_nor_endless():
    rules.check_text("note", "Called her.", "Write.")
    for text in ("", " \t", "x" * 2001):
        with pytest.raises(Invalid) as caught:
            rules.check_text("note", text, "Write.")
        assert set(caught.value.fields) == {"note"}


@pytest.mark.parametrize(("action", "whose"), REACHED)
@pytest.mark.parametrize("role", list(Role))
@pytest.mark.parametrize("state", rules.EVALUATION.states)
def test_each_step_is_for_one_role_and_from_some_states(action: str, whose: str, role: Role, state: str):
    if role.value != whose:
        with pytest.raises(Refused):
            rules.EVALUATION.apply(state, action, role)
    elif state in REACHED[action, whose]:
        assert rules.EVALUATION.apply(state, action, role) == REACHED[action, whose][state]
    else:
        with pytest.raises(Conflict) as caught:
            rules.EVALUATION.apply(state, action, role)
        assert caught.value.code == state


def test_the_table_has_no_other_steps():
    assert {t.action for t in rules.EVALUATION.transitions} == {action for action, _role in REACHED}


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
