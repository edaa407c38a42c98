"""What config/screening.toml says, told by the answers a person gives."""

import tomllib
from decimal import Decimal

import pytest

from carepath.questionnaires.definition import Value
from carepath.screening import service
from carepath.screening.rules import Verdict
from tests.questionnaires.forms import BASE, CONFIG, library, phq9
from tests.screening.facts import configure, facts, rules


def screened(stage: str, answers: dict[str, Value | list[Value]], age: int = 40, **scores: int) -> Verdict:
    return service.preview(stage, facts(answers, {code.replace("_", "-"): v for code, v in scores.items()}, age))


def fired(verdict: Verdict) -> set[str]:
    return {finding.rule_id for finding in verdict.findings}


@pytest.mark.parametrize(
    "stop",
    [
        "uncontrolled-blood-pressure", "fast-heart-rhythm", "recent-heart-attack", "aneurysm", "raised-skull-pressure",
        "severe-liver-disease", "active-psychosis", "active-substance-use", "ketamine-allergy",
    ],
)  # fmt: skip
def test_each_hard_stop_stops_at_the_first_page_and_tells_why(stop: str) -> None:
    verdict = screened("eligibility", {"eligibility.stops": [stop]})
    assert verdict.outcome == "stop"
    (finding,) = verdict.findings
    assert finding.patient_words
    assert finding.source


def test_nobody_under_18() -> None:
    assert screened("eligibility", {}, age=17).outcome == "stop"
    assert screened("eligibility", {}, age=18).outcome == "eligible"


def test_pregnancy_and_breastfeeding_stop() -> None:
    assert screened("eligibility", {"eligibility.pregnancy": "yes"}).outcome == "stop"
    assert screened("eligibility", {"eligibility.pregnancy": "does-not-apply"}).outcome == "eligible"
    assert screened("intake", {"medical.pregnancy": "yes"}).outcome == "stop"


def test_somebody_in_crisis_gets_help_now_and_is_not_sent_on_to_book() -> None:
    verdict = screened("eligibility", {"eligibility.crisis": "yes"})
    assert (verdict.outcome, verdict.is_urgent) == ("stop", True)


@pytest.mark.parametrize(("points", "is_urgent"), [(0, False), (1, True), (2, True), (3, True)])
def test_item_9_above_zero_is_urgent_whatever_the_total(points: int, is_urgent: bool) -> None:
    answer = phq9(*[0] * 8, points)["phq9.q9"][0]
    verdict = screened("intake", {"phq9.q9": answer}, phq_9=points)
    assert verdict.is_urgent is is_urgent
    assert ("phq9-item9" in fired(verdict)) is is_urgent


@pytest.mark.parametrize(("name", "link_id"), [("phq-9", "phq9.q9"), ("check-in", "checkin.phq.q9")])
def test_item_9_alone_asks_for_help_at_once(name: str, link_id: str) -> None:
    configure()
    (finding,) = service.immediate(library().forms[f"{BASE}{name}"], {link_id: ("LA6569-3",)})
    assert finding.outcome == "urgent"
    assert finding.answers[0][1] == "Several days"
    assert service.immediate(library().forms[f"{BASE}{name}"], {link_id: ("LA6568-5",)}) == ()
    assert service.immediate(library().forms[f"{BASE}{name}"], {}) == ()


@pytest.mark.parametrize(("total", "outcome"), [(19, "eligible"), (20, "review"), (27, "review")])
def test_a_severe_phq9_is_reviewed(total: int, outcome: str) -> None:
    assert screened("intake", {}, phq_9=total).outcome == outcome


@pytest.mark.parametrize(
    ("systolic", "diastolic", "pulse", "expected"),
    [
        (140, 90, 100, set()), (141, 80, 70, {"blood-pressure-high"}), (120, 91, 70, {"blood-pressure-high"}),
        (120, 80, 101, {"blood-pressure-high"}), (180, 110, 70, {"blood-pressure-high"}),
        (181, 80, 70, {"blood-pressure-high", "blood-pressure-crisis"}),
        (120, 111, 70, {"blood-pressure-high", "blood-pressure-crisis"}),
    ],
)  # fmt: skip
def test_blood_pressure_at_its_edges(systolic: int, diastolic: int, pulse: int, expected: set[str]) -> None:
    reading: dict[str, Value | list[Value]] = {
        "medical.reading": True,
        "medical.systolic": systolic,
        "medical.diastolic": diastolic,
        "medical.heart-rate": pulse,
    }
    assert fired(screened("intake", reading)) == expected


def test_a_reading_that_was_withdrawn_does_not_count() -> None:
    assert screened("intake", {"medical.reading": False, "medical.systolic": 200}).outcome == "eligible"


@pytest.mark.parametrize(
    ("answers", "rule", "outcome"),
    [
        ({"medical.heart": ["aneurysm"]}, "heart-stop", "stop"),
        ({"medical.heart": ["controlled-blood-pressure"]}, "heart-review", "review"),
        ({"medical.brain": ["raised-skull-pressure"]}, "skull-pressure", "stop"),
        ({"medical.brain": ["glaucoma"]}, "eye-pressure", "review"),
        ({"medical.organs": ["liver-severe"]}, "liver-severe", "stop"),
        ({"medical.organs": ["liver-moderate"]}, "liver-moderate", "review"),
        ({"medical.organs": ["kidney"]}, "kidney", "review"),
        ({"medical.mind": ["psychosis-now"]}, "psychosis-now", "stop"),
        ({"medical.mind": ["psychosis-past"]}, "psychosis-past", "review"),
        ({"medical.mind": ["mania"]}, "mania", "review"),
        ({"medical.mind": ["suicide-attempt"]}, "suicide-attempt", "stop"),
        ({"medical.substances": ["dependence-now"]}, "dependence-now", "stop"),
        ({"medical.substances": ["opioid-use-disorder"]}, "dependence-past", "review"),
        ({"medical.drug-use": 1}, "drug-use", "review"),
        ({"eligibility.tried": ["none"]}, "nothing-tried", "review"),
        ({"pain.duration": "under-3-months"}, "short-duration", "review"),
        ({"pain.condition": "fibromyalgia"}, "evidence-fibromyalgia", "eligible"),
        ({"medicines.classes": ["opioid", "benzodiazepine"]}, "opioid-benzodiazepine", "review"),
        ({"medicines.classes": ["inhibitor"]}, "inhibitors", "review"),
        ({"medicines.classes": ["theophylline"]}, "theophylline", "review"),
        ({"medicines.classes": ["maoi"]}, "pressors", "review"),
        ({"medicines.classes": ["lamotrigine"]}, "lamotrigine", "eligible"),
    ],
)
def test_history_and_medicines(answers: dict[str, Value | list[Value]], rule: str, outcome: str) -> None:
    verdict = screened("intake", answers)
    assert rule in fired(verdict)
    assert verdict.outcome == outcome


def test_no_drug_use_and_nothing_ticked_is_eligible() -> None:
    none: dict[str, Value | list[Value]] = {f"medical.{n}": ["none"] for n in ("heart", "brain", "organs", "mind")}
    verdict = screened("intake", none | {"medical.drug-use": 0, "medicines.classes": ["none"]})
    assert verdict == Verdict("eligible", False, ())


@pytest.mark.parametrize(
    "effect", ["chest-pain", "fainting", "seizure", "breathing", "confusion", "jaundice", "fall", "allergic"]
)
def test_a_serious_side_effect_is_urgent_even_beside_none(effect: str) -> None:
    configure()
    (finding,) = service.immediate(library().forms[f"{BASE}check-in"], {"checkin.effects": (effect, "none")})
    assert finding.rule_id == "checkin-serious-effect"


@pytest.mark.parametrize(
    ("answers", "rules_of_it"),
    [
        ({"session.effects": ("chest-pain", "none")}, {"session-serious-effect"}),
        ({"session.effects": ("nausea",), "session.severity": ("severe",)}, {"session-severe-effect"}),
        ({"session.effects": ("nausea",), "session.severity": ("moderate",)}, set()),
        ({"session.systolic-before": (181,)}, {"session-blood-pressure-crisis"}),
        ({"session.diastolic-after": (111,)}, {"session-blood-pressure-crisis"}),
        ({"session.systolic-after": (180,), "session.diastolic-after": (110,)}, set()),
    ],
)  # fmt: skip
def test_what_cannot_wait_after_a_session_is_urgent_alone(
    answers: dict[str, tuple[Value, ...]], rules_of_it: set[str]
) -> None:
    configure()
    found = service.immediate(library().forms[f"{BASE}after-session"], answers)
    assert {one.rule_id for one in found} == rules_of_it
    assert all(one.patient_words for one in found)


def test_the_codes_of_a_serious_side_effect_are_the_same_wherever_they_are_asked() -> None:
    named = {
        one.id: one.when.any_of for one in rules() if one.id in {"checkin-serious-effect", "session-serious-effect"}
    }
    assert len(named) == 2
    assert len(set(named.values())) == 1


def test_the_questions_that_findings_look_at_are_known_by_their_rules() -> None:
    configure()
    form = library().forms[f"{BASE}check-in"]
    found = service.immediate(form, {"checkin.effects": ("fall",), "checkin.phq.q9": ("LA6569-3",)})
    assert service.items_of(found) == {"checkin.effects", "checkin.phq.q9"}
    assert service.items_of(()) == frozenset()


def test_an_incomplete_score_fires_nothing() -> None:
    configure()
    found = service.facts([], {"phq-9": None}, 40)
    assert found.scores == {}
    assert service.preview("intake", found).outcome == "eligible"


def test_every_rule_has_a_source_and_speaks_to_whom_it_stops() -> None:
    for rule in rules():
        assert rule.source
        assert rule.provider_words
        assert rule.patient_words or rule.outcome == "inform"
        assert rule.is_immediate or rule.outcome != "urgent"


def test_signals_of_the_follow_up_have_ids_versions_and_sources() -> None:
    found = tomllib.loads((CONFIG / "followups.toml").read_text(encoding="utf-8"))
    signals = {signal["id"]: signal for signal in found["signals"]}
    assert len(signals) == len(found["signals"])
    assert {"version", "source", "words", "tone"} <= set.intersection(*(set(s) for s in signals.values()))
    assert {signals[name]["tone"] for name in ("phq-item9", "severe-side-effect", "blood-in-urine")} == {"red"}
    assert Decimal(str(signals["waning-peg"]["numbers"]["points"])) == 1
