"""Every kind of message there is: who gets it, what it is about, when it is due, how long it is of use.

One message per (subject, its version, kind, recipient), whatever asks for it how often: that is the key by which the
outbox refuses a second one.
"""

from dataclasses import dataclass
from datetime import timedelta

_HOUR, _DAY = timedelta(hours=1), timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of message.

    `recipient` is a patient, an intake (somebody whose address is not proved yet) or an account of staff; `subject`
    names what the row's id is the id of. `useful` is how long after it was due it is still worth sending, where
    whoever asks for it knows no better; later it is recorded as skipped. `before` makes it a reminder: due so long
    before a visit begins. `waits` says that it may wait for the end of the recipient's quiet hours, `optional` that
    the recipient may say no to it. `words` is the folder of its templates, if not its name.
    """

    name: str
    recipient: str
    subject: str
    useful: timedelta
    before: timedelta | None = None
    waits: bool = False
    optional: bool = False
    words: str = ""

    @property
    def folder(self) -> str:
        """Its templates: emails/<folder>/subject.txt, body.txt, body.html."""
        return self.words or self.name

    @property
    def answers_an_act(self) -> bool:
        """Somebody has just done something and waits for it. Such a message never stands behind those that fell due
        by the clock, however many of them there are. Nobody waits for what they may refuse."""
        return not (self.waits or self.optional) and self.before is None


_REMINDER, CHECKLIST = "consult-reminder", "visit-checklist"
KINDS = {
    kind.name: kind
    for kind in (
        Kind("prove-email", "intake", "intake", _HOUR),
        Kind("sign-in", "patient", "sign-in", _HOUR / 2),
        Kind("consult-booked", "patient", "appointment", 3 * _DAY),
        Kind("consult-reminder-72h", "patient", "appointment", 3 * _DAY, 72 * _HOUR, waits=True, words=_REMINDER),
        Kind("consult-reminder-24h", "patient", "appointment", _DAY, 24 * _HOUR, waits=True, words=_REMINDER),
        Kind("consult-reminder-1h", "patient", "appointment", _HOUR, _HOUR, words=_REMINDER),
        Kind(CHECKLIST, "patient", "appointment", 3 * _HOUR, 3 * _HOUR, waits=True),
        Kind("consult-moved", "patient", "appointment", 3 * _DAY),
        Kind("consult-late", "patient", "late-visit", _HOUR),
        Kind("consult-cancelled", "patient", "appointment", 3 * _DAY),
        Kind("consults-moved", "patient", "replan", 3 * _DAY),
        Kind("consult-offered", "patient", "consult-offer", _DAY),
        Kind("consult-proposed", "patient", "consult-offer", 3 * _DAY, waits=True),
        Kind("offer-ended", "patient", "consult-offer", 3 * _DAY, waits=True),
        Kind("intake-unfinished", "patient", "intake", 3 * _DAY, waits=True, optional=True),
        Kind("more-information", "patient", "information-request", 14 * _DAY, waits=True),
        Kind("decision-ready", "patient", "evaluation", 14 * _DAY, waits=True),
        Kind("check-in-due", "patient", "check-in", 7 * _DAY, waits=True),
        Kind("check-in-overdue", "patient", "check-in", 7 * _DAY, waits=True),
        Kind("after-session", "patient", "check-in", 3 * _DAY, waits=True),
        Kind("urgent-task", "account", "urgent-task", 3 * _DAY),
        Kind("evaluation-handed-over", "account", "evaluation", 7 * _DAY),
        Kind("evaluation-withdrawn", "account", "evaluation", 7 * _DAY, waits=True),
        Kind("evaluation-late", "account", "evaluation-late", _DAY),
        Kind("urgent-late", "account", "urgent-late", _DAY),
        Kind("red-signal", "account", "reading", 3 * _DAY),
        Kind("red-late", "account", "red-late", _DAY),
        Kind("break-glass-notice", "account", "break-glass", 14 * _DAY),
        Kind("staff-digest", "account", "staff-digest", 6 * _HOUR, optional=True),
        Kind("practice-change", "account", "practice-change", 7 * _DAY, waits=True),
    )
}
