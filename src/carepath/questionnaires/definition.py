"""A FHIR R4 Questionnaire as plain frozen values. `reading` makes them from JSON."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from carepath.questionnaires.expressions import Expression

Value = str | int | Decimal | bool | date
Answers = Mapping[str, tuple[Value, ...]]


@dataclass(frozen=True, slots=True)
class Option:
    """One offered answer. `weight` is what it adds to a score; an exclusive one ("none of these") stands alone."""

    code: str
    system: str
    display: str
    weight: Decimal | None
    is_exclusive: bool = False


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
    codes: tuple[str, ...] = ()
    required: bool = False
    repeats: bool = False
    read_only: bool = False
    hidden: bool = False
    control: str = ""
    help: str = ""
    unit: str = ""
    max_length: int = 2000
    low: Decimal | None = None
    high: Decimal | None = None
    options: tuple[Option, ...] = ()
    conditions: tuple[Condition, ...] = ()
    behavior: str = "any"
    calculated: Expression | None = None
    items: tuple["Item", ...] = ()

    @property
    def is_question(self) -> bool:
        """Does a person answer it?"""
        return self.type not in {"group", "display"} and self.calculated is None and not self.read_only

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
    by_id: dict[str, Item] = field(default_factory=dict)
    parents: dict[str, str] = field(default_factory=dict)

    @property
    def canonical(self) -> str:
        """What a response is pinned to."""
        return f"{self.url}|{self.version}"


def walk(items: tuple[Item, ...], parent: str = "") -> Iterator[tuple[Item, str]]:
    """Every item with its parent's linkId, depth first."""
    for item in items:
        yield item, parent
        yield from walk(item.items, item.link_id)
