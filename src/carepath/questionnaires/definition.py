"""A FHIR R4 Questionnaire as plain frozen values. `reading` makes them from JSON."""

import dataclasses
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from carepath.questionnaires.expressions import Expression, Pattern
from carepath.questionnaires.needs import Needs
from carepath.questionnaires.values import Quantity, Value

# Answers by place: a linkId, or inside a repeated group "linkId#0" in its first instance, "linkId#1.0" when groups
# are nested. The place of a repeated group itself holds how many instances there are.
Answers = Mapping[str, tuple[Value, ...]]
At = tuple[int, ...]
MARK = "#"


def place(link_id: str, at: At = ()) -> str:
    """Where the answers of this item stand, in the instance `at` of the groups around it."""
    return link_id + MARK + ".".join(map(str, at)) if at else link_id


def split(where: str) -> tuple[str, At]:
    """The linkId and the instance of a place."""
    link_id, _mark, at = where.partition(MARK)
    return link_id, tuple(map(int, at.split("."))) if at else ()


@dataclass(frozen=True, slots=True)
class Option:
    """One offered answer. `weight` is what it adds to a score; an exclusive one ("none of these") stands alone.

    `answer` is how a QuestionnaireResponse writes it, with its weight, where scores read it.
    """

    code: str
    system: str
    display: str
    weight: Decimal | None
    is_exclusive: bool = False
    answer: Mapping[str, Any] = dataclasses.field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Condition:
    """`question` `operator` `answer`, as enableWhen says it."""

    question: str
    operator: str
    answer: Value


@dataclass(frozen=True, slots=True)
class Item:
    """One item. `field` is the opaque name its answer has in a form."""

    link_id: str
    type: str
    text: str
    field: str
    prefix: str = ""
    codes: tuple[str, ...] = ()
    required: bool = False
    repeats: bool = False
    read_only: bool = False
    hidden: bool = False
    control: str = ""
    category: str = ""
    help: str = ""
    format: str = ""
    unit: str = ""
    units: tuple[Quantity, ...] = ()
    min_length: int = 0
    max_length: int = 2000
    low: Value | None = None
    high: Value | None = None
    fewest: int = 0
    most: int | None = None
    pattern: Pattern | None = None
    options: tuple[Option, ...] = ()
    initial: tuple[Value, ...] = ()
    conditions: tuple[Condition, ...] = ()
    behavior: str = "any"
    enable: Expression | None = None
    calculated: Expression | None = None
    variables: tuple[tuple[str, Expression], ...] = ()
    items: tuple["Item", ...] = ()
    raw: Mapping[str, Any] = dataclasses.field(default_factory=dict)

    @property
    def is_question(self) -> bool:
        """Does a person answer it?"""
        return self.type not in {"group", "display"} and self.calculated is None and not self.read_only

    @property
    def is_choice(self) -> bool:
        """Are answers offered?"""
        return self.type in {"choice", "open-choice"}

    @property
    def is_repeated_group(self) -> bool:
        """A group that can be there more than once."""
        return self.type == "group" and self.repeats

    def option(self, code: str) -> Option | None:
        """The option with this code."""
        return next((o for o in self.options if o.code == code), None)


@dataclass(frozen=True, slots=True)
class Questionnaire:
    """A version of a questionnaire. `by_id` holds every item in the order of the form."""

    url: str
    version: str
    title: str
    items: tuple[Item, ...]
    sha256: bytes
    resource: dict[str, Any]
    variables: tuple[tuple[str, Expression], ...] = ()
    contexts: tuple[str, ...] = ()
    by_id: dict[str, Item] = dataclasses.field(default_factory=dict)
    parents: dict[str, str] = dataclasses.field(default_factory=dict)
    repeaters: dict[str, tuple[str, ...]] = dataclasses.field(
        default_factory=dict
    )  # the repeated groups around an item
    order: list[str] = dataclasses.field(
        default_factory=list
    )  # every linkId after those that its being asked depends on
    computed: list[str] = dataclasses.field(default_factory=list)  # items with a calculated value
    switched: list[str] = dataclasses.field(default_factory=list)  # items asked when an expression says so
    needs: dict[str, Needs] = dataclasses.field(default_factory=dict)  # of the items in those two

    @property
    def canonical(self) -> str:
        """What a response is pinned to."""
        return f"{self.url}|{self.version}"


def walk(items: tuple[Item, ...], parent: str = "") -> Iterator[tuple[Item, str]]:
    """Every item with its parent's linkId, depth first."""
    for item in items:
        yield item, parent
        yield from walk(item.items, item.link_id)


def count(item: Item, answers: Answers, at: At = ()) -> int:
    """How many instances a repeated group has; one at least."""
    held = answers.get(place(item.link_id, at), ())
    return max(1, held[0]) if held and isinstance(held[0], int) else 1


def spread(items: tuple[Item, ...], answers: Answers, at: At = ()) -> Iterator[tuple[Item, At]]:
    """Every item in every instance that `answers` have of it, with the instance of the item itself, in form order."""
    for item in items:
        if item.is_repeated_group:
            for n in range(count(item, answers, at)):
                yield item, (*at, n)
                yield from spread(item.items, answers, (*at, n))
        else:
            yield item, at
            yield from spread(item.items, answers, at)
