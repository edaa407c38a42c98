"""Typed scores: value, how many items were answered, band. An incomplete instrument has no total."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path

from carepath.kit import config
from carepath.questionnaires import answers as answering
from carepath.questionnaires.definition import Answers, Questionnaire
from carepath.questionnaires.expressions import ScoreUnavailableError

ENGINE_VERSION = "1"


@dataclass(frozen=True, slots=True)
class Band:
    """From `low` up to the next band's low."""

    low: float
    words: str


@dataclass(frozen=True, slots=True)
class Instrument:
    """How one score is read. `total` is the calculated item; every one of `items` must be answered."""

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
        lows = [band.low for band in one.bands]
        if lows != sorted(set(lows)):
            raise config.ConfigProblem(file, one.code, "bands must rise")
    return found


def score(form: Questionnaire, instruments: Sequence[Instrument], answers: Answers) -> list[Score]:
    """Every score of this questionnaire from completed answers."""
    own = [one for one in instruments if one.questionnaire == form.url]
    if not own:
        return []
    resource = answering.to_resource(form, answers, "completed")
    return [_score(form, one, answers, resource) for one in own]


def _score(form: Questionnaire, one: Instrument, answers: Answers, resource: dict[str, object]) -> Score:
    answered = sum(bool(answers.get(link_id)) for link_id in one.items)
    expression = form.by_id[one.total].calculated
    if answered < len(one.items) or expression is None:
        return Score(one.code, None, answered, len(one.items), None)
    try:
        value = expression.value(resource)
    except ScoreUnavailableError:
        return Score(one.code, None, answered, len(one.items), None, True)
    if value is None or not Decimal(str(one.lowest)) <= value <= Decimal(str(one.highest)):
        return Score(one.code, None, answered, len(one.items), None, True)
    # Half up at cut-offs: 9.5 is 10, as published tables round; Python's own rounding would make some of them even.
    rounded = value.quantize(Decimal(1).scaleb(-one.decimals), ROUND_HALF_UP)
    return Score(one.code, rounded, answered, len(one.items), band_of(one, rounded))


def band_of(one: Instrument, value: Decimal) -> str | None:
    """The words of the highest band whose low is not above `value`."""
    fitting = [band.words for band in one.bands if Decimal(str(band.low)) <= value]
    return fitting[-1] if fitting else None
