"""The parts of config/followups.toml that signals are worked out by, checked."""

import dataclasses
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from carepath.followups.rules.signals import KINDS, TONES, SignalRule, due
from carepath.kit.errors import ConfigProblem
from carepath.questionnaires.service import Questionnaire

_FILE = "followups.toml"

NUMBERS = frozenset({"nrs", "nights", "systolic", "diastolic", "heart_rate", "doses_left", "dissociation", "distress"})
SETS = frozenset({"effects", "bladder", "misuse", "mind"})
YES = frozenset({"is_pregnant", "has_new_medicine", "wears_off_sooner"})
ONE_CODE = frozenset({"change", "item9", "severity"})
ITEMS = NUMBERS | SETS | YES | ONE_CODE
SCORES = frozenset({"peg", "phq9", "cssrs", "mme"})


@dataclass(frozen=True, slots=True)
class Also:
    """An answer to another question that means a code of a field: one of `any_of`, or a number of `at_least`."""

    field: str
    code: str
    item: str
    any_of: list[str] = dataclasses.field(default_factory=list)
    at_least: float | None = None


@dataclass(frozen=True, slots=True)
class Reads:
    """From which answers a reading is made: by its fields the codes of scores, and the linkIds of questions."""

    scores: dict[str, str]
    items: dict[str, list[str]]
    also: list[Also] = dataclasses.field(default_factory=list)


@dataclass(frozen=True, slots=True)
class BaselineForms:
    """What of the intake a baseline is made from, beside its scores.

    `bladder`: the form whose questions end in the codes of the check-ins; what was `always` so is not new later.
    `nights`: its question how often somebody gets up. `medicines`: the form without whose score no opioid is taken.
    """

    bladder: str
    always: str
    nights: str
    medicines: str


def check_rules(rules: Sequence[SignalRule]) -> None:
    """ConfigProblem names the rule."""
    seen: set[str] = set()
    for rule in rules:
        if rule.id in seen:
            raise ConfigProblem(_FILE, rule.id, "this id is used twice")
        seen.add(rule.id)
        _check_rule(rule)
    once = [(rule.kind, rule.numbers.get("step")) for rule in rules if rule.kind in due.KINDS]
    for kind, step in once:
        if once.count((kind, step)) > 1:
            raise ConfigProblem(_FILE, kind, "there are two signals of this kind for the same date or step")


def _check_rule(rule: SignalRule) -> None:
    wanted = KINDS[rule.kind].numbers if rule.kind in KINDS else due.KINDS.get(rule.kind)
    if wanted is None:
        raise ConfigProblem(_FILE, rule.id, f"kind is one of {', '.join([*KINDS, *due.KINDS])}")
    if rule.tone not in TONES:
        raise ConfigProblem(_FILE, rule.id, f"tone is one of {', '.join(TONES)}")
    if rule.tone == "red" and rule.kind in due.KINDS:
        raise ConfigProblem(_FILE, rule.id, "what falls due by the calendar is amber at most: nobody is told at once")
    if set(rule.numbers) != wanted:
        raise ConfigProblem(_FILE, rule.id, f"numbers are {', '.join(sorted(wanted)) or 'none'}")
    for name, value in rule.numbers.items():
        if not (math.isfinite(value) and 0 <= value <= 10_000):
            raise ConfigProblem(_FILE, rule.id, f"{name} is a number from 0 to 10000")
    _check_counts(rule)
    if not (rule.version.strip() and rule.words.strip() and rule.source.strip()):
        raise ConfigProblem(_FILE, rule.id, "version, words and source are written out")


_WHOLE = frozenset({"readings", "times", "of", "days", "step", "from_days", "to_days", "ahead_days", "at_least"})


def _check_counts(rule: SignalRule) -> None:
    numbers = rule.numbers
    for name in _WHOLE & numbers.keys():
        if not numbers[name].is_integer() or (numbers[name] < 1 and name != "ahead_days"):
            raise ConfigProblem(_FILE, rule.id, f"{name} is a whole number from 1")
    for low, high in (("from_days", "to_days"), ("times", "of")):
        if low in numbers and high in numbers and numbers[low] > numbers[high]:
            raise ConfigProblem(_FILE, rule.id, f"{low} is at most {high}")
    if rule.kind == due.OVERDUE and numbers["step"] > due.STEPS:
        raise ConfigProblem(_FILE, rule.id, f"step is a number from 1 to {due.STEPS}")


def check_reads(reads: Reads, rules: Sequence[SignalRule], forms: Iterable[Questionnaire], scores: set[str]) -> None:
    """A misspelled item or answer would be a signal that never fires. `forms` are those that check-ins ask."""
    known: dict[str, set[str]] = {}
    for form in forms:
        for link_id, item in form.by_id.items():
            known.setdefault(link_id, set()).update(option.code for option in item.options)
            known[link_id] |= {"yes", "no"} if item.type == "boolean" else set()
    _check_fields("reads.scores", reads.scores, SCORES)
    _check_fields("reads.items", reads.items, ITEMS)
    for name, code in reads.scores.items():
        if code not in scores:
            raise ConfigProblem(_FILE, f"reads.scores.{name}", f"no check-in has a score {code}")
    for name, link_ids in reads.items.items():
        for link_id in link_ids:
            if link_id not in known:
                raise ConfigProblem(_FILE, f"reads.items.{name}", f"no check-in asks {link_id}")
    for one in reads.also:
        _check_also(one, known)
    for rule in rules:
        _check_codes(rule, reads, known)


def _check_fields(key: str, given: Iterable[str], allowed: frozenset[str]) -> None:
    unknown, missing = set(given) - allowed, allowed - set(given)
    if unknown or missing:
        reason = f"there is exactly {', '.join(sorted(allowed))}; look at {min(unknown or missing)}"
        raise ConfigProblem(_FILE, key, reason)


def _check_also(one: Also, known: dict[str, set[str]]) -> None:
    if one.field not in SETS:
        raise ConfigProblem(_FILE, "reads.also", f"field is one of {', '.join(sorted(SETS))}")
    if one.item not in known:
        raise ConfigProblem(_FILE, "reads.also", f"no check-in asks {one.item}")
    if bool(one.any_of) is (one.at_least is not None):
        raise ConfigProblem(_FILE, "reads.also", f"{one.item}: either any_of or at_least")
    if set(one.any_of) - known[one.item]:
        raise ConfigProblem(_FILE, "reads.also", f"{one.item} has no answer {', '.join(one.any_of)}")


def _check_codes(rule: SignalRule, reads: Reads, known: dict[str, set[str]]) -> None:
    name = KINDS[rule.kind].codes if rule.kind in KINDS else ""
    if bool(rule.codes) is not bool(name):
        raise ConfigProblem(_FILE, rule.id, f"codes are answers of {name}" if name else "this kind takes no codes")
    if not name:
        return
    possible = {one.code for one in reads.also if one.field == name}
    possible = possible.union(*(known[link_id] for link_id in reads.items[name]))
    unknown = set(rule.codes) - possible
    if unknown:
        raise ConfigProblem(_FILE, rule.id, f"there is no answer {', '.join(sorted(unknown))}")
    if rule.kind == "bladder-together" and len(rule.codes) < 2:
        raise ConfigProblem(_FILE, rule.id, "codes are one, and those that are new with it")


def check_baseline(found: BaselineForms, forms: Mapping[str, Questionnaire]) -> None:
    """ConfigProblem names the key."""
    for key, url in (("bladder", found.bladder), ("medicines", found.medicines)):
        if url not in forms:
            raise ConfigProblem(_FILE, f"baseline.{key}", f"there is no questionnaire {url}")
    items = forms[found.bladder].by_id
    if found.nights not in items:
        raise ConfigProblem(_FILE, "baseline.nights", f"{found.bladder} does not ask {found.nights}")
    if not any(option.code == found.always for item in items.values() for option in item.options):
        raise ConfigProblem(_FILE, "baseline.always", f"there is no answer {found.always}")
