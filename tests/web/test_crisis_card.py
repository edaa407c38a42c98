"""Where to get help at once: shown beside what somebody was doing, and promising nothing that is not so."""

from collections.abc import Callable
from random import Random

import pytest

from carepath.dev import answers as demo
from carepath.kit import db
from carepath.questionnaires import service as questionnaires
from carepath.settings import Settings
from tests.web.client import Browser
from tests.web.desks import main_of
from tests.web.hostile_questions import check_in
from tests.web.hostile_world import World, open_world

GO_ON, TOLD, HELP = "You can go on here", "Your provider is told today", "Call 988"
ITEM_9 = "checkin.phq.q9"


@pytest.fixture
async def world(browser: Callable[[], Browser], settings: Settings) -> World:
    return await open_world(settings, browser)


async def cry(world: World, *left_out: str) -> tuple[Browser, str, dict[str, list[str]]]:
    """A check-in that tells of thoughts of dying, without the answers that are left out."""
    stand = await check_in(world)
    row = await db.row("SELECT url FROM questionnaire_response ORDER BY id DESC LIMIT 1")
    assert row is not None
    form = questionnaires.current(row["url"])
    given = demo.filled(form, {**demo.check_in(4.0, Random(1)), ITEM_9: "LA6570-1"})
    sent = demo.fields(form, given)
    for one in left_out:
        del sent[demo.field_of(form, one)]
    shown = questionnaires.view(form, questionnaires.parse(form, sent)[0], {}).shown
    return stand.browser, stand.path, {**sent, "shown": [shown]}


async def test_after_the_answers_are_sent_there_is_nothing_to_go_on_with(world: World):
    me, path, sent = await cry(world)
    done = await me.post(path, sent)
    assert done.status_code == 200
    for page in (done.text, (await me.get(path)).text):
        assert "Thank you" in main_of(page)
        assert GO_ON not in page
    assert HELP in done.text
    assert TOLD in done.text


async def test_with_an_answer_missing_the_form_waits(world: World):
    me, path, sent = await cry(world, "checkin.nrs")
    page = await me.post(path, sent)
    assert page.status_code == 422
    for words in (HELP, TOLD, GO_ON, 'class="error-summary"'):
        assert words in page.text, words


async def test_whoever_only_reads_the_page_is_not_told_that_a_provider_knows(world: World):
    page = (await world.fresh().get("/crisis")).text
    assert HELP in page
    assert TOLD not in page
    assert GO_ON not in page
