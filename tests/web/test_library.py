"""The admin tries a form that others wrote: graded, shown, handed out cleaned, and never stored."""

import json
from collections.abc import Callable

import pytest

from carepath.kit import db
from carepath.questionnaires import service as questionnaires
from tests import cast
from tests.cast import NOW
from tests.questionnaires.forms import BASE, item, text
from tests.web.client import Browser
from tests.web.desks import main_of, sign_in

PATH = "/admin/questionnaires"


@pytest.fixture
async def desk(browser: Callable[[], Browser]) -> Browser:
    found = await sign_in(browser(), await cast.admin())
    await found.get(PATH)
    return found


async def stored() -> int:
    return len(await db.rows("SELECT id FROM questionnaire_version"))


async def test_every_form_in_use_is_listed_with_its_rights(desk: Browser) -> None:
    page = main_of((await desk.get(PATH)).text)
    for words in ("PHQ-9", "intake, page 1", "Posner", "three-monthly", "after a visit", "Apache-2.0"):
        assert words in page


async def test_a_form_is_graded_and_shown_and_nothing_is_stored(desk: Browser) -> None:
    before = await stored()
    form = text(item("a", text="Does it burn?"), item("file", "attachment"))
    answer = await desk.post(PATH, {"form": form, "act": "preview"})
    page = main_of(answer.text)
    assert answer.status_code == 200
    assert "degraded" in page
    assert "<code>file</code>" in page
    assert "Does it burn?" in page
    assert 'fieldset class="preview" disabled' in page
    assert await stored() == before


async def test_the_cleaned_file_is_handed_out(desk: Browser) -> None:
    form = text(item("a"), item("file", "attachment"))
    answer = await desk.post(PATH, {"form": form, "act": "file"})
    assert answer.headers["content-disposition"] == 'attachment; filename="test.json"'
    cleaned = json.loads(answer.content)
    assert [one["linkId"] for one in cleaned["item"]] == ["a"]


async def test_a_version_used_with_other_content_is_refused(desk: Browser) -> None:
    await questionnaires.register_all(NOW)
    phq = questionnaires.current(f"{BASE}phq-9")
    changed = json.loads(json.dumps(phq.resource)) | {"title": "Another"}
    for act in ("preview", "file"):
        answer = await desk.post(PATH, {"form": json.dumps(changed), "act": act})
        assert answer.status_code == 422
        assert "Raise its version" in answer.text
    same = await desk.post(PATH, {"form": json.dumps(phq.resource), "act": "preview"})
    assert same.status_code == 200


async def test_markup_and_scripts_of_a_form_are_text(desk: Browser) -> None:
    form = text(item("a", text="<script>alert(1)</script>"), title="<b>x</b>")
    page = (await desk.post(PATH, {"form": form, "act": "preview"})).text
    assert "<script>alert" not in page
    assert "<b>x</b>" not in page


async def test_others_are_refused(browser: Callable[[], Browser]) -> None:
    desk = await sign_in(browser(), await cast.provider())
    assert (await desk.get(PATH)).status_code in {403, 404}
