"""Typed scores: value, how many items were answered, band. An incomplete instrument has no total."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path

from carepath.kit import config
from carepath.questionnaires.calculating import State, evaluate
from carepath.questionnaires.definition import Answers, Questionnaire

ENGINE_VERSION = "2"


@dataclass(frozen=True, slots=True)
class Band:
    """From `low` up to the next band's low."""

    low: float
    words: str


@dataclass(frozen=True, slots=True)
class Instrument:
    """How one score is read. `total` is the calculated item.

    `missing` says what an unanswered item does: "none", there is no total; "asked", only an item that was asked
    can be missing (a branch not taken counts as no); "prorate", the total of the answered ones is scaled up to
    all of them when at least `least` are answered. No answer is ever made up otherwise.
    """

    code: str
    title: str
    questionnaire: str
    total: str
    items: list[str]
    decimals: int
    lowest: float
    highest: float
    source: str
    bands: list[Band]
    missing: str = "none"
    least: int = 0


@dataclass(frozen=True, slots=True)
class InstrumentsFile:
    """config/questionnaires/instruments.toml."""

    instruments: list[Instrument]


@dataclass(frozen=True, slots=True)
class Score:
    """A score. `value` is None while an item is missing; `is_unavailable` when the calculation itself failed."""

    code: str
    value: Decimal | None
    answered: int
    items: int
    band: str | None
    is_unavailable: bool = False


def load(config_dir: Path, forms: dict[str, Questionnaire]) -> list[Instrument]:
    """Read and check: every item exists, bands rise. ConfigProblem names the key."""
    file = "instruments.toml"
    found = config.load(config_dir / "questionnaires" / file, InstrumentsFile).instruments
    for one in found:
        form = forms.get(one.questionnaire)
        if form is None:
            raise config.ConfigProblem(file, one.code, f"there is no questionnaire {one.questionnaire}")
        for link_id in (one.total, *one.items):
            if link_id not in form.by_id:
                raise config.ConfigProblem(file, one.code, f"{link_id} is not in {one.questionnaire}")
        if form.by_id[one.total].calculated is None:
            raise config.ConfigProblem(file, one.code, f"{one.total} has no calculatedExpression")
        if one.missing not in {"none", "asked", "prorate"} or (one.missing == "prorate") != (one.least > 0):
            raise config.ConfigProblem(file, one.code, 'missing is "none", "asked", or "prorate" with least')
        lows = [band.low for band in one.bands]
        if lows != sorted(set(lows)):
            raise config.ConfigProblem(file, one.code, "bands must rise")
    return found


def score(
    form: Questionnaire, instruments: Sequence[Instrument], answers: Answers, state: State | None = None
) -> list[Score]:  # fmt: skip
    """Every score of this questionnaire from completed answers. One whose items were not asked is left out: that is
    not an incomplete instrument, it is one that nobody was given."""
    own = [one for one in instruments if one.questionnaire == form.url]
    if not own:
        return []
    state = state or evaluate(form, answers)
    return [_score(one, answers, state) for one in own if _is_given(one, state)]


def _is_given(one: Instrument, state: State) -> bool:
    asked = [link_id in state.asked for link_id in one.items]
    return all(asked) if one.missing == "none" else any(asked)


def _score(one: Instrument, answers: Answers, state: State) -> Score:
    given = [link_id for link_id in one.items if link_id in state.asked and _is_answered(link_id, answers, state)]
    expected = [link_id for link_id in one.items if one.missing != "asked" or link_id in state.asked]
    if len(given) < (one.least if one.missing == "prorate" else len(expected)) or not given:
        return Score(one.code, None, len(given), len(one.items), None)
    found = state.calculated.get(one.total, ())
    value = found[0] if found and not isinstance(found[0], bool) else None
    if not isinstance(value, int | Decimal):
        return Score(one.code, None, len(given), len(one.items), None, True)
    exact = Decimal(value)
    if one.missing == "prorate":
        exact = exact * len(one.items) / len(given)
    if not Decimal(str(one.lowest)) <= exact <= Decimal(str(one.highest)):
        return Score(one.code, None, len(given), len(one.items), None, True)
    # Half up at cut-offs: 9.5 is 10, as published tables round; Python's own rounding would make some of them even.
    rounded = exact.quantize(Decimal(1).scaleb(-one.decimals), ROUND_HALF_UP)
    return Score(one.code, rounded, len(given), len(one.items), band_of(one, rounded))


def _is_answered(link_id: str, answers: Answers, state: State) -> bool:
    """An item may be a calculated one: a criterion that is itself made of scores."""
    return bool(answers.get(link_id) or state.calculated.get(link_id))


def band_of(one: Instrument, value: Decimal) -> str | None:
    """The words of the highest band whose low is not above `value`."""
    fitting = [band.words for band in one.bands if Decimal(str(band.low)) <= value]
    return fitting[-1] if fitting else None
