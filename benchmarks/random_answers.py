"""Random responses to any questionnaire, the same for the same seed."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from math import ceil
from random import Random

from carepath.questionnaires.definition import Answers, At, Item, Questionnaire, place
from carepath.questionnaires.values import Other, Quantity, Value

_WORDS = ("burning", "at night", "left arm", "since spring", "Ünal", "a b")


def respond(form: Questionnaire, rng: Random, share: float) -> Answers:
    """Answers to about `share` of all questions; repeated groups have one to three instances."""
    return dict(_level(form.items, (), rng, share))


def _level(items: tuple[Item, ...], at: At, rng: Random, share: float) -> Iterator[tuple[str, tuple[Value, ...]]]:
    for item in items:
        if item.is_repeated_group:
            total = min(rng.randint(1, 3), item.most or 3)
            if total > 1:  # one is what there is without saying so
                yield place(item.link_id, at), (total,)
            for n in range(total):
                yield from _level(item.items, (*at, n), rng, share)
            continue
        if item.is_question and rng.random() < share:
            given = _answer(item, rng)
            if given:
                yield place(item.link_id, at), given
        yield from _level(item.items, at, rng, share)


def _answer(item: Item, rng: Random) -> tuple[Value, ...]:
    if item.is_choice:
        if not item.options:
            return (Other(rng.choice(_WORDS)),)
        many = min(rng.randint(1, 3), len(item.options)) if item.repeats else 1
        chosen = sorted(rng.sample(range(len(item.options)), many))  # in the order in which they are offered
        return tuple(item.options[n].code for n in chosen)
    return (_value(item, rng),)


def _value(item: Item, rng: Random) -> Value:
    match item.type:
        case "boolean":
            return rng.random() < 0.5
        case "integer":
            return rng.randint(*_bounds(item, 0, 20))
        case "decimal":
            return Decimal(rng.randint(*_bounds(item, 0, 2000))) / (
                1 if item.low is not None or item.high is not None else 10
            )
        case "quantity":
            unit = rng.choice(item.units) if item.units else Quantity(Decimal(0), item.unit)
            return Quantity(Decimal(rng.randint(*_bounds(item, 1, 200))), unit.unit, unit.code, unit.system)
        case "date":
            return date(1950, 1, 1) + timedelta(days=rng.randint(0, 28000))
        case "dateTime":
            return datetime(2020, 1, 1, tzinfo=UTC) + timedelta(minutes=rng.randint(0, 3_000_000))
        case "time":
            return time(rng.randint(0, 23), rng.randint(0, 59))
        case "url":
            return f"https://example.org/{rng.randint(0, 99)}"
    return rng.choice(_WORDS)[: item.max_length].strip()


def _bounds(item: Item, low: int, high: int) -> tuple[int, int]:
    ends = [b.value if isinstance(b, Quantity) else b for b in (item.low, item.high)]
    first = ceil(ends[0]) if isinstance(ends[0], int | Decimal) else low
    last = int(str(ends[1]).partition(".")[0]) if isinstance(ends[1], int | Decimal) else max(high, first)
    return min(first, last), last
