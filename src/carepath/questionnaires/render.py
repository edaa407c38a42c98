"""What a page shows of a questionnaire: fields with names, labels, options, values and errors."""

from collections.abc import Mapping
from dataclasses import dataclass

from carepath.kit.words import _
from carepath.questionnaires.definition import Answers, Item, Questionnaire, Value
from carepath.questionnaires.enablement import enabled

_MOST_RADIOS = 8


@dataclass(frozen=True, slots=True)
class Choice:
    """One option of a field."""

    value: str
    label: str
    checked: bool


@dataclass(frozen=True, slots=True)
class Field:
    """One question, heading or note.

    `kind`: group, display, radio, checkbox, select, scale, number, date, text, textarea.
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
    asked = enabled(form, answers)
    names: list[str] = []

    def build(items: tuple[Item, ...]) -> tuple[Field, ...]:
        return tuple(field(item) for item in items if item.link_id in asked and _is_shown(item))

    def field(item: Item) -> Field:
        if item.is_question:
            names.append(item.field)
        given = answers.get(item.link_id, ())
        return Field(
            _kind(item), item.field, item.text, item.help, item.unit, item.required,
            _text(item, given, (typed or {}).get(item.field, [])), errors.get(item.field), _number(item.low),
            _number(item.high), item.max_length, _choices(item, given), build(item.items),
        )  # fmt: skip

    fields = build(form.items)
    return SectionView(form.title, fields, " ".join(names))


def _text(item: Item, given: tuple[Value, ...], typed: list[str]) -> str:
    if item.type in {"choice", "boolean"}:
        return ""
    if given:
        return str(given[0])
    # What cannot be in a page anyway is not sent back in one.
    return typed[0][: item.max_length].replace("\x00", "") if typed else ""


def _shown_value(
    item: Item, given: tuple[Value, ...], typed: Mapping[str, list[str]], errors: Mapping[str, str]
) -> str:  # fmt: skip
    """What stands in a box: the answer, or what was typed when that is wrong, so that it can be mended."""
    if item.options:
        return ""
    wrong = typed.get(item.field, []) if item.field in errors else []
    return wrong[0] if wrong else str(given[0]) if given else ""


def _is_shown(item: Item) -> bool:
    return not item.hidden and item.calculated is None and (not item.read_only or item.type in {"group", "display"})


def _kind(item: Item) -> str:
    match item.type:
        case "choice":
            if item.repeats:
                return "checkbox"
            return "select" if len(item.options) > _MOST_RADIOS or item.control == "drop-down" else "radio"
        case "boolean":
            return "radio"
        case "integer" if item.control == "slider" and item.low is not None and item.high is not None:
            return "scale"  # a real slider would have an answer before anybody gave one
        case "integer" | "decimal":
            return "number"
        case "string":
            return "text"
        case "text":
            return "textarea"
    return item.type


def _choices(item: Item, given: tuple[Value, ...]) -> tuple[Choice, ...]:
    if item.type == "choice":
        return tuple(Choice(str(n), o.display, o.code in given) for n, o in enumerate(item.options))
    if item.type == "boolean":
        return (Choice("true", _("Yes"), True in given), Choice("false", _("No"), False in given))
    if _kind(item) == "scale":
        low, high = int(item.low or 0), int(item.high or 0)
        return tuple(Choice(str(n), str(n), n in given) for n in range(low, high + 1))
    return ()


def _number(bound: object) -> str:
    return "" if bound is None else str(bound)
