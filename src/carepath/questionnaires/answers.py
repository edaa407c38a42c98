"""Answers as they come from a form: opaque field names, options by number, everything checked by its type."""

import re
from collections.abc import Iterator, Mapping
from datetime import date, datetime, time
from decimal import Decimal, InvalidOperation
from zoneinfo import ZoneInfo

from carepath.kit.words import _
from carepath.questionnaires import values
from carepath.questionnaires.definition import Answers, At, Item, Questionnaire, count, place, spread
from carepath.questionnaires.values import Other, Quantity, Value

SHOWN, ADD, REMOVE = "shown", "add", "remove"
OTHER = "other"
MOST_INSTANCES = 20
CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufffd\ufffe\uffff\ud800-\udfff]")


def field_name(item: Item, at: At) -> str:
    """The name that an item's answer has in a form."""
    return ".".join((item.field, *map(str, at)))


def parse(
    form: Questionnaire, fields: Mapping[str, list[str]], before: Answers | None = None, zone: str = "UTC"
) -> tuple[Answers, dict[str, str]]:
    """Answers from form fields, and problems by field name.

    Valid answers are taken even beside wrong ones. What the page did not show keeps its value of `before`.
    Times of day with a date are meant in `zone`. A pressed "add" or "remove" changes a repeated group.
    """
    shown = set(" ".join(fields.get(SHOWN, [])).split())
    answers: dict[str, tuple[Value, ...]] = dict(_counters(form, fields, before or {}))
    problems: dict[str, str] = {}
    for item, at in list(spread(form.items, answers)):
        if not item.is_question:
            continue
        name, where = field_name(item, at), place(item.link_id, at)
        given = [] if item.hidden else _given(item, name, fields)
        if not given:
            if before and (item.hidden or name not in shown) and where in before:
                answers[where] = before[where]
            continue
        try:
            answers[where] = _values(item, given, zone)
        except ValueError as problem:
            problems[name] = str(problem)
    return _pressed(form, fields, answers), problems


def left_alone(form: Questionnaire, before: Answers, answers: Answers, problems: Mapping[str, str]) -> Answers:
    """`answers` as they are kept: what could not be read leaves the answer that was there before.

    With an instance of a repeated group added or taken out, places in groups mean others than before, and nothing is
    put back there.
    """
    groups = [place(i.link_id, at[:-1]) for i, at in spread(form.items, answers) if i.is_repeated_group]
    is_same = all(before.get(where) == answers.get(where) for where in groups)
    unread = {}
    for item, at in spread(form.items, answers):
        where = place(item.link_id, at)
        if field_name(item, at) in problems and where in before and (is_same or not at):
            unread[where] = before[where]
    return {**answers, **unread}


def _given(item: Item, name: str, fields: Mapping[str, list[str]]) -> list[str]:
    """What was sent for one item. Its unit or its own words stand in a field beside it."""
    given = [text for text in fields.get(name, []) if text.strip()]
    beside = next((text for text in fields.get(f"{name}.{OTHER}", []) if text.strip()), "")
    if item.type == "open-choice" and (beside and (OTHER in given or not given or not item.options)):
        return [*(text for text in given if text != OTHER), f"{OTHER}:{beside}"]
    if item.type == "open-choice":
        return [text for text in given if text != OTHER]
    if item.type == "quantity" and given and len(item.units) > 1:
        return [f"{text} {beside or 0}" for text in given]
    return given


def _counters(
    form: Questionnaire, fields: Mapping[str, list[str]], before: Answers
) -> Iterator[tuple[str, tuple[int]]]:
    """How many instances each repeated group has: as the page says, or as it was."""
    known: dict[str, tuple[Value, ...]] = {}

    def level(items: tuple[Item, ...], at: At) -> Iterator[tuple[str, tuple[int]]]:
        for item in items:
            if item.is_repeated_group:
                where = place(item.link_id, at)
                total = _counted(fields.get(f"{field_name(item, at)}.n", []), count(item, before, at), item)
                known[where] = (total,)
                if total > 1 or where in before:
                    yield where, (total,)
                for n in range(total):
                    yield from level(item.items, (*at, n))
            else:
                yield from level(item.items, at)

    yield from level(form.items, ())


def _counted(sent: list[str], held: int, item: Item) -> int:
    most = min(item.most or MOST_INSTANCES, MOST_INSTANCES)
    number = int(sent[0]) if sent and re.fullmatch(r"[0-9]{1,3}", sent[0], re.ASCII) else held
    return max(1, min(number, most))


def _pressed(form: Questionnaire, fields: Mapping[str, list[str]], answers: dict[str, tuple[Value, ...]]) -> Answers:
    """Add or remove an instance, when a button for it was pressed."""
    for item, at in list(spread(form.items, answers)):
        if not item.is_repeated_group:
            continue
        name, where = field_name(item, at), place(item.link_id, at[:-1])
        if name in fields.get(REMOVE, []):
            return _without(form, answers, item, at)
        if at[-1] == 0 and field_name(item, at[:-1]) in fields.get(ADD, []):
            total = count(item, answers, at[:-1])
            return {**answers, where: (min(total + 1, item.most or MOST_INSTANCES, MOST_INSTANCES),)}
    return answers


def _without(form: Questionnaire, answers: Answers, group: Item, at: At) -> Answers:
    """Without one instance of a group; those after it move up."""
    kept: dict[str, tuple[Value, ...]] = {}
    for where, given in answers.items():
        link_id, _mark, suffix = where.partition("#")
        spot: At = tuple(map(int, suffix.split("."))) if suffix else ()
        inside = group.link_id in form.repeaters.get(link_id, ()) and spot[: len(at) - 1] == at[:-1]
        if inside and spot[len(at) - 1] == at[-1]:
            continue
        if inside and spot[len(at) - 1] > at[-1]:
            spot = (*spot[: len(at) - 1], spot[len(at) - 1] - 1, *spot[len(at) :])
        kept[place(link_id, spot)] = given
    total = count(group, answers, at[:-1]) - 1
    kept[place(group.link_id, at[:-1])] = (max(1, total),)
    return kept


def _values(item: Item, given: list[str], zone: str) -> tuple[Value, ...]:
    if len(given) > 1 and not item.repeats:
        raise ValueError(_("Give one answer."))
    if item.repeats and not item.is_choice and len(given) == 1:
        given = [line for line in given[0].splitlines() if line.strip()]
    found = tuple(_value(item, text, zone) for text in given)
    if len(set(found)) != len(found):
        raise ValueError(_("The same answer was sent twice."))
    return found


def _value(item: Item, text: str, zone: str) -> Value:
    """One answer of an item's type. ValueError in words for the person."""
    if CONTROL.search(text):
        raise ValueError(_("This contains a character that cannot be stored."))
    match item.type:
        case "choice" | "open-choice":
            return _chosen(item, text)
        case "boolean":
            if text not in {"true", "false"}:
                raise ValueError(_("Choose yes or no."))
            return text == "true"
        case "integer":
            if not re.fullmatch(r"[+-]?[0-9]{1,9}", text.strip(), re.ASCII):
                raise ValueError(_("Enter a whole number."))
            return _within(item, int(text.strip()))
        case "decimal":
            return _within(item, _decimal(text.strip()))
        case "quantity":
            return _within(item, _quantity(item, text))
        case "date" | "dateTime" | "time":
            return _within(item, _moment(item.type, text.strip(), zone))
    return _text(item, text)


def _chosen(item: Item, text: str) -> Value:
    if item.type == "open-choice" and text.startswith(f"{OTHER}:"):
        return Other(_text(item, text.removeprefix(f"{OTHER}:")))
    if not re.fullmatch(r"[0-9]{1,4}", text, re.ASCII) or int(text) >= len(item.options):
        raise ValueError(_("Choose one of the answers offered."))
    return item.options[int(text)].code


def _text(item: Item, text: str) -> str:
    # A browser counts a line break once and sends it as two characters.
    kept = text.replace("\r\n", "\n").strip()
    if len(kept) > item.max_length:
        raise ValueError(_("This can have at most {limit} characters.").format(limit=item.max_length))
    if len(kept) < item.min_length:
        raise ValueError(_("This needs at least {limit} characters.").format(limit=item.min_length))
    if item.pattern is not None and not item.pattern.fits(kept):
        raise ValueError(
            _("Write this as: {format}").format(format=item.format)
            if item.format
            else _("This is not written in the way that is asked for.")
        )
    if item.type == "url" and not re.fullmatch(r"(?i:https?)://[!-~]+", kept):
        raise ValueError(_("Enter an address like https://example.org."))
    return kept


def _decimal(text: str) -> Decimal:
    if not re.fullmatch(r"[+-]?[0-9]{1,9}([.,][0-9]{1,6})?", text, re.ASCII):
        raise ValueError(_("Enter a number, for example 36.5."))
    try:
        return Decimal(text.replace(",", "."))
    except InvalidOperation:
        raise ValueError(_("Enter a number, for example 36.5.")) from None


def _quantity(item: Item, text: str) -> Quantity:
    number, _space, unit = text.strip().partition(" ")
    value = _decimal(number)
    if not item.units:
        return Quantity(value, item.unit)
    if not re.fullmatch(r"[0-9]{0,3}", unit, re.ASCII) or int(unit or 0) >= len(item.units):
        raise ValueError(_("Choose one of the units offered."))
    chosen = item.units[int(unit or 0)]
    return Quantity(value, chosen.unit, chosen.code, chosen.system)


_MOMENTS = {
    "date": (r"[12][0-9]{3}-[0-9]{2}-[0-9]{2}", _("Enter a date like 2026-12-01.")),
    "dateTime": (r"[12][0-9]{3}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}(:[0-9]{2})?", _("Enter a date and a time.")),
    "time": (r"[0-9]{2}:[0-9]{2}(:[0-9]{2})?", _("Enter a time like 09:30.")),
}


def _moment(kind: str, text: str, zone: str) -> date | datetime | time:
    shape, words = _MOMENTS[kind]
    try:
        if not re.fullmatch(shape, text, re.ASCII):
            raise ValueError
        if kind == "date":
            return date.fromisoformat(text)
        if kind == "time":
            return time.fromisoformat(text)
        local = datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone))
        return datetime.fromisoformat(local.isoformat())  # a fixed offset, as it is stored
    except ValueError:
        raise ValueError(words) from None


def _within(item: Item, given: Value) -> Value:
    bounded = given.value if isinstance(given, Quantity) else given
    low, high = (b.value if isinstance(b, Quantity) else b for b in (item.low, item.high))
    is_low = low is not None and values.order(bounded, low) == -1
    is_high = high is not None and values.order(bounded, high) == 1
    if is_low or is_high:
        if low is not None and high is not None:
            raise ValueError(_("Enter a number from {low} to {high}.").format(low=low, high=high))
        limit = _("at least {low}").format(low=low) if is_low else _("at most {high}").format(high=high)
        raise ValueError(_("This must be {limit}.").format(limit=limit))
    return given
