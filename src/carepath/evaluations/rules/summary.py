"""The summary of an intake as a clinician would write it. Every sentence is a function of what was answered.

What is missing is said to be missing; nothing is guessed, weighed or advised.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from carepath.kit.words import _

HELPED, LITTLE, NONE, STOPPED, NOT_TRIED = "helped", "little", "none", "stopped", "not_tried"


@dataclass(frozen=True, slots=True)
class Tried:
    """A treatment, and what it did: one of the names above, or "" when the question was not answered."""

    name: str
    effect: str


@dataclass(frozen=True, slots=True)
class Baseline:
    """A score as it was at intake. `value` is None when it is incomplete; `is_given` is False when there is none."""

    name: str
    value: str | None
    band: str = ""
    answered: int = 0
    items: int = 0
    is_given: bool = True


@dataclass(frozen=True, slots=True)
class Risk:
    """`thoughts` is the answer about being better off dead, in its words; "" when it was not answered."""

    thoughts: str
    suicide_band: str
    attempt: bool
    urgent: int
    stops: int
    reviews: int


@dataclass(frozen=True, slots=True)
class Told:
    """What the intake says, in words. An empty text or list was not answered."""

    name: str
    age: int
    sex: str
    is_sex_withheld: bool
    state: str
    condition: str
    duration: str
    sites: tuple[str, ...]
    feeling: tuple[str, ...]
    tried: tuple[Tried, ...]
    goal: str
    baseline: tuple[Baseline, ...]
    risk: Risk


def paragraph(told: Told) -> tuple[str, ...]:
    """The summary but for the risk, sentence by sentence."""
    return (who(told), complaint(told), tried(told.tried), goal(told.goal), baseline(told.baseline))


def who(told: Told) -> str:
    """ "Ada Winter, 46, female, in Colorado." """
    sex = _("sex not said") if told.is_sex_withheld else _low(told.sex) or _("sex not answered")
    return _("{name}, {age}, {sex}, in {state}.").format(name=told.name, age=told.age, sex=sex, state=told.state)


def complaint(told: Told) -> str:
    """ "Reports fibromyalgia for 1 to 5 years, in neck and hips; it feels like burning." """
    parts = (
        _("Reports {condition}").format(condition=_low(told.condition) or _("pain (what it has been called: not answered)")),
        _(" for {duration}").format(duration=_low(told.duration)) if told.duration else _(", duration not answered"),
        _(", in {sites}").format(sites=_listed(told.sites)) if told.sites else _(", places not answered"),
        _("; it feels like {feeling}").format(feeling=_listed(told.feeling)) if told.feeling
        else _("; what it feels like: not answered"),
    )  # fmt: skip
    return "".join(parts) + "."


def tried(found: Sequence[Tried]) -> str:
    """ "Helped: duloxetine. No help: gabapentin or pregabalin. Not tried: milnacipran." """
    heads = {
        HELPED: _("Helped"), LITTLE: _("Helped a little"), NONE: _("No help"),
        STOPPED: _("Stopped for side effects"), NOT_TRIED: _("Not tried"), "": _("Not answered"),
    }  # fmt: skip
    groups = [(head, [one.name for one in found if one.effect == effect]) for effect, head in heads.items()]
    return " ".join(f"{head}: {_listed(names)}." for head, names in groups if names)


def goal(text: str) -> str:
    """What they want to do again, in their own words."""
    if not text:
        return _("What they want to do again: not answered.")
    return _("Wants to do again: “{goal}”.").format(goal=text.rstrip(". "))


def baseline(scores: Sequence[Baseline]) -> str:
    """ "At intake: PEG 7.3; PHQ-9 12 (moderate); GAD-7 incomplete (5 of 7 answered)." """
    return _("At intake: {scores}.").format(scores="; ".join(_score(one) for one in scores))


def _score(one: Baseline) -> str:
    if not one.is_given:
        return _("{name} not answered").format(name=one.name)
    if one.value is None:
        return _("{name} incomplete ({n} of {of} answered)").format(name=one.name, n=one.answered, of=one.items)
    return f"{one.name} {one.value}" + (f" ({one.band})" if one.band else "")


def risk(found: Risk) -> str:
    """One line: what was said about suicide, and how many findings stop or call for somebody today."""
    parts = [
        _("thoughts of being better off dead: {answer}").format(answer=_low(found.thoughts) or _("not answered")),
        *([_("C-SSRS {band}").format(band=found.suicide_band)] if found.suicide_band else []),
        *([_("attempt in the last year")] if found.attempt else []),
        *_counted(found),
    ]  # fmt: skip
    return _("Risk: {parts}.").format(parts="; ".join(parts))


def _counted(found: Risk) -> list[str]:
    counts = (
        (found.urgent, _("{n} urgent")), (found.stops, _("{n} stop")), (found.reviews, _("{n} to review")),
    )  # fmt: skip
    return [words.format(n=n) for n, words in counts if n] or [_("no rule asks for more")]


def _low(text: str) -> str:
    """As it stands inside a sentence: "Fibromyalgia" becomes "fibromyalgia", "CBT" and "I" stay."""
    is_word = len(text) > 1 and text[1].islower()
    return text[0].lower() + text[1:] if is_word else text


def _listed(names: Sequence[str]) -> str:
    """ "neck, hips and legs". Names that hold a comma or an "or" themselves are kept apart by semicolons."""
    shown = [_low(name) for name in names]
    if any("," in name or _(" or ") in name or _(" and ") in name for name in shown):
        return "; ".join(shown)
    return _("{most} and {last}").format(most=", ".join(shown[:-1]), last=shown[-1]) if len(shown) > 1 else shown[0]
