"""The demo clinic: fictitious people who have lived through the product's own verbs, at moments of the past."""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from random import Random
from uuid import UUID

from carepath.accounts import service as accounts
from carepath.dev import checklist, life
from carepath.dev.people import PLACES, PROVIDERS, DemoPatient, DemoProvider, patients, sign_ins
from carepath.dev.runtime import SignIn
from carepath.evaluations import service as evaluations
from carepath.intake.catalogue import Catalogue
from carepath.journey import book, decide, evaluate, follow_up, waitlist
from carepath.kit.actor import SYSTEM, Actor, Role
from carepath.notifications import service as notifications
from carepath.scheduling import service as scheduling
from carepath.scheduling.rules.requests import windows_of
from carepath.scheduling.service import HoursDraft, RequestDraft

_SINCE = date(2020, 1, 1)


async def has_people() -> bool:
    """Is there anybody in this database?"""
    return bool(await scheduling.practitioners(SYSTEM.scope)) or bool(await accounts.accounts(SYSTEM))


async def sign_ins_present(seed: int) -> list[SignIn]:
    """The demo accounts, when they are what this database holds."""
    known = {account.email for account in await accounts.accounts(SYSTEM)}
    return [one for one in sign_ins(seed) if one.email in known]


async def seed(
    count: int, number: int, catalogue: Catalogue, now: datetime, progress: Callable[[int, int], None]
) -> None:
    """Staff first, then `count` patients, each with a past that ends at `now`."""
    providers = await _staff(number, now)
    people = patients(count, number, now.date())
    for done, person in enumerate(people, 1):
        rng = Random(f"{number}/life/{person.number}")  # noqa: S311 - fiction, not secrecy
        await life.live(person, providers, catalogue, rng, now)
        progress(done, count)
    await _wait(people, number, now)
    await _begin_checklist(people, providers, now)
    await _hand_over(people, list(providers.values()), now)
    await book.tick(now)
    await follow_up.tick(now)
    # The past was never mailed, and must not leave now.
    await notifications.close_before(now, "before the demo clinic was opened", now)


async def _wait(people: Sequence[DemoPatient], number: int, now: datetime) -> None:
    """The waiting list is not empty: the first two who have sent their answers can come in the evening only, when
    nobody is open; a third can come in the morning, so that the worker keeps a time for them."""
    ready = [one for one in people if one.stage == "sent"][:3]
    for place, person in enumerate(ready):
        patient_id = await accounts.patient_id_by_email(person.email)
        parts = ("evening",) if place < 2 else ("morning",)
        today = now.date()
        draft = RequestDraft(
            "evaluation", today + timedelta(days=1), today + timedelta(days=30), windows_of(range(5), parts)
        )
        await waitlist.ask(Actor(Role.PATIENT, None, patient_id, request_id="seed"), draft, now)


async def _begin_checklist(people: Sequence[DemoPatient], providers: Mapping[UUID, Actor], now: datetime) -> None:
    """Of one evaluation the first items are seen to already."""
    for person in people:
        patient_id = await accounts.patient_id_by_email(person.email)
        if person.stage == "waiting-for-decision" and patient_id is not None:
            found = await evaluations.newest_of_patient(SYSTEM.scope, patient_id)
            if found is not None and found.practitioner_id is not None:
                await checklist.begin(providers[found.practitioner_id], found.id, person.state, now)
                return


async def _hand_over(people: Sequence[DemoPatient], providers: Sequence[Actor], now: datetime) -> None:
    """One evaluation comes to the first provider from a colleague who may see the patient too."""
    person = next((one for one in people if one.stage == "sent" and one.state == PLACES[0][0]), None)
    if person is None:
        return
    to, colleague = providers[0], providers[-1]
    patient_id = await accounts.patient_id_by_email(person.email)
    assert patient_id is not None
    assert to.practitioner_id is not None
    found = await evaluations.newest_of_patient(SYSTEM.scope, patient_id)
    assert found is not None
    taken = await evaluate.claim(colleague, found.id, now - timedelta(hours=3))
    why = "I am away from tomorrow on."
    await decide.hand_over(colleague, taken.id, to.practitioner_id, why, taken.version, now - timedelta(hours=1))


async def _staff(number: int, now: datetime) -> dict[UUID, Actor]:
    """Accounts of everybody; answers the providers' actors by practitioner."""
    found: dict[UUID, Actor] = {}
    long_ago = datetime.combine(_SINCE, time(12), UTC)
    for one in sign_ins(number):
        practitioner_id, zone = None, "America/Chicago"
        if one.role == "provider":
            demo = next(p for p in PROVIDERS if one.name.endswith(p.name))
            practitioner_id, zone = await _practitioner(demo, long_ago), demo.zone
        account = await accounts.create_account(
            SYSTEM, Role(one.role), one.email, one.name, zone, one.password, one.totp_secret, now - timedelta(days=500),
            practitioner_id,
        )  # fmt: skip
        if practitioner_id is not None:
            found[practitioner_id] = Actor(Role.PROVIDER, account.id, None, practitioner_id, request_id="seed")
    return found


async def _practitioner(demo: DemoProvider, at: datetime) -> UUID:
    person = await scheduling.add_practitioner(SYSTEM, f"Dr. {demo.name}", demo.credential, demo.zone, at)
    for state in demo.states:
        await scheduling.grant_licence(SYSTEM, person.id, state, _SINCE, None, at)
    hours = [HoursDraft(day, opens, closes, _SINCE, None) for day, opens, closes in demo.hours]
    await scheduling.replace_hours(SYSTEM, person.id, hours, at)
    return person.id
