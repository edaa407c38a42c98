"""Questionnaires for tests: those of config/, and small ones made on the spot."""

import json
from functools import cache
from pathlib import Path
from typing import Any

from carepath.questionnaires import reading, service
from carepath.questionnaires.definition import Answers, Item, Questionnaire
from carepath.questionnaires.service import Library

CONFIG = Path(__file__).parents[2] / "config"
BASE = "https://carepath.example/Questionnaire/"


@cache
def library() -> Library:
    """Everything in config/questionnaires."""
    return service.load_files(CONFIG)


def configured(name: str) -> Questionnaire:
    """One of config/."""
    return library().forms[BASE + name]


def made(*items: dict[str, Any], **changes: object) -> Questionnaire:
    """A questionnaire of these items."""
    return reading.parse(text(*items, **changes), "test.json")


def text(*items: dict[str, Any], **changes: object) -> str:
    """Its JSON."""
    resource = {
        "resourceType": "Questionnaire",
        "url": BASE + "test",
        "version": "1",
        "title": "A test",
        "status": "active",
        "item": list(items),
    }
    return json.dumps(resource | changes)


def item(link_id: str, kind: str = "boolean", **more: object) -> dict[str, Any]:
    """An item with a text."""
    return {"linkId": link_id, "type": kind, "text": f"Question {link_id}", **more}


def option(code: str, **extension: object) -> dict[str, Any]:
    """An answerOption."""
    found: dict[str, Any] = {"valueCoding": {"code": code, "display": code.title()}}
    if extension:
        found["extension"] = [extension]
    return found


def when(question: str, operator: str, **answer: object) -> dict[str, Any]:
    """An enableWhen."""
    return {"question": question, "operator": operator, **answer}


def as_fields(form: Questionnaire, answers: Answers) -> dict[str, list[str]]:
    """What a browser sends for these answers."""
    return {
        form.by_id[link_id].field: [_sent(form.by_id[link_id], v) for v in given] for link_id, given in answers.items()
    }


def _sent(item: Item, value: object) -> str:
    if item.type == "choice":
        return str([o.code for o in item.options].index(str(value)))
    return str(value).lower() if isinstance(value, bool) else str(value)


def phq9(*points: int) -> Answers:
    """PHQ-9 answers worth these points, from item 1 on."""
    form = configured("phq-9")
    return {f"phq9.q{n}": (form.by_id[f"phq9.q{n}"].options[p].code,) for n, p in enumerate(points, start=1)}
