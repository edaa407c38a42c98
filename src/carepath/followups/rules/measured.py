"""What a provider measures or asks at a visit or by phone."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from uuid import UUID

from carepath.followups.rules.history import Reading
from carepath.kit.errors import Invalid
from carepath.kit.words import _

_OLDEST = timedelta(days=366)


@dataclass(frozen=True, slots=True)
class Measured:
    """As it was typed. `peg` is the mean of its three questions, 0-10; `nrs` pain now, 0-10; pressure in mmHg."""

    at: datetime
    peg: Decimal | None = None
    nrs: int | None = None
    systolic: int | None = None
    diastolic: int | None = None
    heart_rate: int | None = None


def reading_of(found: Measured, reading_id: UUID, now: datetime) -> Reading:
    """Invalid names the field: nothing measured, half a blood pressure, numbers the wrong way round, a time to come."""
    problems = {}
    values = (found.peg, found.nrs, found.systolic, found.diastolic, found.heart_rate)
    if all(value is None for value in values):
        problems["peg"] = _("Enter at least one value.")
    if (found.systolic is None) is not (found.diastolic is None):
        problems["diastolic" if found.diastolic is None else "systolic"] = _("A blood pressure has two numbers.")
    elif found.systolic is not None and found.diastolic is not None and found.systolic <= found.diastolic:
        problems["systolic"] = _("The upper number is higher than the lower one.")
    if found.at > now:
        problems["at"] = _("This time is still to come.")
    elif found.at < now - _OLDEST:
        problems["at"] = _("This is more than a year ago.")
    if problems:
        raise Invalid(problems)
    nrs = None if found.nrs is None else Decimal(found.nrs)
    return Reading(
        reading_id, found.at, "staff", found.peg, nrs, systolic=found.systolic, diastolic=found.diastolic,
        heart_rate=found.heart_rate,
    )  # fmt: skip
