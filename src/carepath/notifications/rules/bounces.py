"""Reads the report by which a mail server says what became of a mail (RFC 3464), as a coordinator hands it in.

Anybody may have written such a file. So it is taken apart here, by the few rules of MIME that a report needs, with a
bound on everything: size, depth, parts, length of a header. Of what it says, only codes are kept.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NoReturn
from uuid import UUID

from carepath.kit.errors import Invalid
from carepath.kit.words import _
from carepath.notifications.rules import mime
from carepath.notifications.rules.mime import Part

FIELD = "mail"
MOST_BYTES = 200_000
CODE = re.compile(r"([245])\.([0-9]{1,3})\.([0-9]{1,3})(?![0-9.])", re.ASCII)
CAUSES = {
    "5.1.1": _("there is no such address"), "5.2.2": _("the mailbox is full"), "5.2.1": _("the mailbox is closed"),
    "5.1.2": _("its mail domain takes no mail"), "5.7.1": _("it was refused as unwanted"),
    "5.3.4": _("it was too large"), "5.0.0": _("something else"),
}  # fmt: skip
_REPORTS = frozenset({"message/delivery-status", "message/global-delivery-status"})
_RETURNED = frozenset({"message/rfc822", "message/global", "text/rfc822-headers", "message/global-headers"})
_ACTIONS = frozenset({"failed", "delayed", "delivered", "relayed", "expanded"})
_MOST_RECIPIENTS = 20


@dataclass(frozen=True, slots=True)
class Report:
    """What became of which message. `outcome` is failed, delayed or delivered; `code` a status such as 5.1.1."""

    message_id: UUID
    outcome: str
    code: str


def read(raw: bytes, host: str) -> Report:
    """The report on one of our mails, whose Message-IDs end in `host`. Invalid says what it lacks."""
    if len(raw) > MOST_BYTES:
        _refuse(_("This can have at most {limit} bytes.").format(limit=MOST_BYTES))
    try:
        whole = mime.part(raw.lstrip())
        found = _find(whole)
        if found is None:
            _refuse(
                _(
                    "Content-Type: no delivery report (message/delivery-status) is in it. Note by hand that it came back."
                )
            )
        about, *recipients = mime.groups(found.report.body, _MOST_RECIPIENTS + 1)
        outcome, code = _outcome(recipients)
        return Report(_message_id(whole, found, about, host), outcome, code)
    except mime.Unreadable as problem:
        _refuse(str(problem))


def _refuse(words: str) -> NoReturn:
    raise Invalid({FIELD: words})


@dataclass(frozen=True, slots=True)
class _Found:
    """The machine-readable part, and what it returns of our mail."""

    report: Part
    returned: tuple[Part, ...]


def _find(part: Part, depth: int = 0) -> _Found | None:
    """The first delivery report in a mail, or in one that was forwarded with it."""
    parts = mime.children(part, depth)
    for number, one in enumerate(parts):
        if one.kind in _REPORTS:
            rest = tuple(other for other in parts[number + 1 :] if other.kind in _RETURNED)
            return _Found(mime.decoded(one), rest)
        inside = mime.part(mime.decoded(one).body) if one.kind == "message/rfc822" else one
        if (deeper := _find(inside, depth + 1)) is not None:
            return deeper
    return None


def _outcome(recipients: list[dict[str, list[str]]]) -> tuple[str, str]:
    """Of one mail to one address. Where that stands for several, it came back only if it came back from all."""
    if not recipients:
        _refuse(_("Action: the report names no recipient."))
    found = [_one(fields) for fields in recipients]
    return min(found, key=lambda one: ("delivered", "delayed", "failed").index(one[0]))


def _one(fields: dict[str, list[str]]) -> tuple[str, str]:
    action = _single(fields, "action").split("(")[0].strip().lower()
    if action not in _ACTIONS:
        _refuse(_("Action: the report does not say failed, delayed or delivered."))
    code = CODE.match(_single(fields, "status"))
    if code is None:
        _refuse(_("Status: the report gives no code such as 5.1.1."))
    if action == "failed" and code[1] == "2":
        _refuse(_("Status: the code says that it arrived, the Action that it did not."))
    outcome = action if action in {"failed", "delayed"} else "delivered"
    return outcome, ".".join(str(int(part)) for part in code.groups())


def _single(fields: dict[str, list[str]], name: str) -> str:
    given = fields.get(name, [])
    if len(given) != 1:
        _refuse(_("{name}: the report has it {n} times instead of once.").format(name=name.title(), n=len(given)))
    return given[0]


def _message_id(whole: Part, found: _Found, about: dict[str, list[str]], host: str) -> UUID:
    """By what the report returns of the mail; else by what it says it is about; else by what it is an answer to."""
    seen = False
    for named in _named(whole, found, about):
        every = re.findall(r"<([^<>@\s]{1,200})@([^<>@\s]{1,255})>", " ".join(named))
        seen = seen or bool(every)
        ours = {local for local, at in every if at.lower() == host.lower() and re.fullmatch(r"[0-9a-f]{32}", local)}
        if len(ours) > 1:
            _refuse(_("Message-ID: it is about several mails of ours."))
        if ours:
            return UUID(ours.pop())
    if seen:
        _refuse(_("Message-ID: it is about a mail that is not ours."))
    _refuse(_("Message-ID: it does not say which mail it is about."))


def _named(whole: Part, found: _Found, about: dict[str, list[str]]) -> Iterator[list[str]]:
    for one in found.returned:
        yield mime.part(mime.decoded(one).body).values("message-id")
    yield [value for name in ("original-message-id", "x-original-message-id") for value in about.get(name, [])]
    yield [*whole.values("in-reply-to"), *whole.values("references")]
