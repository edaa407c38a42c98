"""How the items of a form hang together: who is inside what, and in which order it can be told who is asked."""

from datetime import date, time
from decimal import Decimal

from carepath.kit.errors import ConfigProblem
from carepath.questionnaires.definition import Condition, Item, Questionnaire
from carepath.questionnaires.needs import needs_of
from carepath.questionnaires.values import Quantity


def connect(form: Questionnaire, file: str, is_lenient: bool) -> None:
    """Fill in what is derived. ConfigProblem for a condition on nothing, on itself, or in a circle."""
    for link_id, item in form.by_id.items():
        form.repeaters[link_id] = _around(form, link_id)
        if item.calculated is not None:
            form.computed.append(link_id)
        if item.enable is not None:
            form.switched.append(link_id)
        if item.calculated is not None or item.enable is not None:
            form.needs[link_id] = needs_of(form, item)
        for one in item.conditions:
            _check(form, item, one, file, is_lenient)
    form.order.extend(_sorted(form, file))


def _around(form: Questionnaire, link_id: str) -> tuple[str, ...]:
    found, parent = [], form.parents[link_id]
    while parent:
        if form.by_id[parent].is_repeated_group:
            found.append(parent)
        parent = form.parents[parent]
    return tuple(reversed(found))


def _check(form: Questionnaire, item: Item, one: Condition, file: str, is_lenient: bool) -> None:
    asked = form.by_id.get(one.question)
    if asked is None:
        raise ConfigProblem(file, item.link_id, f"enableWhen names {one.question}, which is not here")
    if not is_lenient and (asked.type in {"group", "display"} or not can_answer(asked, one)):
        raise ConfigProblem(file, item.link_id, f"{one.question} is never answered like that")


def can_answer(item: Item, condition: Condition) -> bool:
    """Could this question have an answer of the condition's type (and code)?"""
    value = condition.answer
    if condition.operator == "exists" or item.type == "boolean":
        return isinstance(value, bool)
    if isinstance(value, bool):
        return False
    if item.is_choice:
        return isinstance(value, str) and (item.option(value) is not None or item.type == "open-choice")
    kinds: dict[str, type | tuple[type, ...]] = {
        "integer": (int, Decimal), "decimal": (int, Decimal), "date": (date, str), "dateTime": (date, str),
        "time": time, "quantity": Quantity,
    }  # fmt: skip
    return isinstance(value, kinds.get(item.type, str))


def _sorted(form: Questionnaire, file: str) -> list[str]:
    """Every item after its parent and after the questions that its conditions look at."""
    done: dict[str, None] = {}
    for link_id in form.by_id:
        _visit(form, link_id, done, file)
    return list(done)


def _visit(form: Questionnaire, link_id: str, done: dict[str, None], file: str) -> None:
    """Depth first without recursion: forms are as deep as somebody wrote them."""
    stack = [(link_id, iter(_needs(form, link_id)))]
    path = [link_id]
    if link_id in done:
        return
    while stack:
        current, needs = stack[-1]
        following = next((one for one in needs if one not in done), None)
        if following is None:
            done[current] = None
            stack.pop()
            path.pop()
        elif following in path:
            circle = [*path[path.index(following) :], following]
            raise ConfigProblem(file, following, f"conditions in a circle: {' → '.join(circle)}")
        else:
            stack.append((following, iter(_needs(form, following))))
            path.append(following)


def _needs(form: Questionnaire, link_id: str) -> list[str]:
    parent = form.parents[link_id]
    return ([parent] if parent else []) + [c.question for c in form.by_id[link_id].conditions]
