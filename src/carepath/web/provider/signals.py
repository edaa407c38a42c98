"""Signals are acknowledged; readings are written at a visit or by phone."""

import re
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from litestar import post
from litestar.params import FromPath

from carepath.followups.rules.measured import Measured
from carepath.journey import signal
from carepath.kit import clock, when
from carepath.kit.errors import Invalid
from carepath.kit.words import _
from carepath.web.forms import Form, form_of
from carepath.web.pages import see_other
from carepath.web.provider.patients import show_patient
from carepath.web.wire import Answer, Req, actor_of, own_zone, spot_of

_NOTE = {"note": "signal_note", "signals": "signal"}


@post("/provider/patients/{patient_id:uuid}/signals")
async def acknowledge(request: Req, patient_id: FromPath[UUID]) -> Answer:
    """Signals were looked at, one or several with one note."""
    form = form_of(spot_of(request).fields)
    ids = form.uuids("signal", _("Choose at least one signal."))
    note = form.text("signal_note", 2000, _("Write what you did."))
    try:
        form.check()
        await signal.acknowledge(actor_of(request), patient_id, ids, note, clock.now())
    except Invalid as problem:
        fields = {_NOTE.get(name, name): words for name, words in problem.fields.items()}
        return await show_patient(request, patient_id, fields, form)
    return see_other(f"/provider/patients/{patient_id}")


@post("/provider/patients/{patient_id:uuid}/readings")
async def write_reading(request: Req, patient_id: FromPath[UUID]) -> Answer:
    """A reading of a visit or a phone call, at the time it was taken."""
    form = form_of(spot_of(request).fields)
    entry = form.uuid("reading_entry", _("Open the page again."))
    found = _measured(form, own_zone(request))
    try:
        form.check()
        await signal.note_reading(actor_of(request), patient_id, found, entry, clock.now())
    except Invalid as problem:
        fields = {_field(name): words for name, words in problem.fields.items()}
        return await show_patient(request, patient_id, fields, form)
    return see_other(f"/provider/patients/{patient_id}")


def _field(name: str) -> str:
    """The field that is wrong; what is wrong with the whole time is said beside its date."""
    if name.startswith("reading_"):
        return name
    return "reading_on" if name == "at" else f"reading_{name}"


def _measured(form: Form, zone: str) -> Measured:
    return Measured(
        _instant(form, zone), _peg(form), form.whole_or_none("reading_nrs", 0, 10),
        form.whole_or_none("reading_systolic", 50, 300), form.whole_or_none("reading_diastolic", 30, 200),
        form.whole_or_none("reading_heart_rate", 20, 250),
    )  # fmt: skip


def _instant(form: Form, zone: str) -> datetime:
    on, at = form.day("reading_on", _("Enter a date.")), form.clock_time("reading_at", _("Enter a time."))
    found = when.instant(on, at, zone) if on and at else None
    if on and at and found is None:
        form.problems["reading_at"] = _("The clocks jump over this time.")
    return found or clock.now()


def _peg(form: Form) -> Decimal | None:
    value = form.text("reading_peg", 4)
    if value and not re.fullmatch(r"10([.,]0)?|[0-9]([.,][0-9])?", value, re.ASCII):
        form.problems["reading_peg"] = _("Enter a number from 0 to 10, with one decimal at most.")
        return None
    return Decimal(value.replace(",", ".")) if value else None


ROUTES = [acknowledge, write_reading]
