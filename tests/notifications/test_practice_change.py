"""Coordinators are told once of a license that ends, or a rule that changes, while visits are booked behind it."""

import asyncio
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date, timedelta

import pytest

from carepath import configuration
from carepath.journey import book, foresee
from carepath.kit import db
from carepath.kit.actor import SYSTEM
from carepath.scheduling import catalogue
from carepath.scheduling import service as scheduling
from carepath.scheduling.rules.model import Clinic, PrescribingRule
from carepath.settings import Settings
from tests import cast
from tests.cast import NOW, Staff
from tests.letters import check_discreet, link_of, morning, text_of
from tests.mailroom import Mailroom
from tests.web.client import Browser
from tests.web.desks import main_of, sign_in

TODAY = NOW.date()
LAST = TODAY + timedelta(days=9)


@pytest.fixture(autouse=True)
def clinic(database: Settings) -> Iterator[Clinic]:
    """Without the end of the federal rule, which would be a change of its own on these days."""
    configuration.load(database.config_dir)
    kept = catalogue.clinic()
    catalogue.configure(replace(kept, federal=replace(kept.federal, until=date(2035, 1, 1))))
    yield catalogue.clinic()
    catalogue.configure(kept)


async def behind(rosa: Staff, days: int = 14) -> scheduling.Appointment:
    """A visit in Colorado two weeks from now."""
    paula, on = await cast.patient(), TODAY + timedelta(days=days)
    assert rosa.practitioner is not None
    offers = await scheduling.search(SYSTEM, "evaluation", "CO", NOW, on, on, "America/Denver")
    return await book.book_for(SYSTEM, paula.id, rosa.practitioner.id, "evaluation", offers[9].start_at, NOW)


async def licensed_until(rosa: Staff, last_on: date) -> None:
    assert rosa.practitioner is not None
    held = await scheduling.licences_of(SYSTEM.scope, rosa.practitioner.id)
    [colorado] = [one for one in held if one.jurisdiction == "CO"]
    await scheduling.end_licence(SYSTEM, colorado.id, last_on, NOW)


async def states() -> list[str]:
    found = await db.rows("SELECT status FROM message WHERE kind = 'practice-change' ORDER BY created_at, id")
    return [r["status"] for r in found]


async def test_each_coordinator_is_told_once_with_a_link_to_the_page_that_says_which(
    room: Mailroom, browser: Callable[[], Browser]
):
    rosa, cora, kim = await cast.provider(), await cast.coordinator(), await cast.coordinator("Kim Berg")
    visit = await behind(rosa)
    await licensed_until(rosa, LAST)
    for hours in range(3):
        assert await foresee.tick(NOW + timedelta(hours=hours)) == 1
        await room.drain(NOW + timedelta(hours=hours))
    assert await states() == ["sent", "sent"]
    [mail], [_other] = room.to(cora.account.email), room.to(kim.account.email)
    check_discreet(mail, "Paula", "Winter", "Rosa", "Colorado", "CO,", str(visit.id))
    assert "Friday, December 11, 2026" in str(mail["Subject"]), "the first day without it"
    assert "Visits on those days: 1." in text_of(mail)
    assert link_of(mail) == "/coordinator"
    told = [str(one["Subject"]) for one in room.to("mail.example")]
    assert len(told) == 1, "the patient got the confirmation: of the change they are not told by the machine"
    desk = await sign_in(browser(), cora)
    assert "The license of" in main_of((await desk.get(link_of(mail))).text)


async def test_another_last_day_is_told_again_and_an_extension_takes_it_back(room: Mailroom):
    rosa = await cast.provider()
    await cast.coordinator()
    await behind(rosa)
    await licensed_until(rosa, LAST)
    await foresee.tick(NOW)
    await licensed_until(rosa, LAST + timedelta(days=1))
    await foresee.tick(NOW)
    assert await states() == ["queued", "queued"]
    await room.drain(NOW)
    assert sorted(await states()) == ["sent", "superseded"]
    [mail] = room.to("cora.lind")
    assert "December 12" in str(mail["Subject"])


async def test_what_is_cleared_before_it_leaves_is_not_told(room: Mailroom):
    rosa, desk = await cast.provider(), await cast.coordinator()
    visit = await behind(rosa)
    await licensed_until(rosa, LAST)
    night = NOW + timedelta(hours=14)
    await foresee.tick(night)
    await room.drain(night)
    assert await states() == ["queued"], "it may wait for the morning"
    await book.cancel(desk.actor, visit.id, "no license by then", night)
    await room.drain(morning(night))
    assert await states() == ["superseded"]


async def test_of_a_rule_that_changes_coordinators_are_told_once_something_is_booked_behind_it(
    room: Mailroom, clinic: Clinic
):
    rosa, desk = await cast.provider(), await cast.coordinator()
    rule = PrescribingRule(LAST, True, "An exam in person comes first.", "A source")
    before = PrescribingRule(date(2020, 1, 1), False, "None is needed.", "A source", LAST - timedelta(days=1))
    colorado = replace(clinic.jurisdictions["CO"], prescribing=(before, rule))
    catalogue.configure(replace(clinic, jurisdictions={**clinic.jurisdictions, "CO": colorado}))
    assert await foresee.tick(NOW) == 0
    await behind(rosa)
    assert await foresee.tick(NOW) == 1
    await room.drain(NOW)
    [mail] = room.to(desk.account.email)
    assert "December 10" in str(mail["Subject"])


async def test_four_workers_at_once_tell_once_and_who_was_switched_off_is_not_told(room: Mailroom):
    rosa, cora = await cast.provider(), await cast.coordinator()
    gone, admin = await cast.coordinator("Kim Berg"), await cast.admin()
    await behind(rosa)
    await licensed_until(rosa, LAST)
    await asyncio.gather(*(foresee.tick(NOW) for _worker in range(4)))
    assert await states() == ["queued", "queued"]
    await db.execute("UPDATE account SET is_active = false WHERE id = {}", gone.account.id)
    await room.drain(NOW)
    assert sorted(await states()) == ["sent", "skipped"]
    assert [len(room.to(one.account.email)) for one in (cora, gone, admin)] == [1, 0, 0]
