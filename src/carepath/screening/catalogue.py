"""config/screening.toml: the rules, read and checked."""

from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

from carepath.kit import config
from carepath.kit.errors import ConfigProblem
from carepath.screening.rules import OUTCOMES, STAGES, Condition, Rule

_FILE = "screening.toml"
_COMPARISONS = ("at_least", "above", "below")
_SUBJECTS = ("item", "score", "age")
_ALL = frozenset({*_SUBJECTS, "any_of", "all", "any", *_COMPARISONS})


@dataclass(frozen=True, slots=True)
class _Entry:
    id: str
    version: str
    stage: str
    outcome: str
    when: dict[str, Any]
    patient: str
    provider: str
    source: str
    immediate: bool = False


@dataclass(frozen=True, slots=True)
class _File:
    rules: list[_Entry]


@dataclass(slots=True)
class _Process:
    rules: tuple[Rule, ...] | None = None


_kept = _Process()


def configure(rules: tuple[Rule, ...]) -> None:
    """Make these the rules of this process."""
    _kept.rules = rules


def rules() -> tuple[Rule, ...]:
    """The rules of this process. RuntimeError before `configure`."""
    if _kept.rules is None:
        raise RuntimeError("screening.catalogue.configure was not called")
    return _kept.rules


def load(config_dir: Path, known_items: dict[str, frozenset[str]], known_scores: frozenset[str]) -> tuple[Rule, ...]:
    """Read and check. `known_items` maps each linkId to its option codes (empty when it has none);
    ConfigProblem names the rule and what is wrong with it."""
    entries = config.load(config_dir / _FILE, _File).rules
    seen: set[str] = set()
    for entry in entries:
        if entry.id in seen:
            raise ConfigProblem(_FILE, entry.id, "this id is used twice")
        seen.add(entry.id)
    return tuple(_rule(entry, _Known(entry.id, known_items, known_scores)) for entry in entries)


@dataclass(frozen=True, slots=True)
class _Known:
    rule_id: str
    items: dict[str, frozenset[str]]
    scores: frozenset[str]

    def fail(self, reason: str) -> ConfigProblem:
        return ConfigProblem(_FILE, self.rule_id, reason)


def _rule(entry: _Entry, known: _Known) -> Rule:
    if entry.stage not in STAGES:
        raise known.fail(f"stage is one of {', '.join(STAGES)}")
    if entry.outcome not in OUTCOMES:
        raise known.fail(f"outcome is one of {', '.join(OUTCOMES)}")
    if entry.immediate and entry.outcome != "urgent":
        raise known.fail("only an urgent rule is immediate")
    for key, text in (
        ("id", entry.id),
        ("provider", entry.provider),
        ("source", entry.source),
        ("version", entry.version),
    ):
        if not text.strip():
            raise known.fail(f"{key} is empty")
    if entry.outcome in {"stop", "urgent"} and not entry.patient.strip():
        raise known.fail("patient is empty: who is stopped or in danger is told why")
    return Rule(
        entry.id, entry.version, entry.stage, entry.outcome, entry.immediate, _condition(entry.when, known),
        entry.patient, entry.provider, entry.source,
    )  # fmt: skip


def _condition(raw: object, known: _Known) -> Condition:
    if not isinstance(raw, dict) or not raw or set(raw) - _ALL:
        raise known.fail(f"a condition is a table of {', '.join(sorted(_ALL))}")
    for combine in ("all", "any"):
        if combine in raw:
            if set(raw) != {combine} or not isinstance(raw[combine], list) or not raw[combine]:
                raise known.fail(f"{combine} stands alone and holds conditions")
            return Condition(combine=combine, parts=tuple(_condition(part, known) for part in raw[combine]))
    return _test(raw, known)


def _test(raw: dict[str, Any], known: _Known) -> Condition:
    named = [key for key in _SUBJECTS if key in raw]
    if len(named) != 1 or ("any_of" in raw) is any(key in raw for key in _COMPARISONS):
        raise known.fail("a condition names item, score or age, and either any_of or a comparison")
    if "age" in raw and raw["age"] is not True:
        raise known.fail("age is written age = true")
    if "score" in raw and raw["score"] not in known.scores:
        raise known.fail(f"there is no score {raw['score']}")
    codes = _codes(raw, known)
    if "item" in raw:
        _check_item(raw["item"], codes, known)
    return Condition(
        item=raw.get("item", ""),
        score=raw.get("score", ""),
        age="age" in raw,
        any_of=codes,
        at_least=_number(raw, "at_least", known),
        above=_number(raw, "above", known),
        below=_number(raw, "below", known),
    )


def _codes(raw: dict[str, Any], known: _Known) -> tuple[str, ...]:
    """The codes of `any_of`. Only an item has codes: anything else would never fire."""
    if "any_of" not in raw:
        return ()
    codes = raw["any_of"]
    if "item" not in raw or not isinstance(codes, list) or not codes or not all(isinstance(c, str) for c in codes):
        raise known.fail("any_of is a list of answer codes of an item")
    return tuple(codes)


def _number(raw: dict[str, Any], key: str, known: _Known) -> Decimal | None:
    value = raw.get(key)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float) or not Decimal(str(value)).is_finite():
        raise known.fail(f"{key} is a number")
    return Decimal(str(value))


def _check_item(link_id: object, codes: tuple[str, ...], known: _Known) -> None:
    """A misspelled item or code would be a rule that never fires."""
    if not isinstance(link_id, str) or link_id not in known.items:
        raise known.fail(f"there is no item {link_id}")
    unknown = set(codes) - known.items[link_id]
    if unknown:
        raise known.fail(f"{link_id} has no answer {', '.join(sorted(unknown))}")
