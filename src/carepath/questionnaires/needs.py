"""What the expressions of an item need: variables, and the answers they look at. Worked out once for a form."""

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from carepath.questionnaires.expressions import Expression
from carepath.questionnaires.selecting import Selector

if TYPE_CHECKING:
    from carepath.questionnaires.definition import Item, Questionnaire

_NAME = re.compile(r"%`?([A-Za-z_][A-Za-z0-9_\-]*)")


@dataclass(frozen=True, slots=True)
class Needs:
    """`variables`: (name, expression, the item that declares it or None for the form), outer ones first.
    `looks`: everything that is looked at; None when that cannot be known beforehand."""

    variables: tuple[tuple[str, Expression, "Item | None"], ...]
    looks: tuple[Selector, ...] | None

    def is_touched(self, changed: set[str]) -> bool:
        """Can a change of these items change the outcome?"""
        return self.looks is None or any(one.fits(link_id) for one in self.looks for link_id in changed)


def needs_of(form: "Questionnaire", item: "Item") -> Needs:
    """What an item's expressions need."""
    own = [one for one in (item.enable, item.calculated) if one is not None]
    declared = _declared(form, item)
    wanted: set[str] = set()
    todo = [name for one in own for name in _NAME.findall(one.text)]
    while todo:
        name = todo.pop()
        if name not in wanted:
            wanted.add(name)
            todo += [inner for other, one, _owner in declared if other == name for inner in _NAME.findall(one.text)]
    # A name may be declared again further in; each declaration sees those before it.
    used = tuple(one for one in declared if one[0] in wanted)
    every = [*own, *(expression for _name, expression, _owner in used)]
    looks = tuple(selector for one in every for selector in one.picks.values())
    return Needs(used, looks if all(one.is_closed for one in every) else None)


def _declared(form: "Questionnaire", item: "Item") -> list[tuple[str, Expression, "Item | None"]]:
    """From the form inwards."""
    found: list[tuple[str, Expression, Item | None]] = [(name, one, None) for name, one in form.variables]
    chain = [item.link_id]
    while form.parents[chain[-1]]:
        chain.append(form.parents[chain[-1]])
    for link_id in reversed(chain):
        owner = form.by_id[link_id]
        found += [(name, one, owner) for name, one in owner.variables]
    return found
