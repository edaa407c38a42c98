"""Whose an evaluation is: given back, handed over, withdrawn; each with a reason, and out of reach at once."""

from collections.abc import Awaitable, Callable
from datetime import date, timedelta
from uuid import UUID

import pytest

from carepath.accounts import service as accounts
from carepath.audit import history
from carepath.evaluations import service
from carepath.evaluations.service import Evaluation
from carepath.intake import service as intakes
from carepath.journey import book, decide, evaluate, waitlist, withdraw
from carepath.kit import db
from carepath.kit.actor import SYSTEM, Actor
from carepath.kit.errors import Conflict, Invalid, NotFound, Refused
from carepath.kit.ids import new_id
from carepath.migrations.piccolo_migrations.m0025_desk_lines import HANDED
from carepath.questionnaires import service as questionnaires
from carepath.scheduling import service as scheduling
from carepath.scheduling.service import RequestDraft
from carepath.screening import service as screening
from tests import cast
from tests.cast import NOW
from tests.letters import check_discreet, link_of
from tests.mailroom import Mailroom
from tests.web.desks import count

from .conftest import Clinic

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
WHY = "Away from tomorrow."


@pytest.fixture
async def taken(clinic: Clinic) -> Evaluation:
    """Rosa's."""
    return await service.claim(clinic.rosa.actor, clinic.opened.id, NOW)


def id_of(staff: cast.Staff) -> UUID:
    assert staff.practitioner is not None
    return staff.practitioner.id


async def actions(clinic: Clinic) -> list[str]:
    return [s.action for s in await history.of(SYSTEM.scope, "evaluation", clinic.opened.id)]


async def reads(actor: Actor, clinic: Clinic, found: Evaluation) -> list[Callable[[], Awaitable[object]]]:
    """Every way to what the patient said."""
    return [
        lambda: service.get(actor.scope, found.id),
        lambda: intakes.get(actor, found.intake_id),
        lambda: evaluate.open_evaluation(actor, found.id, NOW),
        lambda: accounts.patient(actor, clinic.paula.id),
    ]


async def test_what_is_given_back_is_everybodys_again(clinic: Clinic, taken: Evaluation):
    task, _new = await service.urgent(clinic.paula.id, None, "intake", new_id(), "phq-item9", "1", "Item 9.", NOW)
    before = await service.get(clinic.rosa.actor.scope, taken.id)
    free = await decide.release(clinic.rosa.actor, taken.id, f" {WHY} ", before.version, NOW + HOUR)
    assert (free.status, free.practitioner_id, free.due_at) == ("requested", None, before.due_at)
    steps = await history.of(SYSTEM.scope, "evaluation", taken.id)
    assert (steps[-1].action, steps[-1].reason, steps[-1].author_id) == ("release", WHY, clinic.rosa.account.id)
    assert (await service.urgent_task(clinic.ivo.actor, task.id)).practitioner_id is None
    again = await service.claim(clinic.ivo.actor, taken.id, NOW + 2 * HOUR)
    assert again.practitioner_id == id_of(clinic.ivo)
    assert await count("audit_event", "action = 'release'") == 1


async def test_what_the_patient_was_asked_about_is_not_given_back_but_may_be_handed_over(
    clinic: Clinic, taken: Evaluation
):
    asked = await service.ask(clinic.rosa.actor, taken.id, "Which dose?", NOW)
    waits = await service.get(clinic.rosa.actor.scope, taken.id)
    with pytest.raises(Conflict, match="Hand it over"):
        await service.release(clinic.rosa.actor, taken.id, WHY, waits.version, NOW)
    handed = await decide.hand_over(clinic.rosa.actor, taken.id, id_of(clinic.ivo), WHY, waits.version, NOW)
    assert handed.status == "on-hold"
    await evaluate.answer(clinic.patient, asked.id, "60 mg", NOW)
    [answered] = await service.requests_of(clinic.ivo.actor.scope, taken.id)
    assert answered.answer == "60 mg", "it reaches whoever has it by then"


async def test_handed_over_it_is_out_of_reach_at_once_and_the_colleague_is_told_by_a_link(
    clinic: Clinic, taken: Evaluation, room: Mailroom
):
    task, _new = await service.urgent(clinic.paula.id, None, "intake", new_id(), "phq-item9", "1", "Item 9.", NOW)
    before = await service.get(clinic.rosa.actor.scope, taken.id)
    for read in await reads(clinic.rosa.actor, clinic, taken):
        await read()
    handed = await decide.hand_over(clinic.rosa.actor, taken.id, id_of(clinic.ivo), WHY, before.version, NOW)
    assert (handed.status, handed.practitioner_id) == ("in-progress", id_of(clinic.ivo))
    for read in await reads(clinic.rosa.actor, clinic, taken):
        with pytest.raises(NotFound):
            await read()
    assert await questionnaires.responses_of(clinic.rosa.actor.scope, "intake", taken.intake_id) == []
    assert await screening.verdict_of(clinic.rosa.actor.scope, taken.intake_id) is None
    with pytest.raises(NotFound):
        await service.urgent_task(clinic.rosa.actor, task.id)
    assert (await service.urgent_task(clinic.ivo.actor, task.id)).practitioner_id == id_of(clinic.ivo)
    file = await evaluate.open_evaluation(clinic.ivo.actor, taken.id, NOW)
    assert file.patient is not None
    assert file.changes[-1].reason == WHY
    await room.drain(NOW)
    [mail] = room.to(clinic.ivo.account.email)
    check_discreet(mail, "Paula", "Winter", "Rosa", WHY, str(taken.id))
    assert link_of(mail) == "/provider"
    assert room.to(clinic.rosa.account.email) == []


async def test_who_handed_it_over_is_kept_until_it_changes_hands_and_the_history_says_the_same(
    clinic: Clinic, taken: Evaluation
):
    async def kept() -> list[UUID | None]:
        found = [await _handed_by(taken.id)]
        if found[0] is not None:
            await db.execute("UPDATE evaluation SET handed_by = NULL")
        await db.execute(HANDED.strip().rstrip(";"))
        return [*found, await _handed_by(taken.id)]

    assert await kept() == [None, None]
    handed = await decide.hand_over(clinic.rosa.actor, taken.id, id_of(clinic.ivo), WHY, taken.version, NOW)
    assert await kept() == [clinic.rosa.account.id] * 2
    await decide.release(clinic.ivo.actor, taken.id, "Not mine.", handed.version, NOW + HOUR)
    assert await kept() == [None, None]
    await service.claim(clinic.ivo.actor, taken.id, NOW + 2 * HOUR)
    assert await kept() == [None, None]


async def _handed_by(evaluation_id: UUID) -> UUID | None:
    [found] = await db.rows("SELECT handed_by FROM evaluation WHERE id = {}", evaluation_id)
    by: UUID | None = found["handed_by"]
    return by


async def test_a_mail_about_what_has_gone_on_since_does_not_leave(clinic: Clinic, taken: Evaluation, room: Mailroom):
    handed = await decide.hand_over(clinic.rosa.actor, taken.id, id_of(clinic.ivo), WHY, taken.version, NOW)
    await decide.release(clinic.ivo.actor, taken.id, "Not mine.", handed.version, NOW)
    await room.drain(NOW)
    assert room.mails == []


async def _nobody(_clinic: Clinic) -> UUID:
    return new_id()


async def _oneself(clinic: Clinic) -> UUID:
    return id_of(clinic.rosa)


async def _elsewhere(_clinic: Clinic) -> UUID:
    return id_of(await cast.provider("Ned Okafor", "America/New_York", ("NY",)))


async def _expired(clinic: Clinic) -> UUID:
    held = await scheduling.licences_of(SYSTEM.scope, id_of(clinic.ivo))
    for one in held:
        await scheduling.end_licence(SYSTEM, one.id, date(2026, 11, 30), NOW)
    return id_of(clinic.ivo)


async def _switched_off(clinic: Clinic) -> UUID:
    await db.execute("UPDATE account SET is_active = false WHERE id = {}", clinic.ivo.account.id)
    return id_of(clinic.ivo)


async def _sees_nobody(clinic: Clinic) -> UUID:
    await scheduling.set_practitioner_active(SYSTEM, id_of(clinic.ivo), False, NOW)
    return id_of(clinic.ivo)


@pytest.mark.parametrize(
    "whom", [_nobody, _oneself, _elsewhere, _expired, _switched_off, _sees_nobody], ids=lambda one: one.__name__
)
async def test_only_an_active_colleague_who_may_treat_the_patient_is_handed_it(
    clinic: Clinic, taken: Evaluation, whom: Callable[[Clinic], Awaitable[UUID]]
):
    to_id = await whom(clinic)
    with pytest.raises(Invalid) as caught:
        await decide.hand_over(clinic.rosa.actor, taken.id, to_id, WHY, taken.version, NOW)
    assert set(caught.value.fields) == {"colleague"}
    assert await service.get(clinic.rosa.actor.scope, taken.id) == taken
    sheet = await decide.sheet(clinic.rosa.actor, taken, clinic.paula, NOW)
    assert to_id not in {one for one, _name in sheet.colleague_options}


async def test_a_reason_is_needed_and_so_is_having_it_as_it_was(clinic: Clinic, taken: Evaluation):
    rosa, ivo = clinic.rosa.actor, id_of(clinic.ivo)
    for reason in ("", "  ", "x" * 501):
        with pytest.raises(Invalid) as caught:
            await decide.release(rosa, taken.id, reason, taken.version, NOW)
        assert set(caught.value.fields) == {"release_reason"}
        with pytest.raises(Invalid) as caught:
            await decide.hand_over(rosa, taken.id, ivo, reason, taken.version, NOW)
        assert set(caught.value.fields) == {"hand_over_reason"}
    for attempt in (
        decide.release(rosa, taken.id, WHY, taken.version - 1, NOW),
        decide.hand_over(rosa, taken.id, ivo, WHY, taken.version - 1, NOW),
    ):
        with pytest.raises(Conflict) as late:
            await attempt
        assert late.value.code == "changed"
    assert await actions(clinic) == ["open", "claim"]


async def test_what_is_nobodys_or_a_colleagues_is_neither_given_back_nor_handed_over(clinic: Clinic):
    free = clinic.opened
    with pytest.raises(Conflict):
        await decide.release(clinic.rosa.actor, free.id, WHY, free.version, NOW)
    with pytest.raises(Conflict):
        await decide.hand_over(clinic.rosa.actor, free.id, id_of(clinic.ivo), WHY, free.version, NOW)
    taken = await service.claim(clinic.ivo.actor, free.id, NOW)
    for evaluation_id in (taken.id, new_id()):
        for attempt in (
            decide.release(clinic.rosa.actor, evaluation_id, WHY, taken.version, NOW),
            decide.hand_over(clinic.rosa.actor, evaluation_id, id_of(clinic.ivo), WHY, taken.version, NOW),
        ):
            with pytest.raises(NotFound):
                await attempt
    for other in (clinic.patient, (await cast.coordinator()).actor, (await cast.admin()).actor):
        with pytest.raises(Refused):
            await decide.release(other, taken.id, WHY, taken.version, NOW)


async def first_visit(clinic: Clinic) -> scheduling.Appointment:
    offers = await scheduling.search(
        SYSTEM, "evaluation", "CO", NOW, (NOW + 3 * DAY).date(), (NOW + 9 * DAY).date(), "America/Denver"
    )
    mine = next(one for one in offers if one.practitioner_id == id_of(clinic.rosa))
    return await book.book_for(SYSTEM, clinic.paula.id, mine.practitioner_id, "evaluation", mine.start_at, NOW)


@pytest.mark.parametrize("cancels", [True, False])
async def test_withdrawing_ends_it_tells_the_owner_and_leaves_the_visit_to_the_patient(
    clinic: Clinic, room: Mailroom, cancels: bool
):
    visit = await first_visit(clinic)
    shown = await withdraw.open_withdrawal(clinic.patient, NOW)
    assert shown.visit is not None
    assert shown.visit.id == visit.id
    ended = await withdraw.withdraw(clinic.patient, cancels, NOW + HOUR)
    assert (ended.status, ended.outcome, ended.practitioner_id) == ("cancelled", None, id_of(clinic.rosa))
    assert (await intakes.get(SYSTEM, ended.intake_id)).status == "withdrawn"
    assert (await scheduling.get(SYSTEM.scope, visit.id)).status == ("cancelled" if cancels else "booked")
    assert (await actions(clinic))[-1] == "withdraw"
    await room.drain(NOW + HOUR)
    [mail] = room.to(clinic.rosa.account.email)
    check_discreet(mail, "Paula", "Winter")
    assert "not needed any more" in str(mail["Subject"])
    told = [str(one["Subject"]) for one in room.to(clinic.paula.email)]
    assert any("cancelled" in one.lower() for one in told) is cancels


async def test_a_visit_too_near_to_be_cancelled_is_kept_or_nothing_happens(clinic: Clinic):
    visit = await first_visit(clinic)
    soon = visit.start_at - timedelta(minutes=30)
    with pytest.raises(Conflict) as caught:
        await withdraw.withdraw(clinic.patient, True, soon)
    assert caught.value.code == "too-late"
    assert (await service.get(SYSTEM.scope, clinic.opened.id)).status == "in-progress"
    assert (await intakes.get(SYSTEM, clinic.opened.intake_id)).status == "completed"
    assert (await withdraw.withdraw(clinic.patient, False, soon)).status == "cancelled"
    assert (await scheduling.get(SYSTEM.scope, visit.id)).status == "booked"


async def test_what_is_only_held_or_looked_for_is_given_back(clinic: Clinic):
    offers = await scheduling.search(
        SYSTEM, "evaluation", "CO", NOW, (NOW + 3 * DAY).date(), (NOW + 9 * DAY).date(), "America/Denver"
    )
    await service.claim(clinic.rosa.actor, clinic.opened.id, NOW)
    first, last = (NOW + 5 * DAY).date(), (NOW + 9 * DAY).date()
    request = await waitlist.ask(clinic.patient, RequestDraft("evaluation", first, last), NOW)
    held = await scheduling.hold(
        clinic.patient, clinic.paula.id, offers[5].practitioner_id, "evaluation", offers[5].start_at, "CO",
        "America/Denver", NOW,
    )  # fmt: skip
    await withdraw.withdraw(clinic.patient, False, NOW)
    assert (await scheduling.get(SYSTEM.scope, held.id)).status == "cancelled"
    assert not (await waitlist.request(clinic.patient, request.id)).is_open


async def test_nothing_is_withdrawn_twice_or_after_the_decision(clinic: Clinic, taken: Evaluation):
    await decide.decide(clinic.rosa.actor, taken.id, "not-suitable", "Risk.", "Not now.", taken.version, NOW)
    with pytest.raises(Conflict, match="decided already"):
        await withdraw.withdraw(clinic.patient, True, NOW)
    with pytest.raises(Conflict, match="nothing to withdraw"):
        await withdraw.withdraw(cast.as_patient(clinic.nora), True, NOW)
    with pytest.raises(Refused):
        await withdraw.withdraw(clinic.rosa.actor, True, NOW)
    assert (await intakes.get(SYSTEM, taken.intake_id)).status == "completed"


async def test_whoever_has_what_was_withdrawn_reads_that_it_has_ended(clinic: Clinic, taken: Evaluation):
    asked = await service.ask(clinic.rosa.actor, taken.id, "Which dose?", NOW)
    ended = await withdraw.withdraw(clinic.patient, True, NOW)
    rosa = clinic.rosa.actor
    for attempt in (
        decide.decide(rosa, taken.id, "not-suitable", "Risk.", "Not now.", ended.version, NOW),
        decide.decide(rosa, taken.id, "more-information", "", "And since when?", ended.version, NOW),
        decide.release(rosa, taken.id, WHY, ended.version, NOW),
        decide.hand_over(rosa, taken.id, id_of(clinic.ivo), WHY, ended.version, NOW),
    ):
        with pytest.raises(Conflict, match="patient has withdrawn"):
            await attempt
    with pytest.raises(Conflict, match="You have withdrawn"):
        await evaluate.answer(clinic.patient, asked.id, "60 mg", NOW)
    assert await service.open_questions(clinic.patient.scope, clinic.paula.id) == []
    assert await count("decision", "outcome <> 'more-information'") == 0


async def test_who_has_withdrawn_may_begin_again(clinic: Clinic, taken: Evaluation):
    await withdraw.withdraw(clinic.patient, True, NOW)
    assert await intakes.newest(SYSTEM, clinic.paula.id) is None
    again = await cast.patient()  # sends a new one
    intake = await intakes.newest(SYSTEM, again.id)
    assert intake is not None
    opened = await service.open_for(SYSTEM, again.id, intake.id, "routine", NOW + DAY)
    assert (again.id, opened.status) == (clinic.paula.id, "requested")
    assert opened.id != taken.id
