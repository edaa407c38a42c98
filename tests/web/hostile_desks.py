"""The forms of the desks: provider, coordinator, admin; and the clock of a development machine."""

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from uuid import UUID

from carepath.kit import clock, db
from carepath.kit.actor import SYSTEM
from carepath.kit.ids import new_id
from carepath.scheduling import service as scheduling
from carepath.scheduling.service import ExceptionDraft, Outside
from tests import cast
from tests.questionnaires.forms import item, text
from tests.web.desks import SLOT, begins_in
from tests.web.hostile import Field
from tests.web.hostile_forms import slot, visit_of
from tests.web.hostile_world import Form, Reach, Stand, World, alike, enter, newest

NOTE = enter("note", "Called; all is well.", most=2000)
NEVER = ("1000-01-01", "2999-12-31")


def _version(row: dict[str, object]) -> Field:
    return enter("version", str(row["version"]), kind="whole", most=12, shape="hidden", gone=("99",))


async def claim(world: World) -> Stand:
    found = await newest("evaluation", await world.ready(is_sent=True), world)
    return Stand(world.desks["provider"], f"/provider/evaluations/{found}/claim")


def evaluation(verb: str) -> Reach:
    """Decide on one's own, give it back or hand it over."""

    async def reach(world: World) -> Stand:
        found = await newest("evaluation", await world.patient("waiting-for-decision"), world)
        row = await db.row("SELECT version FROM evaluation WHERE id = {}", found)
        assert row is not None
        who = await world.one("SELECT id FROM practitioner WHERE name = 'Dr. Mia Lang'")
        elsewhere = await world.one("SELECT id FROM practitioner WHERE name = 'Dr. Ned Okafor'")
        gone = (str(new_id()), str(UUID(int=0)), str(elsewhere))
        fields = {
            "decide": (
                enter("outcome", "not-suitable", kind="choice", also=("words", "refer", "SUITABLE")),
                enter("words_not-suitable", "Not now.", most=2000), enter("reason", "Risk.", most=2000),
            ),
            "release": (enter("release_reason", "Away from tomorrow.", most=500),),
            "hand-over": (
                Field("colleague", (str(who),), "uuid", 36, gone=gone),
                enter("hand_over_reason", "Knows her.", most=500),
            ),
        }  # fmt: skip
        return Stand(world.desks["provider"], f"/provider/evaluations/{found}/{verb}", (*fields[verb], _version(row)))

    return reach


async def record_visit(world: World) -> Stand:
    patient, other = await world.visited(), await world.visited()
    mine, theirs = [await newest("evaluation", one, world) for one in (patient, other)]
    seen, not_theirs = [await newest("appointment", one, world) for one in (patient, other)]
    happened = enter("happened", "fulfil", kind="choice", shape="button")
    path = f"/provider/evaluations/{mine}/visits/"
    elsewhere = (f"{path}{not_theirs}", f"/provider/evaluations/{theirs}/visits/{seen}")
    return Stand(world.desks["provider"], f"{path}{seen}", (happened,), elsewhere)


def _on(days: int) -> str:
    return (clock.now().date() + timedelta(days=days)).isoformat()


def _plan(*more: Field) -> tuple[Field, ...]:
    fields = [
        enter("phase", "induction", kind="choice", also=("ended",)), enter("route", "iv", kind="choice"),
        enter("route_words", "By the spoon", most=100, is_needed=False),
        enter("setting", "clinic", kind="choice", also=("home",)), enter("dose", "as in the protocol", most=300),
        enter("amount", "30.5", kind="exact", most=12, also=("0", "30,5", "0.00001")), enter("unit", "mg", kind="choice"),
        enter("interval_days", "28", kind="whole", most=12, also=("367",)),
        enter("sessions_planned", "6", kind="whole", most=12, is_needed=False, also=("366",)),
        enter("session_dates", f"{_on(1)}\n{_on(8)}", kind="words", most=4500, is_needed=False, also=(
            f"{_on(8)}\n{_on(1)}", f"{_on(1)}\n{_on(1)}", _on(-1), _on(400), "tomorrow", "2026-02-30",
            "\n".join(_on(n) for n in range(1, 8)),
        )),
        enter("check_in_every_days", "14", kind="whole", most=12, also=("367",)), enter("goals", "Walk again", most=1000),
        enter("starts_on", _on(0), kind="day", most=10, also=NEVER),
        *(enter(name, _on(90), kind="day", most=10, is_needed=False, also=NEVER) for name in ("runway_until", "labs_due_on", "pdmp_due_on")),
        enter("therapies", "cbt", kind="choice", is_needed=False), enter("therapy_words", "Weekly", most=500, is_needed=False),
    ]  # fmt: skip
    return (*alike(fields), *more)


async def write_plan(world: World) -> Stand:
    path = f"/provider/patients/{await world.patient('suitable')}/plan"
    return Stand(
        world.desks["provider"], path, _plan(), (f"/provider/patients/{await world.ready(is_sent=True)}/plan",)
    )


async def _planned(world: World) -> tuple[str, tuple[Field, Field], tuple[str, ...]]:
    """A plan's page, what names it and its version, and the page of another patient of the same provider."""
    patient, other = await world.patient("maintenance-short"), await world.patient("maintenance-short")
    plan, theirs = await newest("treatment_plan", patient, world), await newest("treatment_plan", other, world)
    row = await db.row("SELECT version FROM treatment_plan WHERE id = {}", plan)
    assert row is not None
    held = Field("plan_id", (str(plan),), "uuid", 36, "hidden", gone=(str(new_id()), str(UUID(int=0)), str(theirs)))
    version = enter("version", str(row["version"]), kind="whole", most=12, shape="hidden", gone=("99",))
    return f"/provider/patients/{patient}/plan", (held, version), (f"/provider/patients/{other}/plan",)


async def change_plan(world: World) -> Stand:
    path, which, others = await _planned(world)
    reason = enter("reason", "As we agreed.", most=1000, is_brief=True)
    return Stand(world.desks["provider"], path, _plan(reason, *which), others)


def of_plan(verb: str, fields: Callable[[], tuple[Field, ...]]) -> Reach:
    """A small form beside the plan's own. Its days are counted when it is reached: the clock may have travelled."""

    async def reach(world: World) -> Stand:
        path, which, others = await _planned(world)
        paths = tuple(f"{one}/{verb}" for one in others)
        return Stand(world.desks["provider"], f"{path}/{verb}", (*which, *fields()), paths)

    return reach


turn_plan = of_plan(
    "turn", lambda: (enter("turn", "pause", kind="choice"), enter("turn_reason", "A journey.", most=1000))
)
taper_plan = of_plan(
    "taper", lambda: (enter("taper_how", "By halves.", most=1000), enter("taper_reason", "Enough.", most=1000))
)


def record(verb: str, seen: str, due: str) -> Reach:
    return of_plan(
        verb,
        lambda: (
            enter(seen, _on(-1), kind="day", most=10, also=(*NEVER, _on(2), _on(-370))),
            enter(due, _on(60), kind="day", most=10, is_needed=False, also=(*NEVER, _on(-1), _on(370))),
        ),
    )


renew = of_plan(
    "renew",
    lambda: (enter("renewed_until", _on(60), kind="day", most=10, also=(*NEVER, _on(-2), _on(370))),),
)


async def signal(world: World) -> Stand:
    patient = await world.patient("maintenance-red")
    red = "SELECT id FROM signal WHERE patient_id = {} AND severity = 'red' ORDER BY id DESC LIMIT 1"
    found = await world.one(red, patient)  # good news needs no acknowledgement, and its page shows no field
    other = await world.one(red, await world.patient("maintenance-red"))
    which = Field("signal", (str(found),), "uuid", 36, gone=(str(new_id()), str(other)))
    elsewhere = (f"/provider/patients/{await world.patient('maintenance-short')}/signals",)
    note = enter("signal_note", "Called; all is well.", most=2000)
    return Stand(world.desks["provider"], f"/provider/patients/{patient}/signals", (which, note), elsewhere)


async def reading(world: World) -> Stand:
    patient = await world.patient("maintenance-short")
    day = (clock.now() - timedelta(days=2)).date().isoformat()
    fields = (
        enter("reading_entry", str(new_id()), kind="uuid", most=36, shape="hidden"),
        enter("reading_on", day, kind="day", most=10, also=NEVER), enter("reading_at", "09:30", kind="time", most=5),
        enter("reading_peg", "4.5", kind="exact", most=4, is_needed=False, also=("10.1", "4.55")),
        enter("reading_nrs", "4", kind="number", most=12, is_needed=False, also=("11",)),
        enter("reading_systolic", "120", kind="whole", most=12, is_needed=False, also=("301",)),
        enter("reading_diastolic", "80", kind="whole", most=12, is_needed=False, also=("201",)),
        enter("reading_heart_rate", "70", kind="whole", most=12, is_needed=False, also=("19",)),
    )  # fmt: skip
    elsewhere = (f"/provider/patients/{await world.ready(is_sent=True)}/readings",)
    return Stand(world.desks["provider"], f"/provider/patients/{patient}/readings", fields, elsewhere)


async def export_course(world: World) -> Stand:
    patient, theirs = await world.patient("maintenance-short"), await world.ready(is_sent=True)
    fields = (
        enter("to_whom", "Dr. Otto Lang, neurology", most=200), enter("why", "Second opinion", most=500),
        enter("range", "1y", kind="choice"), enter("how", "print", kind="choice"),
    )  # fmt: skip
    base = "/provider/patients/{}/timeline/export"
    return Stand(world.desks["provider"], base.format(patient), fields, (base.format(theirs),))


async def urgent(world: World) -> Stand:
    found = await newest("urgent_task", await world.patient("crisis"), world)
    return Stand(world.desks["provider"], f"/provider/urgent/{found}", (NOTE,))


async def book_for(world: World) -> Stand:
    desk = world.desks["coordinator"]
    path = f"/coordinator/book/{await world.ready(is_sent=True)}"
    found = slot(SLOT.findall((await desk.get(path)).text)[30])
    return Stand(desk, path, (enter("visit", "evaluation", kind="choice", shape="hidden"), found))


async def _exception(world: World, path: str, at: str) -> tuple[Field, ...]:
    """Fields of a time that is not offered: a Sunday before dawn."""
    page = (await world.desks["coordinator"].get(path)).text
    providers = re.findall(r'<option value="([0-9a-f-]{36})"[^>]*>[^<]*Rosa', page)
    who = Field("provider", (providers[0],), "uuid", 36, gone=(str(new_id()), str(UUID(int=0))))
    today = clock.now().date()
    sunday = (today + timedelta(days=20 - today.weekday())).isoformat()
    return (who, enter("at_day", sunday, kind="day", most=10), enter("at_time", at, kind="time", most=5),
            enter("why", "Agreed on the phone.", most=500))  # fmt: skip


async def book_exception(world: World) -> Stand:
    path = f"/coordinator/book/{await world.ready(is_sent=True)}"
    visit = enter("visit", "evaluation", kind="choice", shape="hidden")
    return Stand(world.desks["coordinator"], f"{path}/exception", (visit, *await _exception(world, path, "04:00")))


async def move_exception(world: World) -> Stand:
    path = await _consult(world)
    return Stand(world.desks["coordinator"], f"{path}/exception", await _exception(world, path, "06:00"))


async def book_own(world: World) -> Stand:
    desk, path = world.desks["provider"], f"/provider/patients/{await world.patient('maintenance-short')}/book"
    found = slot(SLOT.findall((await desk.get(path)).text)[30])
    return Stand(desk, path, (enter("visit", "follow-up", kind="choice", shape="hidden"), found))


async def _consult(world: World) -> str:
    return (await visit_of(world))[1].replace("/visits/", "/coordinator/consults/")


async def move_consult(world: World) -> Stand:
    desk, path = world.desks["coordinator"], await _consult(world)
    return Stand(desk, f"{path}/move", (slot(SLOT.findall((await desk.get(path)).text)[40]),))


async def cancel_consult(world: World) -> Stand:
    return Stand(world.desks["coordinator"], f"{await _consult(world)}/cancel", (enter("reason", "Ill.", most=500),))


def own_day(verb: str) -> Reach:
    """What happened at a visit, or that one is late for it; another's visit is not there."""

    async def reach(world: World) -> Stand:
        seen = await newest("appointment", await world.visited(), world)
        other, ned = (
            await newest("appointment", await world.visited(), world),
            UUID((await _ned(world)).rpartition("/")[2]),
        )
        await db.execute("UPDATE appointment SET practitioner_id = {} WHERE id = {}", ned, other)
        if verb == "late":
            await begins_in(seen, 10)
        acts = {
            "happened": (enter("happened", "fulfil", kind="choice", shape="button"),),
            "late": (
                enter("minutes", "10", kind="whole", most=12, shape="button", also=("15",)),
                enter("version", "2", kind="whole", most=12, shape="hidden", gone=("99",)),
            ),
        }
        row = await db.row("SELECT version FROM appointment WHERE id = {}", seen)
        assert row is not None
        fields = [replace(one, good=(str(row["version"]),)) if one.name == "version" else one for one in acts[verb]]
        day = enter("on", world.now.date().isoformat(), kind="day", most=10, shape="hidden")
        return Stand(
            world.desks["provider"], f"/provider/day/{seen}/{verb}", (*fields, day), (f"/provider/day/{other}/{verb}",)
        )

    return reach


async def _ned(world: World) -> str:
    """The hours of the colleague, so that nobody's free times change."""
    found = await world.one("SELECT id FROM practitioner WHERE name = 'Dr. Ned Okafor'")
    return f"/coordinator/hours/{found}"


async def hours(world: World) -> Stand:
    """Both stretches of a Monday with a break, and one of a Sunday; the other days are read by the same lines."""
    times = {
        "opens_0_0": "09:00", "closes_0_0": "12:00", "opens_0_1": "13:00", "closes_0_1": "17:30",
        "break_from_0_0": "10:00", "break_to_0_0": "10:15", "opens_6_0": "10:00", "closes_6_0": "11:00",
    }  # fmt: skip
    fields = alike([enter(name, at, kind="time", most=5) for name, at in times.items()])
    since = enter("week_from", "2020-01-01", kind="day", most=10, shape="hidden", also=(*NEVER, "2021-05-05"))
    return Stand(world.desks["coordinator"], await _ned(world), (*fields, since))


async def remove_week(world: World) -> Stand:
    path = await _ned(world)
    whose, begin = UUID(path.rpartition("/")[2]), world.now.date() + timedelta(days=40)
    await scheduling.save_week(SYSTEM, whose, begin, None, [], world.now)
    field = enter("week_from", begin.isoformat(), kind="day", most=10, shape="hidden", also=NEVER, gone=("2190-01-01",))
    return Stand(world.desks["coordinator"], f"{path}/week/remove", (field,))


async def limits(world: World) -> Stand:
    fields = (
        enter("max_per_day", "4", kind="whole", most=12, is_needed=False, also=("201",)),
        enter("max_per_week", "20", kind="whole", most=12, is_needed=False, also=("1001",)),
        enter("weight", "50", kind="whole", most=12, also=("1001",)),
    )
    return Stand(world.desks["coordinator"], f"{await _ned(world)}/limits", fields)


async def license_form(world: World) -> Stand:
    fields = (
        enter("jurisdiction", "OR", kind="choice", also=("Oregon", "XX")),
        enter("valid_from", "2026-01-01", kind="day", most=10, also=NEVER),
        enter("valid_until", "2030-12-31", kind="day", most=10, is_needed=False, also=NEVER),
    )
    return Stand(world.desks["coordinator"], f"{await _ned(world)}/licenses", fields)


async def end_license(world: World) -> Stand:
    path = await _ned(world)
    ned = UUID(path.rpartition("/")[2])
    await scheduling.grant_licence(SYSTEM, ned, "WA", date(2024, 1, 1), None, world.now)
    find = "SELECT id FROM licence WHERE jurisdiction = {}"
    mine, theirs = await world.one(find, "WA"), await world.one(find, "CO")
    fields = (
        enter("license_id", str(mine), kind="uuid", most=36, gone=(str(theirs), str(new_id()))),
        enter("last_on", "2029-12-31", kind="day", most=10, also=(*NEVER, "2023-12-31")),
    )
    return Stand(world.desks["coordinator"], f"{path}/licenses/end", fields)


async def add_exception(world: World) -> Stand:
    fields = (
        enter("kind", "extra", kind="choice"), enter("first_on", "2027-03-01", kind="day", most=10, also=NEVER),
        enter("last_on", "2027-03-02", kind="day", most=10, is_needed=False, also=NEVER),
        enter("from_time", "10:00", kind="time", most=5), enter("to_time", "12:00", kind="time", most=5, also=("10:00",)),
    )  # fmt: skip
    return Stand(world.desks["coordinator"], f"{await _ned(world)}/exceptions", fields)


async def remove_exception(world: World) -> Stand:
    path = await _ned(world)
    ned, rosa = UUID(path.rpartition("/")[2]), world.rosa.practitioner
    assert rosa is not None
    for who in (ned, rosa.id):
        draft = ExceptionDraft("off", date(2027, 5, 3 if who == ned else 4), date(2027, 5, 4), None, None)
        await scheduling.add_exception(SYSTEM, who, draft, world.now)
    mine, theirs = [
        await world.one("SELECT id FROM availability_exception WHERE practitioner_id = {} AND kind = 'off'", who)
        for who in (ned, rosa.id)
    ]
    return Stand(
        world.desks["coordinator"], f"{path}/exceptions/{mine}/remove", (), (f"{path}/exceptions/{theirs}/remove",)
    )


async def _absent(world: World) -> tuple[UUID, UUID]:
    """Somebody's visit with Dr. Rosa, and a plan for it: (plan, visit)."""
    visit = UUID((await visit_of(world))[1].rpartition("/")[2])
    assert world.rosa.practitioner is not None
    day = (await scheduling.get(SYSTEM.scope, visit)).start_at.date()
    first, last = day - timedelta(days=1), day + timedelta(days=1)
    made = await scheduling.propose(SYSTEM, world.rosa.practitioner.id, first, last, world.now)
    assert made is not None
    return made.id, visit


def _practitioner(world: World) -> Field:
    assert world.rosa.practitioner is not None
    return enter("practitioner", str(world.rosa.practitioner.id), kind="uuid", most=36, gone=(str(new_id()),))


async def enter_absence(world: World) -> Stand:
    """Far away, where nobody has a visit."""
    fields = (
        _practitioner(world), enter("first_on", "2027-08-02", kind="day", most=10, also=NEVER),
        enter("last_on", "2027-08-03", kind="day", most=10, is_needed=False, also=(*NEVER, "2020-01-01")),
    )  # fmt: skip
    return Stand(world.desks["coordinator"], "/coordinator/absences", fields)


async def plan_flagged(world: World) -> Stand:
    _plan_id, visit = await _absent(world)
    await db.execute("UPDATE appointment SET attention = 'outside-hours' WHERE id = {}", visit)
    return Stand(
        world.desks["coordinator"], "/coordinator/absences/flagged", (replace(_practitioner(world), shape="hidden"),)
    )


async def accept_plan(world: World) -> Stand:
    plan, visit = await _absent(world)
    ticked = enter("visit", str(visit), kind="uuid", most=36, gone=(str(new_id()), str(UUID(int=0))))
    return Stand(world.desks["coordinator"], f"/coordinator/replans/{plan}/accept", (ticked,))


def decide_plan(verb: str) -> Reach:
    """Plan again, or dismiss."""

    async def reach(world: World) -> Stand:
        return Stand(world.desks["coordinator"], f"/coordinator/replans/{(await _absent(world))[0]}/{verb}")

    return reach


async def set_active(world: World) -> Stand:
    member = await cast.coordinator(f"Carl Nr {world.number}")
    return Stand(
        world.desks["admin"],
        f"/admin/accounts/{member.account.id}",
        (enter("active", "no", kind="choice", shape="button"),),
    )


async def try_form(world: World) -> Stand:
    fields = (
        enter("form", text(item("a")), kind="json", most=5000),
        enter("act", "preview", kind="choice", shape="button"),
    )
    return Stand(world.desks["admin"], "/admin/questionnaires", fields)


async def clock_form(world: World) -> Stand:
    """Back to true time is right, and moves nothing here."""
    await world.desks["nobody"].get("/dev/clock")
    return Stand(world.desks["nobody"], "/dev/clock", (enter("jump", "reset", kind="choice", shape="button"),))


REPLAN = "/coordinator/replans/{replan_id}"
ICS = "BEGIN:VCALENDAR\nBEGIN:VEVENT\nUID:a\nDTSTART:20270301T170000Z\nDURATION:PT1H\nEND:VEVENT\nEND:VCALENDAR"
NOT_ADDRESSES = (
    "calendar", "ftp://calendar.example/a", "https://a:b@calendar.example/", "https://0x7f.1/", "javascript:alert(1)",
    "https://calendar.example:99999/", "https://[::1", "https://calendar.example\\@x.example/", "https://a b/",
)  # fmt: skip
NOT_CALENDARS = ("nonsense", "<html></html>", "BEGIN:VCALENDAR", "BEGIN:VEVENT\nEND:VEVENT", f"{ICS}\nEND:VCALENDAR")


async def _calendars(world: World, role: str) -> tuple[str, UUID]:
    """Where the forms of calendars go, and whose they are: the colleague's, so that nobody's free times change."""
    base = f"{await _ned(world)}/calendars" if role == "coordinator" else "/provider/calendar/feeds"
    return base, UUID((await _ned(world)).rpartition("/")[2])


async def _feed(world: World, whose: UUID) -> UUID:
    world.number += 1
    outside = Outside("clinic.example", allow_private=False)
    await db.execute("DELETE FROM busy_feed WHERE practitioner_id = {}", whose)
    url = f"https://calendar.example/{world.number}"
    return await scheduling.add_feed_address(SYSTEM, whose, "Mine", url, outside, world.now)


def own(form: Reach) -> Reach:
    """The same form of the colleague's own pages, where no address names anybody."""

    async def reach(world: World) -> Stand:
        stand, office = await form(world), await _ned(world)
        path, others = stand.path.replace(office, "/provider/hours"), stand.others
        return replace(
            stand, browser=world.desks["colleague"], path=path,
            others=tuple(one.replace(office, "/provider/hours") for one in others),
        )  # fmt: skip

    return reach


def add_calendar(role: str, desk: str) -> Reach:
    async def reach(world: World) -> Stand:
        fields = (
            enter("url", "https://calendar.example/new", most=2000, also=NOT_ADDRESSES),
            enter("name", "Mine", most=60, is_needed=False),
        )
        return Stand(world.desks[desk], (await _calendars(world, role))[0], fields)

    return reach


def paste_calendar(role: str, desk: str) -> Reach:
    async def reach(world: World) -> Stand:
        fields = (
            enter("file", ICS, kind="words", most=100_000, also=NOT_CALENDARS),
            enter("file_name", "Old", most=60, is_needed=False),
        )
        return Stand(world.desks[desk], f"{(await _calendars(world, role))[0]}/file", fields)

    return reach


def calendar_act(role: str, desk: str, act: str) -> Reach:
    async def reach(world: World) -> Stand:
        base, ned = await _calendars(world, role)
        rosa = world.rosa.practitioner
        assert rosa is not None
        mine, theirs = await _feed(world, ned), await _feed(world, rosa.id)
        return Stand(world.desks[desk], f"{base}/{mine}/{act}", (), (f"{base}/{theirs}/{act}",))

    return reach


def published(path: str, desk: str) -> Reach:
    async def reach(world: World) -> Stand:
        await world.desks[desk].post("/provider/calendar")  # so that there is one to stop
        return Stand(world.desks[desk], path)

    return reach


EVALUATION, PATIENT, HOURS = (
    "/provider/evaluations/{evaluation_id}",
    "/provider/patients/{patient_id}",
    "/coordinator/hours/{practitioner_id}",
)
PROVIDERS: dict[str, frozenset[str]] = {"coordinator": frozenset(), "colleague": frozenset({"provider"})}
DESKS = (
    Form("claim", f"{EVALUATION}/claim", "provider", claim, roles_too=frozenset({"colleague"})),
    Form("decide", f"{EVALUATION}/decide", "provider", evaluation("decide")),
    Form("release", f"{EVALUATION}/release", "provider", evaluation("release")),
    Form("hand over", f"{EVALUATION}/hand-over", "provider", evaluation("hand-over")),
    Form("record a visit", f"{EVALUATION}/visits/{{appointment_id}}", "provider", record_visit),
    Form("write a plan", f"{PATIENT}/plan", "provider", write_plan),
    Form("change a plan", f"{PATIENT}/plan", "provider", change_plan),
    Form("turn a plan", f"{PATIENT}/plan/turn", "provider", turn_plan),
    Form("taper a plan", f"{PATIENT}/plan/taper", "provider", taper_plan),
    Form("record labs", f"{PATIENT}/plan/labs", "provider", record("labs", "labs_seen_on", "labs_next_on")),
    Form("record PDMP", f"{PATIENT}/plan/pdmp", "provider", record("pdmp", "pdmp_checked_on", "pdmp_next_on")),
    Form("renew a prescription", f"{PATIENT}/plan/renew", "provider", renew),
    Form("signal", f"{PATIENT}/signals", "provider", signal),
    Form("reading", f"{PATIENT}/readings", "provider", reading),
    Form("export the course", f"{PATIENT}/timeline/export", "provider", export_course, 200),
    Form("urgent task", "/provider/urgent/{task_id}", "provider", urgent, roles_too=frozenset({"colleague"})),
    Form("book for a patient", "/coordinator/book/{patient_id}", "coordinator", book_for),
    Form("move a consult", "/coordinator/consults/{appointment_id}/move", "coordinator", move_consult),
    Form("cancel a consult", "/coordinator/consults/{appointment_id}/cancel", "coordinator", cancel_consult),
    Form("book an exception", "/coordinator/book/{patient_id}/exception", "coordinator", book_exception),
    Form("move as an exception", "/coordinator/consults/{appointment_id}/exception", "coordinator", move_exception),
    Form("book a next visit", f"{PATIENT}/book", "provider", book_own),
    Form("hours", HOURS, "coordinator", hours),
    Form("remove a week", f"{HOURS}/week/remove", "coordinator", remove_week),
    Form("limits", f"{HOURS}/limits", "coordinator", limits),
    Form("license", f"{HOURS}/licenses", "coordinator", license_form, roles_too=frozenset({"admin"})),
    Form("end a license", f"{HOURS}/licenses/end", "coordinator", end_license, roles_too=frozenset({"admin"})),
    Form("days off", f"{HOURS}/exceptions", "coordinator", add_exception),
    Form("remove days off", f"{HOURS}/exceptions/{{exception_id}}/remove", "coordinator", remove_exception),
    Form("own hours", "/provider/hours", "colleague", own(hours), roles_too=frozenset({"provider"})),
    Form(
        "remove an own week",
        "/provider/hours/week/remove",
        "colleague",
        own(remove_week),
        roles_too=frozenset({"provider"}),
    ),
    Form(
        "own days off", "/provider/hours/exceptions", "colleague", own(add_exception), roles_too=frozenset({"provider"})
    ),
    Form("remove own days off", "/provider/hours/exceptions/{exception_id}/remove", "colleague", own(remove_exception)),
    Form("what happened", "/provider/day/{appointment_id}/happened", "provider", own_day("happened")),
    Form("late", "/provider/day/{appointment_id}/late", "provider", own_day("late")),
    Form("enter an absence", "/coordinator/absences", "coordinator", enter_absence),
    Form("plan flagged visits", "/coordinator/absences/flagged", "coordinator", plan_flagged),
    Form("accept a plan", f"{REPLAN}/accept", "coordinator", accept_plan),
    Form("plan again", f"{REPLAN}/again", "coordinator", decide_plan("again")),
    Form("dismiss a plan", f"{REPLAN}/dismiss", "coordinator", decide_plan("dismiss")),
    Form(
        "make a calendar address",
        "/provider/calendar",
        "provider",
        published("/provider/calendar", "provider"),
        200,
        frozenset({"colleague"}),
    ),
    Form(
        "stop a calendar address",
        "/provider/calendar/revoke",
        "provider",
        published("/provider/calendar/revoke", "provider"),
        roles_too=frozenset({"colleague"}),
    ),
    *(
        form
        for role, desk, base in (
            ("coordinator", "coordinator", f"{HOURS}/calendars"),
            ("colleague", "colleague", "/provider/calendar/feeds"),
        )
        for form in (
            Form(f"add a calendar, {role}", base, role, add_calendar(role, desk), roles_too=PROVIDERS[role]),
            Form(
                f"paste a calendar, {role}", f"{base}/file", role, paste_calendar(role, desk), roles_too=PROVIDERS[role]
            ),
            Form(f"remove a calendar, {role}", f"{base}/{{feed_id}}/remove", role, calendar_act(role, desk, "remove")),
            Form(f"read a calendar, {role}", f"{base}/{{feed_id}}/read", role, calendar_act(role, desk, "read")),
        )
    ),
    Form("account", "/admin/accounts/{account_id}", "admin", set_active),
    Form("questionnaire", "/admin/questionnaires", "admin", try_form, 200),
    Form("clock", "/dev/clock", None, clock_form),
)
