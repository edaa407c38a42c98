"""What fictitious patients answer, as form fields: they go through the same door as real ones."""

from collections.abc import Mapping
from random import Random

from carepath.dev.people import DemoPatient
from carepath.questionnaires.service import Item, Questionnaire

Plain = Mapping[str, object]


def fields(form: Questionnaire, given: Plain) -> dict[str, list[str]]:
    """Form fields for plain answers: option codes, numbers, texts, booleans, or lists of codes."""
    sent: dict[str, list[str]] = {}
    for link_id, value in given.items():
        item = form.by_id[link_id]
        sent[item.field] = [_field(item, one) for one in (value if isinstance(value, list) else [value])]
    return sent


def _field(item: Item, value: object) -> str:
    if item.is_choice:
        return str([option.code for option in item.options].index(str(value)))
    return ("true" if value else "false") if isinstance(value, bool) else str(value)


def eligibility() -> Plain:
    """Nothing speaks against a visit."""
    return {
        "eligibility.pregnancy": "no", "eligibility.stops": ["none"], "eligibility.tried": ["medicines", "other"],
        "eligibility.crisis": "no",
    }  # fmt: skip


def sections(person: DemoPatient, rng: Random) -> dict[str, Plain]:
    """Every section's answers, by its page."""
    return {
        "pain-history": _pain(person, rng),
        "peg": {f"peg.q{n}": _near(person.pain, rng) for n in (1, 2, 3)},
        "phq-9": _mood(person, rng),
        "medical-history": _history(person, rng),
        "medicines": {
            "medicines.classes": rng.choice([["none"], ["gabapentinoid"], ["antihypertensive"], ["opioid", "gabapentinoid"]]),
            "medicines.list": "duloxetine 60 mg once a day",
        },
    }  # fmt: skip


def _near(pain: int, rng: Random) -> int:
    return max(0, min(10, pain + rng.choice((-1, 0, 0, 1))))


def _pain(person: DemoPatient, rng: Random) -> Plain:
    tried = ("gabapentinoid", "tricyclic", "snri", "topical", "opioid", "therapy")
    effects = ("not-tried", "helped-a-little", "no-help", "stopped-side-effects")
    return {
        "pain.condition": rng.choice(("neuropathic", "fibromyalgia", "both")),
        "pain.duration": rng.choice(("1-to-5-years", "over-5-years")),
        "pain.sites": rng.sample(["neck", "shoulders", "arms-hands", "lower-back", "hips", "legs", "feet"], 3),
        "pain.feeling": rng.sample(["burning", "electric", "tingling", "aching"], 2),
        **{f"pain.tried-{name}": rng.choice(effects) for name in tried},
        "pain.goal": person.goal,
    }


def _mood(person: DemoPatient, rng: Random) -> Plain:
    levels = ("LA6568-5", "LA6569-3", "LA6570-1")
    answers: dict[str, object] = {f"phq9.q{n}": rng.choice(levels) for n in range(1, 9)}
    answers["phq9.q9"] = "LA6569-3" if person.stage == "crisis" else "LA6568-5"
    return answers


def _history(person: DemoPatient, rng: Random) -> Plain:
    stopped = person.stage == "stopped-by-rule"
    return {
        "medical.heart": ["uncontrolled-blood-pressure"] if stopped else rng.choice([["none"], ["controlled-blood-pressure"]]),
        "medical.brain": ["none"], "medical.organs": rng.choice([["none"], ["none"], ["sleep-apnea"], ["bladder"]]),
        "medical.mind": ["none"], "medical.substances": ["none"], "medical.drug-use": 0, "medical.pregnancy": "no",
        "medical.reading": True, "medical.systolic": rng.randint(112, 138), "medical.diastolic": rng.randint(68, 88),
        "medical.heart-rate": rng.randint(58, 92), "medical.sleep": rng.randint(2, 6),
    }  # fmt: skip


def check_in(peg: float, rng: Random, blood: bool = False) -> Plain:
    """A check-in whose PEG is about `peg`."""
    base = int(peg)
    spread = [base + (1 if peg - base > share else 0) for share in (0.2, 0.5, 0.8)]
    return {
        **{f"checkin.peg.q{n}": max(0, min(10, value)) for n, value in enumerate(spread, 1)},
        "checkin.change": "2" if peg < 5 else "3" if peg < 7 else "4",
        "checkin.phq.q1": "LA6568-5", "checkin.phq.q2": rng.choice(("LA6568-5", "LA6569-3")),
        "checkin.phq.q9": "LA6568-5", "checkin.effects": rng.choice([["none"], ["none"], ["nausea"]]),
        "checkin.severity": "mild", "checkin.bladder": ["blood"] if blood else ["none"],
    }  # fmt: skip
