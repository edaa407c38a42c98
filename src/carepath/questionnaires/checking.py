"""What is missing or wrong in answers that are meant to be complete, and how answers read."""

from collections.abc import Mapping
from dataclasses import dataclass

from carepath.kit.words import _
from carepath.questionnaires.answers import SHOWN, field_name
from carepath.questionnaires.calculating import State, evaluate
from carepath.questionnaires.definition import Answers, At, Item, Questionnaire, count, place, split, spread
from carepath.questionnaires.values import Quantity, Value


def problems(form: Questionnaire, answers: Answers, state: State | None = None) -> dict[str, str]:
    """By field name: what must still be answered, or be answered otherwise, among what is asked."""
    state = state or evaluate(form, answers)
    found: dict[str, str] = {}
    for item, at in spread(form.items, answers):
        if place(item.link_id, at) in state.asked and not item.hidden:
            words = _group(form, item, at, answers) if item.type == "group" else _question(item, at, answers)
            if words:
                found.setdefault(field_name(item, at), words)
    return found


def _question(item: Item, at: At, answers: Answers) -> str | None:
    if not item.is_question:
        return None
    given = answers.get(place(item.link_id, at), ())
    if not given:
        return _("Please answer: {question}").format(question=short(item.text)) if item.required else None
    if len(given) > 1 and any(o.is_exclusive for o in item.options if o.code in given):
        # Not refused when it is parsed: a serious answer beside "none of these" must still be seen and acted on.
        return _("You chose “none” together with something else. Untick one of them.")
    if item.repeats and len(given) < item.fewest:
        return _("Give at least {n} answers.").format(n=item.fewest)
    if item.repeats and item.most is not None and len(given) > item.most:
        return _("Give at most {n} answers.").format(n=item.most)
    return None


def _group(form: Questionnaire, item: Item, at: At, answers: Answers) -> str | None:
    """A required group needs an answer in it; a repeated one its number of instances."""
    if item.is_repeated_group and at[-1] == 0:
        total = count(item, answers, at[:-1])
        if total < item.fewest:
            return _("Add at least {n}: {question}").format(n=item.fewest, question=short(item.text))
    if item.required and not (item.is_repeated_group and at[-1]) and not _has_answer(form, item, answers):
        return _("Please answer: {question}").format(question=short(item.text))
    return None


def _has_answer(form: Questionnaire, group: Item, answers: Answers) -> bool:
    answered = (split(where)[0] for where, given in answers.items() if given)
    return any(form.by_id[one].type != "group" and group.link_id in _above(form, one) for one in answered)


def _above(form: Questionnaire, link_id: str) -> list[str]:
    found = []
    while form.parents[link_id]:
        link_id = form.parents[link_id]
        found.append(link_id)
    return found


def prune(form: Questionnaire, answers: Answers, state: State | None = None) -> Answers:
    """Without the answers of items that are not asked."""
    asked = (state or evaluate(form, answers)).asked
    return {where: given for where, given in answers.items() if where in asked or _counts(form, where, asked)}


def _counts(form: Questionnaire, where: str, asked: frozenset[str]) -> bool:
    link_id, at = split(where)
    return form.by_id[link_id].is_repeated_group and place(link_id, (*at, 0)) in asked


def unasked(form: Questionnaire, answers: Answers, fields: Mapping[str, list[str]]) -> list[str]:
    """Fields that are asked now but were not on the page that sent `fields`: without JavaScript they appear next."""
    if SHOWN not in fields:
        return []
    shown = set(" ".join(fields[SHOWN]).split())
    asked = evaluate(form, answers).asked
    return [
        field_name(item, at)
        for item, at in spread(form.items, answers)
        if item.is_question
        and not item.hidden
        and place(item.link_id, at) in asked
        and field_name(item, at) not in shown
    ]


def short(text: str, most: int = 70) -> str:
    """The beginning of a question, for a list of what is missing."""
    return text if len(text) <= most else text[: most - 1].rstrip() + "…"


def words(item: Item, given: tuple[Value, ...]) -> str:
    """An answer as a person reads it."""

    def one(value: Value) -> str:
        if isinstance(value, bool):
            return _("Yes") if value else _("No")
        if isinstance(value, Quantity):
            return f"{value.value} {value.unit or value.code}".strip()
        option = item.option(str(value)) if item.is_choice else None
        return option.display if option else str(value)

    said = ", ".join(one(value) for value in given)
    unit = "" if item.type == "quantity" else item.unit
    return f"{said} {unit}".strip() if said else _("not answered")


def starting(form: Questionnaire) -> Answers:
    """What a new response holds: the form's own initial answers."""
    return {
        link_id: item.initial
        for link_id, item in form.by_id.items()
        if item.initial and item.is_question and not form.repeaters[link_id]
    }


@dataclass(frozen=True, slots=True)
class Line:
    """One answered question. `where` is its place in the answers; instances of a repeated group are numbered."""

    where: str
    question: str
    number: str
    answer: str

    @property
    def link_id(self) -> str:
        """The item that was answered."""
        return split(self.where)[0]

    @property
    def asked(self) -> str:
        """The question with its number."""
        return self.question + self.number


def placed_lines(form: Questionnaire, answers: Mapping[str, tuple[Value, ...]]) -> list[Line]:
    """Everything answered, in form order."""
    found = []
    for item, at in spread(form.items, answers):
        where = place(item.link_id, at)
        given = answers.get(where, ())
        if given and item.type != "group":
            number = f" ({'.'.join(str(n + 1) for n in at)})" if at else ""
            found.append(Line(where, item.text, number, words(item, given)))
    return found


def lines(form: Questionnaire, answers: Mapping[str, tuple[Value, ...]]) -> list[tuple[str, str]]:
    """(question, answer) of everything answered, in form order; instances of a repeated group are numbered."""
    return [(one.asked, one.answer) for one in placed_lines(form, answers)]
