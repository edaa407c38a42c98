"""One item of a questionnaire, from JSON."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

from carepath.kit.errors import ConfigProblem
from carepath.questionnaires import values, vocabulary
from carepath.questionnaires.definition import Condition, Item, Option
from carepath.questionnaires.expressions import Expression, Pattern
from carepath.questionnaires.values import Quantity, Value

_LONGEST = 5000
_NUMBERS = frozenset({"integer", "decimal", "quantity"})
_BOUNDED = _NUMBERS | {"date", "dateTime", "time"}
_TEXTS = frozenset({"string", "text", "url"})
_ANSWERS = {
    "answerBoolean": "boolean", "answerInteger": "integer", "answerDecimal": "decimal", "answerDate": "date",
    "answerDateTime": "dateTime", "answerTime": "time", "answerString": "string", "answerQuantity": "quantity",
}  # fmt: skip


class ItemReader:
    """Reads single items; `lists` are the lists of answers inside the form."""

    def __init__(self, file: str, lists: Mapping[str, list[dict[str, Any]]]) -> None:
        self.file, self.lists = file, lists

    def item(self, raw: dict[str, Any]) -> Item:
        """An item with what is inside it."""
        raise NotImplementedError

    def fail(self, key: str, reason: str) -> ConfigProblem:
        """The error to raise."""
        return ConfigProblem(self.file, key, reason)

    def objects(self, raw: Mapping[str, Any], key: str, where: str) -> list[Any]:
        """A list of objects, or nothing."""
        found = raw.get(key, [])
        if not isinstance(found, list) or not all(isinstance(one, dict) for one in found):
            raise self.fail(where, f"{key} is a list of objects")
        return found

    def read(self, raw: dict[str, Any], link_id: str, name: str) -> Item:
        """The item, unchecked."""
        kind, known = raw.get("type"), self._extensions(raw, link_id)
        if kind not in vocabulary.TYPES:
            raise self.fail(link_id, f"type {kind!r} is not supported")
        number = known.get
        plain = Item(
            link_id, kind, str(raw.get("text", "")), name,
            prefix=str(raw.get("prefix", "")),
            codes=tuple(str(c.get("code", "")) for c in self.objects(raw, "code", link_id)),
            required=self._flag(raw, "required", link_id),
            repeats=self._flag(raw, "repeats", link_id),
            read_only=self._flag(raw, "readOnly", link_id),
            hidden=self._flag(number(vocabulary.HIDDEN, {}), "valueBoolean", link_id),
            control=_code(number(vocabulary.CONTROL)), category=_code(number(vocabulary.CATEGORY)),
            help=str(number(vocabulary.HELP, {}).get("valueString", "")),
            format=str(number(vocabulary.FORMAT, {}).get("valueString", "")),
            min_length=int(number(vocabulary.MIN_LENGTH, {}).get("valueInteger", 0)),
            max_length=int(raw.get("maxLength", 2000 if kind == "text" else 200)),
            fewest=int(number(vocabulary.FEWEST, {}).get("valueInteger", 0)),
            most=number(vocabulary.MOST, {}).get("valueInteger"),
            low=_bound(number(vocabulary.LOW)), high=_bound(number(vocabulary.HIGH)),
            pattern=_pattern(number(vocabulary.REGEX)),
            raw=raw,
        )  # fmt: skip
        return self._with_parts(plain, raw, link_id, known)

    def _with_parts(self, plain: Item, raw: dict[str, Any], link_id: str, known: Mapping[str, Any]) -> Item:
        options = self._options(raw, link_id)
        return replace(
            plain,
            unit=_unit(known.get(vocabulary.UNIT)),
            units=self._units(raw, link_id, known),
            options=options,
            initial=self._initial(raw, link_id, plain.type, options),
            conditions=tuple(self._condition(c, link_id) for c in self.objects(raw, "enableWhen", link_id)),
            behavior=str(raw.get("enableBehavior", "any")),
            enable=self._expression(known.get(vocabulary.ENABLE), link_id),
            calculated=self._expression(known.get(vocabulary.CALCULATED), link_id),
            variables=self.variables(raw, link_id),
            items=tuple(self.item(child) for child in self.objects(raw, "item", link_id)),
        )

    def _flag(self, raw: Mapping[str, Any], key: str, link_id: str) -> bool:
        value = raw.get(key, False)
        if not isinstance(value, bool):
            raise self.fail(link_id, f"{key} is true or false")
        return value

    def _extensions(self, raw: dict[str, Any], link_id: str) -> dict[str, Any]:
        unknown = set(raw) - vocabulary.KEYS
        if unknown:
            raise self.fail(link_id, f"{', '.join(sorted(unknown))} is not supported here; is it misspelled?")
        found = {str(e.get("url")): e for e in self.objects(raw, "extension", link_id)}
        for url in found:
            if url not in vocabulary.KNOWN and url not in vocabulary.HARMLESS:
                raise self.fail(link_id, f"the extension {url} is not supported")
        return found

    def _options(self, raw: dict[str, Any], link_id: str) -> tuple[Option, ...]:
        listed = self.objects(raw, "answerOption", link_id)
        where = raw.get("answerValueSet")
        if where is not None:
            if where not in self.lists or listed:
                raise self.fail(link_id, f"the list of answers {where} is not inside the form")
            listed = [{"valueCoding": coding} for coding in self.lists[where]]
        found = [vocabulary.option(one, n) for n, one in enumerate(listed)]
        codes = [one.code for one in found]
        # The same code in two code systems: both are told apart by their system.
        return tuple(replace(o, code=f"{o.system}|{o.code}") if codes.count(o.code) > 1 else o for o in found)

    def _units(self, raw: dict[str, Any], link_id: str, known: Mapping[str, Any]) -> tuple[Quantity, ...]:
        found = [e for e in self.objects(raw, "extension", link_id) if e.get("url") == vocabulary.UNIT_OPTION]
        if not found and raw.get("type") == "quantity" and vocabulary.UNIT in known:
            found = [known[vocabulary.UNIT]]
        codings = [one["valueCoding"] for one in found]
        return tuple(
            Quantity(Decimal(0), str(c.get("display") or c.get("code", "")), str(c.get("code", "")), str(c.get("system", "")))
            for c in codings
        )  # fmt: skip

    def _initial(
        self, raw: dict[str, Any], link_id: str, kind: str, options: tuple[Option, ...]
    ) -> tuple[Value, ...]:  # fmt: skip
        given = [initial_value(one, kind, options) for one in self.objects(raw, "initial", link_id)]
        listed = self.objects(raw, "answerOption", link_id)
        chosen = [o.code for o, one in zip(options, listed, strict=False) if one.get("initialSelected") is True]
        return tuple(given or chosen)

    def _condition(self, raw: dict[str, Any], link_id: str) -> Condition:
        given = {key: value for key, value in raw.items() if key.startswith("answer")}
        if (
            raw.get("operator") not in vocabulary.OPERATORS
            or not isinstance(raw.get("question"), str)
            or len(given) != 1
        ):
            raise self.fail(link_id, "enableWhen needs question, operator and one answer")
        key, value = next(iter(given.items()))
        if key == "answerCoding":
            return Condition(raw["question"], raw["operator"], str(value.get("code") or value["display"]))
        if key not in _ANSWERS:
            raise self.fail(link_id, f"{key} is not supported in enableWhen")
        return Condition(raw["question"], raw["operator"], values.read(_ANSWERS[key], value))

    def _expression(self, extension: Mapping[str, Any] | None, link_id: str) -> Expression | None:
        if extension is None:
            return None
        found = extension["valueExpression"]
        if found.get("language") != "text/fhirpath":
            raise self.fail(link_id, "an expression is written in text/fhirpath")
        return Expression.compiled(str(found.get("expression", "")))

    def variables(self, raw: Mapping[str, Any], where: str) -> tuple[tuple[str, Expression], ...]:
        """(name, expression) of every variable declared here, in their order; a calculation with a name is one too."""
        found = []
        for one in self.objects(raw, "extension", where):
            is_variable = one.get("url") == vocabulary.VARIABLE
            if not is_variable and one.get("url") != vocabulary.CALCULATED:
                continue
            name = one["valueExpression"].get("name")
            expression = self._expression(one, where)
            if isinstance(name, str) and name and expression is not None:
                found.append((name, expression))
            elif is_variable:
                raise self.fail(where, "a variable has a name and an expression")
        return tuple(found)

    def check(self, item: Item, raw: Mapping[str, Any]) -> None:
        """What the parts must say together."""
        for reason, is_wrong in _wrong(item, raw).items():
            if is_wrong:
                raise self.fail(item.link_id, reason)


def initial_value(raw: Mapping[str, Any], kind: str, options: tuple[Option, ...]) -> Value:
    """A first answer. ValueError when the question cannot have it."""
    coding = raw.get("valueCoding")
    if isinstance(coding, dict):
        wanted = str(coding.get("code") or coding.get("display"))
        if all(option.code != wanted for option in options):
            raise ValueError(f"initial {wanted} is not offered")
        return wanted
    value = next((v for k, v in raw.items() if k.startswith("value")), None)
    return str(value) if kind in {"choice", "open-choice"} else values.read(kind, value)


def _wrong(item: Item, raw: Mapping[str, Any]) -> dict[str, bool]:
    """Everything that could be wrong with an item, and whether it is."""
    order = values.order(item.low, item.high) if item.low is not None and item.high is not None else -1
    return {
        "a choice needs options with different codes": item.is_choice
        and len({o.code for o in item.options}) != max(len(item.options), item.type == "choice"),
        "only a choice has options": bool(item.options) and not item.is_choice,
        "a display does not repeat": item.repeats and item.type == "display",
        "minOccurs is not above maxOccurs": item.most is not None and not 1 <= item.most >= item.fewest,
        "only a number, date or time has bounds": item.type not in _BOUNDED and (item.low, item.high) != (None, None),
        "minValue is above maxValue": order is None or order > 0,
        "a slider is an integer with both bounds": item.control == "slider"
        and (item.type != "integer" or None in (item.low, item.high)),
        f"maxLength is 1 to {_LONGEST}": not 1 <= item.max_length <= _LONGEST,
        "minLength is above maxLength": not 0 <= item.min_length <= item.max_length,
        "only a text has a regex": item.pattern is not None and item.type not in _TEXTS,
        "a group or display is not required": item.required and item.type == "display",
        "a group needs items": item.type == "group" and not item.items,
        "a question needs a text": not item.text.strip() and item.type not in {"group", "display"},
        "a group or display is not calculated": item.calculated is not None and item.type in {"group", "display"},
        "enableBehavior is all or any": item.behavior not in {"all", "any"},
        "more than one enableWhen needs enableBehavior": len(item.conditions) > 1 and "enableBehavior" not in raw,
    }  # fmt: skip


def _code(extension: Mapping[str, Any] | None) -> str:
    concept = (extension or {}).get("valueCodeableConcept", {})
    codings = concept.get("coding", [])
    return str(codings[0].get("code", "")) if codings else str(concept.get("text", ""))


def _unit(extension: Mapping[str, Any] | None) -> str:
    coding = (extension or {}).get("valueCoding", {})
    return str(coding.get("display") or coding.get("code", ""))


def _bound(extension: Mapping[str, Any] | None) -> Value | None:
    key, raw = next(((k, v) for k, v in (extension or {}).items() if k.startswith("value")), ("", None))
    if raw is None:
        return None
    kinds = {"valueDate": "date", "valueDateTime": "dateTime", "valueTime": "time", "valueQuantity": "quantity"}
    found = values.read(kinds.get(key, "decimal"), raw)
    return found if not isinstance(found, str) else _first_day(found)


def _first_day(partial: str) -> date:
    return date.fromisoformat((partial + "-01-01")[:10])


def _pattern(extension: Mapping[str, Any] | None) -> Pattern | None:
    return None if extension is None else Pattern.compiled(str(extension.get("valueString", "")))
