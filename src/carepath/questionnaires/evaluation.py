"""A questionnaire and a response to it, judged: what is asked, calculated, scored, flagged and wrong. For scripts."""

import json
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from carepath.questionnaires import checking, importing, resource, scoring
from carepath.questionnaires.answers import field_name
from carepath.questionnaires.calculating import State, evaluate
from carepath.questionnaires.definition import Answers, Questionnaire, split, spread
from carepath.questionnaires.scoring import Instrument, Score
from carepath.questionnaires.values import Other, Value, write


def judge(form: Questionnaire, response: Mapping[str, Any], instruments: Sequence[Instrument]) -> dict[str, Any]:
    """`{enabled, calculated, scores, bands, flags, errors}` as JSON. `enabled` are linkIds in form order; `calculated`
    a value by linkId, or a list where there are several; `errors` name item and reason."""
    answers, problems = resource.read(form, response)
    state = evaluate(form, answers)
    scores = scoring.score(form, instruments, checking.prune(form, answers, state), state)
    names = {field_name(item, at): item.link_id for item, at in spread(form.items, answers)}
    missing = checking.problems(form, answers, state)
    errors = [{"item": link_id, "message": words} for link_id, words in problems]
    errors += [{"item": names.get(name, name), "message": words} for name, words in missing.items()]
    return {
        "questionnaire": form.canonical,
        "enabled": [link_id for link_id in form.by_id if _is_asked(form, link_id, state)],
        "calculated": _calculated(form, state),
        "scores": {one.code: _number(one.value) for one in scores},
        "bands": {one.code: one.band for one in scores},
        "flags": _flags(scores, state),
        "errors": errors,
    }


def _is_asked(form: Questionnaire, link_id: str, state: State) -> bool:
    return link_id in state.asked or any(split(where)[0] == link_id for where in state.asked if "#" in where)


def _calculated(form: Questionnaire, state: State) -> dict[str, Any]:
    found: dict[str, list[Any]] = {}
    for where, given in state.calculated.items():
        found.setdefault(split(where)[0], []).extend(_shown(form, where, one) for one in given)
    return {link_id: values[0] if len(values) == 1 else values for link_id, values in found.items()}


def _shown(form: Questionnaire, where: str, value: Value) -> Any:
    if isinstance(value, Other) and value.code:
        return value.code
    option = form.by_id[split(where)[0]].option(str(value))
    return write(value) if option is None else option.code


def _flags(scores: Sequence[Score], state: State) -> list[dict[str, str]]:
    """What a person must know about the scores themselves."""
    found = [{"code": "score-unavailable", "item": where, "message": why} for where, why in state.unavailable.items()]
    for one in scores:
        if one.is_unavailable:
            found.append(
                {"code": "score-unavailable", "item": one.code, "message": "the calculation gave no usable value"}
            )
        elif one.value is None:
            words = f"{one.answered} of {one.items} items answered"
            found.append({"code": "score-incomplete", "item": one.code, "message": words})
    return found


def _number(value: Decimal | None) -> float | int | None:
    if value is None:
        return None
    return int(value) if value == value.to_integral_value() else float(value)


def answers_of(form: Questionnaire, response: Mapping[str, Any]) -> Answers:
    """What can be read of a response."""
    return resource.read(form, response)[0]


def judge_text(questionnaire: Mapping[str, Any], response: Mapping[str, Any], instruments: Sequence[Instrument]) -> dict[str, Any]:  # fmt: skip
    """As `judge`, for a questionnaire that is JSON; one that is refused answers `{grade, reasons}`."""
    taken = importing.grade(questionnaire)
    if taken.form is None:
        return {"error": "the questionnaire is refused", "grade": taken.grade, "reasons": list(taken.reasons)}
    return judge(taken.form, response, instruments) | {"grade": taken.grade}


def report(taken: importing.Imported) -> dict[str, Any]:
    """A grade as JSON."""
    return {
        "grade": taken.grade,
        "questionnaire": taken.form.canonical if taken.form else None,
        "title": taken.form.title if taken.form else None,
        "items": len(taken.form.by_id) if taken.form else 0,
        "warnings": [{"item": one.item, "message": one.words} for one in taken.warnings],
        "reasons": list(taken.reasons),
        "notes": list(taken.notes),
    }


def dump(found: Mapping[str, Any]) -> str:
    """One line of JSON."""
    return json.dumps(found, ensure_ascii=False, default=str)
