"""Prints docs/states.md from the state machines themselves."""

from collections.abc import Iterable

from carepath.evaluations.rules import EVALUATION, URGENT_TASK
from carepath.followups.rules.check_ins import CALL, CHECK_IN
from carepath.followups.rules.plans import PHASE, PLAN
from carepath.intake.rules import MACHINE as INTAKE
from carepath.kit.machine import Machine, diagram
from carepath.notifications.rules.states import MESSAGE
from carepath.scheduling.rules.machine import APPOINTMENT, REPLAN
from carepath.scheduling.rules.requests import REQUEST

MACHINES: tuple[Machine, ...] = (
    INTAKE, APPOINTMENT, REQUEST, REPLAN, EVALUATION, URGENT_TASK, PLAN, PHASE, CHECK_IN, CALL, MESSAGE,
)  # fmt: skip


def document() -> str:
    """The whole page."""
    return "\n".join(_lines()) + "\n"


def _lines() -> Iterable[str]:
    yield "# States"
    yield ""
    yield "Generated from the code by `make states`; a test holds it to the code. Wrong role is refused (403),"
    yield "wrong state is a conflict (409), outside one's reach it is not found (404)."
    for machine in MACHINES:
        yield from ("", f"## {machine.name.capitalize()}", "", "```mermaid", *diagram(machine), "```")


if __name__ == "__main__":
    print(document(), end="")
