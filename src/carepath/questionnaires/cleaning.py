"""One item of a form that somebody else wrote, without what the engine does not do; every loss is said."""

from collections.abc import Callable, Mapping
from typing import Any

from carepath.kit.words import _
from carepath.questionnaires import vocabulary
from carepath.questionnaires.definition import Option
from carepath.questionnaires.expressions import Expression, Pattern
from carepath.questionnaires.items import initial_value

_MARKUP = ("rendering-xhtml", "rendering-markdown", "rendering-style", "rendering-styleSensitive")
_EXPRESSIONS = frozenset({vocabulary.CALCULATED, vocabulary.ENABLE, vocabulary.VARIABLE})
_TEXTS = frozenset({"string", "text", "url"})
_BOUNDED = frozenset({"integer", "decimal", "quantity", "date", "dateTime", "time"})
_PREFILLS = (
    "initialExpression",
    "observationLinkPeriod",
    "answerExpression",
    "candidateExpression",
    "answerOptionsToggle",
)


class ItemCleaner:
    """Cleans items in place. `lists` are the lists of answers inside the form, `warn` takes (linkId, words)."""

    def __init__(self, lists: Mapping[str, list[dict[str, Any]]], warn: Callable[[str, str], None]) -> None:
        self.lists, self.warn = lists, warn

    @staticmethod
    def why_not(extension: Mapping[str, Any]) -> str:
        """Why an expression cannot be used, or ""."""
        found = extension.get("valueExpression")
        if not isinstance(found, dict):
            return _("it is no expression")
        if found.get("language") != "text/fhirpath":
            return _("it is written in {language}").format(language=found.get("language"))
        if extension.get("url") == vocabulary.VARIABLE and not found.get("name"):
            return _("it has no name")
        try:
            Expression.compiled(str(found.get("expression", "")))
        except ValueError as problem:
            return str(problem)
        return ""

    @staticmethod
    def compiles(extension: Mapping[str, Any]) -> bool:
        """Can this expression be used?"""
        return not ItemCleaner.why_not(extension)

    def item(self, raw: Any) -> dict[str, Any] | None:
        """The cleaned item, or None when it is left out."""
        if not isinstance(raw, dict):
            return {"linkId": None}  # refused later, with the reason
        link_id = str(raw.get("linkId"))
        if raw.get("type") in {"attachment", "reference"}:
            self.warn(link_id, _("Files and references are not asked for; this question is left out."))
            return None
        self._keys(raw, link_id)
        self._texts(raw, link_id)
        self._extensions(raw, link_id)
        self._options(raw, link_id)
        self._consistent(raw, link_id)
        self._initial(raw, link_id)
        self._conditions(raw, link_id)
        children = raw.get("item")
        if isinstance(children, list):
            raw["item"] = [one for child in children if (one := self.item(child)) is not None]
            if not raw["item"]:
                del raw["item"]
        return self._without_purpose(raw, link_id)

    def _without_purpose(self, raw: dict[str, Any], link_id: str) -> dict[str, Any] | None:
        if raw.get("type") == "group" and "item" not in raw:
            self.warn(link_id, _("This group is empty; it is left out."))
            return None
        if raw.get("type") != "display" and raw.get("type") != "group" and not str(raw.get("text", "")).strip():
            raw["text"] = str(raw.get("prefix") or link_id)
            self.warn(link_id, _("This question has no text; its number is shown."))
        return raw

    def _keys(self, raw: dict[str, Any], link_id: str) -> None:
        for key in list(raw):
            if key in vocabulary.KEYS:
                continue
            found = raw.pop(key)
            if key in {"_text", "_prefix"}:
                if any(mark in str(found) for mark in _MARKUP):
                    self.warn(link_id, _("Formatted text is shown plain."))
            else:
                self.warn(link_id, _("{key} is not used.").format(key=key))

    def _texts(self, raw: dict[str, Any], link_id: str) -> None:
        for key in ("text", "prefix"):
            if key in raw and not isinstance(raw[key], str):
                del raw[key]
                self.warn(link_id, _("{key} is not used.").format(key=key))

    def _extensions(self, raw: dict[str, Any], link_id: str) -> None:
        found = raw.get("extension")
        if found is None:
            return
        kept = []
        for one in found if isinstance(found, list) else []:
            url = str(one.get("url")) if isinstance(one, dict) else ""
            if url in _EXPRESSIONS and not self.compiles(one):
                self._dropped_expression(raw, link_id, url, self.why_not(one))
            elif url == vocabulary.REGEX and not self._is_pattern(one):
                self.warn(link_id, _("The pattern of the answer cannot be checked safely; any text is taken."))
            elif url in vocabulary.KNOWN:
                kept.append(one)
            elif url not in vocabulary.HARMLESS:
                self._unknown(link_id, url)
        if kept:
            raw["extension"] = kept
        else:
            del raw["extension"]

    def _unknown(self, link_id: str, url: str) -> None:
        name = url.rsplit("/", 1)[-1]
        if any(one in name for one in _PREFILLS):
            self.warn(
                link_id, _("Nothing is filled in or offered from a record system here ({name}).").format(name=name)
            )
        else:
            self.warn(link_id, _("The extension {name} is not used.").format(name=name))

    def _dropped_expression(self, raw: dict[str, Any], link_id: str, url: str, why: str) -> None:
        if url == vocabulary.ENABLE:
            self.warn(link_id, _("Asked always: its condition cannot be used ({why}).").format(why=why))
        elif url == vocabulary.CALCULATED:
            raw["readOnly"] = True  # a person must not be asked to type what the form wants to calculate
            self.warn(link_id, _("Not calculated, score unavailable: {why}").format(why=why))
        else:
            self.warn(link_id, _("A variable cannot be used: {why}").format(why=why))

    @staticmethod
    def _is_pattern(extension: Mapping[str, Any]) -> bool:
        try:
            Pattern.compiled(str(extension.get("valueString", "")))
        except ValueError:
            return False
        return True

    def _options(self, raw: dict[str, Any], link_id: str) -> None:
        """Answers that are offered, or a text where the list would have to be looked up elsewhere."""
        where = raw.get("answerValueSet")
        if where is not None and (where not in self.lists or raw.get("answerOption")):
            del raw["answerValueSet"]
            self.warn(link_id, _("Its list of answers is kept elsewhere and cannot be offered."))
        if raw.get("type") == "string" and isinstance(raw.get("answerOption"), list):
            raw["type"] = "choice"  # as R5 writes it; R4 has choices for that
        offered = [one for one in raw.get("answerOption", []) if self._is_option(one, link_id)] \
            if isinstance(raw.get("answerOption"), list) else []  # fmt: skip
        offered = self._different(offered, link_id)
        if offered:
            raw["answerOption"] = offered
        else:
            raw.pop("answerOption", None)
        has_options = bool(offered) or "answerValueSet" in raw
        if raw.get("type") == "choice" and not has_options:
            raw["type"] = "open-choice"
            self.warn(link_id, _("It offers no answers; it is answered in one's own words."))
        if raw.get("type") not in {"choice", "open-choice"} and offered:
            raw.pop("answerOption")
            self.warn(link_id, _("Answers are offered although it is no choice; they are not shown."))

    def _different(self, offered: list[Any], link_id: str) -> list[Any]:
        """Without answers that cannot be told apart."""
        seen, kept = set[tuple[str, str]](), []
        for one in offered:
            option = vocabulary.option(one, 0)
            if (option.system, option.code) in seen:
                self.warn(link_id, _("The same answer is offered twice; one is left out."))
            else:
                kept.append(one)
            seen.add((option.system, option.code))
        return kept

    def _initial(self, raw: dict[str, Any], link_id: str) -> None:
        """First answers that the question can have."""
        if "initial" not in raw or raw.get("type") in {"group", "display"}:
            return
        where = raw.get("answerValueSet")
        listed = [{"valueCoding": one} for one in self.lists.get(where, [])] if where else raw.get("answerOption", [])
        options = tuple(vocabulary.option(one, n) for n, one in enumerate(listed))
        kept = [one for one in raw["initial"] if _is_initial(one, str(raw.get("type")), options)] \
            if isinstance(raw["initial"], list) else []  # fmt: skip
        if kept != raw["initial"]:
            self.warn(link_id, _("A first answer does not fit the question; it starts without."))
        raw["initial"] = kept
        if not kept:
            del raw["initial"]

    def _is_option(self, one: Any, link_id: str) -> bool:
        try:
            vocabulary.option(one, 0)
        except (ArithmeticError, AttributeError, TypeError, ValueError):
            self.warn(link_id, _("An offered answer cannot be read and is left out."))
            return False
        return True

    def _consistent(self, raw: dict[str, Any], link_id: str) -> None:
        """What would be refused in a form of our own, although it can be asked."""
        kind = raw.get("type")
        for key in ("required", "repeats", "readOnly"):
            if key in raw and not isinstance(raw[key], bool):
                raw[key] = raw[key] == "true"
                self.warn(link_id, _("{key} is not true or false.").format(key=key))
        if kind == "display" and raw.get("item"):
            raw["type"] = kind = "group"  # what stands inside it is asked all the same
        if kind == "display":
            for key in raw.keys() & {"required", "repeats", "readOnly", "initial", "maxLength", "item"}:
                if raw.pop(key):
                    self.warn(link_id, _("A text that is only shown cannot have {key}.").format(key=key))
        if "maxLength" in raw and (kind not in _TEXTS | {"open-choice"} or not _is_length(raw["maxLength"])):
            del raw["maxLength"]
        for url, kinds in ((vocabulary.LOW, _BOUNDED), (vocabulary.HIGH, _BOUNDED), (vocabulary.REGEX, _TEXTS)):
            self._only_for(raw, link_id, url, kinds)
        self._slider(raw)
        if kind in {"group", "display"} and raw.pop("initial", None) is not None:
            self.warn(link_id, _("A group has no first answer."))
        if raw.get("code") is not None and not isinstance(raw["code"], list):
            del raw["code"]

    def _only_for(self, raw: dict[str, Any], link_id: str, url: str, kinds: frozenset[str]) -> None:
        found = raw.get("extension", [])
        if raw.get("type") not in kinds and any(e.get("url") == url for e in found):
            raw["extension"] = [e for e in found if e.get("url") != url]
            self.warn(link_id, _("{name} does not fit a question of this kind.").format(name=url.rsplit("/", 1)[-1]))

    def _slider(self, raw: dict[str, Any]) -> None:
        """A slider without both ends is a plain number box: the same answers, so nothing is lost."""
        found = raw.get("extension", [])
        urls = {e.get("url") for e in found}
        is_whole = raw.get("type") == "integer" and {vocabulary.LOW, vocabulary.HIGH} <= urls
        if not is_whole and any(e.get("url") == vocabulary.CONTROL and "slider" in str(e) for e in found):
            raw["extension"] = [e for e in found if e.get("url") != vocabulary.CONTROL]

    def _conditions(self, raw: dict[str, Any], link_id: str) -> None:
        found = raw.get("enableWhen")
        if isinstance(found, list) and len(found) > 1 and raw.get("enableBehavior") not in {"all", "any"}:
            raw["enableBehavior"] = "any"
            self.warn(link_id, _("It does not say whether all or any of its conditions count; any is taken."))


def _is_initial(one: Any, kind: str, options: tuple[Option, ...]) -> bool:
    try:
        initial_value(one, kind, options)
    except (ArithmeticError, AttributeError, TypeError, ValueError):
        return False
    return True


def _is_length(found: object) -> bool:
    return isinstance(found, int) and not isinstance(found, bool) and 1 <= found <= 5000
