"""Which items are asked, given the answers so far."""

from datetime import date
from decimal import Decimal

from carepath.questionnaires.definition import Answers, Condition, Item, Questionnaire, Value


def enabled(form: Questionnaire, answers: Answers) -> frozenset[str]:
    """LinkIds that are asked. Conditions look backwards only, so one pass in form order is enough;
    an answer of an item that is not asked counts as absent, and children of such an item are not asked."""
    found: set[str] = set()
    for link_id, item in form.by_id.items():
        parent = form.parents[link_id]
        if (not parent or parent in found) and _is_met(item, answers, found):
            found.add(link_id)
    return frozenset(found)


def _is_met(item: Item, answers: Answers, asked: set[str]) -> bool:
    if not item.conditions:
        return True
    met = [_holds(c, answers.get(c.question, ()) if c.question in asked else ()) for c in item.conditions]
    return all(met) if item.behavior == "all" else any(met)


def _holds(condition: Condition, given: tuple[Value, ...]) -> bool:
    """As FHIR says: `exists` asks for presence; on no answer `!=` holds and every comparison fails."""
    if condition.operator == "exists":
        return bool(given) is condition.answer
    if condition.operator == "!=":
        return all(one != condition.answer for one in given)
    return any(_compare(one, condition.operator, condition.answer) for one in given)


def _compare(given: Value, operator: str, wanted: Value) -> bool:
    if operator == "=":
        return given == wanted and isinstance(given, bool) == isinstance(wanted, bool)
    order = _order(given, wanted)
    if order is None:
        return False
    return {">": order > 0, "<": order < 0, ">=": order >= 0, "<=": order <= 0}[operator]


def _order(left: Value, right: Value) -> int | None:
    if isinstance(left, date) and isinstance(right, date):
        return (left > right) - (left < right)
    if isinstance(left, int | Decimal) and isinstance(right, int | Decimal):
        return (left > right) - (left < right)
    if isinstance(left, str) and isinstance(right, str):
        return (left > right) - (left < right)
    return None
