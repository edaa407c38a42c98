"""What a page shows of a questionnaire: fields with names, labels, options, values and errors."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from carepath.kit.words import _
from carepath.questionnaires import values
from carepath.questionnaires.answers import CONTROL, MOST_INSTANCES, OTHER, field_name
from carepath.questionnaires.calculating import State, evaluate
from carepath.questionnaires.definition import Answers, At, Item, Questionnaire, count, place
from carepath.questionnaires.values import Other, Quantity, Value

_MOST_RADIOS = 8
_MOST_STEPS = 21


@dataclass(frozen=True, slots=True)
class Choice:
    """One option of a field."""

    value: str
    label: str
    checked: bool


@dataclass(frozen=True, slots=True)
class Field:
    """One question, heading or note.

    `kind`: group, display, radio, checkbox, select, scale, number, date, datetime-local, time, url, text, textarea,
    lines (one answer a line), repeat (a repeated group; its children are of kind instance).
    """

    kind: str
    name: str
    label: str
    help: str
    unit: str
    required: bool
    value: str
    error: str | None
    low: str
    high: str
    max_length: int
    options: tuple[Choice, ...]
    children: tuple["Field", ...]
    prefix: str = ""
    category: str = ""
    other: str | None = None  # own words beside the options; None where none are asked for
    units: tuple[Choice, ...] = ()
    can_add: bool = False
    can_remove: bool = False


@dataclass(frozen=True, slots=True)
class SectionView:
    """A whole page. `shown` lists the fields on it, so that the next page knows which are new."""

    title: str
    fields: tuple[Field, ...]
    shown: str


def view(
    form: Questionnaire, answers: Answers, errors: Mapping[str, str], typed: Mapping[str, list[str]] | None = None
) -> SectionView:
    """Everything that is asked now. Scores and hidden items are never shown to the person.

    `typed` are the form fields as sent: a field that could not be read shows again what was typed there.
    """
    page = _Page(answers, errors, typed or {}, evaluate(form, answers))
    fields = page.build(form.items, ())
    return SectionView(form.title, fields, " ".join(page.names))


@dataclass(slots=True)
class _Page:
    answers: Answers
    errors: Mapping[str, str]
    typed: Mapping[str, list[str]]
    state: State
    names: list[str] = field(default_factory=list)

    def build(self, items: tuple[Item, ...], at: At) -> tuple[Field, ...]:
        """The fields of one level."""
        found: list[Field] = []
        for item in items:
            if not _is_shown(item):
                continue
            if item.is_repeated_group:
                found += self.repeat(item, at)
            elif place(item.link_id, at) in self.state.asked:
                found.append(self.field(item, at))
        return tuple(found)

    def repeat(self, item: Item, at: At) -> list[Field]:
        """A repeated group with its instances, and whether one more or one less is possible."""
        if place(item.link_id, (*at, 0)) not in self.state.asked:
            return []
        total = count(item, self.answers, at)
        instances = []
        for n in range(total):
            inner = self.plain(item, (*at, n), "instance", self.build(_inner(item), (*at, n)))
            instances.append(inner)
        most = min(item.most or MOST_INSTANCES, MOST_INSTANCES)
        whole = self.plain(item, at, "repeat", tuple(instances))
        return [
            Field(
                **{name: getattr(whole, name) for name in Field.__slots__ if name not in {"can_add", "can_remove"}},
                can_add=total < most, can_remove=total > 1,
            )
        ]  # fmt: skip

    def plain(self, item: Item, at: At, kind: str, children: tuple[Field, ...]) -> Field:
        """A field that is a frame for others."""
        name = field_name(item, at)
        return Field(
            kind, name, item.text, _help(item), "", item.required, str(len(children)), self.errors.get(name), "", "", 0, (),
            children, item.prefix, item.category,
        )  # fmt: skip

    def field(self, item: Item, at: At) -> Field:
        """One question, heading or note."""
        name, given = field_name(item, at), self.answers.get(place(item.link_id, at), ())
        if item.is_question:
            self.names.append(name)
        typed, low, high = self.typed.get(name, []), item.low, item.high
        return Field(
            kind_of(item), name, item.text, _help(item), "" if len(item.units) > 1 else _unit(item), item.required,
            _text(item, given, typed), self.errors.get(name), _bound(low), _bound(high), item.max_length,
            _choices(item, given), self.build(_inner(item), at), item.prefix, item.category, self._other(item, name, given),
            _units(item, given),
        )  # fmt: skip

    def _other(self, item: Item, name: str, given: tuple[Value, ...]) -> str | None:
        if item.type != "open-choice":
            return None
        held = next((one.text for one in given if isinstance(one, Other)), None)
        typed = self.typed.get(f"{name}.{OTHER}", [""])[0]
        return held if held is not None else CONTROL.sub("", typed[: item.max_length])


def _is_beside(item: Item) -> bool:
    """A display that only says more about the item it stands in."""
    return item.type == "display" and item.control in {"help", "unit"}


def _inner(item: Item) -> tuple[Item, ...]:
    return tuple(one for one in item.items if not _is_beside(one))


def _beside(item: Item, control: str) -> str:
    return " ".join(one.text for one in item.items if _is_beside(one) and one.control == control)


def _help(item: Item) -> str:
    return " ".join(filter(None, (item.help, _beside(item, "help"), item.format)))


def _unit(item: Item) -> str:
    return item.unit or (item.units[0].unit if item.units else _beside(item, "unit"))


def _text(item: Item, given: tuple[Value, ...], typed: list[str]) -> str:
    if item.is_choice or item.type == "boolean":
        return ""
    if given:
        return "\n".join(_written(one) for one in given)
    # What cannot be in a page anyway is not sent back in one.
    return CONTROL.sub("", typed[0][: item.max_length]) if typed else ""


def _written(value: Value) -> str:
    """A value as an input of its type holds it."""
    if isinstance(value, Quantity):
        return str(value.value)
    if isinstance(value, datetime):
        return value.replace(tzinfo=None).isoformat()
    return str(values.write(value)) if not isinstance(value, str | int) and not _is_decimal(value) else str(value)


def _is_decimal(value: Value) -> bool:
    return type(value).__name__ == "Decimal"


def _is_shown(item: Item) -> bool:
    return not item.hidden and item.calculated is None and (not item.read_only or item.type in {"group", "display"})


def kind_of(item: Item) -> str:
    """The control that asks for an item."""
    match item.type:
        case "choice" | "open-choice":
            if item.repeats:
                return "checkbox"
            is_long = len(item.options) > _MOST_RADIOS and item.control != "radio-button"
            return "select" if is_long or item.control == "drop-down" else "radio"
        case "boolean":
            return "radio"
        case "group" | "display":
            return item.type
    if item.repeats:
        return "lines"
    if item.control == "slider" and _steps(item) <= _MOST_STEPS:
        return "scale"  # a real slider would have an answer before anybody gave one
    plain = {"integer": "number", "decimal": "number", "quantity": "number", "dateTime": "datetime-local"}
    return {**plain, "string": "text", "text": "textarea"}.get(item.type, item.type)


def _steps(item: Item) -> int:
    return int(str(item.high)) - int(str(item.low)) + 1


def _choices(item: Item, given: tuple[Value, ...]) -> tuple[Choice, ...]:
    if item.is_choice:
        chosen = {str(one) for one in given if not isinstance(one, Other)}
        offered = tuple(Choice(str(n), o.display, o.code in chosen) for n, o in enumerate(item.options))
        if item.type == "open-choice" and item.options:
            return (*offered, Choice(OTHER, _("Something else"), any(isinstance(one, Other) for one in given)))
        return offered
    if item.type == "boolean":
        return (Choice("true", _("Yes"), True in given), Choice("false", _("No"), False in given))
    if kind_of(item) == "scale":
        low = int(str(item.low))
        return tuple(Choice(str(n), str(n), n in given) for n in range(low, low + _steps(item)))
    return ()


def _units(item: Item, given: tuple[Value, ...]) -> tuple[Choice, ...]:
    if len(item.units) < 2:
        return ()
    measure = given[0].measure if given and isinstance(given[0], Quantity) else item.units[0].measure
    return tuple(Choice(str(n), unit.unit, unit.measure == measure) for n, unit in enumerate(item.units))


def _bound(bound: Value | None) -> str:
    return "" if bound is None else _written(bound)
