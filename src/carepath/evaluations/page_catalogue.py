"""config/evaluations.toml, as far as the page of one evaluation reads it: checklist, summary, medicines, body map."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from carepath.evaluations.rules.checklist import ITEMS, Limits
from carepath.kit import body_map, config
from carepath.kit.errors import ConfigProblem

_FILE = "evaluations.toml"


@dataclass(frozen=True, slots=True)
class Effects:
    """The answers that say what a treatment did."""

    helped: str
    little: str
    none: str
    stopped: str
    not_tried: str

    @property
    def by_code(self) -> dict[str, str]:
        """Answer code -> what it means."""
        return {getattr(self, name): name for name in Effects.__slots__}


@dataclass(frozen=True, slots=True)
class SummaryReads:
    """Items (by linkId), scores and answer codes that the summary is made of. `named` are words for an answer of
    `condition`, `short` for a score."""

    sex: str
    sex_not_said: list[str]
    condition: str
    condition_words: str
    duration: str
    sites: str
    feeling: str
    tried: list[str]
    goal: str
    scores: list[str]
    thoughts: str
    suicide_score: str
    history: str
    history_attempt: list[str]
    named: dict[str, str]
    short: dict[str, str]
    effects: Effects


@dataclass(frozen=True, slots=True)
class Interactions:
    """Which rules are about medicines, which of them first, and where extra care with opioids begins."""

    item: str
    own_words: str
    rules: list[str]
    priority: list[str]
    score: str
    extra_care_from: int
    source: str


@dataclass(frozen=True, slots=True)
class BodyMap:
    """Whose answers are drawn, and where."""

    items: list[str]
    nowhere: list[str]
    places: dict[str, list[str]]


@dataclass(frozen=True, slots=True)
class PageFile:
    """The sections of the file, checked."""

    checklist: Limits
    summary: SummaryReads
    interactions: Interactions
    body_map: BodyMap
    # Read by evaluations.catalogue.
    due: dict[str, object] = field(default_factory=dict)
    escalation: dict[str, object] = field(default_factory=dict)
    task_escalation: dict[str, object] = field(default_factory=dict)
    decisions: dict[str, object] = field(default_factory=dict)


class _Kept:
    page: PageFile | None = None


def configure(found: PageFile) -> None:
    """Make these the settings of this process."""
    _Kept.page = found


def page() -> PageFile:
    """The settings of this process. RuntimeError before `configure`."""
    if _Kept.page is None:
        raise RuntimeError("evaluations.page_catalogue.configure was not called")
    return _Kept.page


def load(
    config_dir: Path, items: Mapping[str, frozenset[str]], scores: frozenset[str], rules: frozenset[str]
) -> PageFile:
    """Read and check. `items` maps each linkId to its answer codes; ConfigProblem names what is wrong."""
    found = config.load(config_dir / _FILE, PageFile)
    known = _Known(items)
    _check_limits(found.checklist, known)
    _check_summary(found.summary, known, scores)
    _check_interactions(found.interactions, known, scores, rules)
    _check_body(found.body_map, known)
    return found


@dataclass(frozen=True, slots=True)
class _Known:
    items: Mapping[str, frozenset[str]]

    def item(self, key: str, link_id: str) -> frozenset[str]:
        """Its answer codes. A misspelled item would be a sentence that always says "not answered"."""
        if link_id not in self.items:
            raise ConfigProblem(_FILE, key, f"there is no item {link_id}")
        return self.items[link_id]

    def codes(self, key: str, link_id: str, codes: list[str]) -> None:
        unknown = set(codes) - self.item(key, link_id)
        if unknown:
            raise ConfigProblem(_FILE, key, f"{link_id} has no answer {', '.join(sorted(unknown))}")


def _check_limits(found: Limits, known: _Known) -> None:
    for key in ("location_days", "pdmp_days", "pdmp_again_days", "blood_pressure_days"):
        if not 0 < getattr(found, key) <= 366:
            raise ConfigProblem(_FILE, f"checklist.{key}", "a number of days from 1 to 366")
    if found.pdmp_again_days < found.pdmp_days:
        raise ConfigProblem(_FILE, "checklist.pdmp_again_days", "it is not less than pdmp_days")
    for key in ("systolic", "diastolic", "heart_rate"):
        known.item(f"checklist.{key}", getattr(found, key))
    if set(found.sources) != set(ITEMS) or not all(text.strip() for text in found.sources.values()):
        raise ConfigProblem(_FILE, "checklist.sources", f"a source for each of {', '.join(ITEMS)}")


def _check_summary(found: SummaryReads, known: _Known, scores: frozenset[str]) -> None:
    for key in ("condition", "condition_words", "duration", "sites", "feeling", "goal", "thoughts"):
        known.item(f"summary.{key}", getattr(found, key))
    known.codes("summary.sex_not_said", found.sex, found.sex_not_said)
    known.codes("summary.named", found.condition, list(found.named))
    known.codes("summary.history_attempt", found.history, found.history_attempt)
    for link_id in found.tried:
        known.codes("summary.tried", link_id, list(found.effects.by_code))
    _check_scores("summary.scores", [*found.scores, found.suicide_score, *found.short], scores)


def _check_scores(key: str, named: list[str], scores: frozenset[str]) -> None:
    unknown = set(named) - scores
    if unknown:
        raise ConfigProblem(_FILE, key, f"there is no score {', '.join(sorted(unknown))}")


def _check_interactions(
    found: Interactions, known: _Known, scores: frozenset[str], rules: frozenset[str]
) -> None:  # fmt: skip
    known.item("interactions.item", found.item)
    known.item("interactions.own_words", found.own_words)
    _check_scores("interactions.score", [found.score], scores)
    for key, named in (("rules", found.rules), ("priority", found.priority)):
        unknown = set(named) - (rules if key == "rules" else set(found.rules))
        if unknown:
            raise ConfigProblem(_FILE, f"interactions.{key}", f"there is no rule {', '.join(sorted(unknown))}")
    if not found.source.strip():
        raise ConfigProblem(_FILE, "interactions.source", "a threshold has a source")


def _check_body(found: BodyMap, known: _Known) -> None:
    for code, places in found.places.items():
        unknown = set(places) - body_map.PLACES
        if unknown:
            raise ConfigProblem(_FILE, f"body_map.places.{code}", f"nothing is drawn as {', '.join(sorted(unknown))}")
    for link_id in found.items:
        undrawn = known.item("body_map.items", link_id) - set(found.places) - set(found.nowhere)
        if undrawn:
            raise ConfigProblem(_FILE, "body_map.places", f"{link_id}: {', '.join(sorted(undrawn))} is drawn nowhere")
