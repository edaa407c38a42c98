"""A rule that could never fire, or that says nothing, stops the start."""

from pathlib import Path

import pytest

from carepath.kit.errors import ConfigProblem
from carepath.screening import catalogue

GOOD = {
    "id": '"r"', "version": '"1"', "stage": '"intake"', "outcome": '"review"', "when": '{ item = "a", any_of = ["x"] }',
    "patient": '"p"', "provider": '"q"', "source": '"s"',
}  # fmt: skip
ITEMS = {"a": frozenset({"x", "y"}), "n": frozenset[str]()}


def load(folder: Path, **changes: str) -> None:
    lines = "\n".join(f"{key} = {value}" for key, value in (GOOD | changes).items())
    (folder / "screening.toml").write_text(f"[[rules]]\n{lines}\n", encoding="utf-8")
    catalogue.load(folder, ITEMS, frozenset({"peg"}))


@pytest.mark.parametrize(
    "when",
    [
        '{ item = "a", any_of = ["x", "y"] }', '{ item = "n", above = 0 }', '{ score = "peg", at_least = 1.5 }',
        "{ age = true, below = 18 }", '{ all = [{ age = true, at_least = 65 }, { item = "a", any_of = ["x"] }] }',
        '{ any = [{ any = [{ item = "n", below = 3 }] }] }', '{ item = "n", at_least = 1, below = 5 }',
    ],
)  # fmt: skip
def test_what_a_rule_can_say(tmp_path: Path, when: str) -> None:
    load(tmp_path, when=when)


@pytest.mark.parametrize(
    ("key", "value", "reason"),
    [
        ("when", "{}", "a condition is a table"),
        ("when", '{ item = "z", any_of = ["x"] }', "there is no item z"),
        ("when", '{ item = "a", any_of = ["q"] }', "has no answer q"),
        ("when", '{ item = "a", any_of = "x" }', "list of answer codes"),
        ("when", '{ item = "a", any_of = [] }', "list of answer codes"),
        ("when", '{ item = "a" }', "either any_of or a comparison"),
        ("when", '{ item = "a", any_of = ["x"], above = 1 }', "either any_of or a comparison"),
        ("when", '{ item = "a", score = "peg", above = 1 }', "names item, score or age"),
        ("when", '{ score = "peg", any_of = ["x"] }', "list of answer codes"),
        ("when", '{ score = "phq", above = 1 }', "there is no score phq"),
        ("when", '{ score = "peg", above = "ten" }', "above is a number"),
        ("when", '{ score = "peg", above = nan }', "above is a number"),
        ("when", "{ age = false, below = 18 }", "age = true"),
        ("when", "{ item = 3, above = 1 }", "there is no item 3"),
        ("when", '{ item = "a", anyof = ["x"] }', "a condition is a table"),
        ("when", "{ all = [] }", "stands alone and holds conditions"),
        ("when", '{ all = [{ item = "a", any_of = ["x"] }], age = true }', "stands alone"),
        ("when", '{ any = ["a"] }', "a condition is a table"),
        ("stage", '"later"', "stage is one of"),
        ("outcome", '"maybe"', "outcome is one of"),
        ("source", '" "', "source is empty"),
        ("provider", '""', "provider is empty"),
        ("version", '""', "version is empty"),
    ],
)
def test_the_rule_and_the_reason_are_named(tmp_path: Path, key: str, value: str, reason: str) -> None:
    with pytest.raises(ConfigProblem) as found:
        load(tmp_path, **{key: value})
    assert (found.value.file, found.value.key) == ("screening.toml", "r")
    assert reason in found.value.reason


def test_only_urgent_rules_are_immediate(tmp_path: Path) -> None:
    with pytest.raises(ConfigProblem, match="only an urgent rule"):
        load(tmp_path, immediate="true")
    load(tmp_path, immediate="true", outcome='"urgent"')


@pytest.mark.parametrize("outcome", ['"stop"', '"urgent"'])
def test_who_is_stopped_is_told_why(tmp_path: Path, outcome: str) -> None:
    with pytest.raises(ConfigProblem, match="patient is empty"):
        load(tmp_path, outcome=outcome, patient='""')


def test_a_misspelled_key_and_a_second_id_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigProblem, match="misspelled"):
        load(tmp_path, imediate="true")
    rule = "[[rules]]\n" + "\n".join(f"{k} = {v}" for k, v in GOOD.items()) + "\n"
    (tmp_path / "screening.toml").write_text(rule * 2, encoding="utf-8")
    with pytest.raises(ConfigProblem, match="used twice"):
        catalogue.load(tmp_path, ITEMS, frozenset())
