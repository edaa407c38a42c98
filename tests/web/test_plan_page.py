"""The page of a treatment plan: warnings beside their fields, home, versions, two tabs, whose it is."""

import html
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest

from carepath import configuration
from carepath.accounts.people import Patient
from carepath.followups import catalogue
from carepath.followups import service as followups
from carepath.followups.rules.limits import Limit
from carepath.followups.service import Plan, PlanDraft
from carepath.kit import clock
from carepath.settings import Settings
from tests import cast
from tests.web.client import Browser
from tests.web.desks import count, main_of, sign_in
from tests.web.hostile import Page
from tests.web.hostile_world import World

Fresh = Callable[[], Browser]


@dataclass
class Ward:
    """Rosa at her desk, Paula in treatment with her."""

    rosa: Browser
    doctor: cast.Staff
    paula: Patient
    plan: Plan

    @property
    def path(self) -> str:
        return f"/provider/patients/{self.paula.id}/plan"

    async def seen(self) -> str:
        return html.unescape(main_of((await self.rosa.get(self.path)).text))

    async def now(self) -> Plan:
        found = await followups.plan_of(self.doctor.actor.scope, self.paula.id)
        assert found is not None
        return found


def day(n: int) -> str:
    """Counted from today on Rosa's calendar."""
    return (clock.now().astimezone(ZoneInfo("America/Denver")).date() + timedelta(days=n)).isoformat()


def form(plan: Plan | UUID, version: int = 1, **more: object) -> dict[str, str | list[str]]:
    plan_id = plan.id if isinstance(plan, Plan) else plan
    fields = {
        "plan_id": str(plan_id), "version": str(version), "phase": "induction", "route": "iv", "setting": "clinic",
        "dose": "as in the protocol", "interval_days": "21", "check_in_every_days": "14", "goals": "Walk again",
        "starts_on": day(0), "reason": "Sooner, as we agreed.",
    }  # fmt: skip
    return {**fields, **more}  # type: ignore[dict-item]


@pytest.fixture
async def ward(browser: Fresh) -> Ward:
    doctor, paula = await cast.provider(), await cast.patient()
    draft = PlanDraft("iv", "clinic", "as agreed on the phone", 28, 14, "Walk to the shop.", clock.now().date())
    plan = await followups.write_plan(doctor.actor, paula.id, draft, clock.now())
    return Ward(await sign_in(browser(), doctor), doctor, paula, plan)


@pytest.fixture
def clinic() -> Iterator[None]:
    """A clinic that treats at home and has set a limit for infusions."""
    before = catalogue.followups()
    limit = Limit("iv", "Our medical lead, 2026", "mg", 25, shortest_interval_days=7)
    catalogue.configure(replace(before, home=replace(before.home, enabled=True), limits=[limit]))
    yield
    catalogue.configure(before)


async def test_the_next_version_is_written_and_said_beside_the_one_before(ward: Ward):
    page = await ward.rosa.post(
        ward.path, form(ward.plan, amount="30.50", unit="mg", therapies=["cbt", "sleep"], sessions_planned="6",
                        session_dates=f"{day(0)}\n\n {day(7)} "),
    )  # fmt: skip
    assert page.url.path == ward.path, page.text
    shown = html.unescape(main_of(page.text))
    for words in (
        "A session every: 28 days → 21 days", "Phase: Maintenance → Induction", "Amount: – → 30.50 mg",
        "Dose, as written: as agreed on the phone → as in the protocol", "Sooner, as we agreed.", "Rosa", "v2",
        "Combined with: – → Cognitive behavioural therapy, Sleep", "Relief, not cure.",
    ):  # fmt: skip
        assert words in shown, words
    assert (await ward.now()).version == 2


async def test_a_form_that_was_not_taken_keeps_everything(ward: Ward):
    sent = form(ward.plan, therapies=["cbt", "sleep"], session_dates=f"{day(3)}\nsoon", dose="")
    page = await ward.rosa.post(ward.path, sent)
    assert page.status_code == 422
    seen = Page(page.text)
    assert seen.chosen["therapies"] == ["cbt", "sleep"]
    assert seen.chosen["session_dates"] == [sent["session_dates"]]
    assert "Line 2 is not a date like 2026-12-01." in seen.errors["session_dates-error"]
    assert set(seen.links) == {"session_dates", "dose"}
    assert (await ward.now()).version == 1


async def test_after_the_end_nothing_is_written_without_a_decision(ward: Ward):
    await followups.end_plan(ward.doctor.actor, ward.plan.id, "Enough.", clock.now())
    page = main_of((await ward.rosa.get(ward.path)).text)
    assert "Ended" in page
    assert "<form" not in page


async def test_no_dose_stands_in_the_form_of_a_first_plan_and_due_dates_are_proposed_with_their_source(
    database: Settings, browser: Fresh
):
    world = World(browser, configuration.load(database.config_dir), await cast.provider())
    rosa, paula = await sign_in(browser(), world.rosa), await world.patient("suitable")
    path = f"/provider/patients/{paula}/plan"
    page = await rosa.get(path)
    chosen = Page(page.text).chosen
    for name in ("dose", "amount", "unit", "interval_days", "sessions_planned", "session_dates", "phase", "route"):
        assert [one for one in chosen[name] if one] == [], name
    assert chosen["labs_due_on"] == chosen["pdmp_due_on"]
    assert "Proposed: 90 days. CDC 2022" in html.unescape(page.text)
    sent = {name: one for name, one in form(world.rosa.account.id).items() if name not in {"plan_id", "version"}}
    assert "Written" in (await rosa.post(path, sent)).text
    twice = await rosa.post(path, sent)
    assert twice.status_code == 409
    assert "Change that one" in twice.text


async def test_beyond_a_limit_the_warning_stands_beside_its_field_until_it_is_ticked(ward: Ward, clinic: None):
    sent = form(ward.plan, amount="30", unit="mg", interval_days="6")
    page = await ward.rosa.post(ward.path, sent)
    assert page.status_code == 422
    text = html.unescape(page.text)
    assert "30 mg planned; the clinic has set at most 25 mg a session." in text
    assert "Our medical lead, 2026" in text
    assert text.index('id="unit"') < text.index('id="warning-amount-1"') < text.index('id="interval_days"')
    assert text.index('id="interval_days"') < text.index('id="warning-interval_days-1"')
    assert Page(page.text).chosen["amount"] == ["30"]
    assert (await ward.now()).version == 1
    keys = [html.unescape(key) for key in re.findall(r'name="seen" value="([^"]+)"', page.text)]
    assert len(keys) == 2
    half = await ward.rosa.post(ward.path, {**sent, "seen": keys[:1]})
    assert half.status_code == 422
    assert Page(half.text).chosen["seen"] == keys[:1]
    done = await ward.rosa.post(ward.path, {**sent, "seen": keys})
    assert done.status_code == 200
    assert "at most 25 mg a session" in html.unescape(main_of(done.text)), "it is kept with the version"
    more = await ward.rosa.post(ward.path, {**form(ward.plan, 2, amount="300", unit="mg"), "seen": keys})
    assert more.status_code == 422, "what was ticked was another number"


async def test_without_limits_no_number_is_warned_of(ward: Ward):
    page = await ward.rosa.post(ward.path, form(ward.plan, amount="99999", unit="mg/kg", interval_days="1"))
    assert page.status_code == 200
    assert "warning-" not in page.text


HOME = {
    "setting": "home", "sessions_planned": "6", "home_monitor": "Max Winter", "home_phone": "555 010 0199",
    "home_device": "yes", "home_systolic": "160", "home_diastolic": "90", "home_heart_rate": "100", "home_address": "yes",
}  # fmt: skip


async def test_home_is_not_offered_and_refused_while_switched_off(ward: Ward):
    assert "At home" not in await ward.seen()
    page = await ward.rosa.post(ward.path, form(ward.plan, home_measured_on=day(0), **HOME))
    assert page.status_code == 422
    assert set(Page(page.text).links) == {"setting"}


async def test_at_home_each_missing_part_is_named_and_a_full_gate_is_kept(ward: Ward, clinic: None):
    full = form(ward.plan, home_measured_on=day(-7), **HOME)
    wrong = {
        "home_monitor": "", "home_phone": "call me", "home_device": None, "home_systolic": "161", "home_diastolic": "91",
        "home_heart_rate": "101", "home_measured_on": day(-8), "home_address": None, "sessions_planned": "7",
    }  # fmt: skip
    for name, value in wrong.items():
        sent = {key: one for key, one in {**full, name: value}.items() if one is not None}
        page = await ward.rosa.post(ward.path, sent)  # type: ignore[arg-type]
        seen = Page(page.text)
        assert (page.status_code, seen.links) == (422, {name}), name
        assert any(seen.errors.get(one) for one in seen.described[name]), name
        assert name in seen.ids
        assert seen.chosen["home_phone"] == [sent["home_phone"]]
    page = await ward.rosa.post(ward.path, {k: v for k, v in full.items() if not k.startswith("home_")})
    assert len(Page(page.text).links) == 8
    page = await ward.rosa.post(ward.path, full)
    assert page.status_code == 200
    assert "Max Winter, 555 010 0199; 160/90 mmHg" in html.unescape(page.text)
    again = Page((await ward.rosa.get(ward.path)).text)
    assert again.chosen["home_monitor"] == ["Max Winter"]
    assert again.chosen["home_device"] == ["yes"]
    for name in ("home_systolic", "home_measured_on"):
        assert again.chosen[name] == [""], "measured anew each time"
    assert again.chosen["home_address"] == []


async def test_records_move_their_dates_and_stand_in_the_history(ward: Ward):
    which = {"plan_id": str(ward.plan.id)}
    await ward.rosa.get(ward.path)
    for version, (verb, fields) in enumerate(
        [("labs", {"labs_seen_on": day(0)}), ("pdmp", {"pdmp_checked_on": day(-1), "pdmp_next_on": day(30)}),
         ("renew", {"renewed_until": day(60)})], 1,
    ):  # fmt: skip
        page = await ward.rosa.post(f"{ward.path}/{verb}", {**which, "version": str(version), **fields})
        assert page.url.path == ward.path, page.text
    plan = await ward.now()
    due = [str(on) for on in (plan.labs_due_on, plan.pdmp_due_on, plan.runway_until)]
    assert due == [day(90), day(30), day(60)]
    shown = await ward.seen()
    for words in ("Labs seen", "PDMP checked", "Renewed", "Labs due on: – →"):
        assert words in shown
    assert "due since" not in shown
    clock.travel(timedelta(days=30))
    try:
        assert "PDMP check due since" in html.unescape(main_of((await (await _again(ward)).get(ward.path)).text))
    finally:
        clock.travel(-timedelta(days=30))


async def _again(ward: Ward) -> Browser:
    """After such a time one signs in anew."""
    return await sign_in(ward.rosa, ward.doctor)


async def test_a_taper_and_an_end_are_one_form_each(ward: Ward):
    which = {"plan_id": str(ward.plan.id)}
    await ward.rosa.get(ward.path)
    taper = {**which, "version": "1", "taper_how": "By halves.", "taper_reason": "Enough."}
    page = await ward.rosa.post(f"{ward.path}/taper", taper)
    shown = html.unescape(main_of(page.text))
    assert "How it is tapered: – → By halves." in shown
    assert "Taper it" not in shown
    assert Page(page.text).chosen["phase"] == ["taper"]
    assert Page(page.text).chosen["taper"] == ["By halves."]
    end = {**which, "version": "2", "turn": "end", "turn_reason": "Done."}
    page = await ward.rosa.post(f"{ward.path}/turn", end)
    assert (await ward.now()).phase == "ended"
    assert "Done." in main_of(page.text)
    assert (await ward.rosa.post(ward.path, form(ward.plan, 2))).status_code == 409


async def test_the_later_of_two_tabs_is_told(ward: Ward, browser: Fresh):
    other = await sign_in(browser(), ward.doctor)
    for tab in (ward.rosa, other):
        await tab.get(ward.path)
    assert (await ward.rosa.post(ward.path, form(ward.plan))).status_code == 200
    for path, fields in (
        ("", form(ward.plan, dose="half of it")),
        ("/turn", {"plan_id": str(ward.plan.id), "version": "1", "turn": "end", "turn_reason": "x"}),
        ("/renew", {"plan_id": str(ward.plan.id), "version": "1", "renewed_until": day(9)}),
        ("/taper", {"plan_id": str(ward.plan.id), "version": "1", "taper_how": "x", "taper_reason": "x"}),
    ):
        late = await other.post(f"{ward.path}{path}", fields)
        assert late.status_code == 409
        assert "has changed since you opened it" in late.text
    plan = await ward.now()
    assert (plan.version, plan.dose, plan.status) == (2, "as in the protocol", "active")


async def test_it_is_its_own_providers_and_every_look_and_act_leaves_a_row(ward: Ward, browser: Fresh):
    ned = await sign_in(browser(), await cast.provider("Ned Okafor", "America/New_York", ("NY",)))
    assert (await ned.get(ward.path)).status_code == 404
    for path in ("", "/labs", "/turn"):
        fields = {**form(ward.plan), "labs_seen_on": day(0), "turn": "end", "turn_reason": "x"}
        assert (await ned.post(f"{ward.path}{path}", fields)).status_code == 404
    cora = await sign_in(browser(), await cast.coordinator())
    assert (await cora.get(ward.path)).status_code == 403
    read = f"action = 'read' AND subject = 'treatment-plan' AND patient_id = '{ward.paula.id}'"
    before = await count("audit_event", read)
    await ward.rosa.get(ward.path)
    assert await count("audit_event", read) == before + 1
    await ward.rosa.post(f"{ward.path}/renew", {"plan_id": str(ward.plan.id), "version": "1", "renewed_until": day(9)})
    assert await count("audit_event", f"action = 'renew' AND patient_id = '{ward.paula.id}'") == 1


async def test_the_patients_page_shows_the_plan_in_short_and_leads_to_it(ward: Ward):
    page = main_of((await ward.rosa.get(f"/provider/patients/{ward.paula.id}")).text)
    assert "as agreed on the phone" in page
    assert f'href="{ward.path}"' in page
    assert "/plan/turn" not in page


async def test_a_reload_after_an_error_shows_the_plan(ward: Ward):
    assert (await ward.rosa.get(f"{ward.path}/labs")).url.path == ward.path
