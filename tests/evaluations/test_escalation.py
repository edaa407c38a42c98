"""Late evaluations: who is told, when, how often; without a database, and with several workers at one."""

import asyncio
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from carepath.audit import history
from carepath.evaluations import service
from carepath.evaluations.rules import escalation
from carepath.evaluations.rules.escalation import AUDIENCES, Step
from carepath.journey import decide, escalate
from carepath.kit import db
from carepath.kit.actor import SYSTEM, Role
from carepath.kit.ids import new_id
from tests import cast
from tests.cast import NOW
from tests.letters import check_discreet, link_of, text_of
from tests.mailroom import Mailroom

from .conftest import Clinic, open_for

HOUR = timedelta(hours=1)
DUE = NOW + 72 * HOUR
STEPS = st.lists(st.integers(0, 300), min_size=1, max_size=5, unique=True).flatmap(
    lambda hours: st.tuples(
        *(
            st.builds(Step, st.just(h), st.lists(st.sampled_from(AUDIENCES), min_size=1, unique=True))
            for h in sorted(hours)
        )
    )
)


@given(steps=STEPS, minutes=st.integers(0, 60 * 400))
def test_after_each_look_the_next_step_is_ahead_and_none_is_left_out(steps: tuple[Step, ...], minutes: int):
    now = DUE + timedelta(minutes=minutes)
    told = escalation.passed(steps, DUE, now)
    following = escalation.next_at(steps, DUE, told)
    assert (following is None) == (told == len(steps))
    if following is not None:
        assert following > now
        assert escalation.passed(steps, DUE, following) == told + 1
    assert escalation.passed(steps, DUE, now + HOUR) >= told, "time takes nothing back"


@given(steps=STEPS, told=st.integers(0, 5))
def test_a_further_step_concerns_nobody_less(steps: tuple[Step, ...], told: int):
    before, after = escalation.audience(steps, told), escalation.audience(steps, told + 1)
    assert before <= after
    for role in Role:
        for is_owner, has_owner in ((True, True), (False, True), (False, False)):
            is_told = escalation.concerns(before, role, is_owner, has_owner)
            assert not is_told or escalation.concerns(after, role, is_owner, has_owner)
            assert not is_told or role in {Role.PROVIDER, Role.COORDINATOR, Role.ADMIN}


@pytest.mark.parametrize(
    ("found", "is_owner", "has_owner", "told"),
    [("owner", True, True, True), ("owner", False, True, False), ("owner", False, False, True),
     ("providers", False, True, True), ("coordinators", True, True, False), ("admins", True, True, False)],
)  # fmt: skip
def test_what_nobody_has_is_every_providers(found: str, is_owner: bool, has_owner: bool, told: bool):
    assert escalation.concerns(frozenset({found}), Role.PROVIDER, is_owner, has_owner) is told


async def told(now: datetime) -> set[str]:
    """Whom the messages of this moment go to."""
    found = await db.rows("SELECT recipient_id FROM message WHERE kind = 'evaluation-late' AND due_at = {}", now)
    return {str(r["recipient_id"]) for r in found}


def ids(*staff: cast.Staff) -> set[str]:
    return {str(one.account.id) for one in staff}


async def test_first_the_owner_then_everybody_and_then_no_more(clinic: Clinic):
    cora, _admin = await cast.coordinator(), await cast.admin()
    await service.claim(clinic.rosa.actor, clinic.opened.id, NOW)
    assert await escalate.tick(DUE - timedelta(seconds=1)) == 0
    assert await escalate.tick(DUE) == 1
    assert await told(DUE) == ids(clinic.rosa)
    assert await escalate.tick(DUE + HOUR) == 0
    assert await escalate.tick(DUE + 24 * HOUR) == 1
    assert await told(DUE + 24 * HOUR) == ids(clinic.rosa, clinic.ivo, cora)
    assert await escalate.tick(DUE + 900 * HOUR) == 0
    steps = [s.action for s in await history.of(SYSTEM.scope, "evaluation", clinic.opened.id)]
    assert steps == ["open", "claim", "escalate", "escalate"]


async def test_of_what_nobody_has_every_provider_is_told(clinic: Clinic):
    await cast.coordinator()
    await escalate.tick(DUE)
    assert await told(DUE) == ids(clinic.rosa, clinic.ivo)


async def test_of_what_somebody_had_who_has_left_every_provider_is_told(clinic: Clinic, room: Mailroom):
    await service.claim(clinic.rosa.actor, clinic.opened.id, NOW)
    await db.execute("UPDATE account SET is_active = false WHERE id = {}", clinic.rosa.account.id)
    await escalate.tick(DUE)
    assert await told(DUE) == ids(clinic.ivo)
    await room.drain(DUE)
    [mail] = room.to(clinic.ivo.account.email)
    assert "has passed: 1." in text_of(mail), "and when the mail leaves it is still theirs"


async def test_after_an_outage_the_last_step_is_taken_at_once_and_once(clinic: Clinic):
    cora = await cast.coordinator()
    assert await escalate.tick(DUE + 100 * HOUR) == 1
    assert await told(DUE + 100 * HOUR) == ids(clinic.rosa, clinic.ivo, cora)
    assert (await service.get(SYSTEM.scope, clinic.opened.id)).escalations == 2


async def test_four_workers_at_once_tell_once_of_many(clinic: Clinic, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(escalate, "_BATCH", 3)
    for n in range(10):
        await open_for(await cast.patient(f"Pat{n}"))
    done = await asyncio.gather(*(escalate.tick(DUE) for _worker in range(4)))
    assert sum(done) == 11
    found = await db.rows("SELECT recipient_id FROM message WHERE kind = 'evaluation-late'")
    assert len(found) == 2, "each provider is written to once, not eleven times"
    steps = await db.rows("SELECT subject_id FROM status_change WHERE action = 'escalate'")
    assert len({r["subject_id"] for r in steps}) == len(steps) == 11


async def test_what_turns_urgent_is_late_sooner(clinic: Clinic):
    await service.urgent(clinic.paula.id, None, "intake", new_id(), "phq-item9", "1", "Item 9 above zero.", NOW)
    assert await escalate.tick(NOW + 4 * HOUR - timedelta(seconds=1)) == 0
    assert await escalate.tick(NOW + 4 * HOUR) == 1


async def test_an_alarm_after_the_first_step_does_not_begin_from_the_start(clinic: Clinic):
    await escalate.tick(DUE)
    await service.urgent(clinic.paula.id, None, "intake", new_id(), "phq-item9", "1", "Item 9 above zero.", DUE + HOUR)
    assert await escalate.tick(DUE + 2 * HOUR) == 0
    assert await escalate.tick(DUE + 24 * HOUR) == 1


async def test_the_mail_says_how_many_and_not_what(clinic: Clinic, room: Mailroom):
    cora = await cast.coordinator()
    await open_for(clinic.nora)
    await service.claim(clinic.rosa.actor, clinic.opened.id, NOW)
    for at in (DUE, DUE + 24 * HOUR):
        await escalate.tick(at)
        await room.drain(at)
    first, second = room.to(clinic.rosa.account.email)
    [office] = room.to(cora.account.email)
    for mail in (first, second, office):
        check_discreet(mail, "Paula", "Winter", "Nora", str(clinic.opened.id))
        assert "has passed: 2." in text_of(mail)
    assert (link_of(first), link_of(office)) == ("/provider", "/coordinator")
    assert ["has passed: 1." in text_of(mail) for mail in room.to(clinic.ivo.account.email)] == [True, False]


async def test_what_is_decided_before_the_mail_leaves_is_not_told(clinic: Clinic, room: Mailroom):
    taken = await service.claim(clinic.rosa.actor, clinic.opened.id, NOW)
    await escalate.tick(DUE)
    await decide.decide(
        clinic.rosa.actor, clinic.opened.id, "not-suitable", "Risk.", "Not now.", taken.version, DUE + HOUR
    )
    await room.drain(DUE + HOUR)
    assert room.to(clinic.rosa.account.email) == []
    found = await db.rows("SELECT status FROM message WHERE kind = 'evaluation-late'")
    assert [r["status"] for r in found] == ["superseded"]
