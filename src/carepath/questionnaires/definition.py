"""A FHIR R4 Questionnaire, read once and checked whole, as plain frozen values."""

import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from carepath.kit.errors import ConfigProblem
from carepath.questionnaires.expressions import Expression

Value = str | int | Decimal | bool | date
Answers = Mapping[str, tuple[Value, ...]]

TYPES = frozenset({"group", "display", "choice", "boolean", "integer", "decimal", "date", "string", "text"})
OPERATORS = frozenset({"exists", "=", "!=", ">", "<", ">=", "<="})
_SD = "http://hl7.org/fhir/StructureDefinition/"
_SDC = "http://hl7.org/fhir/uv/sdc/StructureDefinition/"
WEIGHT_URLS = frozenset({f"{_SD}itemWeight", f"{_SD}ordinalValue", f"{_SD}questionnaire-ordinalValue"})
_ID = re.compile(r"[A-Za-z0-9.\-]{1,64}")


@dataclass(frozen=True, slots=True)
class Option:
    """One offered answer. `weight` is what it adds to a score."""

    code: str
    system: str
    display: str
    weight: Decimal | None


@dataclass(frozen=True, slots=True)
class Condition:
    """`question` `operator` `answer`, as enableWhen says it."""

    question: str
    operator: str
    answer: Value


@dataclass(frozen=True, slots=True)
class Item:
    """One item. `field` is the opaque name its answer has in a form."""

    link_id: str
    type: str
    text: str
    field: str
    codes: tuple[str, ...] = ()
    required: bool = False
    repeats: bool = False
    read_only: bool = False
    hidden: bool = False
    control: str = ""
    help: str = ""
    unit: str = ""
    max_length: int = 2000
    low: Decimal | None = None
    high: Decimal | None = None
    options: tuple[Option, ...] = ()
    conditions: tuple[Condition, ...] = ()
    behavior: str = "any"
    calculated: Expression | None = None
    items: tuple["Item", ...] = ()

    @property
    def is_question(self) -> bool:
        """Does a person answer it?"""
        return self.type not in {"group", "display"} and self.calculated is None and not self.read_only

    def option(self, code: str) -> Option | None:
        """The option with this code."""
        return next((o for o in self.options if o.code == code), None)


@dataclass(frozen=True, slots=True)
class Questionnaire:
    """A version of a questionnaire. `by_id` holds every item in the order of the form."""

    url: str
    version: str
    title: str
    items: tuple[Item, ...]
    sha256: bytes
    resource: dict[str, Any]
    by_id: dict[str, Item] = field(default_factory=dict)
    parents: dict[str, str] = field(default_factory=dict)

    @property
    def canonical(self) -> str:
        """What a response is pinned to."""
        return f"{self.url}|{self.version}"


def walk(items: tuple[Item, ...], parent: str = "") -> Iterator[tuple[Item, str]]:
    """Every item with its parent's linkId, depth first."""
    for item in items:
        yield item, parent
        yield from walk(item.items, item.link_id)


def parse(text: str, file: str) -> Questionnaire:
    """Read a resource. ConfigProblem names the file, the item and the reason."""
    try:
        resource = json.loads(text)
    except ValueError as problem:
        raise ConfigProblem(file, "", f"this is not JSON: {problem}") from None
    if not isinstance(resource, dict) or resource.get("resourceType") != "Questionnaire":
        raise ConfigProblem(file, "resourceType", "a Questionnaire is needed")
    for key in ("url", "version", "title", "status"):
        if not isinstance(resource.get(key), str) or not resource[key]:
            raise ConfigProblem(file, key, "a text is needed")
    reader = _Reader(file)
    items = tuple(reader.item(raw) for raw in reader.list(resource, "item", "item"))
    canonical = json.dumps(resource, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    found = Questionnaire(
        resource["url"], resource["version"], resource["title"], items,
        hashlib.sha256(canonical.encode()).digest(), resource,
    )  # fmt: skip
    for item, parent in walk(items):
        found.by_id[item.link_id], found.parents[item.link_id] = item, parent
    reader.check_conditions(found)
    return found


class _Reader:
    """Reads items of one file, numbering their fields."""

    def __init__(self, file: str) -> None:
        self.file, self.count, self.seen = file, 0, set[str]()

    def fail(self, key: str, reason: str) -> ConfigProblem:
        return ConfigProblem(self.file, key, reason)

    def list(self, raw: Mapping[str, Any], key: str, where: str) -> list[Any]:
        found = raw.get(key, [])
        if not isinstance(found, list) or not all(isinstance(one, dict) for one in found):
            raise self.fail(where, "a list of objects is needed")
        return found

    def item(self, raw: dict[str, Any]) -> Item:
        link_id, kind = raw.get("linkId"), raw.get("type")
        if not isinstance(link_id, str) or not _ID.fullmatch(link_id):
            raise self.fail(str(link_id), "a linkId of letters, digits, dots and dashes is needed")
        if link_id in self.seen:
            raise self.fail(link_id, "this linkId is used twice")
        if kind not in TYPES:
            raise self.fail(link_id, f"type {kind!r} is not supported")
        self.seen.add(link_id)
        self.count += 1
        name = f"i{self.count}"
        extensions = {e["url"]: e for e in self.list(raw, "extension", link_id) if "url" in e}
        options = tuple(self._option(o, link_id) for o in self.list(raw, "answerOption", link_id))
        if kind == "choice" and (not options or len({o.code for o in options}) != len(options)):
            raise self.fail(link_id, "a choice needs options with different codes")
        conditions = tuple(self._condition(c, link_id) for c in self.list(raw, "enableWhen", link_id))
        if len(conditions) > 1 and raw.get("enableBehavior") not in {"all", "any"}:
            raise self.fail(link_id, "more than one enableWhen needs enableBehavior")
        return Item(
            link_id, kind, str(raw.get("text", "")), name,
            codes=tuple(str(c.get("code", "")) for c in self.list(raw, "code", link_id)),
            required=raw.get("required", False) is True, repeats=raw.get("repeats", False) is True,
            read_only=raw.get("readOnly", False) is True,
            hidden=extensions.get(f"{_SD}questionnaire-hidden", {}).get("valueBoolean") is True,
            control=_control(extensions), help=str(extensions.get(f"{_SDC}sdc-questionnaire-help", {}).get("valueString", "")),
            unit=str(extensions.get(f"{_SD}questionnaire-unit", {}).get("valueCoding", {}).get("display", "")),
            max_length=int(raw.get("maxLength", 200 if kind == "string" else 2000)),
            low=_bound(extensions.get(f"{_SD}minValue")), high=_bound(extensions.get(f"{_SD}maxValue")),
            options=options, conditions=conditions, behavior=str(raw.get("enableBehavior", "any")),
            calculated=self._calculated(extensions, link_id),
            items=tuple(self.item(child) for child in self.list(raw, "item", link_id)),
        )  # fmt: skip

    def _option(self, raw: dict[str, Any], link_id: str) -> Option:
        coding = raw.get("valueCoding")
        if not isinstance(coding, dict) or not coding.get("code") or not coding.get("display"):
            raise self.fail(link_id, "an option is a valueCoding with code and display")
        weights = [
            Decimal(str(e["valueDecimal"]))
            for e in (*raw.get("extension", []), *coding.get("extension", []))
            if e.get("url") in WEIGHT_URLS and "valueDecimal" in e
        ]
        return Option(coding["code"], coding.get("system", ""), coding["display"], weights[0] if weights else None)

    def _condition(self, raw: dict[str, Any], link_id: str) -> Condition:
        given = {key: value for key, value in raw.items() if key.startswith("answer")}
        if raw.get("operator") not in OPERATORS or not isinstance(raw.get("question"), str) or len(given) != 1:
            raise self.fail(link_id, "enableWhen needs question, operator and one answer")
        key, value = next(iter(given.items()))
        if key == "answerCoding":
            value = value.get("code", "")
        elif key == "answerDate":
            value = date.fromisoformat(value)
        elif key == "answerDecimal":
            value = Decimal(str(value))
        if raw["operator"] == "exists" and not isinstance(value, bool):
            raise self.fail(link_id, "the operator exists needs answerBoolean")
        return Condition(raw["question"], raw["operator"], value)

    def _calculated(self, extensions: Mapping[str, Any], link_id: str) -> Expression | None:
        found = extensions.get(f"{_SDC}sdc-questionnaire-calculatedExpression", {}).get("valueExpression")
        if found is None:
            return None
        if found.get("language") != "text/fhirpath":
            raise self.fail(link_id, "a calculatedExpression is written in text/fhirpath")
        try:
            return Expression.compiled(str(found.get("expression", "")))
        except ValueError as problem:
            raise self.fail(link_id, str(problem)) from None

    def check_conditions(self, form: Questionnaire) -> None:
        """Every condition looks at a question that stands before it: so there is no cycle, and pages read downwards."""
        order = {link_id: place for place, link_id in enumerate(form.by_id)}
        for item in form.by_id.values():
            for condition in item.conditions:
                if condition.question not in order:
                    raise self.fail(item.link_id, f"enableWhen names {condition.question}, which is not here")
                if order[condition.question] >= order[item.link_id]:
                    raise self.fail(item.link_id, f"enableWhen names {condition.question}, which comes later")


def _control(extensions: Mapping[str, Any]) -> str:
    codings = extensions.get(f"{_SD}questionnaire-itemControl", {}).get("valueCodeableConcept", {}).get("coding", [])
    return str(codings[0].get("code", "")) if codings else ""


def _bound(extension: Mapping[str, Any] | None) -> Decimal | None:
    value = next((v for k, v in (extension or {}).items() if k.startswith("value")), None)
    return None if value is None else Decimal(str(value))
