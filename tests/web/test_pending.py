"""The page of evaluations to decide, and deciding on the page of one, as a browser without JavaScript does it."""

import html
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, time, timedelta

import pytest

from carepath import configuration
from carepath.accounts.people import Patient
from carepath.evaluations import service as evaluations
from carepath.evaluations.service import Evaluation
from carepath.intake import service as intakes
from carepath.journey import escalate, evaluate
from carepath.kit import clock, db, when
from carepath.kit.actor import SYSTEM
from carepath.kit.errors import Refused
from carepath.kit.ids import new_id
from carepath.scheduling import service as scheduling
from carepath.settings import Settings
from tests import cast
from tests.web.client import Browser
from tests.web.desks import count, main_of, sign_in
from tests.web.test_offers import as_patient

Fresh = Callable[[], Browser]
LIST = "/provider/evaluations"


@dataclass(frozen=True, slots=True)
class Scene:
    rosa: cast.Staff
    ivo: cast.Staff
    desk: Browser

    async def opened(self, first: str, priority: str = "routine") -> tuple[Patient, Evaluation]:
        patient = await cast.patient(first)
        intake = await intakes.newest(SYSTEM, patient.id)
        assert intake is not None
        return patient, await evaluations.open_for(SYSTEM, patient.id, intake.id, priority, clock.now())

    async def page(self, path: str = LIST) -> str:
        answer = await self.desk.get(path)
        assert answer.status_code == 200, answer.text
        return html.unescape(main_of(answer.text))


@pytest.fixture
async def scene(browser: Fresh, settings: Settings) -> Scene:
    configuration.load(settings.config_dir)
    rosa, ivo = await cast.provider(), await cast.provider("Ivo Brandt", "America/New_York", ("CO", "NY"))
    return Scene(rosa, ivo, await sign_in(browser(), rosa))


def link(page: str, words: str) -> str:
    found = re.search(rf'<a href="([^"]+)"[^>]*>{words}</a>', page)
    assert found is not None, page
    return found[1]


async def test_pages_lead_to_each_other_and_to_the_beginning(scene: Scene, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("carepath.journey.evaluate.pending.__defaults__", (3,))
    for n in range(7):
        await scene.opened(f"{chr(65 + n)}nn")
    first = await scene.page()
    assert "To the beginning" not in first
    second = await scene.page(link(first, "Later ones"))
    third = await scene.page(link(second, "Later ones"))
    assert "Later ones" not in third
    names = [re.findall(r">([A-Z]\. W\.)", page) for page in (first, second, third)]
    assert names == [["A. W.", "B. W.", "C. W."], ["D. W.", "E. W.", "F. W."], ["G. W."]]
    assert main_names(await scene.page(link(third, "Earlier ones"))) == names[1]
    assert main_names(await scene.page(link(third, "To the beginning"))) == names[0]


def main_names(page: str) -> list[str]:
    return re.findall(r">([A-Z]\. W\.)", page)


async def test_an_address_that_was_tampered_with_shows_the_beginning_and_says_so(
    scene: Scene, browser: Fresh, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("carepath.journey.evaluate.pending.__defaults__", (1,))
    await scene.opened("Ada")
    await scene.opened("Bea")
    at = link(await scene.page(), "Later ones").rpartition("at=")[2]
    assert "leads nowhere" not in await scene.page(f"{LIST}?show=all&at={at}")
    odd = (at[:-1], f"x{at}", at[1:], ".", "%00", "%ff", "é", "a" * 5000, at.upper())
    for text in odd:
        page = await scene.page(f"{LIST}?show=all&at={text}")
        assert "A. W." in page, text
    for text in odd:
        assert "leads nowhere any more" in await scene.page(f"{LIST}?at={text}"), text
    for path in (f"{LIST}?show=mine&at={at}", f"{LIST}?show=everything", f"{LIST}?show="):
        assert "leads nowhere any more" in await scene.page(path), "a place belongs to one list"
    other = await sign_in(browser(), scene.ivo)
    assert "leads nowhere any more" in (await other.get(f"{LIST}?show=all&at={at}")).text, "and to one person"


async def test_a_row_says_why_it_stands_there_in_words(scene: Scene):
    paula, found = await scene.opened("Paula", "stat")
    await evaluations.urgent(paula.id, None, "intake", found.intake_id, "x", "1", "Item 9 above zero.", clock.now())
    taken = await evaluations.claim(scene.ivo.actor, found.id, clock.now())
    await evaluations.ask(scene.ivo.actor, found.id, "Which dose?", clock.now())
    assert scene.rosa.practitioner is not None
    await evaluations.hand_over(
        scene.ivo.actor, found.id, scene.rosa.practitioner.id, "Away.", taken.version + 1, clock.now()
    )
    page = await scene.page()
    for words in ("Paula Winter · CO", "Item 9 above zero · asked ", "handed over by Ivo Brandt", "no visit booked",
                  "waiting for the patient", ">today<"):  # fmt: skip
        assert words in page, words
    assert "Take it" not in page
    long_ago = clock.now() - timedelta(hours=30)
    await db.execute("UPDATE evaluation SET due_at = {}, escalate_at = {}", long_ago, long_ago)
    await evaluations.escalate(clock.now(), 10)
    late = await scene.page()
    assert "escalated twice" in late
    assert "rail-red" in late


async def test_findings_that_only_inform_are_nothing_to_review(scene: Scene):
    """The page behind the line may show such findings: the line does not say that there are none."""
    await scene.opened("Paula")
    page = await scene.page()
    assert "nothing to review · no visit booked" in page
    assert "no findings" not in page


async def test_an_urgent_task_says_how_often_it_was_told_on_the_desk_and_on_its_page(scene: Scene):
    paula, found = await scene.opened("Paula")
    task, _is_new = await evaluations.urgent(
        paula.id, None, "intake", found.intake_id, "x", "1", "Item 9 above zero.", clock.now()
    )
    assert "escalated" not in await scene.page("/provider")
    for words in ("escalated once", "escalated twice", "escalated 3 times"):
        await db.execute("UPDATE urgent_task SET escalate_at = {}", clock.now())
        await escalate.tick_urgent(clock.now())
        desk = await scene.page("/provider")
        assert f"Item 9 above zero · {words}" in desk
        assert words in await scene.page(f"/provider/urgent/{task.id}")


async def test_what_is_late_is_red_however_urgent_it_was(scene: Scene):
    await scene.opened("Paula", "urgent")
    page = await scene.page()
    assert "rail-amber" in page
    await db.execute("UPDATE evaluation SET due_at = {}", clock.now() - timedelta(hours=1))
    late = await scene.page()
    assert "rail-red" in late
    assert "rail-amber" not in late


async def test_that_the_patient_did_not_come_is_said(scene: Scene):
    paula, _found = await scene.opened("Paula")
    assert scene.rosa.practitioner is not None
    start = clock.now() - timedelta(days=1)
    await db.execute(
        """INSERT INTO appointment (id, practitioner_id, patient_id, visit_type, status, start_at, end_at, occupied,
               jurisdiction, patient_zone, room, created_at, updated_at)
           SELECT {}, {}, {}, 'evaluation', 'noshow', s.at, s.at + interval '1 hour', tstzrange(s.at, s.at + interval '1 hour'),
               'CO', 'America/Denver', '', s.at, s.at FROM (SELECT {}::timestamptz AS at) s""",
        new_id(), scene.rosa.practitioner.id, paula.id, start,
    )  # fmt: skip
    page = await scene.page()
    assert f"did not come {when.say_short(start, 'America/Denver')}" in page
    assert "no visit booked" not in page


async def test_it_is_taken_from_the_list(scene: Scene):
    _patient, found = await scene.opened("Paula")
    action = re.findall(r'action="([^"]+/claim)"', await scene.page())[0]
    assert action == f"{LIST}/{found.id}/claim"
    answer = await scene.desk.post(action)
    assert answer.url.path == f"{LIST}/{found.id}"
    assert "Paula Winter" in main_of(answer.text)
    assert "Take it" not in await scene.page()


async def test_what_a_colleague_has_taken_meanwhile_is_said_in_words(scene: Scene):
    _patient, found = await scene.opened("Paula")
    await scene.page()
    await evaluations.claim(scene.ivo.actor, found.id, clock.now())
    answer = await scene.desk.post(f"{LIST}/{found.id}/claim")
    assert answer.status_code == 404
    assert "A colleague has it by now, or there is none" in main_of(answer.text)


async def test_the_words_of_each_outcome_are_there_to_edit_and_come_back_when_something_is_wrong(scene: Scene):
    _patient, found = await scene.opened("Paula")
    await evaluations.claim(scene.rosa.actor, found.id, clock.now())
    path, page = f"{LIST}/{found.id}", await scene.page(f"{LIST}/{found.id}")
    fields = dict(re.findall(r'<textarea id="(words_[^"]+)"[^>]*>([^<]*)</textarea>', page))
    assert set(fields) == {"words_suitable", "words_not-suitable", "words_refer-elsewhere", "words_more-information"}
    assert "Hello Paula," in fields["words_suitable"]
    assert fields["words_more-information"].endswith("we would like to know:\n\n"), "the question begins below"
    version = re.findall(r'name="version" value="(\d+)"', page)[0]
    sent = {
        **fields,
        "outcome": "refer-elsewhere",
        "version": version,
        "words_refer-elsewhere": "Go to the wound clinic.",
    }
    wrong = await scene.desk.post(f"{path}/decide", sent)
    assert wrong.status_code == 422
    words = html.unescape(main_of(wrong.text))
    assert "Write why, for the record." in words
    assert "Go to the wound clinic." in words
    assert 'value="refer-elsewhere" checked' in words
    done = await scene.desk.post(f"{path}/decide", {**sent, "reason": "A wound that must be seen first."})
    assert done.url.path == path
    assert "Refer elsewhere" in main_of(done.text)
    assert await count("decision", "outcome = 'refer-elsewhere'") == 1


async def test_a_patient_withdraws_and_sees_where_that_leaves_them(scene: Scene, browser: Fresh):
    paula, found = await scene.opened("Paula")
    me = await as_patient(browser(), paula)
    home = await me.get("/home")
    assert 'href="/application/withdraw"' in home.text
    asked = await me.get("/application/withdraw")
    assert "Go no further?" in asked.text
    assert (await me.post("/application/withdraw", {"visit": "perhaps"})).status_code == 422
    home = await me.post("/application/withdraw", {"visit": "keep"})
    assert home.url.path == "/home"
    assert "You have withdrawn" in home.text
    assert 'href="/application/withdraw"' not in home.text
    for path in ("/intake", "/verdict", "/send", "/slots", "/application/withdraw"):
        assert (await me.get(path)).status_code < 500, path
    assert (await me.post("/application/withdraw", {"visit": "keep"})).status_code == 409
    assert (await evaluations.get(SYSTEM.scope, found.id)).status == "cancelled"


async def test_without_a_license_where_the_patient_is_it_is_shown_but_not_taken(scene: Scene):
    """It does not vanish: who reads it can tell a colleague."""
    assert scene.rosa.practitioner is not None
    paula, found = await scene.opened("Paula")
    await db.execute("UPDATE patient SET jurisdiction = 'NY' WHERE id = {}", paula.id)
    page = await scene.page()
    assert "you have no license for NY" in page
    assert "Take it" not in page
    look = await scene.page(f"{LIST}/{found.id}")
    assert "you have no license for NY" in look
    assert "Take this evaluation" not in look
    answer = await scene.desk.post(f"{LIST}/{found.id}/claim", {})
    assert answer.status_code == 403
    assert "You have no license for NY today, or are switched off" in answer.text
    assert "P. W." in await scene.page(f"{LIST}?show=unclaimed")
    assert await count("status_change", "action = 'claim'") == 0
    await scheduling.grant_licence(SYSTEM, scene.rosa.practitioner.id, "NY", clock.now().date(), None, clock.now())
    assert "Take it" in await scene.page()
    assert "Take this evaluation" in await scene.page(f"{LIST}/{found.id}")
    await scene.desk.post(f"{LIST}/{found.id}/claim", {})
    assert await count("status_change", "action = 'claim'") == 1


async def test_a_license_counts_until_the_end_of_its_last_day_where_the_patient_is(scene: Scene):
    assert scene.rosa.practitioner is not None
    _paula, found = await scene.opened("Paula")
    today = clock.now().astimezone(when.zone("America/Denver")).date()
    [held] = [
        one
        for one in await scheduling.licences_of(SYSTEM.scope, scene.rosa.practitioner.id)
        if one.jurisdiction == "CO"
    ]
    await scheduling.end_licence(SYSTEM, held.id, today, clock.now())
    midnight = datetime.combine(today + timedelta(days=1), time(), when.zone("America/Denver"))
    with pytest.raises(Refused, match="no license for CO"):
        await evaluate.claim(scene.rosa.actor, found.id, midnight)
    mine = await evaluate.claim(scene.rosa.actor, found.id, midnight - timedelta(seconds=1))
    assert await evaluate.claim(scene.rosa.actor, found.id, midnight) == mine, "whoever has it goes on"
