"""Every reason against a start, in words."""

from carepath.kit.words import _
from carepath.scheduling.rules.model import Refusal

# What staff may set aside for one visit, giving a reason. Never what protects patients: licences, and time that is taken.
OVERRIDABLE = frozenset(
    {"too-far", "outside-hours", "day-off", "holiday", "off-grid", "busy-elsewhere", "day-full", "week-full"}
)


def refusal(code: str) -> Refusal:
    """The refusal of that code, in words."""
    words = {
        "visit-type-unknown": _("The clinic does not offer this kind of visit."),
        "inactive": _("This provider is not taking visits."),
        "in-the-past": _("This time has passed."),
        "too-soon": _("This time is too soon. Please choose a later one."),
        "too-far": _("This time is too far away. Please choose an earlier one."),
        "no-telehealth": _("The rules of the patient's state do not allow a video visit on that day."),
        "not-licensed": _("This provider is not licensed in the state where the patient is."),
        "licence-expired": _("This provider's license for the patient's state is not valid on that day."),
        "outside-hours": _("This provider is not open at that time."),
        "day-off": _("This provider is away at that time."),
        "holiday": _("The clinic is closed on that day."),
        "off-grid": _("Visits do not start at this minute."),
        "busy-elsewhere": _("This provider is busy elsewhere at that time."),
        "taken": _("Someone else has just taken this time."),
        "day-full": _("This provider takes no more visits on that day."),
        "week-full": _("This provider takes no more visits in that week."),
        "patient-busy": _("The patient already has a visit at that time."),
    }
    return Refusal(code, words[code])
