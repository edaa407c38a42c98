"""No sequence of actions leaves the transition table, and what is over stays over."""

from hypothesis import given
from hypothesis import strategies as st

from carepath.kit.actor import Role
from carepath.kit.errors import Conflict, Refused
from carepath.scheduling.rules.machine import APPOINTMENT

ACTIONS = sorted({transition.action for transition in APPOINTMENT.transitions})
FHIR = {"proposed", "booked", "checked-in", "fulfilled", "cancelled", "noshow"}


@given(st.sampled_from(APPOINTMENT.initial), st.lists(st.tuples(st.sampled_from(ACTIONS), st.sampled_from(list(Role)))))
def test_actions_lead_from_state_to_state(state: str, acts: list[tuple[str, Role]]) -> None:
    for action, role in acts:
        before = state
        try:
            state = APPOINTMENT.apply(state, action, role)
        except (Conflict, Refused):
            continue
        assert state in FHIR
        assert before not in {"fulfilled", "cancelled"}


def test_the_states_are_those_of_fhir() -> None:
    assert set(APPOINTMENT.states) == FHIR


def test_an_anonymous_visitor_may_do_nothing() -> None:
    assert not any(APPOINTMENT.actions(state, Role.ANONYMOUS) for state in FHIR)
