"""The one next step on a patient's page: what somebody waits for, what is ahead, or how far they have come."""

from typing import Protocol

from carepath.journey.home import Home
from carepath.kit.words import _


class Near(Protocol):
    """What is said of a visit to come, or of a time that is held."""

    @property
    def is_live(self) -> bool: ...

    @property
    def when_words(self) -> str: ...

    @property
    def href(self) -> str: ...


def next_step(found: Home, near: Near | None) -> tuple[str, str | None, str]:
    """(words, where, what the button says). `near` is the visit to come, or what is held for some minutes."""
    return _asked_of_them(found) or _ahead(found, near) or _standing(found)


def _asked_of_them(found: Home) -> tuple[str, str, str] | None:
    """What somebody waits for them to do."""
    if found.intake_status == "in-progress":
        words = _("Your answers are not complete yet. Everything so far is saved.")
        return words, "/intake", _("Go on with your answers")
    if found.questions:
        return _("Your provider has a question for you."), f"/questions/{found.questions[0].id}", _("Answer it")
    if found.check_in:
        after_visit = _("How have you been since your visit?")
        words = after_visit if found.check_in.visit_id else _("Your regular questions are open.")
        return words, f"/check-ins/{found.check_in.id}", _("Answer now")
    if found.request and found.request.offer_id:
        words = _("A time is kept for you. Please say yes or no.")
        return words, f"/offers/{found.request.offer_id}", _("See it")
    return None


def _ahead(found: Home, near: Near | None) -> tuple[str, str, str] | None:
    """A visit, or the search for one."""
    if near and near.is_live:
        return _("Your visit: {when}").format(when=near.when_words), near.href, _("See your visit")
    if near:
        return _("A time is held for you for some minutes. Please book it now."), near.href, _("Go on")
    if found.request:
        words = _("We are looking for a time that suits you. You do not need to do anything now.")
        return words, f"/requests/{found.request.id}", _("See what we look for")
    return None


def _standing(found: Home) -> tuple[str, str | None, str]:
    """How far they have come, when nothing is to be done or waited for."""
    if found.plan and found.plan.status == "active":
        return _("Nothing for now. We write to you when your next questions are due."), None, ""
    if found.plan and found.plan.status == "on-hold":
        return (
            _("Your treatment is paused. You do not need to do anything until your provider goes on with it."),
            None,
            "",
        )
    if found.plan and found.plan.status == "completed" and found.decision and found.plan.updated_at > found.decision.at:
        return _("Your treatment has ended. If you have questions, call the clinic."), None, ""
    if found.decision:
        return _("Your provider has decided. You can read it below."), None, ""
    if found.intake_status == "completed" and found.may_book and not any(a.status == "fulfilled" for a in found.visits):
        return _("Your answers are with the clinic. Choose a time for your visit."), "/slots", _("Choose a time")
    if found.intake_status == "completed":
        words = _("A provider is looking at your answers. You do not need to do anything now.")
        return words, "/verdict", _("Read what your answers mean")
    if found.evaluation_status == "cancelled":
        return _("You have withdrawn. If you change your mind, you can begin again."), "/eligibility", _("Begin again")
    return _("You can start with a few first questions."), "/eligibility", _("Start")
