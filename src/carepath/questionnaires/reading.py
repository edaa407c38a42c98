"""Reads FHIR R4 Questionnaire JSON. What is not understood is refused with file, item and reason:
a misspelled key would otherwise be a question, a bound or a branch that silently does nothing."""

import hashlib
import json
from collections.abc import Mapping
from typing import Any, TypeGuard

from carepath.kit.errors import ConfigProblem
from carepath.questionnaires import structure, vocabulary
from carepath.questionnaires.definition import Item, Questionnaire, walk
from carepath.questionnaires.items import ItemReader

_LONGEST_ID = 255


def parse(text: str, file: str) -> Questionnaire:
    """Read a resource. ConfigProblem names the file, the item and the reason."""
    return build(resource_of(text, file), file)


def resource_of(text: str, file: str) -> dict[str, Any]:
    """The JSON object of a Questionnaire. ConfigProblem when it is none."""
    try:
        resource = json.loads(text, parse_constant=_no_constant)
    except (ValueError, RecursionError) as problem:
        raise ConfigProblem(file, "", f"this is not JSON: {problem}") from None
    if not isinstance(resource, dict) or resource.get("resourceType") != "Questionnaire":
        raise ConfigProblem(file, "resourceType", "a Questionnaire is needed")
    return resource


def build(resource: dict[str, Any], file: str, is_lenient: bool = False) -> Questionnaire:
    """Read a resource that is JSON already. `is_lenient`: a condition that nothing can meet is let pass."""
    for key in ("url", "version", "title", "status"):
        if not isinstance(resource.get(key), str) or not resource[key] or "|" in resource[key]:
            raise ConfigProblem(file, key, "a text without | is needed")
    reader = _Reader(file, resource)
    items = tuple(reader.item(raw) for raw in reader.objects(resource, "item", "item"))
    if not items:
        raise ConfigProblem(file, "item", "there is no question")
    canonical = json.dumps(resource, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    found = Questionnaire(
        resource["url"], resource["version"], resource["title"], items,
        hashlib.sha256(canonical.encode("utf-8", "surrogatepass")).digest(), resource,
        variables=reader.root_variables(resource), contexts=reader.contexts(resource),
    )  # fmt: skip
    for item, parent in walk(items):
        found.by_id[item.link_id], found.parents[item.link_id] = item, parent
    structure.connect(found, file, is_lenient)
    return found


def _no_constant(name: str) -> None:
    raise ValueError(f"{name} is not a number of JSON")


class _Reader(ItemReader):
    """Reads the items of one file, numbering their form fields."""

    def __init__(self, file: str, resource: Mapping[str, Any]) -> None:
        super().__init__(file, vocabulary.contained(resource))
        self.count, self.seen = 0, set[str]()

    def item(self, raw: dict[str, Any]) -> Item:
        link_id = raw.get("linkId")
        if not is_link_id(link_id):
            raise self.fail(str(link_id), "a linkId is a text of visible characters without #, at most 255 long")
        if link_id in self.seen:
            raise self.fail(link_id, "this linkId is used twice")
        self.seen.add(link_id)
        self.count += 1
        try:
            found = self.read(raw, link_id, f"i{self.count}")
        except (ArithmeticError, AttributeError, KeyError, TypeError, ValueError) as problem:
            raise self.fail(link_id, f"this cannot be read: {problem}") from None
        self.check(found, raw)
        return found

    def root_variables(self, resource: Mapping[str, Any]) -> tuple[tuple[str, Any], ...]:
        """Variables of the whole form."""
        try:
            return self.variables(resource, "extension")
        except (AttributeError, KeyError, TypeError, ValueError) as problem:
            raise self.fail("variable", f"this cannot be read: {problem}") from None

    def contexts(self, resource: Mapping[str, Any]) -> tuple[str, ...]:
        """Names that a launch from a record system would fill; here they hold nothing."""
        found = []
        for one in self.objects(resource, "extension", "extension"):
            if one.get("url") == vocabulary.LAUNCH:
                parts = {e.get("url"): e for e in self.objects(one, "extension", "launchContext")}
                name = parts.get("name", {})
                found.append(str(name.get("valueId") or name.get("valueCoding", {}).get("code", "")))
        return tuple(filter(None, found))


def is_link_id(found: object) -> TypeGuard[str]:
    """Can this name an item?"""
    return (
        isinstance(found, str)
        and 0 < len(found) <= _LONGEST_ID
        and found.strip() == found
        and found.isprintable()
        and "#" not in found
    )
