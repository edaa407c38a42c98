"""What config/questionnaires ships: the right items, codes, weights and words."""

from decimal import Decimal

import pytest

from carepath.kit.errors import ConfigProblem
from carepath.questionnaires import scoring
from carepath.questionnaires.definition import Item
from carepath.questionnaires.enablement import enabled
from tests.questionnaires.forms import CONFIG, configured, library

PHQ9 = ["44250-9", "44255-8", "44259-0", "44254-1", "44251-7", "44258-2", "44252-5", "44253-3", "44260-8"]
PEG = ["75893-8", "91145-3", "91146-1"]


def weights(item: Item) -> dict[str, Decimal | None]:
    return {option.code: option.weight for option in item.options}


def test_every_form_has_a_version_and_says_where_it_comes_from() -> None:
    assert sorted(url.rsplit("/", 1)[1] for url in library().forms) == [
        "after-session", "audit-c", "bladder", "check-in", "check-in-monthly", "check-in-quarterly", "eligibility",
        "expectations", "fibromyalgia", "gad-7", "medical-history", "medicines", "pain-history", "peg", "phq-9",
        "sleep-and-mood",
    ]  # fmt: skip
    for form in library().forms.values():
        assert form.version.count(".") == 2
        assert form.resource["copyright"]


def test_phq9_has_its_loinc_codes_and_points() -> None:
    form = configured("phq-9")
    items = [form.by_id[f"phq9.q{n}"] for n in range(1, 10)]
    assert [one.codes for one in items] == [(code,) for code in PHQ9]
    for one in items:
        assert weights(one) == {"LA6568-5": 0, "LA6569-3": 1, "LA6570-1": 2, "LA6571-9": 3}
        assert one.required
    assert form.by_id["phq9.total"].codes == ("44261-6",)


def test_the_difficulty_codes_are_not_in_numeric_order() -> None:
    difficulty = configured("phq-9").by_id["phq9.difficulty"]
    assert [o.code for o in difficulty.options] == ["LA6572-7", "LA6573-5", "LA6575-0", "LA6574-3"]
    assert {o.weight for o in difficulty.options} == {None}


@pytest.mark.parametrize(("name", "prefix"), [("peg", "peg"), ("check-in", "checkin.peg")])
def test_peg_is_three_scales_from_0_to_10(name: str, prefix: str) -> None:
    form = configured(name)
    items = [form.by_id[f"{prefix}.q{n}"] for n in (1, 2, 3)]
    assert [one.codes for one in items] == [(code,) for code in PEG]
    assert {(one.low, one.high, one.required) for one in items} == {(Decimal(0), Decimal(10), True)}


def test_the_check_in_words_item_9_as_the_phq9_does() -> None:
    assert configured("check-in").by_id["checkin.phq.q9"].text == configured("phq-9").by_id["phq9.q9"].text
    assert configured("check-in").by_id["checkin.phq.q9"].codes == ("44260-8",)


def test_the_global_impression_runs_from_much_better_to_much_worse() -> None:
    change = configured("check-in").by_id["checkin.change"]
    assert [o.weight for o in change.options] == [1, 2, 3, 4, 5, 6, 7]
    assert "improved" in change.options[0].display


def test_none_of_these_stands_alone_in_every_list() -> None:
    lists = [one for form in library().forms.values() for one in form.by_id.values() if one.repeats]
    assert [o.code for one in lists for o in one.options if o.is_exclusive] == [
        o.code for one in lists for o in one.options if o.code == "none"
    ]


def test_how_bad_a_side_effect_was_is_asked_when_there_was_one() -> None:
    form = configured("check-in")
    for option in form.by_id["checkin.effects"].options:
        asked = enabled(form, {"checkin.effects": (option.code,)})
        assert ("checkin.severity" in asked) is (option.code != "none")


def test_an_instrument_names_items_that_exist() -> None:
    forms = dict(library().forms)
    del forms["https://carepath.example/Questionnaire/peg"]
    with pytest.raises(ConfigProblem, match="there is no questionnaire"):
        scoring.load(CONFIG, forms)
