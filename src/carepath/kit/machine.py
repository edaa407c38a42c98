"""State machines as data. docs/states.md is generated from them."""

from collections.abc import Iterable
from dataclasses import dataclass

from carepath.kit.actor import Role
from carepath.kit.errors import Conflict, Refused
from carepath.kit.words import _


@dataclass(frozen=True, slots=True)
class Transition:
    """`action` leads from any of `sources` to `target` and may be done by `roles`."""

    action: str
    sources: tuple[str, ...]
    target: str
    roles: frozenset[Role]

    def allows(self, role: Role) -> bool:
        """May this role do it at all, whatever the state?"""
        return role in self.roles


@dataclass(frozen=True, slots=True)
class Machine:
    """All transitions of one kind of thing. `initial` are the states in which it may be created."""

    name: str
    initial: tuple[str, ...]
    transitions: tuple[Transition, ...]

    @property
    def states(self) -> tuple[str, ...]:
        """Every state, in the order of first mention."""
        seen = dict.fromkeys(self.initial)
        for transition in self.transitions:
            seen.update(dict.fromkeys((*transition.sources, transition.target)))
        return tuple(seen)

    def apply(self, state: str, action: str, role: Role) -> str:
        """The state that `action` leads to. Refused for the wrong role, Conflict for the wrong state."""
        named = [t for t in self.transitions if t.action == action]
        if not named:
            raise KeyError(f"{self.name} has no action {action}")
        allowed = [t for t in named if t.allows(role)]
        if not allowed:
            raise Refused(
                _("A {role} may not {action} this {name}.").format(role=role, action=_words(action), name=self.name)
            )
        for transition in allowed:
            if state in transition.sources:
                return transition.target
        reason = _("This {name} is “{state}” now, and “{action}” is not possible. Please look again.")
        raise Conflict(reason.format(name=self.name, state=_words(state), action=_words(action)), code=state)

    def actions(self, state: str, role: Role) -> tuple[str, ...]:
        """What `role` may do while it is in `state`, for pages that show only live buttons."""
        return tuple(t.action for t in self.transitions if state in t.sources and t.allows(role))


def _words(code: str) -> str:
    return code.replace("-", " ")


def roles(*which: Role) -> frozenset[Role]:
    """A readable spelling for transition tables."""
    return frozenset(which)


def diagram(machine: Machine) -> Iterable[str]:
    """Mermaid lines of the machine's diagram."""
    yield "stateDiagram-v2"
    for state in machine.initial:
        yield f"    [*] --> {state}"
    for t in machine.transitions:
        by = ", ".join(sorted(t.roles))
        for source in t.sources:
            yield f"    {source} --> {t.target}: {t.action} ({by})"
