"""An intake's states, and the checks on what an applicant types outside the questionnaires."""

from datetime import date, datetime

from carepath.kit.actor import Role
from carepath.kit.errors import Invalid
from carepath.kit.machine import Machine, Transition, roles
from carepath.kit.words import _

_APPLICANT = roles(Role.ANONYMOUS, Role.PATIENT, Role.SYSTEM)
_OLDEST_BIRTH_YEAR = 1900

MACHINE = Machine(
    "intake",
    ("draft",),
    (
        Transition("stop", ("draft",), "stopped", _APPLICANT),
        Transition("prove-address", ("draft",), "in-progress", _APPLICANT),
        Transition("submit", ("in-progress",), "completed", roles(Role.PATIENT, Role.SYSTEM)),
        Transition("withdraw", ("in-progress", "completed"), "withdrawn", roles(Role.PATIENT, Role.COORDINATOR)),
    ),
)


def birth_date(year: str, month: str, day: str, now: datetime) -> date:
    """The date that three boxes hold. Invalid names the box that a person should look at."""
    for name, text in (("month", month), ("day", day), ("year", year)):
        if not (text.isascii() and text.isdigit() and len(text) <= 4):
            raise Invalid({f"birth_{name}": _("Enter the {part} as a number.").format(part=_(name))})
    if not 1 <= int(month) <= 12:
        raise Invalid({"birth_month": _("The month is a number from 1 to 12.")})
    if len(year) != 4 or int(year) < _OLDEST_BIRTH_YEAR:
        raise Invalid({"birth_year": _("Enter the year with four digits, for example 1975.")})
    try:
        born = date(int(year), int(month), int(day))
    except ValueError:
        raise Invalid({"birth_day": _("That month does not have such a day.")}) from None
    if born >= now.date():
        raise Invalid({"birth_year": _("The date of birth must be in the past.")})
    return born


def initials_problem(text: str) -> str | None:
    """Why `text` are no initials, or None: one to five letters."""
    if not text:
        return _("Write your initials to show that you agree.")
    if not (len(text) <= 5 and all(c.isalpha() or c in ".- " for c in text) and any(c.isalpha() for c in text)):
        return _("Initials are one to five letters.")
    return None
