"""The steps of a visit and of an evaluation as their history tells them: what happened, and who did it."""

from carepath.kit.words import _

VISIT = {
    "hold": _("Time held"), "book": _("Booked"), "confirm": _("Booked, from a held time"),
    "release": _("Held time given back"), "expire": _("Held time ran out"), "move": _("Moved"),
    "check-in": _("Patient arrived"), "turn-away": _("Turned away: may not be seen where they are"),
    "late": _("Provider said they are late"), "fulfil": _("Took place"), "cancel": _("Cancelled"),
    "no-show": _("Patient did not come"), "reverse-no-show": _("Patient came after all"),
}  # fmt: skip
_CHECKS = {
    "identity": _("Identity"), "location": _("Location"), "pdmp": _("PDMP"),
    "blood-pressure": _("Blood pressure"), "in-person": _("Exam in person"),
}  # fmt: skip
EVALUATION = {
    "open": _("Opened"), "assign": _("Given to the provider of the visit"), "claim": _("Taken"),
    "release": _("Given back"), "hand-over": _("Handed over to a colleague"), "ask": _("Patient asked for more"),
    "answer": _("Patient answered"), "decide": _("Decided"), "withdraw": _("Withdrawn"),
    "escalate": _("Late: told more widely"), "override": _("Finding overridden"),
    "lose-provider": _("Nobody's again: the provider's account was switched off"),
    **{f"check-{item}": _("Checklist, entered: {item}").format(item=words) for item, words in _CHECKS.items()},
    **{f"uncheck-{item}": _("Checklist, taken back: {item}").format(item=words) for item, words in _CHECKS.items()},
}  # fmt: skip
WHO = {
    "anonymous": _("somebody not signed in"), "patient": _("patient"), "provider": _("provider"),
    "coordinator": _("office"), "admin": _("admin"), "system": _("by itself"),
}  # fmt: skip


def step_words(words: dict[str, str], action: str, role: str) -> str:
    """ "Taken (provider)". `words` are those of the thing whose history it is; a step that somebody forgot to give words
    hides no page."""
    return f"{words.get(action, action)} ({WHO.get(role, role)})"
