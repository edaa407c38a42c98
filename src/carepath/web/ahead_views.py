"""Changes ahead, in words, for every desk that shows them."""

from collections.abc import Sequence
from datetime import timedelta

from carepath.kit import when
from carepath.kit.words import _
from carepath.scheduling.rules.model import Clinic
from carepath.scheduling.service import Warned


def lines(found: Sequence[Warned], clinic: Clinic) -> tuple[str, ...]:
    """A few sentences for each change: what, when, how many booked visits, and whose word it is."""
    return tuple(_line(one, clinic) for one in found)


def _line(warned: Warned, clinic: Clinic) -> str:
    change, day = warned.change, when.say_date(warned.change.since)
    place = clinic.jurisdictions.get(change.jurisdiction or "")
    name, last = place.name if place else change.jurisdiction or "", when.say_date(change.since - timedelta(days=1))
    if change.kind == "licence-ends":
        words = _("The license of {who} for {place} ends on {day}.").format(
            who=change.practitioner_name, place=name, day=last
        )
        return f"{words} {_flagged(warned.visits)}"
    if change.kind == "federal-ends":
        words = _("The federal rule on prescribing by telehealth ends on {day}. Then: {words}").format(
            day=last, words=change.words
        )
        booking = _("Video visits cannot be booked after it.") if clinic.federal.closes_booking_after else ""
    else:
        words, booking = _("{place}, from {day}: {words}").format(place=name, day=day, words=change.words), ""
    count = _("Booked video visits from then on: {n}.").format(n=warned.visits)
    source = _("Source: {source}. Verify it before you rely on it.").format(source=change.source)
    return " ".join(part for part in (words, booking, count, source) if part)


def _flagged(visits: int) -> str:
    if not visits:
        return _("No visit is booked after it.")
    return _("Booked visits after it: {n}. They are flagged already.").format(n=visits)
