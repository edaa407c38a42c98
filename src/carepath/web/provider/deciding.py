"""What becomes of an evaluation: taken, decided, given back, handed over."""

from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID

from litestar import post
from litestar.params import FromPath

from carepath.journey import decide, evaluate
from carepath.kit import clock
from carepath.kit.errors import Invalid, NotFound
from carepath.kit.words import _
from carepath.web.forms import Form, form_of
from carepath.web.pages import see_other
from carepath.web.provider.evaluation_page import show_evaluation
from carepath.web.wire import Answer, Req, actor_of, spot_of

_PATH = "/provider/evaluations"
_ONE = f"{_PATH}/{{evaluation_id:uuid}}"


@contextmanager
def gone_words() -> Iterator[None]:
    """What is a colleague's by now and what never was are told apart by nobody; but somebody who had it a moment ago
    reads what may have become of it."""
    try:
        yield
    except NotFound:
        raise NotFound(
            _("You do not have this evaluation. A colleague has it by now, or there is none at this address.")
        ) from None


def _read(request: Req) -> tuple[Form, int]:
    """The form, and the version of the evaluation that it was filled in for."""
    form = form_of(spot_of(request).fields)
    return form, form.whole("version", 1, 10**6, _("Open the page again."))


@post(f"{_ONE}/claim")
async def claim(request: Req, evaluation_id: FromPath[UUID]) -> Answer:
    """Take it."""
    with gone_words():
        await evaluate.claim(actor_of(request), evaluation_id, clock.now())
    return see_other(f"{_PATH}/{evaluation_id}")


@post(f"{_ONE}/decide")
async def decide_it(request: Req, evaluation_id: FromPath[UUID]) -> Answer:
    """Decide, with the words of the chosen outcome. A colleague's or the patient's change meanwhile is told, not
    overwritten."""
    form, version = _read(request)
    outcome, reason = form.text("outcome", 20), form.text("reason", 2000)
    field = f"words_{outcome}"
    words = form.text(field, 2000)
    with gone_words():
        try:
            form.check()
            await decide.decide(actor_of(request), evaluation_id, outcome, reason, words, version, clock.now())
        except Invalid as problem:
            named = {
                field if name in {"patient_words", "question"} else name: why for name, why in problem.fields.items()
            }
            return await show_evaluation(request, evaluation_id, named, form)
    return see_other(f"{_PATH}/{evaluation_id}")


@post(f"{_ONE}/release")
async def release(request: Req, evaluation_id: FromPath[UUID]) -> Answer:
    """Give it back."""
    form, version = _read(request)
    reason = form.text("release_reason", 500)
    with gone_words():
        try:
            form.check()
            await decide.release(actor_of(request), evaluation_id, reason, version, clock.now())
        except Invalid as problem:
            return await show_evaluation(request, evaluation_id, problem.fields, form)
    return see_other(_PATH)


@post(f"{_ONE}/hand-over")
async def hand_over(request: Req, evaluation_id: FromPath[UUID]) -> Answer:
    """Give it to a colleague."""
    form, version = _read(request)
    reason, to_id = form.text("hand_over_reason", 500), form.uuid("colleague", _("Choose a colleague."))
    with gone_words():
        try:
            form.check()
            await decide.hand_over(actor_of(request), evaluation_id, to_id, reason, version, clock.now())
        except Invalid as problem:
            return await show_evaluation(request, evaluation_id, problem.fields, form)
    return see_other(_PATH)


ROUTES = [claim, decide_it, release, hand_over]
