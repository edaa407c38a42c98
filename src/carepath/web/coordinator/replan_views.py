"""Absences and re-plans in words."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from carepath.journey.absence import Absences, Proposal
from carepath.kit import when
from carepath.kit.words import _
from carepath.scheduling.service import Practitioner, Replan, ReplanItem
from carepath.web.coordinator.replan_picture import picture

_STATUS = {
    "proposed": (_("waits for you"), "amber"), "carried-out": (_("carried out"), "green"),
    "dismissed": (_("dismissed"), "grey"),
}  # fmt: skip
_OUTCOMES = {"moved": (_("moved"), "green"), "kept": (_("kept where it was"), "grey")}
_SOON_HOURS = 24


@dataclass(frozen=True, slots=True)
class AbsencesView:
    """`open` and `flagged` are (id, words); `providers` those who can be away."""

    providers: tuple[tuple[str, str], ...]
    open: tuple[tuple[UUID, str], ...]
    flagged: tuple[tuple[UUID, str], ...]


def absences(found: Absences) -> AbsencesView:
    """Names, days and counts."""
    named = {person.id: _name(person) for person in found.practitioners}
    return AbsencesView(
        (("", _("Choose")), *((str(p.id), named[p.id]) for p in found.practitioners if p.is_active)),
        tuple((one.id, f"{one.practitioner_name}: {days_words(one.first_on, one.last_on)}") for one in found.open),
        tuple((one, _("{name}: {n}").format(name=named[one], n=n)) for one, n in found.flagged.items() if one in named),
    )


def _name(person: Practitioner) -> str:
    return f"{person.name}, {person.credential}"


def days_words(first_on: date, last_on: date) -> str:
    """One day, or from one to another."""
    return when.say_date(first_on) + ("" if last_on == first_on else f" – {when.say_date(last_on)}")


@dataclass(frozen=True, slots=True)
class ItemView:
    """One visit. Times are the patient's own. `outcome` is None while it can be ticked; `call` asks for a telephone
    call, `problem` says why it could not be carried out."""

    id: UUID
    patient: str
    old: str
    new: str
    provider: str
    change: str
    is_ticked: bool
    outcome: tuple[str, str] | None
    problem: str | None
    call: str | None


@dataclass(frozen=True, slots=True)
class ReplanView:
    """A whole re-plan: `placed` have somewhere to go, `unplaced` have not."""

    id: UUID
    title: str
    status: str
    tone: str
    is_open: bool
    can_plan_again: bool
    facts: tuple[tuple[str, str], ...]
    picture: str
    placed: tuple[ItemView, ...]
    unplaced: tuple[ItemView, ...]


def proposal(
    found: Proposal, zone: str, now: datetime, ticked: Collection[UUID] | None, reasons: Mapping[UUID, str]
) -> ReplanView:
    """Everything ticked, unless `ticked` says what; `zone` is the reader's, for the picture."""
    plan = found.replan
    views = [_item(item, found, now, ticked is None or item.appointment_id in ticked, reasons) for item in plan.items]
    placed = [view for view, item in zip(views, plan.items, strict=True) if item.to_start_at is not None]
    unplaced = [view for view, item in zip(views, plan.items, strict=True) if item.to_start_at is None]
    words, tone = _STATUS[plan.status]
    return ReplanView(
        plan.id, _("{name} is away").format(name=plan.practitioner_name), words, tone, plan.status == "proposed",
        any(item.is_current and item.outcome != "moved" for item in plan.items), _facts(plan, len(placed)),
        picture(plan, zone), tuple(placed), tuple(unplaced),
    )  # fmt: skip


def _facts(plan: Replan, placed: int) -> tuple[tuple[str, str], ...]:
    moved = sum(item.outcome == "moved" for item in plan.items)
    facts = [
        (_("Days"), days_words(plan.first_on, plan.last_on)), (_("Visits"), str(len(plan.items))),
        (_("With a new time"), str(placed)), (_("Displacement"), _quality(plan)),
    ]  # fmt: skip
    return (*facts, (_("Moved"), str(moved))) if plan.status == "carried-out" else tuple(facts)


def _quality(plan: Replan) -> str:
    """How good the plan is, as far as it was proved."""
    if plan.cost == plan.bound:
        return _("the least possible")
    more = max(1, round(100 * (plan.cost - plan.bound) / max(1, plan.bound)))
    return _("at most {n} % above the least possible").format(n=more)


def _item(item: ReplanItem, found: Proposal, now: datetime, is_ticked: bool, reasons: Mapping[UUID, str]) -> ItemView:
    patient, zone = found.patients[item.patient_id], item.patient_zone
    is_soon = (item.from_start_at - now).total_seconds() < _SOON_HOURS * 3600
    is_open = found.replan.status == "proposed"
    gone = None if item.is_current or not is_open else _("This visit was changed meanwhile.")
    return ItemView(
        item.appointment_id, patient.name, when.say_short(item.from_start_at, zone),
        when.say_short(item.to_start_at, zone) if item.to_start_at else "", item.to_practitioner_name or "",
        _change(item, found.replan), is_ticked and gone is None, None if is_open else _OUTCOMES.get(item.outcome),
        reasons.get(item.appointment_id) or gone,
        _("The old time is soon; reach them at {where}.").format(where=patient.phone or patient.email) if is_soon and is_open else None,
    )  # fmt: skip


def _change(item: ReplanItem, plan: Replan) -> str:
    """The displacement of one visit, as a person would say it."""
    if item.to_start_at is None:
        return ""
    zone = when.zone(item.patient_zone)
    minutes = round((item.to_start_at - item.from_start_at).total_seconds() / 60)
    days = (item.to_start_at.astimezone(zone).date() - item.from_start_at.astimezone(zone).date()).days
    if minutes == 0:
        how = _("same time")
    elif days == 0:
        how = _("{span} later") if minutes > 0 else _("{span} earlier")
        how = how.format(span=_span(abs(minutes)))
    else:
        count = _("1 day") if abs(days) == 1 else _("{n} days").format(n=abs(days))
        how = (_("{span} later") if days > 0 else _("{span} earlier")).format(span=count)
    return how if item.to_practitioner_id != plan.practitioner_id else _("{how}, same provider").format(how=how)


def _span(minutes: int) -> str:
    hours, rest = divmod(minutes, 60)
    return " ".join(
        part
        for part in (_("{n} h").format(n=hours) if hours else "", _("{n} min").format(n=rest) if rest else "")
        if part
    )
