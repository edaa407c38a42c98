"""Signing in: passwords, one-time codes, links, lifetimes."""

import asyncio
from datetime import timedelta

import pyotp
import pytest

from carepath.accounts import secrets, sessions
from carepath.accounts import service as accounts
from carepath.accounts.people import Link
from carepath.kit import clock, limits
from carepath.kit.actor import Role
from carepath.kit.errors import Conflict, NotFound, Refused
from carepath.kit.ids import new_id
from carepath.settings import Settings
from tests import cast
from tests.cast import NOW, PASSWORD, TOTP

pytestmark = pytest.mark.usefixtures("database")


@pytest.fixture(autouse=True)
def no_counts():
    """Limits have tests of their own."""
    limits._State.local.clear()


async def half_open(email: str) -> str:
    return await sessions.check_password(email, PASSWORD, new_id().hex, "test", NOW)


async def full(email: str) -> str:
    token = await half_open(email)
    waiting = await sessions.waiting_account(token, NOW)
    assert waiting is not None
    return await sessions.check_code(*waiting, pyotp.TOTP(TOTP).now(), "test", NOW)


async def test_a_password_alone_opens_nothing():
    admin = await cast.admin()
    visitor = await sessions.visitor(await half_open(admin.account.email), "r", NOW)
    assert visitor is not None
    assert visitor.awaits_code
    assert visitor.actor.role is Role.ANONYMOUS
    assert visitor.actor.account_id is None


async def test_the_code_opens_a_new_session_and_ends_the_first():
    admin = await cast.admin()
    first = await half_open(admin.account.email)
    waiting = await sessions.waiting_account(first, NOW)
    assert waiting is not None
    second = await sessions.check_code(*waiting, pyotp.TOTP(TOTP).now(), "test", NOW)
    assert second != first
    assert await sessions.visitor(first, "r", NOW) is None
    visitor = await sessions.visitor(second, "r", NOW)
    assert visitor is not None
    assert visitor.actor.role is Role.ADMIN


@pytest.mark.parametrize(
    ("email", "password"), [("adam.stone@clinic.example", "wrong"), ("nobody@clinic.example", PASSWORD)]
)
async def test_wrong_pairs_are_refused_alike(email: str, password: str):
    await cast.admin()
    with pytest.raises(Refused, match="do not match"):
        await sessions.check_password(email, password, new_id().hex, "test", NOW)


async def test_a_code_works_once():
    admin = await cast.admin()
    await full(admin.account.email)
    waiting = await sessions.waiting_account(await half_open(admin.account.email), NOW)
    assert waiting is not None
    used = pyotp.TOTP(TOTP).at(clock.wall() - timedelta(seconds=30))
    with pytest.raises(Refused, match="used already"):
        await sessions.check_code(*waiting, used, "test", NOW)


async def test_two_codes_at_once_open_one_session():
    admin = await cast.admin()
    halves = [await half_open(admin.account.email) for _ in range(2)]
    waiting = [await sessions.waiting_account(half, NOW) for half in halves]
    code = pyotp.TOTP(TOTP).now()
    tries = [sessions.check_code(*pair, code, "test", NOW) for pair in waiting if pair]
    answers = await asyncio.gather(*tries, return_exceptions=True)
    assert sorted(isinstance(a, str) for a in answers) == [False, True]


def test_a_neighbouring_step_is_accepted_and_a_far_one_is_not():
    at, totp = clock.wall(), pyotp.TOTP(TOTP)
    current = int(at.timestamp()) // 30
    assert secrets.code_step(TOTP, totp.generate_otp(current - 1), 0, at) == current - 1
    assert secrets.code_step(TOTP, totp.generate_otp(current - 2), 0, at) is None
    assert secrets.code_step(TOTP, totp.generate_otp(current), current, at) is None


async def test_guessing_a_password_is_limited():
    await cast.admin()
    for _ in range(10):
        with pytest.raises(Refused):
            await sessions.check_password("limited@clinic.example", "wrong", new_id().hex, "t", NOW)
    with pytest.raises(limits.TooMany):
        await sessions.check_password("limited@clinic.example", "wrong", new_id().hex, "t", NOW)


async def test_idle_and_old_sessions_end():
    admin = await cast.admin()
    token = await full(admin.account.email)
    assert await sessions.visitor(token, "r", NOW + timedelta(minutes=29)) is not None
    assert await sessions.visitor(token, "r", NOW + timedelta(minutes=60)) is None
    assert await sessions.visitor(token, "r", NOW + timedelta(hours=13)) is None


async def test_disabling_an_account_ends_its_sessions_and_the_last_admin_stays(database: Settings):
    admin, coordinator = await cast.admin(), await cast.coordinator()
    token = await full(coordinator.account.email)
    await accounts.set_active(admin.actor, coordinator.account.id, False, NOW)
    assert await sessions.visitor(token, "r", NOW) is None
    with pytest.raises(Refused):
        await half_open(coordinator.account.email)
    with pytest.raises(Conflict, match="last active admin"):
        await accounts.set_active(admin.actor, admin.account.id, False, NOW)


async def test_a_sign_in_link_works_once_and_looking_does_not_use_it():
    patient = await cast.patient()
    token = sessions.link_token("sign-in", new_id())
    await sessions.store_link(
        Link(new_id(), "sign-in", patient.id, None, None), token, NOW, NOW + timedelta(minutes=10)
    )
    assert (await sessions.look_at_link(token, NOW)).purpose == "sign-in"
    answers = await asyncio.gather(*(sessions.use_link(token, NOW) for _ in range(8)), return_exceptions=True)
    assert sum(not isinstance(a, BaseException) for a in answers) == 1
    with pytest.raises(NotFound):
        await sessions.look_at_link(token, NOW)


async def test_a_link_ends_after_its_time():
    patient = await cast.patient()
    token = sessions.link_token("sign-in", new_id())
    await sessions.store_link(
        Link(new_id(), "sign-in", patient.id, None, None), token, NOW, NOW + timedelta(minutes=10)
    )
    with pytest.raises(NotFound):
        await sessions.use_link(token, NOW + timedelta(minutes=10))


async def test_a_limited_session_says_what_it_is_limited_to():
    patient, subject = await cast.patient(), new_id()
    token = await sessions.open_for_patient(patient.id, "test", NOW, ("check-in", subject))
    visitor = await sessions.visitor(token, "r", NOW)
    assert visitor is not None
    assert visitor.actor.limited_to == ("check-in", subject)
