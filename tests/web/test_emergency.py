"""Reading in an emergency over HTTP: a reason, a time, a record of it, and word of it to whom it concerns."""

import asyncio
import json
import re
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from datetime import timedelta
from itertools import count
from typing import Any
from uuid import UUID

import httpx
import pytest

from carepath.accounts import emergencies
from carepath.accounts import service as accounts
from carepath.app import Application
from carepath.evaluations import service as evaluations
from carepath.journey import emergency
from carepath.kit import clock, db, limits, when
from carepath.kit.actor import SYSTEM, Actor
from carepath.kit.errors import NotFound
from carepath.kit.ids import new_id
from carepath.questionnaires import service as questionnaires
from carepath.settings import Settings
from tests import cast
from tests.conftest import wipe
from tests.web.client import Browser
from tests.web.desk_course import FIRST, LAST, Course, open_course
from tests.web.desks import main_of, sign_in
from tests.web.hostile import stored
from tests.web.hostile_world import with_token
from tests.web.test_desk_access import ROWS, absent, ask, audited, said

REASON = "Collapsed at home; the ambulance asks what she takes."
ZONE = "America/Denver"
_number = count(1)
Travel = Callable[[timedelta], None]


@pytest.fixture(scope="module")
async def course(app: Application, migrated: Settings) -> AsyncIterator[Course]:
    """Two patients of Dr. Lang. Every test brings a colleague of its own, who has opened nothing yet."""
    await wipe()
    await questionnaires.register_all(cast.NOW)
    async with AsyncExitStack() as stack:

        def fresh() -> Browser:
            made = Browser(app)
            stack.push_async_callback(made.http.aclose)
            return made

        yield await open_course(migrated, fresh)


class Colleague:
    """A provider who looks after nobody, at their desk."""

    def __init__(self, member: cast.Staff, desk: Browser, patient_id: UUID) -> None:
        self.member, self.desk, self.patient_id = member, desk, patient_id

    @property
    def path(self) -> str:
        return f"/provider/patients/{self.patient_id}/emergency"

    @property
    def id(self) -> UUID:
        return self.member.account.id

    async def open(self, reason: str = REASON) -> httpx.Response:
        """As a browser does that follows where it is led."""
        return await self.desk.post(self.path, {"reason": reason})

    async def openings(self) -> list[dict[str, Any]]:
        return await db.rows("SELECT * FROM emergency_access WHERE account_id = {} ORDER BY opened_at", self.id)


@pytest.fixture
async def colleague(app: Application, course: Course) -> AsyncIterator[Colleague]:
    browser = Browser(app)
    yield await somebody(browser, course)
    await browser.http.aclose()


async def somebody(browser: Browser, course: Course) -> Colleague:
    name = "Ines " + "".join("abcdefghij"[int(digit)] for digit in str(next(_number))).capitalize()
    member = await cast.provider(name)
    return Colleague(member, with_token(await sign_in(browser, member)), course.ids["patient_id"])


@pytest.fixture
def travel(monkeypatch: pytest.MonkeyPatch) -> Travel:
    def to(ahead: timedelta) -> None:
        monkeypatch.setattr(clock, "now", lambda: clock.wall() + ahead)

    return to


async def rows_of(answer: httpx.Response) -> list[dict[str, Any]]:
    """The audit rows of this very request."""
    found = await db.rows(
        "SELECT * FROM audit_event WHERE request_id = {} ORDER BY seq", answer.headers["x-request-id"]
    )
    return [{**row, "detail": json.loads(row["detail"])} for row in found]


async def account_of(name: str) -> UUID:
    return next(one.id for one in await accounts.accounts(SYSTEM) if one.name == name)


class TestBeforeItIsOpened:
    async def test_a_colleague_reads_nothing_and_is_asked_why(self, course: Course, colleague: Colleague):
        page = await colleague.desk.get(colleague.path)
        assert page.status_code == 200
        words = main_of(page.text)
        for part in (
            "Why do you need to read it now?",
            "for 4 hours",
            "change nothing",
            "every admin are told",
            "recorded",
        ):
            assert part in words
        for secret in (FIRST, LAST, "PEG", "Mia Lang"):
            assert secret not in page.text
        [row] = await rows_of(page)
        assert (row["action"], row["subject"], row["patient_id"]) == (
            "preview",
            "emergency-access",
            colleague.patient_id,
        )
        for one in (row for row in ROWS if "/emergency" not in row.route):
            assert (await ask(colleague.desk, one, course.ids)).status_code in {404, 422}, one.route

    async def test_where_there_is_no_patient_there_is_no_door(self, course: Course, colleague: Colleague):
        plain = await colleague.desk.get(f"/provider/patients/{new_id()}")
        for none in (new_id(), course.ids["plan_id"], colleague.id):
            path = f"/provider/patients/{none}/emergency"
            for answer in (await colleague.desk.get(path), await colleague.desk.post(path, {"reason": REASON})):
                assert answer.status_code == 404
                assert said(answer) == said(plain)
            assert (await colleague.desk.post(path, {"reason": "short"})).status_code == 404
        assert await colleague.openings() == []

    @pytest.mark.parametrize(
        ("reason", "words"),
        [
            ("", "Write why you need to read this record."),
            ("  \n ", "Write why you need to read this record."),
            ("Urgent!!!", "at least 10 characters"),
            (" " * 20 + "Urgent!!!" + " " * 20, "at least 10 characters"),
            ("x" * 501, "at most 500 characters"),
            ("She takes\x00 what?", "a character that cannot be stored"),
            ("She takes\x1b[2J what?", "a character that cannot be stored"),
        ],
    )
    async def test_a_reason_that_tells_nobody_why_comes_back_with_what_was_typed(
        self, colleague: Colleague, reason: str, words: str
    ):
        before = await stored()
        page = await colleague.open(reason)
        assert page.status_code == 422
        assert re.search(rf'id="reason-error">.*{words}', page.text)
        assert 'href="#reason"' in page.text
        if reason.isprintable() and reason.strip():
            assert reason.strip() in page.text
        assert await stored() == before

    @pytest.mark.parametrize("reason", ["x" * 10, "ü" * 500, f"  {'x' * 10}\r\n"])
    async def test_ten_to_five_hundred_characters_are_a_reason(self, colleague: Colleague, reason: str):
        assert (await colleague.open(reason)).status_code == 200
        assert len(await colleague.openings()) == 1

    @pytest.mark.parametrize("who", ["coordinator", "admin", "patient", "herself", "nobody"])
    async def test_nobody_but_a_provider_opens_anything(self, course: Course, colleague: Colleague, who: str):
        before, there = await stored(), course.desks[who]
        for answer in (
            await there.http.get(colleague.path, follow_redirects=False),
            await there.post(colleague.path, {"reason": REASON}, follow_redirects=False),
        ):
            assert answer.status_code == (303 if who == "nobody" else 403)
            assert LAST not in answer.text
        assert await stored() == before

    async def test_a_provider_who_has_given_no_code_or_is_switched_off_opens_nothing(
        self, app: Application, course: Course, colleague: Colleague
    ):
        browser = Browser(app)
        await browser.get("/staff/sign-in")
        await browser.post("/staff/sign-in", {"email": colleague.member.account.email, "password": cast.PASSWORD})
        answer = await browser.post(colleague.path, {"reason": REASON}, follow_redirects=False)
        assert answer.status_code == 303
        await browser.http.aclose()
        await db.execute("UPDATE account SET is_active = false WHERE id = {}", colleague.id)
        answer = await colleague.desk.post(colleague.path, {"reason": REASON}, follow_redirects=False)
        assert answer.status_code in {303, 403}
        with pytest.raises(NotFound):
            await emergency.open_record(colleague.member.actor, colleague.patient_id, REASON, clock.now())
        assert await colleague.openings() == []

    async def test_ones_own_patient_needs_no_reason(self, course: Course):
        owner, path = course.desks["owner"], f"/provider/patients/{course.ids['patient_id']}"
        before = await stored()
        assert (await owner.get(f"{path}/emergency")).url.path == path
        answer = await owner.post(f"{path}/emergency", {"reason": REASON})
        assert answer.status_code == 409
        assert "You look after this patient" in answer.text
        assert await stored() == before


class TestWhileItIsOpen:
    async def test_it_shows_what_a_clinician_needs_until_when_and_why(self, course: Course, colleague: Colleague):
        page = await colleague.open()
        assert page.url.path == colleague.path
        words = main_of(page.text)
        [opening] = await colleague.openings()
        assert opening["ends_at"] - opening["opened_at"] == timedelta(hours=4)
        for part in (
            f"{FIRST} {LAST}", f"Open in an emergency until {when.say_short(opening['ends_at'], ZONE)}", REASON, "read only",
            "Dr. Mia Lang and every admin have been told", '<p class="notice notice-red"><strong>', 'id="summary"', 'id="findings"', 'id="medicines"', "MME a day",
            'id="plan"', "infusion protocol", "PHQ-9", "PEG now", "<svg", 'id="answers"', "In numbers",
        ):  # fmt: skip
            assert part in words, part
        for address in ("/provider/evaluations/", "/claim", "/timeline/export", "/signals", "<textarea", 'name="rule"'):
            assert address not in words, address

    async def test_the_timeline_and_the_answers_are_those_of_the_owners_pages(
        self, course: Course, colleague: Colleague
    ):
        """Not a word less than the owner reads in the chart's table and the answers, and nothing of anybody else."""
        mine = main_of((await colleague.open()).text)
        owner = course.desks["owner"]
        theirs = main_of((await owner.get(f"/provider/patients/{colleague.patient_id}/timeline")).text)
        [table] = re.findall(r'<table class="stack timeline-table">.*?</table>', theirs, re.DOTALL)
        assert table in mine
        theirs = main_of((await owner.get(f"/provider/evaluations/{course.ids['evaluation_id']}")).text)
        found = re.search(r'<div class="answer-columns">.*?</section>\s*</div>', theirs, re.DOTALL)
        assert found is not None
        assert found[0] in mine
        assert "Vestergaard" not in mine

    async def test_somebody_who_has_sent_nothing_has_a_page_as_well(self, course: Course, colleague: Colleague):
        colleague.patient_id = (await cast.patient(f"Nell{next(_number)}", "Brook")).id
        words = main_of((await colleague.open()).text)
        for part in (
            "Brook",
            "No answers were sent yet.",
            "No plan is written.",
            "Nobody looks after this patient yet",
        ):
            assert part in words

    async def test_every_look_leaves_rows_that_say_on_what_it_rests(self, course: Course, colleague: Colleague):
        await colleague.open()
        [opening] = await colleague.openings()
        for _look in range(2):
            rows = await rows_of(await colleague.desk.get(colleague.path))
            read = {row["subject"]: row for row in rows if row["action"] == "read"}
            assert set(read) == {"patient", "evaluation", "timeline"}
            for row in read.values():
                assert row["detail"] == {"basis": "emergency", "opening": str(opening["id"])}
                assert (row["patient_id"], row["actor_id"]) == (colleague.patient_id, colleague.id)

    async def test_the_opening_is_on_record_without_its_words(self, course: Course, colleague: Colleague):
        await colleague.open()
        [opening] = await colleague.openings()
        [row] = await db.rows("SELECT * FROM audit_event WHERE action = 'open' AND subject_id = {}", opening["id"])
        assert json.loads(row["detail"]) == {"has_reason": True, "until": opening["ends_at"].isoformat()}
        assert (row["actor_id"], row["request_id"]) == (colleague.id, opening["request_id"])

    async def test_without_a_row_there_is_no_page_and_no_opening(self, course: Course, colleague: Colleague):
        await db.execute("ALTER TABLE audit_event ADD CONSTRAINT broken CHECK (actor_role <> 'provider') NOT VALID")
        try:
            page = await colleague.open()
            assert page.status_code == 500
            assert LAST not in page.text
            assert await colleague.openings() == []
        finally:
            await db.execute("ALTER TABLE audit_event DROP CONSTRAINT broken")

    async def test_it_is_to_read_alone_and_this_page_alone(self, course: Course, colleague: Colleague):
        await colleague.open()
        before = await stored()
        for row in (one for one in ROWS if "/emergency" not in one.route):
            answer, none = [await ask(colleague.desk, row, ids) for ids in (course.ids, absent(course.ids))]
            assert answer.status_code == 404, (row.method, row.route)
            assert said(answer) == said(none), (row.method, row.route)
        assert await stored() == before

    async def test_another_patient_stays_closed(self, course: Course, colleague: Colleague):
        await colleague.open()
        page = await colleague.desk.get(f"/provider/patients/{course.ids['open_patient_id']}/emergency")
        assert "Why do you need to read it now?" in page.text
        assert "Vestergaard" not in page.text

    async def test_what_a_colleague_opened_helps_nobody_else(
        self, app: Application, course: Course, colleague: Colleague
    ):
        await colleague.open()
        browser = Browser(app)
        other = await somebody(browser, course)
        page = await other.desk.get(other.path)
        assert "Why do you need to read it now?" in page.text
        assert LAST not in page.text
        with pytest.raises(NotFound):
            await emergency.read(other.member.actor, other.patient_id, clock.now())
        await browser.http.aclose()

    async def test_twice_at_once_is_one(self, course: Course, colleague: Colleague):
        first, second = await asyncio.gather(colleague.open(), colleague.open("The same, pressed again."))
        assert {first.status_code, second.status_code} == {200}
        [opening] = await colleague.openings()
        again = await colleague.open("Yet another reason, an hour later.")
        assert [one["id"] for one in await colleague.openings()] == [opening["id"]]
        assert "Yet another reason" not in again.text
        assert (
            len(await db.rows("SELECT 1 FROM audit_event WHERE action = 'open' AND actor_id = {}", colleague.id)) == 1
        )
        told = await db.rows("SELECT recipient_id FROM message WHERE subject_id = {}", opening["id"])
        assert len(told) == len({row["recipient_id"] for row in told}) == 2

    async def test_what_was_opened_cannot_be_made_longer_or_taken_back(self, course: Course, colleague: Colleague):
        await colleague.open()
        [opening] = await colleague.openings()
        for change in (
            "UPDATE emergency_access SET ends_at = ends_at + interval '1 hour' WHERE id = {}",
            "UPDATE emergency_access SET reason_enc = '' WHERE id = {}",
            "DELETE FROM emergency_access WHERE id = {}",
        ):
            with pytest.raises(Exception, match="emergency_access"):
                await db.execute(change, opening["id"])
        assert await colleague.openings() == [opening]


class TestItEnds:
    async def test_after_four_hours_it_is_closed(self, course: Course, colleague: Colleague, travel: Travel):
        await colleague.open()
        [opening] = await colleague.openings()
        travel(timedelta(hours=3, minutes=59))
        await sign_in(colleague.desk, colleague.member)  # nobody stays signed in that long without a request
        assert LAST in main_of((await colleague.desk.get(colleague.path)).text)
        travel(timedelta(hours=4))
        page = await colleague.desk.get(colleague.path)
        assert page.url.path == colleague.path
        assert LAST not in page.text
        words = main_of(page.text)
        assert f"You had this record open until {when.say(opening['ends_at'], ZONE)}" in words
        assert "Why do you need to read it now?" in words
        with pytest.raises(NotFound):
            await emergency.read(colleague.member.actor, colleague.patient_id, clock.now())

    async def test_the_last_moment_is_in_and_the_end_is_out(self, course: Course, colleague: Colleague):
        me, at = colleague.member.actor, clock.now()
        opening = await emergency.open_record(me, colleague.patient_id, REASON, at)
        await emergency.read(me, colleague.patient_id, opening.ends_at - timedelta(microseconds=1))
        with pytest.raises(NotFound):
            await emergency.read(me, colleague.patient_id, opening.ends_at)
        again = await emergency.open_record(me, colleague.patient_id, REASON, opening.ends_at)
        assert again.id != opening.id
        assert len(await colleague.openings()) == 2

    async def test_switching_the_account_off_ends_it_for_good(self, course: Course, colleague: Colleague):
        await colleague.open()
        admin, path = course.desks["admin"], f"/admin/accounts/{colleague.id}"
        for active in ("no", "yes"):
            assert (await admin.post(path, {"active": active})).status_code == 200
        [opening] = await colleague.openings()
        assert opening["ends_at"] < clock.now()
        await sign_in(colleague.desk, colleague.member)
        page = await colleague.desk.get(colleague.path)
        assert LAST not in page.text
        assert "Why do you need to read it now?" in page.text


class TestItIsTold:
    async def test_to_the_patients_own_provider_and_every_admin_once_each(self, course: Course, colleague: Colleague):
        grace = await cast.admin(f"Grace {next(_number)}")
        gone = await cast.admin(f"Gone {next(_number)}")
        await db.execute("UPDATE account SET is_active = false WHERE id = {}", gone.account.id)
        await colleague.open()
        [opening] = await colleague.openings()
        told = await db.rows("SELECT * FROM message WHERE subject_id = {}", opening["id"])
        expected = {grace.account.id, await account_of("Adam Stone"), await account_of("Mia Lang")}
        assert {row["recipient_id"] for row in told} == expected
        assert len(told) == len(expected)
        assert {row["kind"] for row in told} == {"break-glass-notice"}
        await db.execute("UPDATE account SET is_active = false WHERE id = {}", grace.account.id)

    async def test_of_nobodys_patient_to_admins_alone(self, course: Course, colleague: Colleague):
        found = await cast.patient(f"Nell{next(_number)}")
        assert await emergencies.whom_to_tell(found.id) == [await account_of("Adam Stone")]

    async def test_it_is_opened_and_told_together_or_not_at_all(
        self, course: Course, colleague: Colleague, monkeypatch: pytest.MonkeyPatch
    ):
        async def broken(patient_id: UUID) -> list[UUID]:
            raise OSError

        monkeypatch.setattr(emergencies, "whom_to_tell", broken)
        assert (await colleague.open()).status_code == 500
        assert await colleague.openings() == []

    async def test_the_owner_reads_who_why_and_until_when(self, course: Course, colleague: Colleague):
        await colleague.open(f"{REASON} <b>{colleague.id}</b>")
        [opening] = await colleague.openings()
        name = colleague.member.account.name
        page = await course.desks["owner"].get(f"/provider/patients/{colleague.patient_id}")
        found = re.search(r'<section class="notice notice-amber" id="opened".*?</section>', page.text, re.DOTALL)
        assert found is not None
        for words in (name, f"{REASON} &lt;b&gt;", f"open until {when.say_short(opening['ends_at'], ZONE)}"):
            assert words in found[0]
        answer = await course.desks["owner"].get("/provider/opened")
        words = main_of(answer.text)
        assert await audited(answer) == 1
        for part in (name, REASON, f"{FIRST} {LAST}", f'href="/provider/patients/{colleague.patient_id}"'):
            assert part in words
        assert REASON not in (await colleague.desk.get("/provider/opened")).text, "what one opened oneself is no news"

    async def test_what_was_long_ago_stands_further_below(self, course: Course, colleague: Colleague, travel: Travel):
        await colleague.open()
        travel(timedelta(days=15))
        page = await sign_in_as_owner(course)
        words = main_of((await page.get(f"/provider/patients/{colleague.patient_id}")).text)
        assert 'id="opened"' not in words
        assert "Opened in an emergency before" in words
        assert colleague.member.account.name in words

    async def test_an_admin_reads_who_and_until_when_and_neither_whose_nor_why(
        self, course: Course, colleague: Colleague
    ):
        reason = "She has a bladder full of ketamine."
        await colleague.open(reason)
        [opening] = await colleague.openings()
        admin = await cast.admin(f"Zoe {next(_number)}")
        page = await course.desks["admin"].get("/admin/audit")
        if "Audit trail" not in page.text:
            page = await (await sign_in(course.desks["admin"], admin)).get("/admin/audit")
        words = main_of(page.text)
        assert colleague.member.account.name in words
        assert when.say_short(opening["ends_at"], "America/Chicago") in words
        assert "A reason was given." in words
        for secret in (reason, "bladder", LAST, str(colleague.patient_id)):
            assert secret not in page.text
        await db.execute("UPDATE account SET is_active = false WHERE id = {}", admin.account.id)


async def sign_in_as_owner(course: Course) -> Browser:
    found = next(one for one in await accounts.accounts(SYSTEM) if one.name == "Mia Lang")
    return await sign_in(course.desks["owner"], cast.Staff(found, Actor(found.role, found.id)))


async def test_the_reason_is_sealed(course: Course, colleague: Colleague):
    await colleague.open("Quxmarker bleeds and cannot speak.")
    tables = await db.rows("SELECT tablename AS name FROM pg_tables WHERE schemaname = current_schema()")
    for table in tables:
        found = await db.rows(f"SELECT 1 FROM \"{table['name']}\" t WHERE t::text ILIKE '%quxmarker%' LIMIT 1")
        assert not found, table
    [opening] = await colleague.openings()
    assert b"uxmarker" not in opening["reason_enc"]
    [mine] = [
        one
        for one in await emergencies.of_patient(colleague.member.actor, colleague.patient_id)
        if one.id == opening["id"]
    ]
    assert mine.reason == "Quxmarker bleeds and cannot speak."


async def test_ten_an_hour_and_no_more(course: Course, colleague: Colleague):
    """Also of nothing: nobody walks through patients, or through numbers that might be some."""
    limits._State.local.clear()
    found = [(await cast.patient(f"Many{next(_number)}")).id for _one in range(3)]
    for patient_id in [*found, *(new_id() for _none in range(7))]:
        await colleague.desk.post(f"/provider/patients/{patient_id}/emergency", {"reason": REASON})
    answer = await colleague.open()
    assert answer.status_code == 429
    assert "60 minutes" in answer.text
    assert {row["patient_id"] for row in await colleague.openings()} == set(found)
    page = await colleague.desk.get(f"/provider/patients/{found[0]}/emergency")
    assert "Open in an emergency until" in page.text, "what is open stays open"


async def test_whom_a_visit_brings_is_named_on_the_form_and_my_day_leads_there(course: Course):
    """The former provider has seen her: they know her name, and nothing since."""
    former, path = course.desks["former"], f"/provider/patients/{course.ids['patient_id']}/emergency"
    page = await former.get(path)
    assert f"Read the record of {FIRST} {LAST} in an emergency" in main_of(page.text)
    [visit] = await db.rows(
        "SELECT start_at FROM appointment WHERE patient_id = {} ORDER BY start_at LIMIT 1", course.ids["patient_id"]
    )
    on = (visit["start_at"] - timedelta(hours=7)).date().isoformat()
    assert f'<a href="{path}">Read the record in an emergency</a>' in (await former.get(f"/provider/day?on={on}")).text


async def test_who_takes_the_patient_over_reads_the_whole_page_instead(course: Course, colleague: Colleague):
    """The way through the emergency closes where the usual one opens."""
    found = await cast.patient(f"Tess{next(_number)}", "Moor")
    colleague.patient_id = found.id
    await colleague.open()
    [intake] = await db.rows("SELECT id FROM intake WHERE patient_id = {}", found.id)
    made = await evaluations.open_for(SYSTEM, found.id, intake["id"], "routine", clock.now())
    await evaluations.claim(colleague.member.actor, made.id, clock.now())
    page = await colleague.desk.get(colleague.path)
    assert page.url.path == f"/provider/patients/{found.id}"
    assert "A colleague opened this record" not in page.text, "one's own opening is no news"
