"""Answers become a reading, by [reads] of followups.toml: what was not asked stays empty."""

from decimal import Decimal

import pytest

from carepath import configuration
from carepath.followups import service
from carepath.followups.rules.history import Reading
from carepath.questionnaires import scoring
from carepath.questionnaires import service as questionnaires
from carepath.settings import Settings
from tests.cast import NOW
from tests.questionnaires.forms import BASE, CONFIG


@pytest.fixture(autouse=True)
def _configured(database: Settings):
    configuration.load(CONFIG)


def read(name: str, **answers: object) -> Reading:
    """What these answers, by the last part of the linkId with _ for -, say."""
    form = questionnaires.current(f"{BASE}{name}")
    prefix = "session" if name == "after-session" else "checkin"
    given = {
        f"{prefix}.{key.replace('__', '.').replace('_', '-')}": value if isinstance(value, tuple) else (value,)
        for key, value in answers.items()
    }
    state = questionnaires.evaluate(form, given)  # type: ignore[arg-type]
    scores = scoring.score(form, questionnaires.instruments(), given, state)  # type: ignore[arg-type]
    return service.reading_of(form, given, scores, NOW, "check-in")  # type: ignore[arg-type]


def test_a_weekly_check_in():
    found = read(
        "check-in", peg__q1=5, peg__q2=6, peg__q3=6, change="3", phq__q9="LA6570-1", effects=("nausea", "headache"),
        severity="moderate", bladder=("none",),
    )  # fmt: skip
    assert (found.peg, found.change, found.item9) == (Decimal("5.7"), 3, 2)
    assert (found.effects, found.severity) == (frozenset({"nausea", "headache"}), "moderate")
    assert found.bladder == frozenset(), "nothing is an answer"
    assert (found.nrs, found.nights, found.systolic, found.is_pregnant, found.mme) == (None,) * 5
    assert (found.phq9, found.misuse) == (None, frozenset())


def test_a_monthly_check_in():
    found = read(
        "check-in-monthly", nrs=4, wears_off="yes", mind=("voices",), misuse=("lost", "alone"), nights=3,
        medicines_changed=True, doses_left=7, opioids=False, reading=True, systolic=150, diastolic=80, heart_rate=72,
    )  # fmt: skip
    assert (found.nrs, found.wears_off_sooner, found.mind) == (Decimal(4), True, frozenset({"voices"}))
    assert (found.misuse, found.nights, found.has_new_medicine) == (frozenset({"lost", "alone"}), 3, True)
    assert (found.doses_left, found.mme) == (7, Decimal(0))
    assert (found.systolic, found.diastolic, found.heart_rate) == (150, 80, 72)


@pytest.mark.parametrize(("said", "kept"), [("no", False), ("unsure", False), ("yes", True)])
def test_only_yes_is_yes(said: str, kept: bool):
    assert read("check-in-monthly", wears_off=said).wears_off_sooner is kept


def test_opioids_are_added_up_and_another_one_has_no_sum():
    form = questionnaires.current(f"{BASE}check-in-monthly")
    place = questionnaires.MARK
    given = {
        "checkin.opioids": (True,),
        "checkin.opioid": (2,),
        f"checkin.opioid-drug{place}0": ("oxycodone",), f"checkin.opioid-dose{place}0": (Decimal(10),),
        f"checkin.opioid-times{place}0": (Decimal(2),), f"checkin.opioid-drug{place}1": ("tramadol",),
        f"checkin.opioid-dose{place}1": (Decimal(50),), f"checkin.opioid-times{place}1": (Decimal(1),),
    }  # fmt: skip

    def mme(answers: dict[str, tuple[object, ...]]) -> Decimal | None:
        state = questionnaires.evaluate(form, answers)  # type: ignore[arg-type]
        scores = scoring.score(form, questionnaires.instruments(), answers, state)  # type: ignore[arg-type]
        return service.reading_of(form, answers, scores, NOW, "check-in").mme  # type: ignore[arg-type]

    assert mme(given) == 40
    assert mme(given | {f"checkin.opioid-drug{place}1": ("another",)}) is None


def test_a_quarterly_check_in():
    found = read("check-in-quarterly", pregnancy="yes", drug_use=1)
    assert (found.is_pregnant, found.misuse) == (True, frozenset({"drug-use"}))
    assert read("check-in-quarterly", pregnancy="does-not-apply", drug_use=0).is_pregnant is False
    assert read("check-in-quarterly", drug_use=0).misuse == frozenset()


def test_after_a_session():
    found = read(
        "after-session", effects=("nausea",), detached=7, distress=2, company=False, alcohol=True, systolic_before=141
    )
    assert found.misuse == frozenset({"alone", "alcohol"})
    assert (found.dissociation, found.distress, found.systolic) == (7, 2, 141)
    assert read("after-session", company=True, alcohol=False).misuse == frozenset()
