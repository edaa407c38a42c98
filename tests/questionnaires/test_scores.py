"""Every shipped score by its published rule: examples, every band edge, and no total while something is missing."""

from collections.abc import Mapping
from decimal import Decimal

import pytest

from carepath.questionnaires import calculating, checking, scoring
from carepath.questionnaires.definition import Answers, Questionnaire, Value
from carepath.questionnaires.scoring import Score
from tests.questionnaires.forms import configured, library


def scores(slug: str, answers: Mapping[str, Value | tuple[Value, ...]]) -> dict[str, Score]:
    """Every score of a form, by code, from answers that need not be whole."""
    form = configured(slug)
    given: Answers = {link_id: one if isinstance(one, tuple) else (one,) for link_id, one in answers.items()}
    state = calculating.evaluate(form, given)
    return {s.code: s for s in scoring.score(form, library().instruments, checking.prune(form, given, state), state)}


def points(form: Questionnaire, prefix: str, values: list[int]) -> dict[str, Value]:
    """Answers worth these points to `prefix`1, `prefix`2, ..."""
    found: dict[str, Value] = {}
    for number, wanted in enumerate(values, 1):
        options = form.by_id[f"{prefix}{number}"].options
        found[f"{prefix}{number}"] = next(o.code for o in options if o.weight == wanted)
    return found


def spread(total: int, count: int, most: int) -> list[int]:
    """`total` points over `count` items, the first ones full."""
    return [max(0, min(most, total - most * n)) for n in range(count)]


@pytest.mark.parametrize(
    ("slug", "prefix", "code", "count", "most", "edges"),
    [
        ("phq-9", "phq9.q", "phq-9", 9, 3, {0: "minimal", 4: "minimal", 5: "mild", 9: "mild", 10: "moderate",
            14: "moderate", 15: "moderately severe", 19: "moderately severe", 20: "severe", 27: "severe"}),
        ("phq-9", "phq9.q", "phq-2", 2, 3, {0: "negative", 2: "negative", 3: "positive", 6: "positive"}),
        ("gad-7", "gad7.q", "gad-7", 7, 3, {0: "minimal", 4: "minimal", 5: "mild", 9: "mild", 10: "moderate",
            14: "moderate", 15: "severe", 21: "severe"}),
        ("gad-7", "gad7.q", "gad-2", 2, 3, {0: "negative", 2: "negative", 3: "positive", 6: "positive"}),
        ("check-in-monthly", "checkin.phq.q", "phq-9", 9, 3, {4: "minimal", 5: "mild", 27: "severe"}),
        ("check-in-quarterly", "checkin.gad7.q", "gad-7", 7, 3, {14: "moderate", 15: "severe"}),
    ],
)  # fmt: skip
def test_a_sum_and_its_band_at_every_edge(
    slug: str, prefix: str, code: str, count: int, most: int, edges: dict[int, str]
) -> None:
    form = configured(slug)
    for total, band in edges.items():
        found = scores(slug, points(form, prefix, spread(total, count, most)))[code]
        assert (found.value, found.band) == (total, band), total


@pytest.mark.parametrize(
    ("slug", "prefix", "code", "count"),
    [
        ("phq-9", "phq9.q", "phq-9", 9),
        ("gad-7", "gad7.q", "gad-7", 7),
        ("check-in-monthly", "checkin.phq.q", "phq-9", 9),
    ],
)
def test_with_any_one_item_missing_there_is_no_total(slug: str, prefix: str, code: str, count: int) -> None:
    whole = points(configured(slug), prefix, [1] * count)
    for gone in whole:
        found = scores(slug, {k: v for k, v in whole.items() if k != gone})[code]
        assert (found.value, found.band, found.answered) == (None, None, count - 1)


def test_gad7_of_three_is_not_any_longer_minimal_by_its_first_two() -> None:
    found = scores("gad-7", points(configured("gad-7"), "gad7.q", [3, 0, 0, 0, 0, 0, 0]))
    assert (found["gad-2"].band, found["gad-7"].band) == ("positive", "minimal")


@pytest.mark.parametrize(
    ("items", "mean"),
    [
        ((0, 0, 0), "0.0"),
        ((7, 6, 7), "6.7"),
        ((5, 5, 6), "5.3"),
        ((10, 10, 10), "10.0"),
        ((1, 0, 0), "0.3"),
        ((0, 1, 1), "0.7"),
    ],
)
def test_peg_is_the_mean_with_one_decimal(items: tuple[int, int, int], mean: str) -> None:
    found = scores("peg", {f"peg.q{n}": value for n, value in enumerate(items, 1)})["peg"]
    assert (str(found.value), found.band) == (mean, None)
    assert scores("peg", {"peg.q1": 3, "peg.q2": 4})["peg"].value is None


def test_the_numeric_rating_is_the_pain_of_now() -> None:
    assert scores("peg", {"nrs.now": 4, "nrs.worst": 9, "nrs.least": 1})["nrs"].value == 4
    assert scores("peg", {"nrs.worst": 9})["nrs"].value is None


# --- C-SSRS: triage of the Columbia Lighthouse Project

_AT_RISK: Mapping[str, Value] = {"phq9.q9": "LA6569-3"}
_CALM: Mapping[str, Value] = {"q1": False, "q2": False, "q6": False}


@pytest.mark.parametrize(
    ("answers", "band"),
    [
        ({}, "none"),
        ({"q1": True}, "low"),
        ({"q2": True, "q3": False, "q4": False, "q5": False}, "low"),
        ({"q2": True, "q3": True, "q4": False, "q5": False}, "moderate"),
        ({"q2": True, "q3": False, "q4": True, "q5": False}, "high"),
        ({"q2": True, "q3": False, "q4": False, "q5": True}, "high"),
        ({"q6": True, "q6-recent": False}, "moderate"),
        ({"q6": True, "q6-recent": True}, "high"),
        ({"q1": True, "q6": True, "q6-recent": False}, "moderate"),
        ({"q2": False, "q4": True}, "none"),  # 3 to 5 are asked after a yes to 2 only
        ({"q6": False, "q6-recent": True}, "none"),  # when it was is no finding by itself
    ],
)
def test_c_ssrs_triage(answers: Mapping[str, Value], band: str) -> None:
    given = {f"phq9.cssrs.{name}": value for name, value in {**_CALM, **answers}.items()}
    assert scores("phq-9", {**_AT_RISK, **given})["c-ssrs"].band == band


def test_c_ssrs_is_asked_after_item_9_only_and_is_nothing_while_incomplete() -> None:
    assert "c-ssrs" not in scores("phq-9", {"phq9.q9": "LA6568-5", "phq9.cssrs.q1": True})
    found = scores("phq-9", {**_AT_RISK, "phq9.cssrs.q1": True, "phq9.cssrs.q2": False})["c-ssrs"]
    assert (found.value, found.answered) == (None, 2)
    for codes in ("LA6569-3", "LA6570-1", "LA6571-9"):
        asked = calculating.evaluate(configured("phq-9"), {"phq9.q9": (codes,)}).asked
        assert {"phq9.cssrs.q1", "phq9.cssrs.q2", "phq9.cssrs.q6"} <= asked
        assert "phq9.cssrs.q3" not in asked


# --- AUDIT-C


def test_audit_c_adds_three_items() -> None:
    form = configured("audit-c")
    for wanted in ([1, 0, 0], [4, 4, 4], [2, 1, 0], [1, 2, 1]):
        assert scores("audit-c", points(form, "audit.q", wanted))["audit-c"].value == sum(wanted)


def test_audit_c_of_a_person_who_never_drinks_is_0_and_asks_no_more() -> None:
    found = scores("audit-c", {"audit.q1": "LA6270-8"})["audit-c"]
    assert (found.value, found.answered) == (0, 1)
    assert scores("audit-c", {"audit.q1": "LA18926-8", "audit.q2": "LA15694-5"})["audit-c"].value is None
    assert "audit-c" not in scores("audit-c", {}) or scores("audit-c", {})["audit-c"].value is None


# --- Fibromyalgia, 2016 revision

_ARMS = ("shoulder-left", "upper-arm-left", "lower-arm-left")
_FOUR = ("shoulder-left", "shoulder-right", "hip-left", "hip-right")


def fibromyalgia(sites: tuple[str, ...], severity: int, extra: int = 0, is_long: bool = True) -> dict[str, Score]:
    """`severity` over the three symptoms, `extra` of the three yes/no items."""
    three = dict(zip(("fatigue", "waking", "thinking"), spread(severity, 3, 3), strict=True))
    return scores(
        "fibromyalgia",
        {
            "fm.sites": sites or ("none",), "fm.three-months": is_long,
            **{f"fm.{name}": str(value) for name, value in three.items()},
            **{f"fm.{name}": n < extra for n, name in enumerate(("headache", "abdomen", "depression"))},
        },
    )  # fmt: skip


SEVEN = (*_FOUR, "neck", "chest", "abdomen")
SIX = (*_FOUR, "neck", "chest")


@pytest.mark.parametrize(
    ("sites", "severity", "extra", "is_long", "is_met"),
    [
        (SEVEN, 5, 0, True, True),  # WPI 7, SSS 5
        (SEVEN, 4, 0, True, False),
        (SEVEN, 3, 2, True, True),  # the yes/no items count
        (SIX, 9, 0, True, True),  # WPI 6, SSS 9
        (SIX, 8, 0, True, False),
        (_FOUR, 9, 0, True, True),  # WPI 4 is in, 3 (the rule of 2011) is out
        (_FOUR[:3], 9, 3, True, False),
        (SEVEN, 9, 3, False, False),  # not yet three months
        (
            (*_ARMS, "neck", "upper-back", "lower-back", "jaw-left", "chest", "abdomen"),
            9,
            3,
            True,
            False,
        ),  # two regions
        ((*_ARMS, "shoulder-right", "hip-left", "jaw-left", "jaw-right"), 9, 0, True, False),  # three; jaw is none
        ((*_ARMS, "shoulder-right", "hip-left", "neck"), 9, 0, True, True),  # four, with one axial
    ],
)
def test_fibromyalgia_by_the_rule_of_2016(
    sites: tuple[str, ...], severity: int, extra: int, is_long: bool, is_met: bool
) -> None:
    found = fibromyalgia(sites, severity, extra, is_long)
    assert found["wpi"].value == len(sites)
    assert found["sss"].value == severity + extra
    assert found["fs"].value == len(sites) + severity + extra
    assert found["fibromyalgia-2016"].band == ("met" if is_met else "not met")


def test_every_site_and_the_bands_of_the_severity() -> None:
    every = tuple(o.code for o in configured("fibromyalgia").by_id["fm.sites"].options if o.code != "none")
    assert len(every) == 19
    assert fibromyalgia(every, 9, 3)["fs"].value == 31
    assert fibromyalgia((), 0)["wpi"].value == 0
    edges = {
        5: "remission",
        6: "mild",
        15: "mild",
        16: "moderate",
        20: "moderate",
        21: "severe",
        25: "severe",
        26: "very severe",
    }
    for total, band in edges.items():
        sites = every[: min(total, 19)]
        assert fibromyalgia(sites, min(9, total - len(sites)), max(0, total - len(sites) - 9))["fs"].band == band


def test_fibromyalgia_is_nothing_while_incomplete() -> None:
    found = scores("fibromyalgia", {"fm.sites": SEVEN, "fm.fatigue": "3"})
    assert found["wpi"].value == 7
    assert [found[code].value for code in ("sss", "fs", "fibromyalgia-2016")] == [None, None, None]


# --- Opioids

CDC_2022 = {
    "codeine": "0.15", "fentanyl-patch": "2.4", "hydrocodone": "1", "hydromorphone": "5", "methadone": "4.7", "morphine": "1",
    "oxycodone": "1.5", "oxymorphone": "3", "tapentadol": "0.4", "tramadol": "0.2",
}  # fmt: skip


def opioids(*each: tuple[str, str, str]) -> dict[str, Value | tuple[Value, ...]]:
    found: dict[str, Value | tuple[Value, ...]] = {"medicines.classes": "opioid", "medicines.opioid": len(each)}
    for n, (drug, dose, times) in enumerate(each):
        found |= {f"medicines.opioid-drug#{n}": drug, f"medicines.opioid-dose#{n}": Decimal(dose), f"medicines.opioid-times#{n}": Decimal(times)}  # fmt: skip
    return found


@pytest.mark.parametrize(("drug", "factor"), CDC_2022.items())
def test_mme_uses_the_factors_of_2022(drug: str, factor: str) -> None:
    assert scores("medicines", opioids((drug, "10", "2")))["mme"].value == Decimal(factor) * 20


def test_mme_adds_every_opioid_and_flags_50() -> None:
    assert scores("medicines", opioids(("tramadol", "50", "4"), ("codeine", "30", "2")))["mme"].value == 49
    found = scores("medicines", opioids(("oxycodone", "10", "3"), ("morphine", "5", "1")))["mme"]
    assert (found.value, found.band) == (50, "50 or more")
    just_below = scores("medicines", opioids(("morphine", "24.9", "2")))["mme"]
    assert (str(just_below.value), just_below.band) == ("49.8", "below 50")


def test_an_opioid_without_factor_or_dose_leaves_no_total_rather_than_a_low_one() -> None:
    assert scores("medicines", opioids(("morphine", "30", "1"), ("another", "30", "1")))["mme"].value is None
    partly = opioids(("morphine", "30", "1"), ("oxycodone", "10", "1"))
    del partly["medicines.opioid-times#1"]
    assert scores("medicines", partly)["mme"].value is None
    assert "mme" not in scores("medicines", {"medicines.classes": "none"})
