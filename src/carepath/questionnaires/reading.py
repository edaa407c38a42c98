"""Reads FHIR R4 Questionnaire JSON. What is not understood is refused with file, item and reason:
a misspelled key would otherwise be a question, a bound or a branch that silently does nothing."""

import hashlib
import json
import re
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from carepath.kit.errors import ConfigProblem
from carepath.questionnaires.definition import Condition, Item, Option, Questionnaire, Value, walk
from carepath.questionnaires.expressions import Expression

TYPES = frozenset({"group", "display", "choice", "boolean", "integer", "decimal", "date", "string", "text"})
OPERATORS = frozenset({"exists", "=", "!=", ">", "<", ">=", "<="})
_SD = "http://hl7.org/fhir/StructureDefinition/"
_SDC = "http://hl7.org/fhir/uv/sdc/StructureDefinition/"
_HIDDEN, _CONTROL, _UNIT = f"{_SD}questionnaire-hidden", f"{_SD}questionnaire-itemControl", f"{_SD}questionnaire-unit"
_HELP, _CALCULATED = f"{_SDC}sdc-questionnaire-help", f"{_SDC}sdc-questionnaire-calculatedExpression"
_LOW, _HIGH = f"{_SD}minValue", f"{_SD}maxValue"
_EXTENSIONS = frozenset({_HIDDEN, _CONTROL, _UNIT, _HELP, _CALCULATED, _LOW, _HIGH})
_EXCLUSIVE = f"{_SD}questionnaire-optionExclusive"
_WEIGHTS = frozenset({f"{_SD}itemWeight", f"{_SD}ordinalValue", f"{_SD}questionnaire-ordinalValue"})
_KEYS = frozenset(
    {"linkId", "type", "text", "code", "required", "repeats", "readOnly", "maxLength", "enableWhen", "enableBehavior"}
    | {"answerOption", "item", "extension"}
)
_ID = re.compile(r"[A-Za-z0-9.\-]{1,64}")
_LONGEST = 5000
_NUMBERS = frozenset({"integer", "decimal"})


def parse(text: str, file: str) -> Questionnaire:
    """Read a resource. ConfigProblem names the file, the item and the reason."""
    resource = _resource(text, file)
    reader = _Reader(file)
    items = tuple(reader.item(raw) for raw in reader.list(resource, "item", "item"))
    if not items:
        raise ConfigProblem(file, "item", "there is no question")
    canonical = json.dumps(resource, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    found = Questionnaire(
        resource["url"], resource["version"], resource["title"], items,
        hashlib.sha256(canonical.encode()).digest(), resource,
    )  # fmt: skip
    for item, parent in walk(items):
        found.by_id[item.link_id], found.parents[item.link_id] = item, parent
    reader.check_conditions(found)
    return found


def _resource(text: str, file: str) -> dict[str, Any]:
    try:
        resource = json.loads(text, parse_constant=_no_constant)
    except ValueError as problem:
        raise ConfigProblem(file, "", f"this is not JSON: {problem}") from None
    if not isinstance(resource, dict) or resource.get("resourceType") != "Questionnaire":
        raise ConfigProblem(file, "resourceType", "a Questionnaire is needed")
    for key in ("url", "version", "title", "status"):
        if not isinstance(resource.get(key), str) or not resource[key] or "|" in resource[key]:
            raise ConfigProblem(file, key, "a text without | is needed")
    return resource


def _no_constant(name: str) -> None:
    raise ValueError(f"{name} is not a number of JSON")


class _Reader:
    """Reads the items of one file, numbering their form fields."""

    def __init__(self, file: str) -> None:
        self.file, self.count, self.seen = file, 0, set[str]()

    def fail(self, key: str, reason: str) -> ConfigProblem:
        return ConfigProblem(self.file, key, reason)

    def list(self, raw: Mapping[str, Any], key: str, where: str) -> list[Any]:
        found = raw.get(key, [])
        if not isinstance(found, list) or not all(isinstance(one, dict) for one in found):
            raise self.fail(where, f"{key} is a list of objects")
        return found

    def item(self, raw: dict[str, Any]) -> Item:
        link_id = raw.get("linkId")
        if not isinstance(link_id, str) or not _ID.fullmatch(link_id):
            raise self.fail(str(link_id), "a linkId of letters, digits, dots and dashes is needed")
        if link_id in self.seen:
            raise self.fail(link_id, "this linkId is used twice")
        self.seen.add(link_id)
        self.count += 1
        try:
            found = self._item(raw, link_id, f"i{self.count}")
        except (ArithmeticError, AttributeError, KeyError, TypeError, ValueError) as problem:
            raise self.fail(link_id, f"this cannot be read: {problem}") from None
        self._check(found, raw)
        return found

    def _item(self, raw: dict[str, Any], link_id: str, name: str) -> Item:
        kind, extensions = raw.get("type"), self._extensions(raw, link_id)
        if kind not in TYPES:
            raise self.fail(link_id, f"type {kind!r} is not supported")
        return Item(
            link_id, kind, str(raw.get("text", "")), name,
            codes=tuple(str(c.get("code", "")) for c in self.list(raw, "code", link_id)),
            required=self._flag(raw, "required", link_id),
            repeats=self._flag(raw, "repeats", link_id),
            read_only=self._flag(raw, "readOnly", link_id),
            hidden=self._flag(extensions.get(_HIDDEN, {}), "valueBoolean", link_id),
            control=_control(extensions.get(_CONTROL)),
            help=str(extensions.get(_HELP, {}).get("valueString", "")),
            unit=str(extensions.get(_UNIT, {}).get("valueCoding", {}).get("display", "")),
            max_length=int(raw.get("maxLength", 200 if kind == "string" else 2000)),
            low=_bound(extensions.get(_LOW)), high=_bound(extensions.get(_HIGH)),
            options=tuple(self._option(o, link_id) for o in self.list(raw, "answerOption", link_id)),
            conditions=tuple(self._condition(c, link_id) for c in self.list(raw, "enableWhen", link_id)),
            behavior=str(raw.get("enableBehavior", "any")),
            calculated=self._calculated(extensions.get(_CALCULATED), link_id),
            items=tuple(self.item(child) for child in self.list(raw, "item", link_id)),
        )  # fmt: skip

    def _flag(self, raw: Mapping[str, Any], key: str, link_id: str) -> bool:
        value = raw.get(key, False)
        if not isinstance(value, bool):
            raise self.fail(link_id, f"{key} is true or false")
        return value

    def _extensions(self, raw: Mapping[str, Any], link_id: str) -> dict[str, Any]:
        unknown = set(raw) - _KEYS
        if unknown:
            raise self.fail(link_id, f"{', '.join(sorted(unknown))} is not supported here; is it misspelled?")
        found = {str(e.get("url")): e for e in self.list(raw, "extension", link_id)}
        for url in found:
            if url not in _EXTENSIONS:
                raise self.fail(link_id, f"the extension {url} is not supported")
        return found

    def _option(self, raw: dict[str, Any], link_id: str) -> Option:
        coding = raw.get("valueCoding")
        if not isinstance(coding, dict) or not coding.get("code") or not coding.get("display"):
            raise self.fail(link_id, "an option is a valueCoding with code and display")
        given = [*self.list(raw, "extension", link_id), *self.list(coding, "extension", link_id)]
        weights = [Decimal(str(e["valueDecimal"])) for e in given if e.get("url") in _WEIGHTS]
        exclusive = any(e.get("url") == _EXCLUSIVE and e.get("valueBoolean") is True for e in given)
        system = str(coding.get("system", ""))
        return Option(str(coding["code"]), system, str(coding["display"]), weights[0] if weights else None, exclusive)

    def _condition(self, raw: dict[str, Any], link_id: str) -> Condition:
        given = {key: value for key, value in raw.items() if key.startswith("answer")}
        if raw.get("operator") not in OPERATORS or not isinstance(raw.get("question"), str) or len(given) != 1:
            raise self.fail(link_id, "enableWhen needs question, operator and one answer")
        key, value = next(iter(given.items()))
        if key == "answerCoding":
            value = str(value["code"])
        elif key == "answerDate":
            value = date.fromisoformat(value)
        elif key == "answerDecimal":
            value = Decimal(str(value))
        return Condition(raw["question"], raw["operator"], value)

    def _calculated(self, extension: Mapping[str, Any] | None, link_id: str) -> Expression | None:
        if extension is None:
            return None
        found = extension["valueExpression"]
        if found.get("language") != "text/fhirpath":
            raise self.fail(link_id, "a calculatedExpression is written in text/fhirpath")
        return Expression.compiled(str(found.get("expression", "")))

    def _check(self, item: Item, raw: Mapping[str, Any]) -> None:
        """What the parts must say together."""
        is_scale = item.control == "slider"
        wrong = {
            "a choice needs options with different codes": item.type == "choice"
            and len({o.code for o in item.options}) != max(len(item.options), 1),
            "only a choice has options": bool(item.options) and item.type != "choice",
            "only a choice repeats": item.repeats and item.type != "choice",
            "only a number has bounds": item.type not in _NUMBERS and (item.low, item.high) != (None, None),
            "minValue is above maxValue": item.low is not None and item.high is not None and item.low > item.high,
            "a slider is an integer with both bounds": is_scale
            and (item.type != "integer" or None in (item.low, item.high)),
            f"maxLength is 1 to {_LONGEST}": not 1 <= item.max_length <= _LONGEST,
            "a group or display is not required": item.required and item.type in {"group", "display"},
            "a group needs items": item.type == "group" and not item.items,
            "a question needs a text": not item.text.strip() and item.type != "group",
            "a calculated item is a number": item.calculated is not None and item.type not in _NUMBERS,
            "enableBehavior is all or any": item.behavior not in {"all", "any"},
            "more than one enableWhen needs enableBehavior": len(item.conditions) > 1 and "enableBehavior" not in raw,
        }
        for reason, is_wrong in wrong.items():
            if is_wrong:
                raise self.fail(item.link_id, reason)

    def check_conditions(self, form: Questionnaire) -> None:
        """Every condition looks at a question that stands before it: so there is no cycle, and pages read downwards."""
        order = {link_id: place for place, link_id in enumerate(form.by_id)}
        for item in form.by_id.values():
            for one in item.conditions:
                asked = form.by_id.get(one.question)
                if asked is None:
                    raise self.fail(item.link_id, f"enableWhen names {one.question}, which is not here")
                if order[one.question] >= order[item.link_id]:
                    raise self.fail(item.link_id, f"enableWhen names {one.question}, which comes later")
                if not asked.is_question or not _can_answer(asked, one):
                    raise self.fail(item.link_id, f"{one.question} is never answered like that")


def _can_answer(item: Item, condition: Condition) -> bool:
    """Could this question have an answer of the condition's type (and code)?"""
    value: Value = condition.answer
    if condition.operator == "exists" or item.type == "boolean":
        return isinstance(value, bool)
    if isinstance(value, bool):
        return False
    if item.type == "choice":
        return isinstance(value, str) and item.option(value) is not None and condition.operator in {"=", "!="}
    kinds: dict[str, type | tuple[type, ...]] = {"integer": (int, Decimal), "decimal": (int, Decimal), "date": date}
    return isinstance(value, kinds.get(item.type, str))


def _control(extension: Mapping[str, Any] | None) -> str:
    codings = (extension or {}).get("valueCodeableConcept", {}).get("coding", [])
    return str(codings[0].get("code", "")) if codings else ""


def _bound(extension: Mapping[str, Any] | None) -> Decimal | None:
    value = next((v for k, v in (extension or {}).items() if k.startswith("value")), None)
    return None if value is None else Decimal(str(value))
