"""Changes ahead: licences that end, rules that change, the federal rule's last day; and the visits behind them."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from carepath.kit.errors import NotFound
from carepath.scheduling import catalogue, service
from carepath.scheduling.rules.model import Clinic, PrescribingRule, Validity
from carepath.scheduling.rules.warnings import WARN_DAYS, Ahead, HeldLicence, ahead

from .cast import NOW, TEN, Cast, booked, provider
from .conftest import CONFIG

DAY = timedelta(days=1)
TODAY = date(2026, 6, 1)  # the federal rule has more than 60 days to go
SHIPPED = catalogue.load(CONFIG)
ADA, BEN = UUID(int=1), UUID(int=2)
_DATES = st.dates(TODAY - 100 * DAY, TODAY + 150 * DAY)
validities = st.lists(
    st.builds(lambda first, days: Validity(first, first + days * DAY), _DATES, st.integers(0, 120))
    | st.builds(lambda first: Validity(first, None), _DATES),
    max_size=4,
)


def held(*spells: Validity, whose: UUID = ADA, place: str = "UT") -> list[HeldLicence]:
    return [HeldLicence(whose, "Ada Quill", place, one) for one in spells]


def said(found: list[Ahead]) -> list[tuple[str, date, date | None]]:
    return [(one.kind, one.since, one.until) for one in found]


def days() -> Iterator[date]:
    return (TODAY + n * DAY for n in range(WARN_DAYS + 1))


@given(validities)
def test_it_is_said_exactly_of_the_days_after_which_no_licence_is_valid(spells: list[Validity]) -> None:
    def covered(on: date) -> bool:
        return any(one.valid_from <= on <= (one.valid_until or date.max) for one in spells)

    found = ahead(held(*spells), SHIPPED.jurisdictions, SHIPPED.federal, TODAY)
    assert [one.since for one in found] == [on + DAY for on in days() if covered(on) and not covered(on + DAY)]
    for one in found:
        assert not covered(one.until or one.since)
        assert one.until is None or covered(one.until + DAY)


def test_a_renewal_in_time_is_no_end_and_others_licences_do_not_stand_in() -> None:
    first, renewed = Validity(date(2020, 1, 1), TODAY + 9 * DAY), Validity(TODAY + 10 * DAY, None)
    assert said(ahead(held(first, renewed), SHIPPED.jurisdictions, SHIPPED.federal, TODAY)) == []
    others = [*held(first), *held(renewed, whose=BEN), *held(renewed, place="NV")]
    assert said(ahead(others, SHIPPED.jurisdictions, SHIPPED.federal, TODAY)) == [
        ("licence-ends", TODAY + 10 * DAY, None)
    ]


@pytest.mark.parametrize(
    ("today", "is_said"),
    [
        (date(2026, 10, 31), False),
        (date(2026, 11, 1), True),
        (date(2026, 12, 31), True),
        (date(2027, 1, 1), False),
    ],
)
def test_the_federal_rules_last_day_is_said_for_sixty_days(today: date, is_said: bool) -> None:
    found = ahead([], SHIPPED.jurisdictions, SHIPPED.federal, today)
    assert said(found) == ([("federal-ends", date(2027, 1, 1), None)] if is_said else [])
    assert all(one.source == SHIPPED.federal.source and "2025-24123" in one.source for one in found)


def test_rules_of_a_state_are_said_when_they_begin_end_or_follow_each_other() -> None:
    early = PrescribingRule(date(2020, 1, 1), False, "As before.", "Statute 1", TODAY + 9 * DAY)
    late = PrescribingRule(TODAY + 10 * DAY, True, "An exam first.", "Statute 2", TODAY + 19 * DAY)
    utah = replace(SHIPPED.jurisdictions["UT"], prescribing=(early, late))
    found = ahead(held(Validity(TODAY, None)), {"UT": utah}, SHIPPED.federal, TODAY)
    assert [(one.since, one.words, one.source) for one in found] == [
        (TODAY + 10 * DAY, "An exam first.", "Statute 2"),
        (TODAY + 20 * DAY, "No rule of this state is entered for the time from then on.", "Statute 2"),
    ]
    assert ahead([], {"UT": utah}, SHIPPED.federal, TODAY) == []


async def test_booked_visits_behind_a_change_are_counted_in_the_patients_own_days(cast: Cast) -> None:
    visit = await booked(cast, cast.ana)
    [licence] = [one for one in await service.licences_of(cast.carol.scope, cast.ada) if one.jurisdiction == "CO"]
    for last, visits in ((TEN.date() - DAY, 1), (TEN.date(), 0)):
        await service.end_licence(cast.carol, licence.id, last, NOW)
        found = await service.changes_ahead(cast.carol.scope, NOW)
        [ends] = [one for one in found if one.change.kind == "licence-ends"]
        assert (ends.change.practitioner_name, ends.change.since, ends.visits) == ("Ada Quill", last + DAY, visits)
    assert (await service.get(cast.carol.scope, visit.id)).attention is None


async def test_the_federal_end_counts_the_video_visits_after_it(cast: Cast, clinic: Clinic) -> None:
    late = datetime(2027, 1, 5, 17, 0, tzinfo=UTC)
    await booked(cast, cast.ana, late)
    await booked(cast, cast.bo, TEN)
    found = {one.change.kind: one.visits for one in await service.changes_ahead(cast.carol.scope, NOW)}
    assert found == {"federal-ends": 1}
    in_person = {code: replace(one, modality="in-person") for code, one in clinic.visit_types.items()}
    catalogue.configure(replace(clinic, visit_types=in_person))
    assert [one.visits for one in await service.changes_ahead(cast.carol.scope, NOW)] == [0]


async def test_a_provider_reads_of_their_own_and_a_patient_of_none(cast: Cast) -> None:
    await booked(cast, cast.ana, datetime(2027, 1, 5, 17, 0, tzinfo=UTC))
    for one in await service.licences_of(cast.carol.scope, cast.ada):
        await service.end_licence(cast.carol, one.id, date(2027, 1, 10), NOW)
    theirs = await service.changes_ahead(provider(cast.ben).scope, NOW)
    assert [(one.change.kind, one.visits) for one in theirs] == [("federal-ends", 0)]
    own = await service.changes_ahead(provider(cast.ada).scope, NOW)
    assert [(one.change.kind, one.change.jurisdiction, one.visits) for one in own] == [
        ("federal-ends", None, 1),
        ("licence-ends", "CO", 0),
        ("licence-ends", "WY", 0),
    ]
    with pytest.raises(NotFound):
        await service.changes_ahead(cast.ana.scope, NOW)
