"""FHIRPath, compiled at load and bounded. Our own `weight()` and `sum()`: the library's sum of nothing is 0,
which would turn an unanswered depression questionnaire into "no depression"."""

import threading
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from antlr4 import CommonTokenStream, InputStream  # type: ignore[import-untyped]
from antlr4.error.ErrorListener import ErrorListener  # type: ignore[import-untyped]
from fhirpathpy import compile as compile_path
from fhirpathpy.models import models
from fhirpathpy.parser.generated.FHIRPathLexer import FHIRPathLexer
from fhirpathpy.parser.generated.FHIRPathParser import FHIRPathParser

_MAX_LENGTH = 2000
_FORBIDDEN = ("memberOf", "resolve(", "x-fhir-query", "repeat(", "trace(")
_WEIGHTS = ("itemWeight", "ordinalValue")
# The library keeps "now" in a module-wide variable while it evaluates.
_one_at_a_time = threading.Lock()


class ScoreUnavailableError(Exception):
    """An expression failed. The score is shown as unavailable; it is never a silent gap."""


def _plain(node: Any) -> Any:
    return getattr(node, "data", node)


def _weight(nodes: list[Any]) -> list[Decimal]:
    weights = []
    for node in map(_plain, nodes):
        if isinstance(node, dict):
            coding = node.get("valueCoding", node)
            weights += [
                Decimal(str(e["valueDecimal"]))
                for e in coding.get("extension", [])
                if str(e.get("url", "")).endswith(_WEIGHTS) and "valueDecimal" in e
            ]
    return weights


def _sum(nodes: list[Any]) -> list[Decimal]:
    return [sum((Decimal(str(_plain(n))) for n in nodes), Decimal(0))] if nodes else []


class _Strict(ErrorListener):
    """The library's own parser mends a typing error in silence: `1 + ) 2` gives 3 and `1 2` gives 1."""

    def syntaxError(self, recognizer: Any, symbol: Any, line: int, column: int, reason: str, problem: Any) -> None:  # noqa: N802
        raise ValueError(f"the expression is wrong at character {column + 1}: {reason}")


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
}


@dataclass(frozen=True, slots=True)
class Expression:
    """A compiled expression over a QuestionnaireResponse."""

    text: str
    run: Callable[..., list[Any]]

    @classmethod
    def compiled(cls, text: str) -> "Expression":
        """Compile. ValueError when it is too long, reaches outside, or is not FHIRPath."""
        if not text or len(text) > _MAX_LENGTH:
            raise ValueError(f"an expression has 1 to {_MAX_LENGTH} characters")
        for word in _FORBIDDEN:
            if word in text:
                raise ValueError(f"{word.rstrip('(')} is not allowed in an expression")
        _check_syntax(text)
        try:
            return cls(text, compile_path(text, models["r4"], {"userInvocationTable": _TABLE}))
        except Exception as problem:
            raise ValueError(f"the expression does not compile: {type(problem).__name__}") from None

    def value(self, resource: dict[str, Any]) -> Decimal | None:
        """The one number it gives, or None. ScoreUnavailableError when it fails or gives something else."""
        try:
            with _one_at_a_time:
                found = [_plain(one) for one in self.run(resource, {"resource": resource})]
        except Exception as problem:
            raise ScoreUnavailableError(f"{type(problem).__name__} in {self.text!r}") from None
        if not found:
            return None
        if len(found) > 1 or isinstance(found[0], bool) or not isinstance(found[0], int | float | Decimal):
            raise ScoreUnavailableError(f"not one number: {self.text!r}")
        return Decimal(str(found[0]))
