"""Everything that follows from the answers: what is asked, and what is calculated, until nothing changes any more."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal
from functools import cached_property
from typing import Any

from carepath.kit.words import _
from carepath.questionnaires import expressions, resource, values
from carepath.questionnaires.definition import Answers, At, Item, Questionnaire, place, split, spread
from carepath.questionnaires.enablement import enabled
from carepath.questionnaires.expressions import Expression, ScoreUnavailableError
from carepath.questionnaires.resource import Built, value_of
from carepath.questionnaires.selecting import Index
from carepath.questionnaires.values import Other, Quantity, Value

_MOST_ROUNDS = 20
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
    visible: Answers = field(default_factory=dict)
    ran: set[str] = field(default_factory=set)

    def same(self, other: "_Round") -> bool:
        """Has everything come to rest?"""
        return (self.calculated, self.switches) == (other.calculated, other.switches)


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
        if after.same(before):
            return State(asked, after.calculated, after.unavailable)
        before, last = after, before
    return _unsettled(form, own, before, last)


def _rounds(form: Questionnaire) -> int:
    return min(_MOST_ROUNDS, len(form.computed) + len(form.switched) + 2)


def _is_computed(form: Questionnaire, where: str) -> bool:
    item = form.by_id.get(where.partition("#")[0])
    return item is not None and item.calculated is not None


def _round(form: Questionnaire, own: Answers, before: _Round) -> tuple[frozenset[str], _Round]:
    merged = {**own, **before.calculated}
    asked = enabled(form, merged, before.switches)
    visible = {k: v for k, v in merged.items() if k in asked or _is_counter(form, k)}
    changed = {split(k)[0] for k in {*visible, *before.visible} if visible.get(k) != before.visible.get(k)}
    calculation, after = _Calculation(form, visible), _Round(visible=visible)
    for item, at in spread(form.items, own):
        if item.enable is None and item.calculated is None:
            continue
        where = place(item.link_id, at)
        is_asked = where in asked
        key = f"{where} {is_asked}"
        if key in before.ran and not form.needs[item.link_id].is_touched(changed):
            _keep(where, before, after)
        else:
            calculation.run(item, at, is_asked, after)
        after.ran.add(key)
    return asked, after


def _keep(where: str, before: _Round, after: _Round) -> None:
    """Nothing that it looks at has changed."""
    if where in before.calculated:
        after.calculated[where] = before.calculated[where]
    if where in before.switches:
        after.switches[where] = before.switches[where]
    if where in before.unavailable:
        after.unavailable[where] = before.unavailable[where]


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

    def __init__(self, form: Questionnaire, visible: Answers) -> None:
        self.form, self.visible = form, visible
        self.names: dict[str, dict[str, Any]] = {}

    @cached_property
    def built(self) -> Built:
        """The response; only made when an expression runs."""
        return resource.build(self.form, self.visible, "in-progress")

    @cached_property
    def index(self) -> Index:
        """Its items by linkId."""
        return Index(self.built.resource)

    @cached_property
    def base(self) -> dict[str, Any]:
        """The names that every expression knows."""
        known = {"resource": self.built.resource, "questionnaire": self.form.resource}
        return {**known, **{name: [] for name in self.form.contexts}}

    def run(self, item: Item, at: At, is_asked: bool, after: _Round) -> None:
        """Both expressions of an item; nothing is calculated for one that is not asked."""
        if item.enable is not None:
            after.switches[place(item.link_id, at)] = self.holds(item, at, after)
        if item.calculated is not None and is_asked:
            self.calculate(item, at, after)

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
        names = {**self.base, **self._variables(item, at), "context": focus}
        names["qitem"] = expressions.node(item.raw, "Questionnaire.item")
        return expression.values(focus, names, self.index)

    def _focus(self, item: Item, at: At) -> Any:
        found = self.built.nodes.get(place(item.link_id, at), {"linkId": item.link_id})
        return expressions.node(found, _ITEM)

    def _variables(self, item: Item, at: At) -> dict[str, Any]:
        """The variables that the item's expressions need, as declared nearest to it."""
        found: dict[str, Any] = {}
        for name, expression, owner in self.form.needs[item.link_id].variables:
            depth = len(self.form.repeaters[owner.link_id]) + owner.is_repeated_group if owner else 0
            found[name] = self._variable(name, expression, owner, at[:depth], found)
        return found

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
            held["value"] = expression.nodes(focus, names, self.index)
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
