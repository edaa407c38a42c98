"""The form of one dosing session: read, and filled in."""

import re
from dataclasses import fields
from datetime import UTC, datetime
from decimal import Decimal
from uuid import UUID

from carepath.followups.rules.history import Dose
from carepath.followups.rules.sessions import RANGES, SEVERITIES, UNITS, SessionDraft, Vitals
from carepath.followups.service import SessionReport
from carepath.journey.dose import SessionPage
from carepath.kit import when
from carepath.kit.words import _
from carepath.web.forms import Form

_YES = {"yes": True, "no": False}
_AMOUNT = re.compile(r"[0-9]{1,6}(\.[0-9]{1,3})?", re.ASCII)


def read(form: Form, zone: str) -> SessionDraft:
    """What was typed. Invalid names what cannot be read; whether it makes sense is asked by whoever keeps it."""
    held_at, dose = _held_at(form, zone), _dose(form)
    before, after = _vitals(form, "before"), _vitals(form, "after")
    severity = form.text("severity", 20)
    draft = SessionDraft(
        held_at, form.text("route", 20), dose, form.text("dose_words", 200), before, after, _effects(form), severity,
        form.whole_or_none("dissociation", 0, 10), form.whole_or_none("distress", 0, 10), _yes(form, "escort"),
        form.text("home_with", 200), _yes(form, "will_not_drive"), form.text("notes", 2000),
    )  # fmt: skip
    form.check()
    return draft


def _held_at(form: Form, zone: str) -> datetime:
    on = form.day("held_on", _("Enter the day of the session."))
    at = form.clock_time("held_time", _("Enter when the session began."))
    found = when.instant(on, at, zone) if on and at else None
    if found is not None:
        return found
    if on and at:
        form.problems["held_on"] = _("There is no such time on this day.")
    return datetime.min.replace(tzinfo=UTC)


def _dose(form: Form) -> Dose | None:
    amount, unit = form.text("dose_amount", 12), form.text("dose_unit", 10)
    if not amount or "dose_amount" in form.problems:
        return None
    if not _AMOUNT.fullmatch(amount):
        form.problems["dose_amount"] = _("Enter a number such as 25 or 0.5.")
        return None
    return Dose(Decimal(amount), unit)


def _vitals(form: Form, when_taken: str) -> Vitals:
    return Vitals(**{
        name: form.whole_or_none(f"{when_taken}_{name}", low, high) for name, (low, high, _unit) in RANGES.items()
    })  # fmt: skip


def _effects(form: Form) -> frozenset[str]:
    given = form.fields.get("effects", [])
    return frozenset(form.choices("effects", given, _("Tick each once.")))


def _yes(form: Form, name: str) -> bool | None:
    return _YES.get(form.text(name, 3))


def visit_of(form: Form) -> UUID | None:
    """The visit that the session belongs to, if to one."""
    return form.uuid("visit", _("Open the page again.")) if form.fields.get("visit") else None


def start(page: SessionPage, zone: str, now: datetime) -> dict[str, str]:
    """What a new form is filled in with: the route of the plan and when the visit was; never a dose."""
    if page.report is not None:
        return _values(page.report, zone)
    values = {"route": page.plan.route, "held_on": now.astimezone(when.zone(zone)).date().isoformat()}
    if page.visit is not None:
        values |= _moment(page.visit.start_at, zone) | {"visit": str(page.visit.id)}
    return values


def _moment(at: datetime, zone: str) -> dict[str, str]:
    local = at.astimezone(when.zone(zone))
    return {"held_on": local.date().isoformat(), "held_time": f"{local:%H:%M}"}


def _values(report: SessionReport, zone: str) -> dict[str, str]:
    draft = report.draft
    values: dict[str, object] = {
        **_moment(draft.held_at, zone), "route": draft.route, "dose_words": draft.dose_words,
        "severity": draft.severity, "dissociation": draft.dissociation, "distress": draft.distress,
        "escort": _no(draft.escort), "home_with": draft.home_with, "will_not_drive": _no(draft.will_not_drive),
        "notes": draft.notes,
    }  # fmt: skip
    if draft.dose is not None:
        values |= {"dose_amount": draft.dose.amount, "dose_unit": draft.dose.unit}
    for moment, vitals in (("before", draft.before), ("after", draft.after)):
        values |= {f"{moment}_{one.name}": getattr(vitals, one.name) for one in fields(vitals)}
    return {name: "" if value is None else str(value) for name, value in values.items()}


def _no(value: bool | None) -> str:
    return "" if value is None else "yes" if value else "no"


def chosen(page: SessionPage, form: Form | None) -> frozenset[str]:
    """The side effects that are ticked."""
    if form is not None:
        return frozenset(form.fields.get("effects", []))
    return page.report.draft.effects if page.report else frozenset()


VITALS = tuple(
    (name, words, f"{low}–{high} {unit}")
    for (name, (low, high, unit)), words in zip(
        RANGES.items(), (_("Upper blood pressure"), _("Lower blood pressure"), _("Heart rate"), _("Oxygen saturation")),
        strict=True,
    )
)  # fmt: skip
CHOICES = {
    "units": [("", _("Choose")), *((one, one) for one in UNITS)],
    "severities": [("", _("No side effect")), *SEVERITIES.items()],
    "yes_no": [("yes", _("Yes")), ("no", _("No"))],
    "moments": [("before", _("Before")), ("after", _("After"))],
}
