"""The page on which a provider judges: what it says, what is entered on it, and who sees it."""

import asyncio
import html
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

import asyncpg
import pytest

from carepath.accounts import service as accounts
from carepath.dev import life
from carepath.intake import catalogue
from carepath.intake import service as intakes
from carepath.kit import clock, db
from carepath.kit.actor import SYSTEM, Actor, Role
from carepath.settings import Settings
from tests import cast
from tests.checklist import see_to
from tests.web.client import Browser
from tests.web.desks import count, main_of
from tests.web.hostile_world import World, newest, open_world

Fresh = Callable[[], Browser]
WORDS = {"words_suitable": "We begin.", "words_not-suitable": "Not now.", "reason": "Fits."}


@pytest.fixture
async def world(browser: Fresh, settings: Settings) -> World:
    return await open_world(settings, browser)


async def page_of(world: World, stage: str = "waiting-for-decision") -> str:
    """The address of an evaluation that Rosa has."""
    found = f"/provider/evaluations/{await newest('evaluation', await world.patient(stage), world)}"
    await world.desks["provider"].post(f"{found}/claim")
    return found


async def decide(world: World, path: str, outcome: str = "suitable") -> tuple[int, str]:
    desk = world.desks["provider"]
    version = re.findall(r'name="version" value="(\d+)"', (await desk.get(path)).text)[0]
    answer = await desk.post(f"{path}/decide", {"outcome": outcome, "version": version, **WORDS})
    return answer.status_code, html.unescape(main_of(answer.text))


async def seen(world: World, path: str, desk: str = "provider") -> str:
    answer = await world.desks[desk].get(path)
    assert answer.status_code == 200, answer.text
    return html.unescape(main_of(answer.text))


async def test_the_page_says_who_how_bad_and_what_is_in_the_way(world: World):
    text = await seen(world, await page_of(world))
    assert "Ada Winter, 46," in text
    assert "Risk: thoughts of being better off dead: not at all" in text
    assert "In the way of “suitable”: 4" in text
    assert '<svg class="body-map"' in text
    places = [text.index(f'id="{one}"') for one in ("summary", "decide", "in-the-way", "findings", "answers")]
    assert places == sorted(places)


async def test_every_link_on_the_page_leads_to_something_on_it(world: World):
    for stage in ("waiting-for-decision", "stopped-by-rule", "crisis"):
        text = (await world.desks["provider"].get(await page_of(world, stage))).text
        links, ids = set(re.findall(r'href="#([^"]+)"', text)), re.findall(r' id="([^"]+)"', text)
        assert links - set(ids) == set()
        assert len(ids) == len(set(ids)), "an id stands twice"
        assert re.search(r'href="#answer-\d+"', text), "a finding leads to its answer"


async def test_the_checklist_blocks_approval_item_by_item_until_all_is_done(world: World):
    path, desk = await page_of(world), world.desks["provider"]
    entries = {
        "identity": {"document": "photo-id"}, "location": {"state": "CO"},
        "pdmp": {"pdmp_on": world.now.date().isoformat()}, "in-person": {"basis": "exam", "exam_on": "2026-01-05"},
    }  # fmt: skip
    for item, fields in entries.items():
        status, text = await decide(world, path)
        assert (status, "Exam in person:" in text, "We begin." in text) == (422, True, True)
        assert await count("decision") == 0
        assert (await desk.post(f"{path}/checks/{item}", fields)).status_code == 200
    assert "Nothing stands in the way" in await seen(world, path)
    await desk.post(f"{path}/checks/identity", {"take_back": "yes"})
    assert (await decide(world, path))[0] == 422
    await desk.post(f"{path}/checks/identity", {"document": "in-person"})
    assert (await decide(world, path))[0] == 200
    assert await count("evaluation_check", "item = 'identity'") == 3, "nothing is overwritten"
    for what in ("check", "uncheck", "read", "decide"):
        assert await count("audit_event", f"action = '{what}' AND subject = 'evaluation'")
    text = await seen(world, path)
    assert "Identity: known in person, on" in text
    for step in ("Opened (by itself)", "Checklist, entered: PDMP (provider)", "Checklist, taken back: Identity (provider)",
                 "Decided (provider)"):  # fmt: skip
        assert f"· {step}" in text, step
    late = await desk.post(f"{path}/checks/identity", {"document": "photo-id"})
    assert late.status_code == 409, "a closed evaluation changes no more"


async def test_a_blood_pressure_that_cannot_be_is_refused_and_one_that_alarms_says_so(world: World):
    path, desk = await page_of(world), world.desks["provider"]
    today = world.now.astimezone(ZoneInfo("America/Denver")).date()
    sent = {"heart_rate": "80", "pressure_on": today.isoformat()}
    for systolic, diastolic, field in (
        ("80", "120", "diastolic"),
        ("49", "30", "systolic"),
        ("120", "201", "diastolic"),
    ):
        numbers = {"systolic": systolic, "diastolic": diastolic}
        page = await desk.post(f"{path}/checks/blood-pressure", {**sent, **numbers})
        assert (page.status_code, f'id="{field}-error"' in page.text) == (422, True), numbers
    for systolic, words in (("210", "done, and very high"), ("130", "done")):
        numbers = {"systolic": systolic, "diastolic": "85"}
        page = await desk.post(f"{path}/checks/blood-pressure", {**sent, **numbers})
        card = re.sub(r"<[^>]+>", " ", page.text.split('id="check-blood-pressure"')[1].split("<details")[0])
        assert words in card
        assert ("Blood pressure above 180/110." in card) == (systolic == "210")
        rail = "rail-red" if systolic == "210" else "rail-green"
        assert f'class="card {rail}" id="check-blood-pressure"' in page.text


async def test_refusing_needs_no_checklist(world: World):
    assert (await decide(world, await page_of(world), "not-suitable"))[0] == 200


async def test_a_location_without_a_license_is_refused_with_what_was_chosen(world: World):
    path = await page_of(world)
    answer = await world.desks["provider"].post(f"{path}/checks/location", {"state": "NY"})
    assert (answer.status_code, "You hold no license" in answer.text) == (422, True)
    assert '<option value="NY" selected>' in answer.text
    assert await count("evaluation_check") == 0


async def test_a_text_signed_in_an_older_wording_is_in_the_way(world: World, monkeypatch: pytest.MonkeyPatch):
    patient, today = await world.patient("waiting-for-decision"), catalogue.wanted_consents()
    path = f"/provider/evaluations/{await newest('evaluation', patient, world)}"
    newer = (replace(today[0], version="99"), *today[1:])
    monkeypatch.setattr(catalogue._Kept, "consents", newer)
    assert f"Consent: not signed in its wording of today: {today[0].title}." in await seen(world, path)
    mine = await world.signed_in(patient)
    assert f'href="/consents/{today[0].id}"' in (await mine.get("/home")).text
    intake = await intakes.newest(SYSTEM, patient)
    assert intake is not None
    initials = {one.id: "AW" for one in newer[0].statements}
    await intakes.sign(cast.as_patient(await accounts.patient(SYSTEM, patient)), intake.id, newer[0], initials,
                       "Ada Winter", "test", world.now)  # fmt: skip
    assert "Consent: every text is signed in its wording of today." in await seen(world, path)
    assert "Please sign again" not in (await mine.get("/home")).text


async def test_a_stop_blocks_until_it_is_overridden_with_a_reason(world: World):
    path, desk = await page_of(world, "stopped-by-rule"), world.desks["provider"]
    await see_to(world.rosa.actor, UUID(path[-36:]), "CO", world.now)
    status, text = await decide(world, path)
    assert (status, "Override it with a reason first" in text) == (422, True)
    refused = await desk.post(f"{path}/override", {"rule": "heart-stop", "why_heart-stop": " "})
    assert (refused.status_code, "Write why you go on" in refused.text) == (422, True)
    for rule in ("age-under-18", "lamotrigine", "x"):
        assert (await desk.post(f"{path}/override", {"rule": rule, f"why_{rule}": "So."})).status_code == 422
    assert await count("finding_override") == 0
    reason = "Cardiologist's letter of today."
    await desk.post(f"{path}/override", {"rule": "heart-stop", "why_heart-stop": reason})
    text = await seen(world, path)
    assert reason in text
    assert "Overridden" in text
    again = await desk.post(f"{path}/override", {"rule": "heart-stop", "why_heart-stop": "Another."})
    assert again.status_code == 409
    assert await count("status_change", "action = 'override'") == 1
    assert await count("audit_event", "action = 'override'") == 1
    assert (await decide(world, path))[0] == 200
    with pytest.raises(asyncpg.PostgresError):
        await db.execute("UPDATE finding_override SET rule_version = '2'")


async def write(
    world: World, path: str, text: str, version: int, act: str = "save", addends: str = ""
) -> tuple[int, str]:
    fields = {"note_text": text, "note_version": str(version), "act": act, "note_addends": addends}
    answer = await world.desks["provider"].post(f"{path}/notes", fields)
    return answer.status_code, html.unescape(main_of(answer.text))


async def test_a_draft_is_kept_and_an_older_tab_is_shown_both_texts(world: World):
    path = await page_of(world)
    assert (await write(world, path, "Seen today.", 0))[0] == 200
    assert "Seen today.</textarea>" in await seen(world, path)
    status, text = await write(world, path, "An older tab.", 0)
    assert status == 409
    assert "Seen today." in text
    assert "An older tab.</textarea>" in text
    assert re.search(r'name="note_version" value="1"', text), "saving again is deliberate"
    assert (await write(world, path, "Both.", 1))[0] == 200
    status, text = await write(world, path, "  ", 2)
    assert (status, "Write the note." in text) == (422, True)
    assert await count("clinical_note") == 1


async def discard(world: World, path: str, version: int, who: str = "provider", addends: str = "") -> tuple[int, str]:
    fields = {"note_text": "Typed.", "note_version": str(version), "note_addends": addends}
    answer = await world.desks[who].post(f"{path}/notes/discard", fields)
    return answer.status_code, html.unescape(main_of(answer.text))


async def test_a_draft_is_discarded_by_its_author_and_on_record(world: World):
    path = await page_of(world)
    assert "Discard this draft" not in await seen(world, path), "there is none"
    await write(world, path, "Signed for all.", 0, "sign")
    await write(world, path, "Better not.", 0)
    assert "Yes, discard it" in await seen(world, path)
    assert (await discard(world, path, 1, "colleague"))[0] == 404
    status, text = await discard(world, path, 2)
    assert (status, "Better not." in text) == (409, True), "not another version than the one that was looked at"
    status, text = await discard(world, path, 1)
    assert status == 200
    assert "Better not." not in text
    assert "Signed for all." in text
    assert "Discard this draft" not in text
    assert await count("clinical_note") == 1
    assert await count("status_change", "subject = 'clinical-note' AND action = 'discard'") == 1
    assert (
        await count("audit_event", "subject = 'clinical-note' AND action = 'discard' AND patient_id IS NOT NULL") == 1
    )
    assert (await write(world, path, "Begun anew.", 0))[0] == 200


async def test_what_was_signed_meanwhile_is_not_discarded(world: World):
    path = await page_of(world)
    await write(world, path, "First.", 0)
    await write(world, path, "First, signed.", 1, "sign")
    note = str((await db.rows("SELECT id FROM clinical_note"))[0]["id"])
    for version in (1, 2):
        status, text = await discard(world, path, version)
        assert (status, "It was signed or discarded there" in text) == (409, True)
        assert "First, signed." in text
    await write(world, path, "An addendum.", 0, "save", note)
    assert (await discard(world, path, 1))[0] == 409, "a draft of another place"
    assert (await discard(world, path, 1, addends=note))[0] == 200
    assert await count("clinical_note", "signed_at IS NOT NULL") == await count("clinical_note") == 1
    assert await count("audit_event", "action = 'discard'") == 1


async def test_signed_and_discarded_at_once_has_one_outcome(world: World):
    path = await page_of(world)
    for turn in range(5):
        before = await count("clinical_note")
        await write(world, path, f"Which? {turn}", 0)
        done = await asyncio.gather(write(world, path, f"Which? {turn}", 1, "sign"), discard(world, path, 1))
        assert sorted(status for status, _text in done) == [200, 409]
        assert await count("clinical_note", "signed_at IS NULL") == 0
        assert await count("clinical_note") == before + (done[0][0] == 200)


async def test_the_same_form_signed_twice_is_one_note(world: World, monkeypatch: pytest.MonkeyPatch):
    path = await page_of(world)
    done = await asyncio.gather(*[write(world, path, "Seen.", 0, "sign") for _n in range(3)])
    assert sorted(status for status, _text in done) == [200, 409, 409]
    again = await write(world, path, "Seen.", 0, "sign")
    assert (again[0], "It was signed or discarded there" in again[1]) == (409, True)
    assert await count("clinical_note") == 1
    later = clock.now() + timedelta(minutes=11)
    monkeypatch.setattr(clock, "now", lambda: later)
    assert (await write(world, path, "Seen.", 0, "sign"))[0] == 200
    assert await count("clinical_note") == 2


async def test_a_signed_note_is_never_edited_and_can_be_added_to(world: World):
    path = await page_of(world)
    await write(world, path, "First impression.", 0)
    await write(world, path, "First impression, signed.", 1, "sign")
    note = str((await db.rows("SELECT id FROM clinical_note"))[0]["id"])
    status, text = await write(world, path, "An edit from an old tab.", 1)
    assert (status, "It was signed or discarded there" in text) == (409, True)
    for change in ("SET version = 9", "SET text_enc = ''", "SET signed_at = NULL"):
        with pytest.raises(asyncpg.PostgresError):
            await db.execute(f"UPDATE clinical_note {change} WHERE id = '{note}'")
    with pytest.raises(asyncpg.PostgresError):
        await db.execute("DELETE FROM clinical_note")
    assert "Add to the note of" in await seen(world, f"{path}?addend={note}")
    await write(world, path, "Forgot the allergy.", 0, "sign", note)
    text = await seen(world, path)
    assert text.index("First impression, signed.") < text.index("Forgot the allergy.")
    assert "Adds to the note of" in text
    assert await count("status_change", "subject = 'clinical-note' AND action = 'sign'") == 2
    assert await count("audit_event", "subject = 'clinical-note' AND action IN ('write', 'sign')") == 3


async def test_a_note_adds_only_to_a_signed_one_of_the_same_evaluation(world: World):
    path, other = await page_of(world), await page_of(world)
    await write(world, path, "A draft.", 0)
    draft = str((await db.rows("SELECT id FROM clinical_note"))[0]["id"])
    assert (await write(world, path, "More.", 0, "save", draft))[0] == 404
    await write(world, path, "A draft.", 1, "sign")
    assert (await write(world, other, "More.", 0, "save", draft))[0] == 404
    assert (await world.desks["provider"].get(f"{other}?addend={draft}")).status_code == 200
    assert (await world.desks["provider"].get(f"{other}?addend=%27")).status_code == 200


async def test_whoever_takes_over_reads_signed_notes_and_no_draft(world: World):
    path = await page_of(world)
    await write(world, path, "Signed for all.", 0, "sign")
    await write(world, path, "Only for me.", 0)
    ned = await db.rows("SELECT id FROM practitioner WHERE name = 'Dr. Ned Okafor'")
    assert (await world.desks["colleague"].get(path)).status_code == 404
    await db.execute("UPDATE evaluation SET practitioner_id = {} WHERE id = {}", ned[0]["id"], UUID(path[-36:]))
    text = await seen(world, path, "colleague")
    assert "Signed for all." in text
    assert "Only for me." not in text
    assert (await world.desks["provider"].get(path)).status_code == 404
    assert (await write(world, path, "Still here?", 1))[0] == 404


async def test_unclaimed_it_shows_no_answer_and_takes_no_entry(world: World):
    patient = await world.ready(is_sent=True)
    path, desk = f"/provider/evaluations/{await newest('evaluation', patient, world)}", world.desks["provider"]
    text = await seen(world, path)
    assert "Take this evaluation" in text
    assert "Ada" not in text
    assert "Summary" not in text
    line = re.search(
        rf'<a class="name" href="{path}">(.*?)</a>\s*<span class="why">(.*?)</span>',
        await seen(world, "/provider/evaluations?show=unclaimed"),
    )
    assert line is not None
    for words in line.groups():
        assert f">{words}<" in text, "the same words as in the list"
    for below, fields in (
        ("checks/identity", {"document": "photo-id"}), ("override", {"rule": "heart-stop", "why_heart-stop": "So."}),
        ("notes", {"note_text": "Mine.", "note_version": "0", "act": "save"}), ("checks/consent", {}),
        ("notes/discard", {"note_version": "1"}), ("checks/nothing", {}),
    ):  # fmt: skip
        assert (await desk.post(f"{path}/{below}", fields)).status_code == 404


@pytest.mark.parametrize("stage", ["crisis", "stopped-by-rule", "waiting-for-decision"])
async def test_unclaimed_it_says_why_it_stands_where_it_does(world: World, stage: str):
    """Among others, on either side of it in the list; who takes it reads all of it, and the line is gone."""
    await world.ready(is_sent=True)
    found = await newest("evaluation", await world.patient(stage), world)
    await world.ready(is_sent=True)
    await db.execute("UPDATE evaluation SET practitioner_id = NULL, status = 'requested' WHERE id = {}", found)
    line = re.search(
        rf'<a class="name" href="/provider/evaluations/{found}">(.*?)</a>\s*<span class="why">(.*?)</span>',
        await seen(world, "/provider/evaluations?show=unclaimed"),
    )
    assert line is not None
    path = f"/provider/evaluations/{found}"
    for who in ("provider", "colleague"):
        text = await seen(world, path, who)
        # The time of a visit is said in each provider's own zone; the colleague has no license there.
        reasons = [one for one in line[2].split(" · ") if not one.startswith("visit ")]
        assert ("you have no license for CO" in text) == (who == "colleague")
        for words in ("Why it stands where it does", f">{line[1]}<", *reasons):
            assert words in text, words
        assert "Winter" not in text
    assert ("item 9 above zero" in text) == (stage == "crisis")
    assert ("1 stop" in text) == (stage == "stopped-by-rule")
    assert f">{line[2]}<" in await seen(world, path)
    await world.desks["provider"].post(f"{path}/claim")
    assert "Why it stands where it does" not in await seen(world, path)


SAME = "Possibly the same person as another record."


async def test_the_same_name_and_birth_date_is_said_with_its_state_and_nothing_else(world: World):
    path = await page_of(world)
    assert SAME in await seen(world, path), "the world's patients are all of one name"
    mine = "SELECT patient_id FROM evaluation WHERE id = {}"
    await db.execute(f"UPDATE patient SET person_index = 'x' WHERE id <> ({mine})", UUID(path[-36:]))
    assert SAME not in await seen(world, path)
    for stage, words in (
        ("sent", "evaluation is pending since"), ("not-suitable", "evaluation was decided on"),
        ("maintenance-short", "has a treatment plan since"),
    ):  # fmt: skip
        other = await world.patient(stage)
        text = await seen(world, path)
        assert SAME in text
        assert words in text
        email = (await accounts.patient(SYSTEM, other)).email
        assert str(other) not in text
        assert email not in text
    assert await count("audit_event", "action = 'see-same-person'")


async def test_the_same_phone_is_said_too(world: World):
    path = await page_of(world)
    await world.ready(is_sent=True)
    await db.execute("UPDATE patient SET person_index = id::text::bytea, phone_index = 'number'")
    assert "Same phone as another record." in await seen(world, path)


async def test_those_who_were_here_before_the_index_get_theirs(world: World):
    await world.ready(is_sent=True)
    before = await db.rows("SELECT id, person_index FROM patient ORDER BY id")
    await db.execute("UPDATE patient SET person_index = NULL")
    assert await accounts.index_people(1) == 1
    while await accounts.index_people(1):
        pass
    assert await db.rows("SELECT id, person_index FROM patient ORDER BY id") == before


async def test_what_changed_since_the_last_intake(world: World):
    one = await world.person("sent")
    for days, pain in ((40, 8), (1, 4)):
        one.person = replace(one.person, pain=pain, goal=f"Walk for {pain} miles.")
        start = world.now - timedelta(days=days)
        await life._apply(one, start)
        await life._answer(one, start, most=99)
        await life._send(one, start + timedelta(minutes=25))
    assert one.me.patient_id is not None
    path = f"/provider/evaluations/{await newest('evaluation', one.me.patient_id, world)}"
    await world.desks["provider"].post(f"{path}/claim")
    text = await seen(world, path)
    changes = text[text.index('id="changes"') : text.index('id="consult"')]
    for words in ("Walk for 8 miles.", "Walk for 4 miles.", "pain.goal", "peg.q1", "PEG (pain"):
        assert words in changes
    assert "medical.allergy" not in changes, "what is answered alike is not shown"
    assert "Walk for 8" not in text.replace(changes, "")
    newer = await intakes.newest(SYSTEM, one.me.patient_id)
    assert newer is not None
    assert newer.status == "completed"


async def test_only_a_provider_enters_anything(world: World):
    from carepath.journey import notes, review
    from carepath.kit.errors import Refused

    path = UUID((await page_of(world))[-36:])
    for actor in (Actor(Role.COORDINATOR, world.rosa.account.id), SYSTEM, Actor(Role.PATIENT, None, path)):
        for attempt in (
            review.enter(actor, path, "identity", True, None, {}, world.now),
            review.override(actor, path, "heart-stop", "So.", world.now),
            notes.write(actor, path, None, "Text.", 0, False, world.now),
            notes.discard(actor, path, None, 1, world.now),
        ):
            with pytest.raises(Refused):
                await attempt
