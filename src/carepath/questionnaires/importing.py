"""Takes in questionnaires that others wrote: a form is taken whole, taken with every loss listed, or refused.

The cleaned copy holds only what the engine acts on; it can be put into config/questionnaires as it is.
"""

import copy
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from carepath.kit.errors import ConfigProblem
from carepath.kit.words import _
from carepath.questionnaires import reading, structure, vocabulary
from carepath.questionnaires.cleaning import ItemCleaner
from carepath.questionnaires.definition import Questionnaire

MOST_BYTES = 2_000_000
MOST_ITEMS = 2000
_MOST_DEPTH = 20
_ROOT_KEYS = frozenset(
    {"resourceType", "id", "url", "version", "name", "title", "status", "subjectType", "copyright", "description"}
    | {"publisher", "date", "purpose", "code", "item", "contained", "extension", "identifier", "language"}
)
_ROOT_EXTENSIONS = frozenset({vocabulary.VARIABLE, vocabulary.CALCULATED, vocabulary.LAUNCH})


@dataclass(frozen=True, slots=True)
class Loss:
    """Something that is lost. `item` is a linkId, or "" for the whole form."""

    item: str
    words: str


@dataclass(frozen=True, slots=True)
class Imported:
    """`grade` is full, degraded (every loss in `warnings`) or refused (`reasons`, and no form).

    `notes` say what was filled in that nobody answers: a name, a version.
    """

    grade: str
    warnings: tuple[Loss, ...]
    reasons: tuple[str, ...]
    form: Questionnaire | None
    notes: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        """The cleaned form as a file of config/questionnaires holds it; "" when it is refused."""
        return json.dumps(self.form.resource, indent=2, ensure_ascii=False) + "\n" if self.form else ""


def take(text: str) -> Imported:
    """Grade a questionnaire. Never raises, whatever `text` is."""
    if len(text) > MOST_BYTES:
        return _refused(_("The file is larger than {n} bytes.").format(n=MOST_BYTES))
    try:
        return grade(reading.resource_of(text, _("this file")))
    except ConfigProblem as problem:
        return _refused(str(problem))


def grade(resource: Mapping[str, Any]) -> Imported:
    """Grade a questionnaire that is JSON already; `resource` is left as it is."""
    size = _size(resource.get("item"), 1)
    if size is None or size > MOST_ITEMS:
        return _refused(_("A form has at most {n} questions, {d} levels deep.").format(n=MOST_ITEMS, d=_MOST_DEPTH))
    cleaner = _Cleaner(vocabulary.contained(resource))
    try:
        cleaned = cleaner.form(copy.deepcopy(dict(resource)))
        form = reading.build(cleaned, _("this file"), is_lenient=True)
    except ConfigProblem as problem:
        return Imported("refused", tuple(cleaner.warnings), (str(problem),), None)
    except (ArithmeticError, AttributeError, KeyError, TypeError, ValueError) as problem:
        return Imported(
            "refused", tuple(cleaner.warnings), (_("This cannot be read: {why}").format(why=problem),), None
        )
    cleaner.warnings += [Loss(*one) for one in _never_met(form)]
    return Imported("degraded" if cleaner.warnings else "full", tuple(cleaner.warnings), (), form, tuple(cleaner.notes))


def file_name(form: Questionnaire) -> str:
    """What the file of a form is called in config/questionnaires: the last word of its canonical, in plain letters."""
    last = form.url.rstrip("/").rpartition("/" if "/" in form.url else ":")[2]
    return re.sub(r"[^a-z0-9]+", "-", last.lower()).strip("-")[:60] or "questionnaire"


def _refused(reason: str) -> Imported:
    return Imported("refused", (), (reason,), None)


def _size(items: object, depth: int) -> int | None:
    """How many items, or None when they are nested too deeply."""
    if not isinstance(items, list):
        return 0
    if depth > _MOST_DEPTH:
        return None
    total = len(items)
    for one in items:
        inner = _size(one.get("item"), depth + 1) if isinstance(one, dict) else 0
        if inner is None:
            return None
        total += inner
    return total


def _never_met(form: Questionnaire) -> Iterator[tuple[str, str]]:
    for item in form.by_id.values():
        for one in item.conditions:
            asked = form.by_id[one.question]
            if asked.type in {"group", "display"} or not structure.can_answer(asked, one):
                yield (
                    item.link_id,
                    _("A condition asks {question} for an answer that it never has; mend it before use.").format(
                        question=one.question
                    ),
                )


@dataclass(slots=True)
class _Cleaner:
    lists: Mapping[str, list[dict[str, Any]]]
    warnings: list[Loss] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def warn(self, item: str, words: str) -> None:
        """Note a loss, once."""
        one = Loss(item, words)
        if one not in self.warnings:
            self.warnings.append(one)

    def form(self, raw: dict[str, Any]) -> dict[str, Any]:
        """The whole resource, cleaned."""
        kept = {key: value for key, value in raw.items() if key in _ROOT_KEYS}
        for key in raw.keys() - _ROOT_KEYS - {"text", "meta", "contact", "useContext", "jurisdiction", "derivedFrom"}:
            if not key.startswith("_") and key not in {
                "experimental",
                "approvalDate",
                "lastReviewDate",
                "effectivePeriod",
            }:
                self.warn("", _("{key} of the form is not used.").format(key=key))
        self._name(kept)
        self._extensions(kept)
        if "contained" in kept:
            kept["contained"] = self._contained(kept["contained"])
            if not kept["contained"]:
                del kept["contained"]
        cleaner = ItemCleaner(self.lists, self.warn)
        items = kept.get("item")
        if isinstance(items, list):
            kept["item"] = [one for raw_item in items if (one := cleaner.item(raw_item)) is not None]
        return kept

    def _name(self, kept: dict[str, Any]) -> None:
        """url, version, title and status, which a response is pinned to and people read."""
        if not isinstance(kept.get("title"), str) or not kept["title"].strip():
            kept["title"] = str(kept.get("name") or kept.get("id") or _("Questionnaire"))
            self.notes.append(_("The form has no title; its name is shown."))
        kept["title"] = re.sub(r"[|\s]+", " ", kept["title"]).strip() or _("Questionnaire")
        if not isinstance(kept.get("url"), str) or not kept["url"].strip() or "|" in kept["url"]:
            kept["url"] = f"urn:uuid:{uuid5(NAMESPACE_URL, json.dumps(kept, sort_keys=True, default=str))}"
            self.notes.append(_("The form has no canonical address; one was made from its content."))
        if not isinstance(kept.get("version"), str) or not kept["version"].strip() or "|" in kept["version"]:
            kept["version"] = "1"
            self.notes.append(_("The form has no version; it is taken as version 1."))
        if kept.get("status") not in {"draft", "active", "retired", "unknown"}:
            kept["status"] = "unknown"
            self.notes.append(_("The form has no status."))

    def _extensions(self, kept: dict[str, Any]) -> None:
        found = kept.get("extension", [])
        known = []
        for one in found if isinstance(found, list) else []:
            url = one.get("url") if isinstance(one, dict) else None
            if url not in _ROOT_EXTENSIONS:
                continue  # what a form says of itself: nothing that is asked changes by it
            if url != vocabulary.LAUNCH and not ItemCleaner.compiles(one):
                self.warn("", _("A variable of the form cannot be used: {why}").format(why=ItemCleaner.why_not(one)))
                continue
            if url == vocabulary.LAUNCH:
                self.warn("", _("The form expects data of a record system at its start; here it begins empty."))
            known.append(one)
        if known:
            kept["extension"] = known
        else:
            kept.pop("extension", None)

    def _contained(self, found: object) -> list[dict[str, Any]]:
        """The lists of answers that are used; nothing else is kept inside a form."""
        return [
            one
            for one in (found if isinstance(found, list) else [])
            if isinstance(one, dict) and f"#{one.get('id')}" in self.lists
        ]
