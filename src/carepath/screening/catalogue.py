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
_ALL = {"item", "score", "age", "any_of", "all", "any", *_COMPARISONS}


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


class _Kept:
    rules: tuple[Rule, ...] | None = None


def configure(rules: tuple[Rule, ...]) -> None:
    """Make these the rules of this process."""
    _Kept.rules = rules


def rules() -> tuple[Rule, ...]:
    """The rules of this process. RuntimeError before `configure`."""
    if _Kept.rules is None:
        raise RuntimeError("screening.catalogue.configure was not called")
    return _Kept.rules


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
    for key, text in (("provider", entry.provider), ("source", entry.source), ("version", entry.version)):
        if not text.strip():
            raise known.fail(f"{key} is empty")
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
    compared = {key: Decimal(str(raw[key])) for key in _COMPARISONS if key in raw}
    codes = raw.get("any_of", [])
    if len({"item", "score", "age"} & set(raw)) != 1 or bool(codes) is bool(compared):
        raise known.fail("a condition names item, score or age, and either any_of or a comparison")
    if "item" in raw:
        _check_item(raw["item"], codes, known)
    if "score" in raw and raw["score"] not in known.scores:
        raise known.fail(f"there is no score {raw['score']}")
    return Condition(raw.get("item", ""), raw.get("score", ""), bool(raw.get("age")), tuple(codes), **compared)


def _check_item(link_id: str, codes: list[str], known: _Known) -> None:
    """A misspelled item or code would be a rule that never fires."""
    if link_id not in known.items:
        raise known.fail(f"there is no item {link_id}")
    unknown = set(codes) - known.items[link_id]
    if unknown:
        raise known.fail(f"{link_id} has no answer {', '.join(sorted(unknown))}")
