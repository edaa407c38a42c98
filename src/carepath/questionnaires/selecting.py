"""The commonest part of an expression, done natively: picking items of the response by their linkId.

`%resource.descendants().where(linkId = 'a')` walks the whole response in the library, once for each expression. Here
such a path becomes a name whose value is looked up. That also says what an expression looks at, so that it runs
again only when one of those has changed.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

_TEXT = r"'[^'\\]*'"
_TEST = rf"\s*linkId\s*=\s*{_TEXT}\s*"
_PATH = re.compile(
    rf"""%resource(?P<level>(?:\.item)+|\.descendants\(\))\.where\(
        (?:(?P<equal>{_TEST}(?:or{_TEST})*)
          |\s*linkId\.startsWith\(\s*(?P<start>{_TEXT})\s*\)\s*
          |\s*linkId\s+in\s+\((?P<among>\s*{_TEXT}\s*(?:\|\s*{_TEXT}\s*)*)\)\s*)\)""",
    re.VERBOSE,
)
# Anything else that can reach into the response, or starts from the item itself.
_OPEN = re.compile(
    r"%`?(?:resource|questionnaire|context|qitem)\b|\b(?:item|children|descendants|repeat|linkId)\b|\$this\.(?:answer|item)|(?<!\.)\banswer\b"
)


@dataclass(frozen=True, slots=True)
class Selector:
    """Items with one of `ids`, or whose linkId begins with `start`; at `depth` below the response, or anywhere (0)."""

    depth: int
    ids: frozenset[str]
    start: str = ""

    def fits(self, link_id: str) -> bool:
        """Is this one of those picked, as far as its name goes?"""
        return link_id in self.ids or (bool(self.start) and link_id.startswith(self.start))


def extract(text: str) -> tuple[str, dict[str, Selector]]:
    """`text` with its paths replaced by names, and what each name picks."""
    found: dict[str, Selector] = {}

    def name(path: re.Match[str]) -> str:
        depth = path["level"].count(".item")
        texts = re.findall(_TEXT, path["equal"] or path["among"] or "")
        start = path["start"][1:-1] if path["start"] else ""
        found[f"_picked{len(found)}"] = Selector(depth, frozenset(one[1:-1] for one in texts), start)
        return f"%_picked{len(found) - 1}"

    return _PATH.sub(name, text), found


def is_closed(rest: str) -> bool:
    """Does what is left of an expression look at nothing but the names in it?"""
    return _OPEN.search(re.sub(_TEXT, "''", rest)) is None


class Index:
    """The items of a response by linkId, as `descendants()` meets them: level by level."""

    def __init__(self, response: Mapping[str, Any]) -> None:
        self.found = sorted(_items(response, 1, 1), key=lambda one: one[0])

    def pick(self, selector: Selector) -> list[dict[str, Any]]:
        """The items that a selector picks."""
        return [
            node for _reach, depth, node in self.found if selector.fits(node["linkId"]) and selector.depth in {0, depth}
        ]


def _items(node: Mapping[str, Any], reach: int, depth: int) -> Iterator[tuple[int, int, dict[str, Any]]]:
    """(steps from the root, depth by `.item` alone or -1, item)."""
    for one in node.get("item", ()):
        yield reach, depth, one
        for answer in one.get("answer", ()):
            yield from _items(answer, reach + 2, -1)
        yield from _items(one, reach + 1, depth + 1 if depth > 0 else -1)
