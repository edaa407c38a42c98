import pytest

from carepath.kit.actor import Role
from carepath.kit.errors import Conflict, Refused
from carepath.kit.machine import Machine, Transition, diagram, roles

DOOR = Machine(
    "door",
    ("shut",),
    (
        Transition("open", ("shut",), "ajar", roles(Role.PATIENT)),
        Transition("shut", ("ajar",), "shut", roles(Role.PATIENT, Role.PROVIDER)),
        Transition("open", ("locked",), "ajar", roles(Role.ADMIN)),
    ),
)


def test_the_right_role_in_the_right_state_gets_the_target():
    assert DOOR.apply("shut", "open", Role.PATIENT) == "ajar"
    assert DOOR.apply("locked", "open", Role.ADMIN) == "ajar"


def test_the_wrong_role_is_refused_whatever_the_state():
    for state in DOOR.states:
        with pytest.raises(Refused, match="may not open"):
            DOOR.apply(state, "open", Role.PROVIDER)


def test_the_wrong_state_is_a_conflict_that_names_it():
    with pytest.raises(Conflict, match="ajar") as caught:
        DOOR.apply("ajar", "open", Role.PATIENT)
    assert caught.value.code == "ajar"


def test_an_unknown_action_is_a_mistake_of_ours():
    with pytest.raises(KeyError):
        DOOR.apply("shut", "paint", Role.ADMIN)


def test_pages_offer_only_live_actions():
    assert DOOR.actions("ajar", Role.PROVIDER) == ("shut",)
    assert DOOR.actions("shut", Role.PROVIDER) == ()


def test_the_diagram_shows_every_arrow():
    lines = list(diagram(DOOR))
    assert lines[:2] == ["stateDiagram-v2", "    [*] --> shut"]
    assert "    ajar --> shut: shut (patient, provider)" in lines
