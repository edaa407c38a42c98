"""Days on the page of a plan are those of the provider's own calendar, and stand in their order."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from carepath.followups import service as followups
from carepath.followups.service import Plan, PlanDraft
from carepath.kit import clock
from tests import cast
from tests.web.client import Browser
from tests.web.desks import sign_in

EVENING = datetime(2026, 12, 2, 2, 30, tzinfo=UTC)  # half past seven on December 1 in Denver, where Rosa is


@pytest.fixture
async def plan(database: object, monkeypatch: pytest.MonkeyPatch) -> tuple[cast.Staff, Plan]:
    monkeypatch.setattr(clock, "now", lambda: EVENING)
    rosa, paula = await cast.provider(), await cast.patient()
    start = (EVENING - timedelta(days=30)).date()
    draft = PlanDraft("iv", "clinic", "as agreed", 28, 14, "Walk.", start, labs_due_on=start + timedelta(days=20))
    return rosa, await followups.write_plan(rosa.actor, paula.id, draft, EVENING - timedelta(days=30))


@pytest.mark.parametrize(
    ("act", "field", "today", "other"),
    [
        ("renew", "renewed_until", "2026-12-01", "2026-11-30"), ("labs", "labs_seen_on", "2026-12-01", "2026-12-02"),
        ("pdmp", "pdmp_checked_on", "2026-12-01", "2026-12-02"),
    ],
)  # fmt: skip
async def test_today_is_the_providers_own(
    plan: tuple[cast.Staff, Plan], browser: Callable[[], Browser], act: str, field: str, today: str, other: str
):
    rosa, written = plan
    desk = await sign_in(browser(), rosa)
    path = f"/provider/patients/{written.patient_id}/plan"
    await desk.get(path)
    fields = {"plan_id": str(written.id), "version": "1"}
    refused = await desk.post(f"{path}/{act}", {**fields, field: other})
    assert (refused.status_code, f'id="{field}-error"' in refused.text) == (422, True)
    taken = await desk.post(f"{path}/{act}", {**fields, field: today}, follow_redirects=False)
    assert taken.status_code == 303


async def test_a_version_of_a_running_plan_takes_no_day_before_its_start_and_no_prescription_that_ended(
    plan: tuple[cast.Staff, Plan], browser: Callable[[], Browser]
):
    rosa, written = plan
    desk = await sign_in(browser(), rosa)
    path = f"/provider/patients/{written.patient_id}/plan"
    await desk.get(path)
    start, late = written.starts_on.isoformat(), written.labs_due_on
    assert late is not None
    sent = {
        "plan_id": str(written.id), "version": "1", "phase": "maintenance", "route": "iv", "setting": "clinic",
        "dose": "as agreed", "interval_days": "28", "check_in_every_days": "14", "goals": "Run.", "reason": "She walks.",
        "starts_on": start, "labs_due_on": late.isoformat(),
    }  # fmt: skip
    for field, day in (
        ("runway_until", "2026-11-30"), ("labs_due_on", "2017-01-01"), ("pdmp_due_on", "2026-11-01"),
        ("session_dates", "2026-11-01"),
    ):  # fmt: skip
        page = await desk.post(path, {**sent, field: day})
        assert (page.status_code, f'id="{field}-error"' in page.text) == (422, True), field
    taken = await desk.post(path, {**sent, "runway_until": "2026-12-01"}, follow_redirects=False)
    assert taken.status_code == 303, "until today on her calendar, with labs that are overdue"


async def test_a_prescription_is_not_renewed_until_before_the_start(
    plan: tuple[cast.Staff, Plan], browser: Callable[[], Browser]
):
    rosa, nora = plan[0], await cast.patient("Nora", "Summers")
    start = (EVENING + timedelta(days=60)).date()
    later = await followups.write_plan(
        rosa.actor, nora.id, PlanDraft("iv", "clinic", "as agreed", 28, 14, "Walk.", start), EVENING
    )
    desk = await sign_in(browser(), rosa)
    path = f"/provider/patients/{nora.id}/plan"
    await desk.get(path)
    fields = {"plan_id": str(later.id), "version": "1"}
    page = await desk.post(f"{path}/renew", {**fields, "renewed_until": (start - timedelta(days=1)).isoformat()})
    assert (page.status_code, "This is before the plan starts." in page.text) == (422, True)
    page = await desk.post(f"{path}/renew", {**fields, "renewed_until": start.isoformat()}, follow_redirects=False)
    assert page.status_code == 303
