"""What fictitious patients answer, as form fields: they go through the same door as real ones."""

from collections.abc import Mapping
from random import Random

from carepath.dev.people import DemoPatient
from carepath.questionnaires import service as questionnaires
from carepath.questionnaires.service import Item, Questionnaire

Plain = Mapping[str, object]
_LEVELS = ("LA6568-5", "LA6569-3", "LA6570-1")


def field_of(form: Questionnaire, link_id: str) -> str:
    """The field of an item; the first one of a group that repeats."""
    return form.by_id[link_id].field + "".join(".0" for _group in form.repeaters[link_id])


def fields(form: Questionnaire, given: Plain) -> dict[str, list[str]]:
    """Form fields for plain answers: option codes, numbers, texts, booleans, or lists of codes."""
    sent: dict[str, list[str]] = {}
    for link_id, value in given.items():
        item = form.by_id[link_id]
        sent[field_of(form, link_id)] = [_field(item, one) for one in (value if isinstance(value, list) else [value])]
    return sent


def filled(form: Questionnaire, given: Plain) -> Plain:
    """What is asked of `given`, with the mildest answer to every other question that must have one."""
    plain = {link_id: value for link_id, value in given.items() if link_id in form.by_id}
    while True:
        state = questionnaires.evaluate(form, questionnaires.parse(form, fields(form, plain))[0])
        asked = {where.partition(questionnaires.MARK)[0] for where in state.asked}
        needed = (form.by_id[one] for one in form.by_id if one in asked and one not in plain)
        missing = {one.link_id: _mildest(one) for one in needed if one.required and one.is_question}
        if not missing:
            return {link_id: value for link_id, value in plain.items() if link_id in asked}
        plain |= missing


def _mildest(item: Item) -> object:
    codes = [option.code for option in item.options]
    if codes:
        return next((code for code in ("none", "no", "never", "not-tried") if code in codes), codes[0])
    return {"boolean": False, "string": "-", "text": "-", "date": "2026-01-05"}.get(item.type, item.low or 0)


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
        "peg": _peg(person, rng),
        "fibromyalgia": _body(rng),
        "phq-9": _mood(person, rng),
        "gad-7": {f"gad7.q{n}": rng.choice(_LEVELS) for n in range(1, 8)},
        "sleep-and-mood": {"mood.sleep": rng.randint(2, 6), "mood.sleep-hours": rng.randint(4, 8)},
        "audit-c": {"audit.q1": rng.choice(("LA6270-8", "LA18926-8")), "audit.q2": "LA15694-5", "audit.q3": "LA6270-8"},
        "medical-history": _history(person, rng),
        "bladder": {"bladder.nights": rng.randint(0, 2)},
        "medicines": _medicines(rng),
        "expectations": {"hope.relief": rng.randint(3, 6), "hope.goals": ["sleep", "moving"], "hope.company": True},
    }  # fmt: skip


def _peg(person: DemoPatient, rng: Random) -> Plain:
    ratings = {f"peg.q{n}": _near(person.pain, rng) for n in (1, 2, 3)}
    worst, least = min(10, person.pain + 2), max(0, person.pain - 3)
    return {**ratings, "nrs.now": _near(person.pain, rng), "nrs.worst": worst, "nrs.least": least}


def _body(rng: Random) -> Plain:
    sites = [
        "shoulder-left",
        "shoulder-right",
        "hip-left",
        "hip-right",
        "neck",
        "lower-back",
        "upper-leg-left",
        "lower-leg-right",
    ]
    severity = {f"fm.{name}": rng.choice(("1", "2", "3")) for name in ("fatigue", "waking", "thinking")}
    return {"fm.sites": rng.sample(sites, rng.randint(2, 8)), **severity, "fm.headache": rng.random() < 0.5,
            "fm.three-months": True}  # fmt: skip


def _medicines(rng: Random) -> Plain:
    classes = rng.choice([["none"], ["gabapentinoid"], ["antihypertensive"], ["opioid", "gabapentinoid"]])
    opioid = {"medicines.opioid-drug": "tramadol", "medicines.opioid-dose": 50, "medicines.opioid-times": 3}
    return {
        "medicines.classes": classes, "medicines.list": "duloxetine 60 mg once a day",
        **(opioid if "opioid" in classes else {}),
    }  # fmt: skip


def _near(pain: int, rng: Random) -> int:
    return max(0, min(10, pain + rng.choice((-1, 0, 0, 1))))


def _pain(person: DemoPatient, rng: Random) -> Plain:
    tried = ("gabapentinoid", "tricyclic", "duloxetine", "topical", "opioid", "exercise")
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
    answers: dict[str, object] = {f"phq9.q{n}": rng.choice(_LEVELS) for n in range(1, 9)}
    in_crisis = person.stage == "crisis"
    return {**answers, "phq9.q9": "LA6569-3" if in_crisis else "LA6568-5", "phq9.cssrs.q1": in_crisis}


def _history(person: DemoPatient, rng: Random) -> Plain:
    stopped = person.stage == "stopped-by-rule"
    return {
        "medical.heart": ["uncontrolled-blood-pressure"] if stopped else rng.choice([["none"], ["controlled-blood-pressure"]]),
        "medical.brain": ["none"], "medical.organs": rng.choice([["none"], ["none"], ["sleep-apnea"], ["bladder"]]),
        "medical.mind": ["none"], "medical.substances": ["none"], "medical.drug-use": 0, "medical.pregnancy": "no",
        "medical.reading": True, "medical.systolic": rng.randint(112, 138), "medical.diastolic": rng.randint(68, 88),
        "medical.heart-rate": rng.randint(58, 92), "medical.allergy": False,
        "medical.sex": rng.choice(("female", "female", "male")), "medical.weight": rng.randint(120, 210),
    }  # fmt: skip


def check_in(peg: float, rng: Random, blood: bool = False) -> Plain:
    """A check-in whose PEG is about `peg`."""
    base = int(peg)
    spread = [base + (1 if peg - base > share else 0) for share in (0.2, 0.5, 0.8)]
    return {
        **{f"checkin.peg.q{n}": max(0, min(10, value)) for n, value in enumerate(spread, 1)},
        "checkin.nrs": round(peg), "checkin.reading": True, "checkin.systolic": rng.randint(112, 138),
        "checkin.diastolic": rng.randint(68, 88), "checkin.heart-rate": rng.randint(58, 92),
        "checkin.nights": rng.randint(0, 1), "checkin.wears-off": "no" if peg < 6 else "yes",
        "checkin.change": "2" if peg < 5 else "3" if peg < 7 else "4",
        "checkin.phq.q1": "LA6568-5", "checkin.phq.q2": rng.choice(("LA6568-5", "LA6569-3")),
        "checkin.phq.q9": "LA6568-5", "checkin.effects": rng.choice([*[["none"]] * 6, ["nausea"]]),
        "checkin.severity": "mild", "checkin.bladder": ["blood"] if blood else ["none"],
    }  # fmt: skip
