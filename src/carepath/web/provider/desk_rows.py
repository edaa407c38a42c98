"""One line of a list on the desk: as it is said, and as it is printed."""

from collections.abc import Iterable
from itertools import chain
from typing import NamedTuple

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


class SafeRow(NamedTuple):
    """A line whose every text is safe in HTML. A tuple, in the order in which provider/rows.html, which escapes nothing,
    takes it apart."""

    href: str
    rail: str
    spark: str
    badges: tuple[tuple[str, str], ...]
    name: str
    why: str
    due: str
    numbers: str
    plan: str
    under: str


def ready(rows: Iterable[DeskRow]) -> tuple[SafeRow, ...]:
    """The lines, safe to print. What people wrote goes through one escape together, and so do the words of badges."""
    said = list(rows)
    texts = iter(escape_all(list(chain.from_iterable(_texts(row) for row in said))))
    return tuple(
        SafeRow(
            row.href, row.rail, row.spark, tuple((next(texts), tone) for _words, tone in row.badges),
            next(texts), next(texts), next(texts), next(texts), next(texts), next(texts),
        )
        for row in said
    )  # fmt: skip


def _texts(row: DeskRow) -> list[str]:
    return [*(words for words, _tone in row.badges), row.name, row.why, row.due, row.numbers, row.plan, row.under]
