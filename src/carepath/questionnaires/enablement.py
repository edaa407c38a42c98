"""Which items are asked, given the answers so far."""

from collections.abc import Mapping

from carepath.questionnaires import values
from carepath.questionnaires.definition import Answers, At, Condition, Item, Questionnaire, place, spread
from carepath.questionnaires.values import Value

_NOTHING: Mapping[str, bool] = {}


def enabled(form: Questionnaire, answers: Answers, switches: Mapping[str, bool] = _NOTHING) -> frozenset[str]:
    """Places that are asked. An answer of an item that is not asked counts as absent, and what is inside such an
    item is not asked. `switches`: by place, whether an item's enableWhenExpression holds; an unknown one does not.
    """
    places = _instances(form, answers)
    found: set[str] = set()
    for link_id in form.order:
        item, parent = form.by_id[link_id], form.parents[link_id]
        for at in places.get(link_id, ()):
            own = place(link_id, at)
            outer = at[:-1] if item.is_repeated_group else at
            is_inside = not parent or place(parent, outer) in found
            is_switched_on = item.enable is None or switches.get(own, False)
            if is_inside and is_switched_on and _is_met(form, item, outer, answers, found, places):
                found.add(own)
    return frozenset(found)


def _instances(form: Questionnaire, answers: Answers) -> dict[str, list[At]]:
    """Every instance of every item; without repeated groups there is one of each."""
    if not any(form.repeaters.values()):
        return {
            link_id: [()] if not item.is_repeated_group else [] for link_id, item in form.by_id.items()
        }  # fmt: skip
    found: dict[str, list[At]] = {}
    for item, at in spread(form.items, answers):
        found.setdefault(item.link_id, []).append(at)
    return found


def _is_met(
    form: Questionnaire, item: Item, at: At, answers: Answers, asked: set[str], places: Mapping[str, list[At]]
) -> bool:  # fmt: skip
    if not item.conditions:
        return True
    met = []
    for condition in item.conditions:
        given: list[Value] = []
        for where in _nearest(form, item.link_id, condition.question, at, places):
            if where in asked:
                given += answers.get(where, ())
        met.append(_holds(condition, tuple(given)))
    return all(met) if item.behavior == "all" else any(met)


def _nearest(
    form: Questionnaire, link_id: str, question: str, at: At, places: Mapping[str, list[At]]
) -> list[str]:  # fmt: skip
    """Where a condition looks: in the same instance of the groups that both stand in, in every one of the others."""
    mine, theirs = form.repeaters[link_id], form.repeaters[question]
    if not theirs:
        return [question]
    shared = 0
    while shared < min(len(mine), len(theirs), len(at)) and mine[shared] == theirs[shared]:
        shared += 1
    return [place(question, one) for one in places.get(question, ()) if one[:shared] == at[:shared]]


def _holds(condition: Condition, given: tuple[Value, ...]) -> bool:
    """As FHIR says: `exists` asks for presence; on no answer `!=` holds and every comparison fails."""
    if condition.operator == "exists":
        return bool(given) is condition.answer
    if condition.operator == "!=":
        return all(not values.same(one, condition.answer) for one in given)
    return any(_compare(one, condition.operator, condition.answer) for one in given)


def _compare(given: Value, operator: str, wanted: Value) -> bool:
    if operator == "=":
        return values.same(given, wanted)
    order = values.order(given, wanted)
    if order is None:
        return False
    return {">": order > 0, "<": order < 0, ">=": order >= 0, "<=": order <= 0}[operator]
