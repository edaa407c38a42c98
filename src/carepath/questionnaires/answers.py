"""Answers: from a form, into and out of a QuestionnaireResponse, and what is wrong with them."""

import re
from collections.abc import Mapping
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from carepath.kit.words import _
from carepath.questionnaires.definition import Answers, Item, Questionnaire, Value
from carepath.questionnaires.enablement import enabled

SHOWN = "shown"
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufffd\ud800-\udfff]")
_WEIGHT_URL = "http://hl7.org/fhir/StructureDefinition/itemWeight"
_KEYS = {
    "boolean": "valueBoolean", "integer": "valueInteger", "decimal": "valueDecimal", "date": "valueDate",
    "string": "valueString", "text": "valueString",
}  # fmt: skip


def parse(
    form: Questionnaire, fields: Mapping[str, list[str]], before: Answers | None = None
) -> tuple[Answers, dict[str, str]]:
    """Answers from form fields, and problems by field name.

    Valid answers are taken even beside wrong ones. What the page did not show keeps its value of `before`.
    """
    shown = set(" ".join(fields.get(SHOWN, [])).split())
    answers: dict[str, tuple[Value, ...]] = {}
    problems: dict[str, str] = {}
    for item in form.by_id.values():
        if not item.is_question or item.hidden:
            continue
        given = [text for text in fields.get(item.field, []) if text.strip()]
        if not given:
            if before and item.field not in shown and item.link_id in before:
                answers[item.link_id] = before[item.link_id]
            continue
        try:
            answers[item.link_id] = _values(item, given)
        except ValueError as problem:
            problems[item.field] = str(problem)
    return answers, problems


def _values(item: Item, given: list[str]) -> tuple[Value, ...]:
    if len(given) > 1 and not item.repeats:
        raise ValueError(_("Give one answer."))
    values = tuple(_value(item, text) for text in given)
    if len(set(values)) != len(values):
        raise ValueError(_("The same answer was sent twice."))
    return values


def _value(item: Item, text: str) -> Value:
    """One answer of an item's type. ValueError in words for the person."""
    if _CONTROL.search(text):
        raise ValueError(_("This contains a character that cannot be stored."))
    match item.type:
        case "choice":
            if not re.fullmatch(r"[0-9]{1,3}", text, re.ASCII) or int(text) >= len(item.options):
                raise ValueError(_("Choose one of the answers offered."))
            return item.options[int(text)].code
        case "boolean":
            if text not in {"true", "false"}:
                raise ValueError(_("Choose yes or no."))
            return text == "true"
        case "integer":
            if not re.fullmatch(r"[+-]?[0-9]{1,9}", text.strip(), re.ASCII):
                raise ValueError(_("Enter a whole number."))
            return int(_within(item, Decimal(text.strip())))
        case "decimal":
            return _within(item, _decimal(text.strip()))
        case "date":
            return _date(text.strip())
    # A browser counts a line break once and sends it as two characters.
    kept = text.replace("\r\n", "\n").strip()
    if len(kept) > item.max_length:
        raise ValueError(_("This can have at most {limit} characters.").format(limit=item.max_length))
    return kept


def _decimal(text: str) -> Decimal:
    if not re.fullmatch(r"[+-]?[0-9]{1,9}([.,][0-9]{1,6})?", text, re.ASCII):
        raise ValueError(_("Enter a number, for example 36.5."))
    try:
        return Decimal(text.replace(",", "."))
    except InvalidOperation:
        raise ValueError(_("Enter a number, for example 36.5.")) from None


def _date(text: str) -> date:
    try:
        if not re.fullmatch(r"[12][0-9]{3}-[0-9]{2}-[0-9]{2}", text, re.ASCII):
            raise ValueError
        return date.fromisoformat(text)
    except ValueError:
        raise ValueError(_("Enter a date like 2026-12-01.")) from None


def _within(item: Item, number: Decimal) -> Decimal:
    if (item.low is not None and number < item.low) or (item.high is not None and number > item.high):
        if item.low is not None and item.high is not None:
            raise ValueError(_("Enter a number from {low} to {high}.").format(low=item.low, high=item.high))
        raise ValueError(_("This number is out of range."))
    return number


def _short(text: str, most: int = 70) -> str:
    """A question as it fits into a list of what is missing."""
    return text if len(text) <= most else text[: most - 1].rsplit(" ", 1)[0] + " …"


def problems(form: Questionnaire, answers: Answers) -> dict[str, str]:
    """What is missing or contradicts itself, by field name. Hidden and not-asked items are never required."""
    asked = enabled(form, answers)
    found: dict[str, str] = {}
    for link_id, item in form.by_id.items():
        if not item.is_question or item.hidden or link_id not in asked:
            continue
        given = answers.get(link_id, ())
        if item.required and not given:
            found[item.field] = _("Please answer: {question}").format(question=_short(item.text))
        elif len(given) > 1 and any(o.is_exclusive for o in item.options if o.code in given):
            # Not refused when it is parsed: a serious answer beside "none of these" must still be seen and acted on.
            found[item.field] = _("You chose “none” together with something else. Untick one of them.")
    return found


def prune(form: Questionnaire, answers: Answers) -> Answers:
    """Without the answers of items that are not asked."""
    asked = enabled(form, answers)
    return {link_id: given for link_id, given in answers.items() if link_id in asked}


def unasked(form: Questionnaire, answers: Answers, fields: Mapping[str, list[str]]) -> list[str]:
    """Fields that are asked now but were not on the page that sent `fields`: without JavaScript they appear next."""
    if SHOWN not in fields:
        return []
    shown = set(" ".join(fields[SHOWN]).split())
    asked = enabled(form, answers)
    return [
        item.field
        for link_id, item in form.by_id.items()
        if item.is_question and not item.hidden and link_id in asked and item.field not in shown
    ]


def words(item: Item, given: tuple[Value, ...]) -> str:
    """An answer as a person reads it."""

    def one(value: Value) -> str:
        if isinstance(value, bool):
            return _("Yes") if value else _("No")
        option = item.option(str(value)) if item.type == "choice" else None
        return option.display if option else str(value)

    said = ", ".join(one(value) for value in given)
    return f"{said} {item.unit}".strip() if said else _("not answered")


def to_resource(form: Questionnaire, answers: Answers, status: str) -> dict[str, Any]:
    """A QuestionnaireResponse. Option weights are copied into the answers, where scores read them."""

    def build(items: tuple[Item, ...]) -> list[dict[str, Any]]:
        built = []
        for item in items:
            node: dict[str, Any] = {"linkId": item.link_id}
            given = answers.get(item.link_id, ())
            if given:
                node["answer"] = [_answer(item, value) for value in given]
            children = build(item.items)
            if children:
                node["item"] = children
            if given or children:
                built.append(node)
        return built

    return {
        "resourceType": "QuestionnaireResponse",
        "questionnaire": form.canonical,
        "status": status,
        "item": build(form.items),
    }


def _answer(item: Item, value: Value) -> dict[str, Any]:
    if item.type == "choice":
        option = item.option(str(value))
        coding: dict[str, Any] = {"code": str(value)}
        if option is not None:
            coding |= {"system": option.system, "display": option.display}
            if option.weight is not None:
                coding["extension"] = [{"url": _WEIGHT_URL, "valueDecimal": float(option.weight)}]
        return {"valueCoding": coding}
    plain: object = value
    if isinstance(value, date):
        plain = value.isoformat()
    elif isinstance(value, Decimal):
        plain = float(value)
    return {_KEYS[item.type]: plain}


def from_resource(form: Questionnaire, resource: Mapping[str, Any]) -> Answers:
    """The answers of a QuestionnaireResponse that `to_resource` made."""
    found: dict[str, tuple[Value, ...]] = {}

    def visit(nodes: list[dict[str, Any]]) -> None:
        for node in nodes:
            item = form.by_id.get(node["linkId"])
            if item is not None and node.get("answer"):
                found[item.link_id] = tuple(_from_answer(item, one) for one in node["answer"])
            visit(node.get("item", []))

    visit(list(resource.get("item", [])))
    return found


def _from_answer(item: Item, raw: Mapping[str, Any]) -> Value:
    if item.type == "choice":
        return str(raw["valueCoding"]["code"])
    value = raw[_KEYS[item.type]]
    if item.type == "date":
        return date.fromisoformat(value)
    return Decimal(str(value)) if item.type == "decimal" else value
