"""FHIRPath, compiled at load and bounded in time. Our own `weight()` and `sum()`: the library's sum of nothing is 0,
which would turn an unanswered depression questionnaire into "no depression"."""

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from functools import cache
from typing import Any

import re2
from antlr4 import CommonTokenStream, InputStream  # type: ignore[import-untyped]
from antlr4.error.ErrorListener import ErrorListener  # type: ignore[import-untyped]
from fhirpathpy import compile as compile_path
from fhirpathpy.engine.nodes import ResourceNode
from fhirpathpy.models import models
from fhirpathpy.parser.generated.FHIRPathLexer import FHIRPathLexer
from fhirpathpy.parser.generated.FHIRPathParser import FHIRPathParser

from carepath.questionnaires.selecting import Index, Selector, extract, is_closed
from carepath.questionnaires.watch import bounded

_MAX_LENGTH = 4000
_FORBIDDEN = ("memberOf", "resolve(", "x-fhir-query", "trace(")
_ITEM = "QuestionnaireResponse.item"
_WEIGHTS = ("itemWeight", "ordinalValue")
# The library keeps "now" in a module-wide variable while it evaluates.
_one_at_a_time = threading.Lock()


class ScoreUnavailableError(Exception):
    """An expression failed. The score is shown as unavailable; it is never a silent gap."""


def plain(node: Any) -> Any:
    """The data of a node."""
    return getattr(node, "data", node)


def node(data: Mapping[str, Any], path: str) -> Any:
    """Data with its FHIR type, as the library's own paths carry it: without it `answer.value` finds nothing."""
    return ResourceNode.create_node(data, path)


def _weight(nodes: list[Any]) -> list[Decimal]:
    weights = []
    for one in map(plain, nodes):
        if isinstance(one, dict):
            coding = one.get("valueCoding", one)
            weights += [
                Decimal(str(e["valueDecimal"]))
                for e in (*coding.get("extension", []), *one.get("extension", []))
                if str(e.get("url", "")).endswith(_WEIGHTS) and "valueDecimal" in e
            ][:1]
    return weights


def _sum(nodes: list[Any]) -> list[Decimal]:
    return [sum((Decimal(str(plain(n))) for n in nodes), Decimal(0))] if nodes else []


def _round(nodes: list[Any], digits: int | list[Any] = 0) -> list[Decimal]:
    """Half away from zero, as published cut-offs and FHIRPath mean it; the library rounds half to even."""
    if not nodes:
        return []
    if len(nodes) > 1:
        raise ValueError("round() takes one number")
    exact = Decimal(str(plain(nodes[0])))
    found = exact.quantize(Decimal(1).scaleb(-int(digits or 0)), ROUND_HALF_UP)  # type: ignore[arg-type]
    return [found.quantize(Decimal(1)) if found == found.to_integral_value() else found.normalize()]


def _power(nodes: list[Any], exponent: Any) -> list[Decimal]:
    """The library knows whole exponents only, and gives nothing for others, without a word."""
    if not nodes:
        return []
    if len(nodes) > 1:
        raise ValueError("power() takes one number")
    base, by = Decimal(str(plain(nodes[0]))), Decimal(str(plain(exponent)))
    is_none = base < 0 and by != by.to_integral_value()
    return [] if is_none else [base**by]


class _Strict(ErrorListener):
    """The library's own parser mends a typing error in silence: `1 + ) 2` gives 3 and `1 2` gives 1."""

    def syntaxError(self, recognizer: Any, symbol: Any, line: int, column: int, reason: str, problem: Any) -> None:  # noqa: N802
        raise ValueError(f"the expression is wrong at character {column + 1}: {reason}")


@cache  # many questions ask by the same words, and to parse them is most of what reading a questionnaire takes
def _check_syntax(text: str) -> None:
    lexer = FHIRPathLexer(InputStream(text))
    parser = FHIRPathParser(CommonTokenStream(lexer))
    for one in (lexer, parser):
        one.removeErrorListeners()
        one.addErrorListener(_Strict())
    parser.entireExpression()


_TABLE = {
    "weight": {"fn": _weight, "arity": {0: []}},
    "ordinal": {"fn": _weight, "arity": {0: []}},
    "sum": {"fn": _sum, "arity": {0: []}},
    "power": {"fn": _power, "arity": {1: ["Number"]}},
    "round": {"fn": _round, "arity": {0: [], 1: ["Integer"]}},
}


@cache
def _compiled(text: str) -> Callable[..., list[Any]]:
    return compile_path(text, models["r4"], {"userInvocationTable": _TABLE, "returnRawData": True})


@dataclass(frozen=True, slots=True)
class Expression:
    """A compiled expression over a QuestionnaireResponse. `picks` are the items that it takes by linkId; when it
    `is_closed`, it looks at nothing but those and its variables."""

    text: str
    run: Callable[..., list[Any]]
    picks: Mapping[str, Selector]
    is_closed: bool

    @classmethod
    def compiled(cls, text: str) -> "Expression":
        """Compile. ValueError when it is too long, reaches outside, or is not FHIRPath."""
        if not text.strip() or len(text) > _MAX_LENGTH:
            raise ValueError(f"an expression has 1 to {_MAX_LENGTH} characters")
        for word in _FORBIDDEN:
            if word in text:
                raise ValueError(f"{word.rstrip('(')} is not allowed in an expression")
        try:
            _check_syntax(text)
            rest, picks = extract(text)
            return cls(text, _compiled(rest), picks, is_closed(rest))
        except ValueError:
            raise
        except Exception as problem:
            raise ValueError(f"the expression does not compile: {type(problem).__name__}") from None

    def nodes(self, focus: Any, names: Mapping[str, Any], index: Index | None = None) -> list[Any]:
        """What it gives, with types. `index` is that of names["resource"], when it is at hand.

        ScoreUnavailableError when it fails or takes too long.
        """
        try:
            if self.picks:
                found = index or Index(names["resource"])
                names = {
                    **names,
                    **{name: [node(one, _ITEM) for one in found.pick(s)] for name, s in self.picks.items()},
                }
            with _one_at_a_time, bounded():
                return list(self.run(focus, dict(names)))
        except Exception as problem:
            raise ScoreUnavailableError(f"{type(problem).__name__} in {self.text!r}") from None

    def values(self, focus: Any, names: Mapping[str, Any], index: Index | None = None) -> list[Any]:
        """What it gives, as plain data."""
        return [plain(one) for one in self.nodes(focus, names, index)]


@dataclass(frozen=True, slots=True)
class Pattern:
    """A regular expression of a form, run by RE2: linear in the text, whatever the pattern."""

    text: str
    run: Any

    @classmethod
    def compiled(cls, text: str) -> "Pattern":
        """Compile. ValueError for what RE2 does not know (look-around, back-references)."""
        if not text or len(text) > 500:
            raise ValueError("a regex has 1 to 500 characters")
        options = re2.Options()
        options.log_errors, options.max_mem = False, 1 << 20
        try:
            return cls(text, re2.compile(text, options))
        except re2.error:
            raise ValueError("this regex is not supported (no look-around, no back-references)") from None

    def fits(self, text: str) -> bool:
        """Does the whole text match?"""
        return self.run.fullmatch(text) is not None
