"""What an answer can be, how FHIR writes it, and how two of them compare."""

import re
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any


@dataclass(frozen=True, slots=True)
class Quantity:
    """A number with its unit. Two of them compare only in the same unit: nothing is converted."""

    value: Decimal
    unit: str = ""
    code: str = ""
    system: str = ""

    @property
    def measure(self) -> str:
        """What it is measured in."""
        return self.code or self.unit


@dataclass(frozen=True, slots=True)
class Other:
    """An answer in one's own words to a question that offers answers (open-choice), or one coded elsewhere."""

    text: str
    code: str = ""
    system: str = ""

    def __str__(self) -> str:
        return self.text


# An answer to a choice is the code of the option. A date that names no day ("2020-03") is kept as text.
Value = str | int | Decimal | bool | date | datetime | time | Quantity | Other

KEYS = {
    "boolean": "valueBoolean", "integer": "valueInteger", "decimal": "valueDecimal", "date": "valueDate",
    "dateTime": "valueDateTime", "time": "valueTime", "string": "valueString", "text": "valueString",
    "url": "valueUri", "quantity": "valueQuantity",
}  # fmt: skip
_PARTIAL = re.compile(r"[0-9]{4}(-(0[1-9]|1[0-2]))?")
_INSTANT = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]+)?(Z|[+-][0-9]{2}:[0-9]{2})")
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_TIME = re.compile(r"[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]+)?")


def read(kind: str, raw: object) -> Value:
    """A value of an item type from its JSON. ValueError for another type; no text is taken for a number."""
    match kind:
        case "boolean" if isinstance(raw, bool):
            return raw
        case "integer" if isinstance(raw, int) and not isinstance(raw, bool):
            return raw
        case "decimal" if isinstance(raw, int | float | Decimal) and not isinstance(raw, bool):
            return Decimal(str(raw))
        case "string" | "text" | "url" if isinstance(raw, str) and raw.strip():
            return raw
        case "date" | "dateTime" | "time" if isinstance(raw, str):
            return _moment(kind, raw)
        case "quantity" if isinstance(raw, dict):
            return _quantity(raw)
    raise ValueError(f"this is not a {kind}")


def _moment(kind: str, raw: str) -> Value:
    if kind == "time" and _TIME.fullmatch(raw):
        return time.fromisoformat(raw)
    if kind == "dateTime" and _INSTANT.fullmatch(raw):
        return datetime.fromisoformat(raw)
    if kind != "time" and _DAY.fullmatch(raw):
        return date.fromisoformat(raw)
    if kind != "time" and _PARTIAL.fullmatch(raw):
        return raw
    raise ValueError(f"this is not a {kind}")


def _quantity(raw: dict[str, Any]) -> Quantity:
    value = raw.get("value")
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
        raise ValueError("a quantity has a number")
    return Quantity(Decimal(str(value)), str(raw.get("unit", "")), str(raw.get("code", "")), str(raw.get("system", "")))


def write(value: Value) -> object:
    """The JSON of a value."""
    if isinstance(value, Quantity):
        parts = {"value": float(value.value), "unit": value.unit, "system": value.system, "code": value.code}
        return {key: part for key, part in parts.items() if part != ""}
    if isinstance(value, Decimal):
        return float(value)
    if isinstance(value, date | time):
        return value.isoformat()
    return value.text if isinstance(value, Other) else value


def same(left: Value, right: Value) -> bool:
    """Equal, and of the same kind: True is not 1. Quantities are equal in the same unit only."""
    if isinstance(left, bool) or isinstance(right, bool):
        return left is right
    if isinstance(left, Quantity) and isinstance(right, Quantity):
        return left.value == right.value and left.measure == right.measure
    return left == right


def order(left: Value, right: Value) -> int | None:
    """-1, 0 or 1; None when the two cannot be put in order."""
    if isinstance(left, Quantity) and isinstance(right, Quantity):
        return order(left.value, right.value) if left.measure == right.measure else None
    if isinstance(left, datetime) != isinstance(right, datetime):
        return None
    for kind in (datetime, date, time, str):
        if isinstance(left, kind) and isinstance(right, kind):
            return (left > right) - (left < right)  # type: ignore[operator]
    if _is_number(left) and _is_number(right):
        return (left > right) - (left < right)  # type: ignore[operator]
    return None


def _is_number(value: Value) -> bool:
    return isinstance(value, int | Decimal) and not isinstance(value, bool)
