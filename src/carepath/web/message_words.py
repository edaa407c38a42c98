"""Messages in words, for staff. Nothing of what is said, and nothing clinical: kinds say that something is there."""

from carepath.kit.words import _
from carepath.notifications.rules.kinds import KINDS
from carepath.notifications.rules.states import WORDS, shown_state
from carepath.notifications.service import Message

KIND_WORDS = {
    "prove-email": _("Confirming the address"), "sign-in": _("Link to sign in"), "consult-booked": _("Visit booked"),
    "consult-reminder-72h": _("Reminder, three days before"), "consult-reminder-24h": _("Reminder, a day before"),
    "consult-reminder-1h": _("Reminder, an hour before"), "consult-moved": _("Visit moved"),
    "consult-cancelled": _("Visit cancelled"), "consult-late": _("The provider is late"), "consults-moved": _("Several visits moved"),
    "consult-offered": _("A time has become free"), "consult-proposed": _("A time for the next visit"),
    "more-information": _("A question on their page"), "decision-ready": _("News on their page"),
    "check-in-due": _("Regular questions"), "check-in-overdue": _("Regular questions, still open"),
    "visit-checklist": _("What to have ready"), "offer-ended": _("An offer has ended"),
    "intake-unfinished": _("Questions that were begun"), "after-session": _("Questions after a visit"),
    "urgent-task": _("Something needs a provider today"), "break-glass-notice": _("A record was opened in an emergency"),
    "evaluation-handed-over": _("Work from a colleague"), "evaluation-withdrawn": _("Work that is not needed any more"),
    "evaluation-late": _("Work that is late"), "urgent-late": _("Something urgent that still waits"),
    "red-signal": _("Something to look at today"), "red-late": _("Something to look at that still waits"),
    "staff-digest": _("What waits today"), "practice-change": _("A change that visits rest on"),
}  # fmt: skip
_TONES = {"sent": "green", "failed": "red", "retrying": "amber", "queued": "blue", "sending": "blue"}
RECIPIENTS = {"patient": _("a patient"), "intake": _("somebody who is applying"), "account": _("a member of staff")}


def kind_words(kind: str) -> str:
    """What a kind of message is about."""
    return KIND_WORDS.get(kind, kind.replace("-", " "))


def state_words(message: Message) -> tuple[str, str]:
    """Its state, and the colour of it. One that came back says so."""
    state = shown_state(message.status, message.attempts)
    return (_("came back") if message.bounced_at else WORDS[state]), _TONES.get(state, "grey")


def subject_words(kind: str) -> str:
    """Who gets a kind of message, for those who look at the kinds themselves."""
    return RECIPIENTS[KINDS[kind].recipient]
