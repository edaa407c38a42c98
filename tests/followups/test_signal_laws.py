"""What holds for every history: a worse reading is never quieter, order does not matter, what comes later changes nothing
about what was."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from carepath.followups.rules.history import Baseline, History, Reading
from carepath.followups.rules.sessions import Vitals, reading_of
from carepath.followups.rules.signals import signals
from tests.cast import NOW

from .histories import FAMILY, RULES, last, loudness, plan
from .test_session_rules import DRAFT

_tenths = st.integers(0, 100).map(lambda n: Decimal(n) / 10)
_whole = st.integers(0, 10).map(Decimal)
_effects = st.frozensets(st.sampled_from(["nausea", "headache", "seizure", "fall"]))
_bladder = st.frozensets(st.sampled_from(["frequency", "pain", "burning", "blood", "leakage"]))
_misuse = st.frozensets(st.sampled_from(["lost", "extra", "alone", "drug-use"]))
_mind = st.frozensets(st.sampled_from(["high-mood", "voices"]))
_yes = st.booleans()
# How each field is asked, and which of two answers is the worse one.
_FIELDS: dict[str, tuple[st.SearchStrategy[object], Callable[[object, object], object]]] = {
    "peg": (_tenths, max), "nrs": (_whole, max), "phq9": (st.integers(0, 27), max), "item9": (st.integers(0, 3), max),
    "cssrs": (st.integers(0, 3), max), "change": (st.integers(1, 7), max), "effects": (_effects, frozenset.union),
    "severity": (st.sampled_from(["mild", "moderate", "severe"]),
                 lambda a, b: max(a, b, key=["mild", "moderate", "severe"].index)),
    "bladder": (_bladder, frozenset.union), "nights": (st.integers(0, 6), max), "systolic": (st.integers(100, 200), max),
    "diastolic": (st.integers(60, 120), max), "heart_rate": (st.integers(50, 130), max),
    "misuse": (_misuse, frozenset.union), "mind": (_mind, frozenset.union), "is_pregnant": (_yes, max),
    "has_new_medicine": (_yes, max), "wears_off_sooner": (_yes, max), "mme": (_tenths, max),
    "doses_left": (st.integers(0, 40), min), "oxygen": (st.integers(80, 100), min),
    "dissociation": (st.integers(0, 10), max), "distress": (st.integers(0, 10), max),
}  # type: ignore[dict-item]  # fmt: skip


@st.composite
def readings(draw: st.DrawFn, number: int) -> Reading:
    """One that says some of it, on some day; several may fall on the same moment."""
    asked = draw(st.frozensets(st.sampled_from(sorted(_FIELDS))))
    said = {name: draw(_FIELDS[name][0]) for name in sorted(asked)}
    return Reading(UUID(int=number + 1), NOW + timedelta(days=draw(st.integers(0, 120))), "check-in", **said)  # type: ignore[arg-type]


@st.composite
def histories(draw: st.DrawFn) -> History:
    """Up to six readings, with or without a baseline and plans."""
    kept = tuple(draw(readings(number)) for number in range(draw(st.integers(1, 6))))
    base = Baseline(
        draw(st.none() | _tenths), None, draw(st.none() | st.integers(0, 27)), draw(_bladder), draw(st.none() | st.integers(0, 3)),
        draw(st.none() | _tenths),
    )  # fmt: skip
    plans = (
        plan(0, 1, "induction", 28, "40 mg"),
        plan(10, 2, "maintenance", 28, "50 mg"),
        plan(40, 3, "maintenance", 20, "50 mg"),
    )
    return History(base, kept, draw(st.sampled_from([(), plans[:1], plans])))


def newest(found: History) -> Reading:
    return max(found.readings, key=lambda one: (one.at, one.id))


def with_newest(found: History, reading: Reading) -> History:
    return replace(found, readings=(*(one for one in found.readings if one.id != reading.id), reading))


@given(histories(), st.data())
def test_a_worse_reading_never_lowers_the_worst_tone_of_a_family(found: History, data: st.DataObject):
    reading = newest(found)
    said = {name: getattr(reading, name) for name in _FIELDS if getattr(reading, name) not in (None, "")}
    worse = {name: _FIELDS[name][1](value, data.draw(_FIELDS[name][0])) for name, value in said.items()}
    other = with_newest(found, replace(reading, **worse))  # type: ignore[arg-type]
    for family in set(FAMILY.values()):
        assert loudness(last(other, family)) >= loudness(last(found, family)), family


_vitals = st.builds(
    Vitals, st.none() | st.integers(100, 220), st.none() | st.integers(50, 140), st.none() | st.integers(50, 130),
    st.none() | st.integers(80, 100),
)  # fmt: skip


def worse_vitals(one: Vitals, other: Vitals) -> Vitals:
    """Of each number that was measured, the worse of both."""
    said = {name: getattr(one, name) for name in ("systolic", "diastolic", "heart_rate", "oxygen")}
    pick = {name: min if name == "oxygen" else max for name in said}
    also = {name: getattr(other, name) for name in said}
    return Vitals(
        **{n: value if None in (value, also[n]) else pick[n](value, also[n]) for n, value in said.items()}  # type: ignore[type-var]
    )


@given(histories(), _vitals, _vitals, st.sampled_from(["before", "after"]), _vitals)
def test_a_worse_measurement_at_a_session_never_lowers_the_worst_tone_of_a_family(
    found: History, before: Vitals, after: Vitals, when: str, other: Vitals
):
    """Whichever of both got worse, and by whichever number: the other one, and the other number, hide nothing."""
    draft = replace(DRAFT, held_at=NOW + timedelta(days=121), before=before, after=after)
    worse = replace(draft, **{when: worse_vitals(getattr(draft, when), other)})  # type: ignore[arg-type]
    was, is_now = (
        with_newest(found, reading_of(one, UUID(int=99))) for one in (draft, worse)
    )  # fmt: skip
    for family in set(FAMILY.values()):
        assert loudness(last(is_now, family)) >= loudness(last(was, family)), family


@given(histories(), st.randoms(use_true_random=False))
def test_the_order_in_which_readings_come_does_not_matter(found: History, random: object):
    shuffled = list(found.readings)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    other = replace(found, readings=tuple(shuffled), plans=tuple(reversed(found.plans)))
    assert signals(RULES, other) == signals(RULES, found)


@given(histories())
def test_what_comes_later_changes_nothing_about_what_was(found: History):
    reading = newest(found)
    before = replace(found, readings=tuple(one for one in found.readings if one.id != reading.id))
    assert [one for one in signals(RULES, found) if one.reading_id != reading.id] == signals(RULES, before)


@given(histories(), st.integers(0, 120))
def test_from_a_time_on_it_is_the_end_of_the_whole(found: History, day: int):
    since = NOW + timedelta(days=day)
    assert signals(RULES, found, since) == [one for one in signals(RULES, found) if one.about_at >= since]


@given(histories())
def test_of_a_ladder_one_is_raised_and_each_says_what_is_behind_it(found: History):
    raised = signals(RULES, found)
    assert len({(one.anchor, one.rule.id) for one in raised}) == len(raised)
    for one in raised:
        assert one.readings
        assert one.anchor == f"reading:{one.reading_id}"
    for ladder in ({"relief-minimal", "relief-moderate", "relief-substantial"}, {"misuse-one", "misuse-several"},
                   {"c-ssrs-low", "c-ssrs-moderate", "c-ssrs-high"}, {"change-worse", "waning-change"}):  # fmt: skip
        per_reading = [one.anchor for one in raised if one.rule.id in ladder]
        assert len(set(per_reading)) == len(per_reading)
