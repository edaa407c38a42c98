"""The checklist on a real database: licenses, dated rules and signatures as they are on the day of the decision."""

from datetime import UTC, date, datetime, timedelta

import pytest

from carepath.evaluations import checking, service
from carepath.evaluations.service import Evaluation
from carepath.journey import decide, review
from carepath.kit import db
from carepath.kit.actor import SYSTEM
from carepath.kit.errors import Invalid, NotFound
from carepath.scheduling import service as scheduling
from tests.cast import NOW
from tests.checklist import see_to

from .conftest import Clinic, sign_all

LAST = datetime(2026, 12, 31, 18, 0, tzinfo=UTC)
FLEXIBLE = {"basis": "flexibility", "note": "Board's page read."}


@pytest.fixture
async def mine(clinic: Clinic) -> Evaluation:
    """Paula's evaluation, with Rosa."""
    return await service.claim(clinic.rosa.actor, clinic.opened.id, NOW)


async def reasons(clinic: Clinic, mine: Evaluation, now: datetime = NOW) -> str:
    return " ".join(await review.open_items(clinic.rosa.actor, mine, now))


async def test_it_opens_when_everything_is_seen_to(clinic: Clinic, mine: Evaluation):
    found = await review.open_items(clinic.rosa.actor, mine, NOW)
    assert [one.partition(":")[0] for one in found] == [
        "Identity", "Location", "PDMP", "Consent", "Blood pressure", "Exam in person",
    ]  # fmt: skip
    await see_to(clinic.rosa.actor, mine.id, "CO", NOW)
    assert (await reasons(clinic, mine)).startswith("Consent: not signed in its wording of today:")
    await sign_all(mine)
    assert await review.open_items(clinic.rosa.actor, mine, NOW) == []


async def test_the_decision_asks_the_checklist(clinic: Clinic, mine: Evaluation):
    args = (mine.id, "suitable", "", "We begin.", mine.version, NOW)
    with pytest.raises(Invalid) as caught:
        await decide.decide(clinic.rosa.actor, *args)
    assert "PDMP: not checked yet." in caught.value.fields["outcome"]
    await see_to(clinic.rosa.actor, mine.id, "CO", NOW)
    await sign_all(mine)
    assert (await decide.decide(clinic.rosa.actor, *args)).outcome == "suitable"


async def test_a_license_that_has_ended_opens_the_location_again(clinic: Clinic, mine: Evaluation):
    await see_to(clinic.rosa.actor, mine.id, "CO", NOW)
    assert "Location" not in await reasons(clinic, mine)
    assert clinic.rosa.practitioner is not None
    held = await scheduling.licences_of(SYSTEM.scope, clinic.rosa.practitioner.id)
    (colorado,) = [one for one in held if one.jurisdiction == "CO"]
    await scheduling.end_licence(SYSTEM, colorado.id, date(2026, 12, 2), NOW)
    assert "Location" not in await reasons(clinic, mine, NOW + timedelta(days=1))
    assert "no license for CO" in await reasons(clinic, mine, NOW + timedelta(days=2))


async def test_a_flexibility_needs_a_place_and_what_was_checked_there(clinic: Clinic, mine: Evaluation):
    async def enter(detail: dict[str, str], now: datetime = NOW) -> None:
        await review.enter(clinic.rosa.actor, mine.id, "in-person", True, None, detail, now)

    for field, seen_first in (("basis", None), ("basis_note", "CO")):
        if seen_first:
            await review.enter(clinic.rosa.actor, mine.id, "location", True, None, {"state": seen_first}, NOW)
        with pytest.raises(Invalid) as caught:
            await enter({"basis": "flexibility"})
        assert set(caught.value.fields) == {field}
    await enter(FLEXIBLE)
    assert "Exam" not in await reasons(clinic, mine)


async def test_a_flexibility_ends_with_the_federal_rule(clinic: Clinic, mine: Evaluation):
    await review.enter(clinic.rosa.actor, mine.id, "location", True, None, {"state": "CO"}, LAST)
    await review.enter(clinic.rosa.actor, mine.id, "in-person", True, None, FLEXIBLE, LAST)
    assert "Exam" not in await reasons(clinic, mine, LAST)
    after = LAST + timedelta(days=1)
    assert "the flexibility that was entered has ended" in await reasons(clinic, mine, after)
    with pytest.raises(Invalid) as caught:
        await review.enter(clinic.rosa.actor, mine.id, "in-person", True, None, FLEXIBLE, after)
    assert "has ended" in caught.value.fields["basis"]


async def test_the_day_is_that_of_the_providers_own_zone(clinic: Clinic, mine: Evaluation):
    """Seven in the evening in Denver is the next day in UTC."""
    evening = datetime(2026, 12, 2, 2, 0, tzinfo=UTC)
    await review.enter(clinic.rosa.actor, mine.id, "pdmp", True, None, {}, evening)
    entries = await checking.entries(clinic.rosa.actor.scope, mine.id)
    assert entries["pdmp"].on == date(2026, 12, 1)
    with pytest.raises(Invalid):
        await review.enter(clinic.rosa.actor, mine.id, "pdmp", True, date(2026, 12, 2), {}, evening)


async def test_particulars_are_sealed(clinic: Clinic, mine: Evaluation):
    await review.enter(clinic.rosa.actor, mine.id, "location", True, None, {"state": "CO"}, NOW)
    kept = await db.rows("SELECT detail_enc FROM evaluation_check")
    assert b'"state"' not in kept[0]["detail_enc"]


async def test_a_colleague_meets_nothing(clinic: Clinic, mine: Evaluation):
    ivo = clinic.ivo.actor
    for attempt in (
        review.enter(ivo, mine.id, "pdmp", True, None, {}, NOW), review.override(ivo, mine.id, "x", "So.", NOW),
        review.open_items(ivo, mine, NOW),
    ):  # fmt: skip
        with pytest.raises(NotFound):
            await attempt
