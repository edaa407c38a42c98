"""One line of a list on the desk: as it is said, and as it is printed."""

from collections.abc import Iterable, Iterator
from itertools import chain, islice
from typing import NamedTuple, NewType

from carepath.web.escaping import escape_all


class DeskRow(NamedTuple):
    """One line of a list: who, why here, by when; `rail` is the color at its edge. `under` are short facts below; `spark`
    is a drawing, ready as it is; `href` and `rail` are ours, made of ids and names of colors."""

    href: str
    name: str
    why: str
    badges: tuple[tuple[str, str], ...]
    due: str
    rail: str
    spark: str = ""
    numbers: str = ""
    plan: str = ""
    under: str = ""


# A line whose every text is safe in HTML: provider/rows.html, which escapes nothing, takes it apart in this order.
SafeRow = NewType("SafeRow", DeskRow)


def ready(rows: Iterable[DeskRow]) -> tuple[SafeRow, ...]:
    """The lines, safe to print. What people wrote goes through one escape together, and so do the words of badges."""
    said = list(rows)
    texts = iter(escape_all(list(chain.from_iterable(_texts(row) for row in said))))
    return tuple(_printed(row, texts) for row in said)


def _printed(row: DeskRow, texts: Iterator[str]) -> SafeRow:
    badges = tuple((next(texts), tone) for _words, tone in row.badges)
    name, why, due, numbers, plan, under = islice(texts, 6)
    return SafeRow(DeskRow(row.href, name, why, badges, due, row.rail, row.spark, numbers, plan, under))


def _texts(row: DeskRow) -> list[str]:
    return [*(words for words, _tone in row.badges), row.name, row.why, row.due, row.numbers, row.plan, row.under]
