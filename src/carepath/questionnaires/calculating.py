"""Everything that follows from the answers: what is asked, and what is calculated, until nothing changes any more."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from carepath.kit.words import _
from carepath.questionnaires import expressions, resource, values
from carepath.questionnaires.definition import Answers, At, Item, Questionnaire, place, spread
from carepath.questionnaires.enablement import enabled
from carepath.questionnaires.expressions import Expression, ScoreUnavailableError
from carepath.questionnaires.resource import Built, value_of
from carepath.questionnaires.values import Other, Quantity, Value

_MOST_ROUNDS = 20
_NAME = re.compile(r"%`?([A-Za-z_][A-Za-z0-9_\-]*)")
_NUMBERS = frozenset({"integer", "decimal", "quantity"})
_TEXTS = frozenset({"string", "text", "url"})
_ITEM = "QuestionnaireResponse.item"


@dataclass(frozen=True, slots=True)
class State:
    """`asked`: places that are asked. `calculated`: values by place. `unavailable`: why there is none, by place."""

    asked: frozenset[str]
    calculated: Answers
    unavailable: Mapping[str, str]


@dataclass(slots=True)
class _Round:
    calculated: dict[str, tuple[Value, ...]] = field(default_factory=dict)
    switches: dict[str, bool] = field(default_factory=dict)
    unavailable: dict[str, str] = field(default_factory=dict)


def evaluate(form: Questionnaire, answers: Answers) -> State:
    """The state of a form. Values that a client sent for calculated items are ignored.

    Expressions may depend on each other; rounds go on until one changes nothing. Those that never come to rest
    are unavailable, with the others of their circle named.
    """
    own = {k: v for k, v in answers.items() if not (form.computed and _is_computed(form, k))}
    if not form.computed and not form.switched:
        return State(enabled(form, own), {}, {})
    before = _Round()
    for _n in range(_rounds(form)):
        asked, after = _round(form, own, before)
        if (after.calculated, after.switches) == (before.calculated, before.switches):
            return State(asked, after.calculated, after.unavailable)
        if len(form.computed) == 1 and not form.switched and not _is_looked_at(form, form.computed[0]):
            return State(asked, after.calculated, after.unavailable)
        before, last = after, before
    return _unsettled(form, own, before, last)


def _rounds(form: Questionnaire) -> int:
    return min(_MOST_ROUNDS, len(form.computed) + len(form.switched) + 2)


def _is_computed(form: Questionnaire, where: str) -> bool:
    item = form.by_id.get(where.partition("#")[0])
    return item is not None and item.calculated is not None


def _is_looked_at(form: Questionnaire, link_id: str) -> bool:
    return any(c.question == link_id for item in form.by_id.values() for c in item.conditions)


def _round(form: Questionnaire, own: Answers, before: _Round) -> tuple[frozenset[str], _Round]:
    merged = {**own, **before.calculated}
    asked = enabled(form, merged, before.switches)
    visible = {k: v for k, v in merged.items() if k in asked or _is_counter(form, k)}
    calculation = _Calculation(form, resource.build(form, visible, "in-progress"))
    after = _Round()
    for item, at in spread(form.items, own):
        where = place(item.link_id, at)
        if item.enable is not None:
            after.switches[where] = calculation.holds(item, at, after)
        if item.calculated is not None and where in asked:
            calculation.calculate(item, at, after)
    return asked, after


def _is_counter(form: Questionnaire, where: str) -> bool:
    return form.by_id[where.partition("#")[0]].is_repeated_group


def _unsettled(form: Questionnaire, own: Answers, one: _Round, other: _Round) -> State:
    """Two more looks at what never rests: those that still differ are the circle."""
    moving = sorted(
        {k for k in {*one.calculated, *other.calculated} if one.calculated.get(k) != other.calculated.get(k)}
        | {k for k in {*one.switches, *other.switches} if one.switches.get(k) != other.switches.get(k)}
    )
    words = _("these depend on each other in a circle: {names}").format(names=", ".join(moving))
    calm = {k: v for k, v in one.calculated.items() if k not in moving}
    return State(
        enabled(form, {**own, **calm}, {k: v for k, v in one.switches.items() if k not in moving}),
        calm, {**one.unavailable, **dict.fromkeys(moving, words)},
    )  # fmt: skip


class _Calculation:
    """Runs the expressions of one round over one response."""

    def __init__(self, form: Questionnaire, built: Built) -> None:
        self.form, self.built = form, built
        self.names: dict[str, dict[str, Any]] = {}
        self.base: dict[str, Any] = {
            "resource": built.resource, "questionnaire": form.resource, **{name: [] for name in form.contexts}
        }  # fmt: skip

    def holds(self, item: Item, at: At, after: _Round) -> bool:
        """An enableWhenExpression: exactly true is true; nothing is not."""
        assert item.enable is not None
        try:
            return self._run(item.enable, item, at)[:1] == [True]
        except ScoreUnavailableError as problem:
            after.unavailable[place(item.link_id, at)] = str(problem)
            return False

    def calculate(self, item: Item, at: At, after: _Round) -> None:
        """A calculatedExpression, into a value of the item's type."""
        assert item.calculated is not None
        where = place(item.link_id, at)
        try:
            found = tuple(_typed(item, one) for one in self._run(item.calculated, item, at) if one not in (None, ""))
            if len(found) > 1 and not item.repeats:
                if item.type not in _NUMBERS:
                    found = found[:1]  # a text shows the first, as others do; a score made of several is no score
                else:
                    raise ScoreUnavailableError(f"not one value: {item.calculated.text!r}")
        except (ScoreUnavailableError, ArithmeticError, ValueError) as problem:
            after.unavailable[where] = str(problem)
            return
        if found:
            after.calculated[where] = found

    def _run(self, expression: Expression, item: Item, at: At) -> list[Any]:
        focus = self._focus(item, at)
        names = {**self.base, **self._variables(expression.text, item, at), "context": focus}
        names["qitem"] = expressions.node(item.raw, "Questionnaire.item")
        return expression.values(focus, names)

    def _focus(self, item: Item, at: At) -> Any:
        found = self.built.nodes.get(place(item.link_id, at), {"linkId": item.link_id})
        return expressions.node(found, _ITEM)

    def _variables(self, text: str, item: Item, at: At) -> dict[str, Any]:
        """The variables that `text` needs, and that those need, as declared nearest to the item."""
        declared = dict(self._declared(item, at))
        wanted, found, todo = [], dict[str, Any](), _NAME.findall(text)
        while todo:
            name = todo.pop()
            if name in declared and name not in wanted:
                wanted.append(name)
                todo += _NAME.findall(declared[name][0].text)
        for name, (expression, owner, where) in declared.items():
            if name in wanted:
                found[name] = self._variable(name, expression, owner, where, found)
        return found

    def _declared(self, item: Item, at: At) -> Iterator[tuple[str, tuple[Expression, Item | None, At]]]:
        """From the form inwards: a later declaration of a name replaces an outer one."""
        for name, expression in self.form.variables:
            yield name, (expression, None, ())
        chain: list[str] = [item.link_id]
        while self.form.parents[chain[-1]]:
            chain.append(self.form.parents[chain[-1]])
        for link_id in reversed(chain):
            owner = self.form.by_id[link_id]
            depth = len(self.form.repeaters[link_id]) + owner.is_repeated_group
            for name, expression in owner.variables:
                yield name, (expression, owner, at[:depth])

    def _variable(
        self, name: str, expression: Expression, owner: Item | None, at: At, outer: Mapping[str, Any]
    ) -> list[Any]:
        key = f"{name} {place(owner.link_id, at) if owner else ''}"
        held = self.names.setdefault(key, {})
        if "value" not in held:
            focus = self._focus(owner, at) if owner else self.built.resource
            names = {**self.base, **outer, "context": focus}
            if owner is not None:
                names["qitem"] = expressions.node(owner.raw, "Questionnaire.item")
            held["value"] = expression.nodes(focus, names)
        found: list[Any] = held["value"]
        return found


def _typed(item: Item, raw: Any) -> Value:
    """A result as the item's type has it. ValueError when it has none such."""
    if item.is_choice:
        is_own = item.type == "open-choice" and isinstance(raw, str) and item.option(raw) is None
        if is_own:
            return Other(raw)  # a calculation may well give a blank
        return value_of(item, {"valueCoding": raw} if isinstance(raw, dict) else _offered(raw))
    if item.type in _NUMBERS and isinstance(raw, int | float | Decimal) and not isinstance(raw, bool):  # fmt: skip
        number = Decimal(str(raw))
        if not number.is_finite():
            raise ValueError("not a finite number")
        if item.type == "integer":
            return int(number.quantize(Decimal(1), ROUND_HALF_UP))
        return number if item.type == "decimal" else Quantity(number, item.unit)
    if item.type in _TEXTS:
        return str(raw).lower() if isinstance(raw, bool) else str(raw)
    if item.type in {"date", "dateTime", "time"} and not isinstance(raw, str):
        raw = str(raw)
    return values.read(item.type, raw)


def _offered(raw: Any) -> dict[str, Any]:
    return {"valueInteger" if isinstance(raw, int) else "valueString": raw}
