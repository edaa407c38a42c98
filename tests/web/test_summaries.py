"""The summary of what is wrong says each field by its label, on every form of the product, however much is wrong."""

from collections.abc import AsyncIterator, Callable
from dataclasses import replace

import pytest

from carepath.kit import limits
from carepath.settings import Settings
from carepath.web import labels
from tests.web.client import Browser
from tests.web.hostile import Field, body, send
from tests.web.hostile_world import Form, World, open_world
from tests.web.summaries import Summary, amiss
from tests.web.test_hostile_forms import MATRIX

# What all fields are given at once: what cannot be stored, too much, what is no number, day, time or choice, and, last
# because some forms may be empty, nothing.
AT_ONCE = ("\x01", "x" * 6000, "-1", "")


@pytest.fixture(scope="module")
async def world(clinic: Callable[[], Browser], migrated: Settings) -> AsyncIterator[World]:
    """One clinic for all forms. Limits on guessing are not what is looked at here."""

    async def no_limit(*_args: object) -> None: ...

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(limits, "count", no_limit)
        yield await open_world(migrated, clinic)


def spoilt(field: Field, text: str) -> Field:
    return field if field.shape != "typed" else replace(field, good=(text,))


@pytest.mark.parametrize(
    "form", [one for one in MATRIX if one.name != "autosave"], ids=lambda form: form.name.replace(" ", "-")
)
async def test_every_line_says_which_field_it_means(form: Form, world: World):
    stand = await form.reach(world)
    typed = [one for one in stand.fields if one.shape == "typed"]
    wrong, seen = list[str](), 0
    # Once such values were taken, the form is another one, or none.
    for text in AT_ONCE if typed else ():
        fields = list(await stand.renew()) if stand.renew is not None else list(stand.fields)
        sent = body([spoilt(one, text) for one in fields], stand.browser.token)
        answer = await send(stand.browser, stand.path, sent)
        if answer.status_code in {200, 303}:
            break
        if answer.status_code == 422:
            found = Summary(answer.text).lines
            seen += bool(found)
            wrong += [f"all {text[:3]!r}: {words}" for words in amiss(answer.text)]
            wrong += [] if found else [f"all {text[:3]!r}: no summary"]
    assert not wrong, "\n".join(wrong)
    assert seen or not typed, "no page came back with a summary"


PAGE = """
<form><h2>Enter a license</h2><label for="a">Last day</label><input id="a" name="a"></form>
<form><h2>Set a last day</h2><label for="b">Last day <span class="optional">(optional)</span></label><input id="b"></form>
<fieldset class="field"><legend>Which days?</legend><label for="d"><input type="checkbox" id="d"> Monday</label>
<label for="d-1"><input type="checkbox" id="d-1"> Tuesday</label></fieldset>
<fieldset class="field"><legend>When were you born?</legend><label for="m">Month</label><input id="m">
<label for="y">Year</label><input id="y"></fieldset>
<fieldset class="question-group"><legend>Before</legend><label for="s0">Systolic</label><input id="s0"></fieldset>
<fieldset class="question-group"><legend>After</legend><label for="s1">Systolic</label><input id="s1">
<label for="w">Why &amp; how?</label><textarea id="w"></textarea></fieldset><div id="slot"></div>
"""


@pytest.mark.parametrize(
    ("errors", "lines"),
    [
        ({"w": "Write why."}, ["Why & how? Write why."]),
        ({"a": "Enter a day.", "b": "Enter a day."}, ["Enter a license, Last day: Enter a day.", "Set a last day, Last day: Enter a day."]),
        ({"d": "Choose one."}, ["Which days? Choose one."]),
        ({"m": "Enter it."}, ["When were you born? Enter it."]),
        ({"m": "Enter it.", "y": "Enter it."}, ["When were you born? Month: Enter it.", "When were you born? Year: Enter it."]),
        ({"s1": "Enter a number."}, ["After, Systolic: Enter a number."]),
        ({"slot": "This time is gone.", "none": "No."}, ["This time is gone.", "No."]),
        ({"w": "Choose one.", "x": "Choose one.", "y9": "Choose one."}, ["Why & how? Choose one.", "Choose one."]),
    ],
)  # fmt: skip
def test_a_field_is_called_what_tells_it_from_the_others(errors: dict[str, str], lines: list[str]):
    assert labels.lines(PAGE, errors) == list(zip(errors, lines, strict=False))
