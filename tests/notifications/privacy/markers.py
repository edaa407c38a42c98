"""Markers: words and dates that stand in one field of one row, and are known again wherever they turn up."""

import json
import re
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import count

_MARKER = re.compile(r"zqx[a-p]{8}")
_BIRTH_YEAR = re.compile(r"19[0-3]\d")
_LETTERS = str.maketrans("0123456789abcdef", "abcdefghijklmnop")
# Keys of JSON whose values readers hold to a list of their own; what a person wrote or chose stands elsewhere.
_STRUCTURE = {"resourceType", "questionnaire", "status", "linkId", "url", "system", "code", "route", "setting"}


@dataclass(frozen=True, slots=True)
class Field:
    """Where a value stands: "table.column", and the row."""

    column: str
    row: str

    def __str__(self) -> str:
        return f"{self.column} of {self.row}"


class Markers:
    """Makes them, and finds them. Letters only, as names have them and as readers of any case can be searched."""

    def __init__(self) -> None:
        self._words: dict[str, Field] = {}
        self._dates: dict[str, Field] = {}
        self._of: dict[Field, str] = {}
        self._numbers, self._days = count(1), count(1)

    def new(self, field: Field) -> str:
        """A word for this field. It looks the same in no two places: nothing of one is part of another."""
        number = next(self._numbers) * 2654435761 % 2**32  # spread by a factor without a common divisor
        marker = "Zqx" + f"{number:08x}".translate(_LETTERS)
        self._words[marker.lower()] = field
        self._of[field] = marker
        return marker

    def birth(self, field: Field) -> str:
        """A date for this field, of a time in which nothing else here happens."""
        on = date(1901, 1, 1) + timedelta(days=97 * next(self._days))
        assert _BIRTH_YEAR.match(str(on.year)), "there are not so many days"
        self._dates |= dict.fromkeys(spellings(on), field)
        self._of[field] = on.isoformat()
        return on.isoformat()

    def of(self, column: str, row: object) -> str:
        """What stands in a field."""
        return self._of[Field(column, str(row))]

    @property
    def columns(self) -> set[str]:
        """Where there is any."""
        return {field.column for field in self._of}

    def found(self, text: str) -> set[Field]:
        """The fields that stand in a text, letter by letter."""
        lower = text.lower()
        fields = {self._words[word] for word in _MARKER.findall(lower) if word in self._words}
        if _BIRTH_YEAR.search(lower):
            fields |= {field for spelled, field in self._dates.items() if _stands(spelled, lower)}
        return fields


def _stands(spelled: str, text: str) -> bool:
    return spelled in text and re.search(rf"(?<![0-9a-z]){re.escape(spelled)}(?![0-9a-z])", text) is not None


def spellings(on: date) -> set[str]:
    """Every way in which somebody writes a date, in lower case."""
    year, month, day = on.year, on.month, on.day
    words = {f"{on:%B}".lower(), f"{on:%b}".lower()}
    return {
        on.isoformat(), f"{on:%Y%m%d}", f"{on:%m/%d/%Y}", f"{month}/{day}/{year}", f"{on:%d.%m.%Y}",
        f"{day}.{month}.{year}", f"{day}/{month}/{year}", f"{on:%d-%m-%Y}", f"{on:%m-%d-%Y}",
        *(f"{word} {day}, {year}" for word in words), *(f"{day} {word} {year}" for word in words),
    }  # fmt: skip


def in_json(text: str, marker: str) -> str:
    """The same JSON with a marker in everything that a person may have written or chosen."""
    value = json.loads(text or "{}")
    marked = _marked(value, marker, "")
    if isinstance(marked, dict):
        marked["marker"] = marker
    return json.dumps(marked)


def _marked(value: object, marker: str, key: str) -> object:
    match value:
        case dict():
            return {name: _marked(one, marker, name) for name, one in value.items()}
        case list():
            return [_marked(one, marker, key) for one in value]
        case str() if key not in _STRUCTURE:
            return f"{value} {marker}"
    return value
