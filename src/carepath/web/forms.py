"""Forms as they arrive: urlencoded UTF-8, no control characters, a bounded number of fields."""

import re
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, time
from urllib.parse import parse_qsl
from uuid import UUID

from carepath.kit.errors import CarepathError, Invalid
from carepath.kit.words import _

_MAX_FIELDS = 600
_MAX_VALUE = 20_000
FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufffd\ufffe\uffff\ud800-\udfff]")


class BadRequest(CarepathError):
    """A request that no browser showing our pages would send. `status` is the HTTP code."""

    def __init__(self, status: int, reason: str) -> None:
        super().__init__(reason)
        self.status, self.reason = status, reason


def parse_urlencoded(body: bytes, content_type: str) -> dict[str, list[str]]:
    """Field name -> values, in order. BadRequest for another type, bad encoding or too much of it."""
    kind, _sep, parameters = content_type.partition(";")
    if kind.strip().lower() != "application/x-www-form-urlencoded":
        raise BadRequest(415, _("Forms are sent as application/x-www-form-urlencoded."))
    if "charset" in parameters.lower() and "utf-8" not in parameters.lower():
        raise BadRequest(415, _("Forms are sent as UTF-8."))
    try:
        pairs = parse_qsl(
            body.decode("ascii"),
            keep_blank_values=True,
            errors="strict",
            max_num_fields=_MAX_FIELDS,
            strict_parsing=False,
        )
    except UnicodeDecodeError:
        raise BadRequest(400, _("The form is not valid UTF-8.")) from None
    except ValueError:
        raise BadRequest(413, _("That is more than one form can hold.")) from None
    fields: dict[str, list[str]] = {}
    for name, value in pairs:
        fields.setdefault(name, []).append(value.replace("\r\n", "\n"))
    return fields


@dataclass(frozen=True, slots=True)
class Form:
    """Reads fields one at a time and gathers what is wrong; `check` raises it all at once."""

    fields: dict[str, list[str]]
    problems: dict[str, str]

    @property
    def values(self) -> dict[str, str]:
        """What was typed, to show it again."""
        return {name: FORBIDDEN.sub("", given[0]) for name, given in self.fields.items() if given and name != "_csrf"}

    def text(self, name: str, limit: int = 200, required: str | None = None) -> str:
        """A trimmed text of at most `limit` characters. `required` is the sentence shown when it is empty."""
        given = self.fields.get(name, [])
        if len(given) > 1:
            self.problems[name] = _("This was sent more than once.")
            return ""
        value = (given[0] if given else "").strip()
        if FORBIDDEN.search(value):
            self.problems[name] = _("This contains a character that cannot be stored.")
        elif len(value) > min(limit, _MAX_VALUE):
            self.problems[name] = _("This can have at most {limit} characters.").format(limit=limit)
        elif not value and required:
            self.problems[name] = required
        return value

    def document(self, name: str, required: str) -> str:
        """A whole file that was pasted: as long as a form may be, and checked by whoever reads it."""
        given = self.fields.get(name, [])
        if len(given) != 1 or not given[0].strip():
            self.problems[name] = required if len(given) < 2 else _("This was sent more than once.")
            return ""
        return given[0]

    def choice(self, name: str, allowed: set[str] | frozenset[str], required: str) -> str:
        """One of `allowed`; anything else counts as not answered."""
        value = self.text(name, 200, required)
        if value and name not in self.problems and value not in allowed:
            self.problems[name] = required
        return value

    def whole(self, name: str, low: int, high: int, required: str) -> int:
        """A whole number within bounds."""
        value = self.text(name, 12, required)
        if name in self.problems:
            return low
        if not re.fullmatch(r"-?[0-9]{1,9}", value, re.ASCII) or not low <= int(value) <= high:
            self.problems[name] = _("Enter a whole number from {low} to {high}.").format(low=low, high=high)
            return low
        return int(value)

    def whole_or_none(self, name: str, low: int, high: int) -> int | None:
        """A whole number within bounds, or nothing."""
        return self.whole(name, low, high, "") if self.text(name, 12) else None

    def day(self, name: str, required: str | None) -> date | None:
        """A date written YYYY-MM-DD, as date inputs send it."""
        value = self.text(name, 10, required)
        if not value or name in self.problems:
            return None
        try:
            if not re.fullmatch(r"[12][0-9]{3}-[0-9]{2}-[0-9]{2}", value, re.ASCII):
                raise ValueError
            return date.fromisoformat(value)
        except ValueError:
            self.problems[name] = _("Enter a date like 2026-12-01.")
            return None

    def clock_time(self, name: str, required: str | None) -> time | None:
        """A wall time written HH:MM, as time inputs send it."""
        value = self.text(name, 5, required)
        if not value or name in self.problems:
            return None
        if not re.fullmatch(r"([01][0-9]|2[0-3]):[0-5][0-9]", value, re.ASCII):
            self.problems[name] = _("Enter a time like 09:30.")
            return None
        return time.fromisoformat(value)

    def uuid(self, name: str, required: str) -> UUID:
        """An id that one of our own pages put into the form."""
        value = self.text(name, 36, required)
        if re.fullmatch(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", value, re.ASCII):
            return UUID(value)
        self.problems.setdefault(name, required)
        return UUID(int=0)

    def uuids(self, name: str, required: str) -> list[UUID]:
        """The ids of boxes that were ticked: at least one, and each once."""
        given = self.fields.get(name, [])
        if len(set(given)) < len(given):
            self.problems[name] = _("This was sent more than once.")
        found = [form_of({name: [one]}).uuid(name, required) for one in given]
        if not found or UUID(int=0) in found:
            self.problems.setdefault(name, required)
        return found

    def choices(self, name: str, allowed: Collection[str], problem: str) -> list[str]:
        """Every box that was ticked, each once; none is an answer, too."""
        given = self.fields.get(name, [])
        if len(set(given)) < len(given) or not set(given) <= set(allowed):
            self.problems[name] = problem
            return []
        return given

    def has(self, name: str) -> bool:
        """Was a box ticked or a button pressed?"""
        return bool(self.fields.get(name))

    def check(self) -> None:
        """Invalid with everything that was found wrong."""
        if self.problems:
            raise Invalid(self.problems)


def form_of(fields: dict[str, list[str]]) -> Form:
    """A form over the fields of one request."""
    return Form(fields, {})
