"""One check-in, as its provider reads it."""

from dataclasses import dataclass
from uuid import UUID

from litestar import get
from litestar.params import FromPath

from carepath.journey import follow_up
from carepath.journey.follow_up import CheckInFile
from carepath.kit import clock, when
from carepath.kit.words import _
from carepath.questionnaires import service as questionnaires
from carepath.web.pages import page
from carepath.web.wire import Answer, Req, actor_of, own_zone


@dataclass(frozen=True, slots=True)
class CheckInView:
    """Questions and answers by page. `state` says when it was answered or closed, or that it was not; `call` what came
    of calling."""

    title: str
    patient_id: UUID
    name: str
    state: str
    call: str
    sections: tuple[tuple[str, tuple[tuple[str, str], ...]], ...]


def _view(file: CheckInFile, zone: str) -> CheckInView:
    found = file.check_in
    return CheckInView(
        _("After a visit") if found.visit_id else _("Check-in"), file.patient.id, file.patient.name,
        _state(file, zone), _call(file, zone),
        tuple(
            (one.questionnaire.title, tuple(questionnaires.lines(one.questionnaire, one.answers)))
            for one in file.responses
        ),
    )  # fmt: skip


def _state(file: CheckInFile, zone: str) -> str:
    at, closing = file.check_in.completed_at, file.closing
    if at is not None:
        return _("Answered {when}.").format(when=when.say(at, zone))
    if closing is None:
        return _("Not answered.")
    by = file.closed_by or _("Carepath")
    words = _("Not answered; closed by {who}, {when}.").format(who=by, when=when.say(closing.at, zone))
    return f"{words} {closing.reason}" if closing.reason else words


def _call(file: CheckInFile, zone: str) -> str:
    """What came of asking a coordinator to call."""
    call = file.call
    if call is None:
        return ""
    if call.done_at is not None:
        return _("Called {when}: {note}").format(when=when.say(call.done_at, zone), note=call.note or "")
    if call.status == "cancelled":
        return _("A call was asked for and is not needed any more.")
    return _("A call is asked for; not reached so far: {n} times.").format(n=call.tries)


@get("/provider/check-ins/{check_in_id:uuid}")
async def show(request: Req, check_in_id: FromPath[UUID]) -> Answer:
    """What the patient answered."""
    file = await follow_up.read_check_in(actor_of(request), check_in_id, clock.now())
    return page(request, "provider/check_in.html", shown=_view(file, own_zone(request)))


ROUTES = [show]
