"""Who opens what of a provider's desk: every route that holds an id, tried as everybody. A route without a row fails."""

import re
from dataclasses import dataclass, field
from datetime import timedelta
from uuid import UUID

import httpx
import pytest
from litestar.routes import HTTPRoute

from carepath.app import Application
from carepath.kit import clock, db
from carepath.kit.ids import new_id
from tests.web.client import Browser
from tests.web.desk_course import FIRST, LAST, Course
from tests.web.desks import main_of
from tests.web.hostile import stored
from tests.web.test_tampering import said as told

DESK = "/provider"
PATIENT, EVALUATION = "/provider/patients/{patient_id:uuid}", "/provider/evaluations/{evaluation_id:uuid}"
SECRETS = re.compile(r"sleeps badly|Quistgaard|Vestergaard|infusion protocol|PHQ|PEG|item 9", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Row:
    """A route and what is sent to it. `names` says by which of the course's ids its parameters are filled, where not by
    those of the same name; `sent` may name ids in braces."""

    route: str
    method: str
    sent: dict[str, str] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)
    query: str = ""


ID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")


def said(answer: httpx.Response) -> str:
    """What the page says; the id that was asked for stands in it as it was sent."""
    return ID.sub("", told(answer))


OPEN = {"evaluation_id": "open_evaluation_id", "appointment_id": "open_appointment_id"}
PLAN = {"plan_id": "{plan_id}", "version": "1"}
DAY = "2026-11-20"
SESSION = {
    "held_on": DAY, "held_time": "10:00", "route": "iv", "dose_words": "as planned", "effects": "none", "escort": "yes",
    "will_not_drive": "yes", "reason": "A slip.",
}  # fmt: skip


def patient(rest: str = "", how: str = "GET", /, **sent: str) -> Row:
    return Row(PATIENT + rest, how, sent)


def undecided(rest: str, /, **sent: str) -> Row:
    return Row(EVALUATION + rest, "POST", {"version": "1", **sent}, OPEN)


ROWS = (
    patient(), patient("/plan"), patient("/timeline"), patient("/sessions"), patient("/sessions/new"), patient("/book"),
    Row(f"{PATIENT}/sessions/new", "GET", query="?visit={appointment_id}"),
    patient("/sessions/{session_id:uuid}/correct"),
    patient("/sessions/new", "POST", **SESSION), patient("/sessions/{session_id:uuid}/correct", "POST", **SESSION),
    patient("/signals", "POST", signal="{signal_id}", signal_note="Seen."),
    patient("/readings", "POST", reading_entry="{note_id}", reading_on=DAY, reading_at="09:30", reading_nrs="4"),
    patient("/timeline/export", "POST", to_whom="Dr. Lang", why="Opinion", range="1y", how="print"),
    patient("/timeline/export", "POST", to_whom="Dr. Lang", why="Opinion", range="1y", how="file"),
    patient("/book", "POST", visit="follow-up", slot="{appointment_id}@2026-12-03T17:00:00+00:00"),
    patient("/plan", "POST", **PLAN, phase="maintenance", route="iv", setting="clinic", dose="x", interval_days="28",
            check_in_every_days="14", goals="x", starts_on=DAY, reason="x"),
    patient("/plan/turn", "POST", **PLAN, turn="end", turn_reason="x"),
    patient("/plan/taper", "POST", **PLAN, taper_how="x", taper_reason="x"),
    patient("/plan/labs", "POST", **PLAN, labs_seen_on=DAY), patient("/plan/pdmp", "POST", **PLAN, pdmp_checked_on=DAY),
    patient("/plan/check-in", "POST", check_in="{check_in_id}", close_reason="reached"),
    patient("/plan/renew", "POST", **PLAN, renewed_until="2027-01-20"),
    Row(EVALUATION, "GET"), Row(EVALUATION, "GET", names=OPEN),
    Row(EVALUATION, "GET", names=OPEN, query="?addend={note_id}"),
    undecided("/claim"), undecided("/decide", outcome="not-suitable", reason="x", **{"words_not-suitable": "x"}),
    undecided("/release", release_reason="x"), undecided("/hand-over", hand_over_reason="x", colleague="{plan_id}"),
    undecided("/checks/{item:str}", document="photo-id"), undecided("/override", rule="heart-stop", **{"why_heart-stop": "x"}),
    undecided("/notes", note_text="x", note_version="0", act="sign"),
    undecided("/notes", note_text="x", note_version="0", act="sign", note_addends="{note_id}"),
    undecided("/notes/discard", note_version="1"), undecided("/notes/discard", note_version="1", note_addends="{note_id}"),
    undecided("/visits/{appointment_id:uuid}", happened="no-show"),
    patient("/emergency"), patient("/emergency", "POST", reason="Urgent."),
    Row("/provider/check-ins/{check_in_id:uuid}", "GET"),
    Row("/provider/urgent/{task_id:uuid}", "GET"), Row("/provider/urgent/{task_id:uuid}", "POST", {"note": "x"}),
    Row("/provider/day/{appointment_id:uuid}/happened", "POST", {"happened": "fulfil", "on": DAY}),
    Row("/provider/day/{appointment_id:uuid}/late", "POST", {"minutes": "10", "version": "1", "on": DAY}),
)  # fmt: skip
# Of the provider's own calendar: no patient is reached through these. Held by test_calendar_in and test_own_hours.
OWN = {
    "/provider/hours/exceptions/{exception_id:uuid}/remove", "/provider/calendar/feeds/{feed_id:uuid}/remove",
    "/provider/calendar/feeds/{feed_id:uuid}/read",
}  # fmt: skip
# Whoever does not look after the patient is asked why: they are shown the form, and nothing of the patient.
ASKED = PATIENT + "/emergency"
LISTS = {
    "/provider": ("",), "/provider/follow-ups": ("", "?show=red", "?show=labs", "?show=pdmp", "?show=overdue"),
    "/provider/evaluations": ("", *(f"?show={one}" for one in ("mine", "unclaimed", "urgent", "waiting", "today"))),
    "/provider/patients": ("",), "/provider/opened": ("",), "/provider/day": ("", "?on={day}"),
}  # fmt: skip
WRONG_ROLES = {"coordinator": 403, "admin": 403, "patient": 403, "herself": 403, "nobody": 303}


def test_every_route_of_the_desk_that_holds_an_id_has_a_row(app: Application):
    found = {
        (route.path, method)
        for route in app.litestar.routes
        if isinstance(route, HTTPRoute) and route.path.startswith(DESK) and "{" in route.path
        for method in set(route.methods) - {"HEAD", "OPTIONS"}
    }
    assert {one for one in found if one[0] not in OWN} == {(row.route, row.method) for row in ROWS}
    assert {path for path, _method in found} >= OWN


def test_every_list_of_the_desk_has_a_row(app: Application):
    own = {"/provider/hours", "/provider/hours/week", "/provider/calendar"}
    found = {
        route.path
        for route in app.litestar.routes
        if isinstance(route, HTTPRoute)
        and route.path.startswith(DESK)
        and "{" not in route.path
        and "GET" in route.methods
    }
    assert found - own == set(LISTS)


def filled(row: Row, ids: dict[str, UUID]) -> tuple[str, dict[str, str]]:
    """The address, and the fields."""
    by_name = {name: str(value) for name, value in ids.items()}
    by_name |= {name: by_name[of] for name, of in row.names.items()} | {"item": "identity"}
    path = re.sub(r"\{(\w+):\w+\}", lambda found: by_name[found[1]], row.route)
    return path + row.query.format(**by_name), {name: text.format(**by_name) for name, text in row.sent.items()}


async def ask(who: Browser, row: Row, ids: dict[str, UUID], with_fields: bool = True) -> httpx.Response:
    """Following nothing: the first answer counts."""
    path, fields = filled(row, ids)
    follows, who.http.follow_redirects = who.http.follow_redirects, False
    try:
        return await (who.get(path) if row.method == "GET" else who.post(path, fields if with_fields else {}))
    finally:
        who.http.follow_redirects = follows


def absent(ids: dict[str, UUID]) -> dict[str, UUID]:
    return {name: new_id() for name in ids}


def name_of(row: Row) -> str:
    return f"{row.method} {row.route} {row.query}{''.join(sorted(row.names))}"


@pytest.mark.parametrize("who", ["other", "former"])
async def test_a_colleague_and_the_former_provider_read_what_is_read_of_nothing(course: Course, who: str):
    wrong, before, there = list[str](), await stored(), course.desks[who]
    for row in ROWS:
        for with_fields in (True, False):
            theirs = await ask(there, row, course.ids, with_fields)
            none = await ask(there, row, absent(course.ids), with_fields)
            # The day is read before the visit: what is wrong with the form is said of anything alike.
            right = 422 if "/day/" in row.route and not with_fields else 404
            if row.route == ASKED:
                assert theirs.status_code == (200 if row.method == "GET" else 422)
                # Whom one saw oneself is named, as in one's own days.
                met = f"record of {FIRST} {LAST} in" if who == "former" else ""
                assert not SECRETS.search(main_of(theirs.text).replace(met, "")), name_of(row)
                assert none.status_code == 404
                continue
            if (theirs.status_code, none.status_code) != (right, right):
                wrong.append(f"{name_of(row)} {with_fields}: {theirs.status_code}, of nothing {none.status_code}")
            elif said(theirs) != said(none):
                wrong.append(f"{name_of(row)}: {said(theirs)[:300]} but of nothing {said(none)[:300]}")
    assert not wrong, "\n".join(wrong)
    assert await stored() == before


@pytest.mark.parametrize("who", list(WRONG_ROLES))
async def test_other_roles_open_nothing(course: Course, who: str):
    before, there = await stored(), course.desks[who]
    for row in ROWS:
        theirs, none = await ask(there, row, course.ids), await ask(there, row, absent(course.ids))
        assert (theirs.status_code, none.status_code) == (WRONG_ROLES[who],) * 2, name_of(row)
        assert theirs.headers.get("location") == none.headers.get("location"), name_of(row)
        assert not SECRETS.search(theirs.text), name_of(row)
    for path, queries in LISTS.items():
        for query in queries:
            answer = await there.http.get(path + query.format(day=DAY), follow_redirects=False)
            assert answer.status_code == WRONG_ROLES[who], path
    assert await stored() == before


async def audited(answer: httpx.Response, patient_id: UUID | None = None) -> int:
    """How many rows this very request has left, about that patient if one is named."""
    about = "" if patient_id is None else f"AND patient_id = '{patient_id}'"
    row = await db.row(
        f"SELECT count(*) AS n FROM audit_event WHERE request_id = {{}} {about}", answer.headers["x-request-id"]
    )
    assert row is not None
    return int(row["n"])


async def test_every_page_of_the_owner_leaves_a_row_that_names_the_patient(course: Course):
    for row in (one for one in ROWS if one.method == "GET"):
        if "visit=" in row.query or row.route == ASKED:
            continue  # a visit that is no session: refused, nothing of it is shown; what is open needs no asking
        answer = await ask(course.desks["owner"], row, course.ids)
        assert answer.status_code == 200, (name_of(row), said(answer)[:500])
        whose = course.ids["open_patient_id" if row.names else "patient_id"]
        assert await audited(answer, whose) >= 1, name_of(row)
    for path, queries in LISTS.items():
        for query in queries:
            answer = await course.desks["owner"].get(path + query.format(day=DAY))
            assert answer.status_code == 200, path + query
            assert await audited(answer) >= 1, path + query


async def test_without_a_row_there_is_no_page(course: Course):
    """The table refuses: every page fails, and says nothing of anybody."""
    await db.execute("ALTER TABLE audit_event ADD CONSTRAINT broken CHECK (actor_role <> 'provider') NOT VALID")
    try:
        for row in (one for one in ROWS if one.method == "GET"):
            answer = await ask(course.desks["owner"], row, course.ids)
            assert answer.status_code in {500, 409}, name_of(row)
            assert not SECRETS.search(answer.text), name_of(row)
        for path, queries in LISTS.items():
            answer = await course.desks["owner"].get(path + queries[-1].format(day=DAY))
            assert answer.status_code == 500, path
            assert not SECRETS.search(answer.text), path
    finally:
        await db.execute("ALTER TABLE audit_event DROP CONSTRAINT broken")


async def test_lists_hold_the_owners_patients_and_nobody_elses(course: Course):
    pages = dict[str, str]()
    for who in ("owner", "other", "former"):
        for path, queries in LISTS.items():
            # Whom one saw oneself stays in one's own days, by name: see below.
            for query in queries if (who, path) != ("former", "/provider/day") else ():
                pages[who] = pages.get(who, "") + main_of(
                    (await course.desks[who].get(path + query.format(day=DAY))).text
                )
    assert f"{FIRST} {LAST}" in pages["owner"]
    for who in ("other", "former"):
        assert not SECRETS.search(pages[who]), who
        assert not any(str(one) in pages[who] for one in course.ids.values()), who


async def test_of_a_visit_with_somebody_elses_patient_the_day_shows_no_more_than_whose_it_is(course: Course):
    """Their former provider sees whom they saw, and no number, finding or signal of the colleague's patient."""
    visits = await db.rows(
        "SELECT a.start_at FROM appointment a WHERE a.patient_id = {} ORDER BY a.start_at LIMIT 1",
        course.ids["patient_id"],
    )
    on = (visits[0]["start_at"] - timedelta(hours=7)).date().isoformat()
    page = main_of((await course.desks["former"].get(f"/provider/day?on={on}")).text)
    assert LAST in page
    for words in ("PEG", "PHQ", "pain", "induction", "maintenance", f'/provider/patients/{course.ids["patient_id"]}"'):
        assert words not in page, words
    assert clock.now() > visits[0]["start_at"]
