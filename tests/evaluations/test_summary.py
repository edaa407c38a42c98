"""Every sentence of the summary, and what it says of answers that are missing."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from carepath.evaluations.rules import summary as rules
from carepath.evaluations.rules.summary import Baseline, Risk, Told, Tried

CALM = Risk("Not at all", "", False, 0, 0, 0)
ADA = Told(
    name="Ada Winter", age=46, sex="Female", is_sex_withheld=False, state="Colorado", condition="Fibromyalgia",
    duration="1 to 5 years", sites=("Neck", "Hips or buttocks", "Legs"), feeling=("Burning", "Deep aching"),
    tried=(Tried("Duloxetine", "helped"),), goal="Walk the dog.", baseline=(Baseline("PEG", "7.3"),), risk=CALM,
)  # fmt: skip


def test_who():
    assert rules.who(ADA) == "Ada Winter, 46, female, in Colorado."


def test_who_without_a_sex_or_with_one_that_was_not_said():
    assert rules.who(replace(ADA, sex="")) == "Ada Winter, 46, sex not answered, in Colorado."
    withheld = replace(ADA, sex="I would rather not say", is_sex_withheld=True)
    assert rules.who(withheld) == "Ada Winter, 46, sex not said, in Colorado."


def test_the_complaint():
    said = (
        "Reports fibromyalgia for 1 to 5 years, in neck; hips or buttocks; legs; it feels like burning and deep aching."
    )
    assert rules.complaint(ADA) == said


def test_one_place_and_three():
    assert ", in neck; it" in rules.complaint(replace(ADA, sites=("Neck",)))
    assert ", in neck, chest and legs; it" in rules.complaint(replace(ADA, sites=("Neck", "Chest", "Legs")))


@pytest.mark.parametrize(
    ("field", "empty", "words"),
    [
        ("condition", "", "Reports pain (what it has been called: not answered) for 1 to 5 years"),
        ("duration", "", "Reports fibromyalgia, duration not answered, in neck"),
        ("sites", (), "for 1 to 5 years, places not answered; it feels"),
        ("feeling", (), "legs; what it feels like: not answered."),
    ],
)
def test_a_missing_part_of_the_complaint_is_said_to_be_missing(field: str, empty: object, words: str):
    assert words in rules.complaint(replace(ADA, **{field: empty}))  # type: ignore[arg-type]


def test_what_was_tried_is_told_by_what_it_did():
    found = [
        Tried("Duloxetine", "helped"), Tried("Gabapentin or pregabalin", "little"), Tried("Milnacipran", "none"),
        Tried("Venlafaxine", "none"), Tried("Opioids, such as tramadol", "stopped"), Tried("CBT", "not_tried"),
        Tried("Exercise", ""),
    ]  # fmt: skip
    assert rules.tried(found) == (
        "Helped: duloxetine. Helped a little: gabapentin or pregabalin. No help: milnacipran and venlafaxine. "
        "Stopped for side effects: opioids, such as tramadol. Not tried: CBT. Not answered: exercise."
    )


def test_what_they_want_to_do_again():
    assert rules.goal("Walk the dog.") == "Wants to do again: “Walk the dog”."
    assert rules.goal("") == "What they want to do again: not answered."


def test_baseline_scores_with_bands_and_gaps():
    found = [
        Baseline("PEG", "7.3"), Baseline("PHQ-9", "12", "moderate"), Baseline("GAD-7", None, "", 5, 7),
        Baseline("AUDIT-C", None, is_given=False),
    ]  # fmt: skip
    assert rules.baseline(found) == (
        "At intake: PEG 7.3; PHQ-9 12 (moderate); GAD-7 incomplete (5 of 7 answered); AUDIT-C not answered."
    )


def test_risk_in_one_line():
    found = Risk("Several days", "low", True, 1, 2, 3)
    assert rules.risk(found) == (
        "Risk: thoughts of being better off dead: several days; C-SSRS low; attempt in the last year; 1 urgent; "
        "2 stop; 3 to review."
    )
    assert rules.risk(CALM) == "Risk: thoughts of being better off dead: not at all; no rule asks for more."
    assert "better off dead: not answered" in rules.risk(replace(CALM, thoughts=""))


def test_the_paragraph_has_every_sentence_in_order():
    assert [one.split()[0] for one in rules.paragraph(ADA)] == ["Ada", "Reports", "Helped:", "Wants", "At"]


@given(
    st.lists(
        st.tuples(st.text("abc", min_size=1), st.sampled_from(["helped", "little", "none", "stopped", "not_tried", ""]))
    )
)
def test_no_treatment_is_lost(pairs: list[tuple[str, str]]):
    said = rules.tried([Tried(f"x{number}{name}", effect) for number, (name, effect) in enumerate(pairs)])
    assert all(f"x{number}{name}" in said for number, (name, _effect) in enumerate(pairs))
