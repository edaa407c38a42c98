"""Answers out of and into a FHIR QuestionnaireResponse."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from carepath.kit.words import _
from carepath.questionnaires import values
from carepath.questionnaires.definition import Answers, At, Item, Questionnaire, count, place
from carepath.questionnaires.values import KEYS, Other, Value


@dataclass(slots=True)
class Built:
    """A QuestionnaireResponse, and its node at every place that has one."""

    resource: dict[str, Any]
    nodes: dict[str, dict[str, Any]] = field(default_factory=dict)


def to_resource(form: Questionnaire, answers: Answers, status: str) -> dict[str, Any]:
    """A QuestionnaireResponse. Option weights are copied into the answers, where scores read them."""
    return build(form, answers, status).resource


def build(form: Questionnaire, answers: Answers, status: str) -> Built:
    """As `to_resource`, with the nodes that expressions of single items start from."""
    built = Built(
        {"resourceType": "QuestionnaireResponse", "questionnaire": form.canonical, "status": status, "item": []}
    )
    built.resource["item"] = _nodes(form.items, (), answers, built)
    return built


def _nodes(items: tuple[Item, ...], at: At, answers: Answers, built: Built) -> list[dict[str, Any]]:
    found = []
    for item in items:
        if item.is_repeated_group:
            found += _instances(item, at, answers, built)
            continue
        node = _node(item, at, answers, built)
        if len(node) > 1:
            found.append(node)
    return found


def _instances(item: Item, at: At, answers: Answers, built: Built) -> list[dict[str, Any]]:
    """Every instance, also an empty one when there are several: the person has opened it and will fill it in."""
    total = count(item, answers, at)
    nodes = []
    for n in range(total):
        node: dict[str, Any] = {"linkId": item.link_id}
        built.nodes[place(item.link_id, (*at, n))] = node
        inner = _nodes(item.items, (*at, n), answers, built)
        if inner:
            node["item"] = inner
        nodes.append(node)
    return nodes if total > 1 or "item" in nodes[0] else []


def _node(item: Item, at: At, answers: Answers, built: Built) -> dict[str, Any]:
    where = place(item.link_id, at)
    node: dict[str, Any] = {"linkId": item.link_id}
    built.nodes[where] = node
    given = answers.get(where, ())
    if given:
        node["answer"] = [_answer(item, value) for value in given]
    inner = _nodes(item.items, at, answers, built) if item.items else []
    if inner:
        # What belongs to an answer stands under it; FHIR has no other place below a question.
        (node["answer"][0] if given else node)["item"] = inner
    return node


def _answer(item: Item, value: Value) -> dict[str, Any]:
    if item.is_choice:
        if isinstance(value, Other):
            coding = {"system": value.system, "code": value.code, "display": value.text}
            return (
                {"valueCoding": {k: v for k, v in coding.items() if v}} if value.code else {"valueString": value.text}
            )
        option = item.option(str(value))
        return dict(option.answer) if option is not None else {"valueCoding": {"code": str(value)}}
    return {KEYS[item.type]: values.write(value)}


def from_resource(form: Questionnaire, resource: Mapping[str, Any]) -> Answers:
    """The answers of a QuestionnaireResponse that `to_resource` made."""
    return read(form, resource)[0]


def read(form: Questionnaire, resource: Mapping[str, Any]) -> tuple[Answers, list[tuple[str, str]]]:
    """Answers of any QuestionnaireResponse, and (linkId, problem) for everything in it that this form does not take."""
    reader = _Reader(form)
    reader.level(resource.get("item", []), (), "")
    return reader.found, reader.problems


class _Reader:
    def __init__(self, form: Questionnaire) -> None:
        self.form = form
        self.found: dict[str, tuple[Value, ...]] = {}
        self.problems: list[tuple[str, str]] = []

    def problem(self, where: str, words: str) -> None:
        self.problems.append((where, words))

    def level(self, nodes: object, at: At, parent: str) -> None:
        """The items of one level."""
        seen: dict[str, int] = {}
        for node in nodes if isinstance(nodes, list) else []:
            link_id = node.get("linkId") if isinstance(node, dict) else None
            item = self.form.by_id.get(link_id) if isinstance(link_id, str) else None
            if item is None:
                self.problem(str(link_id), _("This question is not in the questionnaire."))
            elif self.form.parents[item.link_id] != parent:
                self.problem(item.link_id, _("This question stands at another place in the questionnaire."))
            else:
                self.node(item, node, at, seen)

    def node(self, item: Item, node: Mapping[str, Any], at: At, seen: dict[str, int]) -> None:
        """One item, which may be there before when it is a repeated group."""
        number = seen[item.link_id] = seen.get(item.link_id, -1) + 1
        if item.is_repeated_group:
            if number:
                self.found[place(item.link_id, at)] = (number + 1,)
            self.level(node.get("item"), (*at, number), item.link_id)
            return
        if number:
            self.problem(item.link_id, _("This question was answered twice."))
            return
        self.level(node.get("item"), at, item.link_id)
        answers = node.get("answer") or []
        if isinstance(answers, list) and answers:
            self.answers(item, answers, at)

    def answers(self, item: Item, given: list[Any], at: At) -> None:
        """The answers of one question, with what stands under them."""
        if item.type in {"group", "display"}:
            self.problem(item.link_id, _("This is not a question."))
            return
        kept: list[Value] = []
        for one in given:
            try:
                kept.append(value_of(item, one))
            except ValueError as problem:
                self.problem(item.link_id, str(problem))
            if isinstance(one, dict):
                self.level(one.get("item"), at, item.link_id)
        if len(given) > 1 and not item.repeats:
            self.problem(item.link_id, _("This question takes one answer."))
        if kept:
            self.found[place(item.link_id, at)] = tuple(kept if item.repeats else kept[:1])


def value_of(item: Item, raw: object) -> Value:
    """One answer of a response. ValueError in plain words."""
    if not isinstance(raw, dict):
        raise ValueError(_("This answer cannot be read."))
    if item.is_choice:
        return _chosen(item, raw)
    try:
        return values.read(item.type, raw.get(KEYS[item.type]))
    except ValueError:
        raise ValueError(_("This answer is not of the type that the question has.")) from None


def _chosen(item: Item, raw: Mapping[str, Any]) -> Value:
    coding = raw.get("valueCoding")
    if isinstance(coding, dict):
        wanted, system = str(coding.get("code") or coding.get("display") or ""), str(coding.get("system") or "")
        fitting = [o for o in item.options if wanted in {o.code, o.code.partition("|")[2]}]
        exact = [o for o in fitting if system and o.system == system]
        if fitting and (exact or not system or not any(o.system for o in fitting)):
            return (exact or fitting)[0].code
        if item.type == "open-choice" and not item.options and wanted:
            return Other(str(coding.get("display") or wanted), wanted, system)
    plain = next((v for k, v in raw.items() if k in {"valueString", "valueInteger", "valueDate", "valueTime"}), None)
    if plain is not None and item.option(str(plain)) is not None:
        return str(plain)
    if item.type == "open-choice" and isinstance(plain, str) and plain.strip():
        return Other(plain)
    raise ValueError(_("This answer is not one of those offered."))
