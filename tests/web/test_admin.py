"""The admin's pages: accounts and the audit trail, nothing clinical."""

from collections.abc import Callable

import pytest

from carepath.accounts import service as accounts
from carepath.kit import db
from carepath.kit.actor import SYSTEM
from carepath.kit.ids import new_id
from tests import cast
from tests.web.client import Browser
from tests.web.desks import main_of, sign_in

Fresh = Callable[[], Browser]


@pytest.fixture
async def admin(browser: Fresh) -> cast.Staff:
    return await cast.admin()


@pytest.fixture
async def desk(browser: Fresh, admin: cast.Staff) -> Browser:
    return await sign_in(browser(), admin)


async def is_active(member: cast.Staff) -> bool:
    return next(a for a in await accounts.accounts(SYSTEM) if a.id == member.account.id).is_active


async def test_everybody_who_works_here_is_listed(desk: Browser):
    await cast.provider()
    await cast.patient()
    page = main_of((await desk.get("/admin")).text)
    for words in ("Adam Stone", "this is you", "Rosa Delgado", "rosa.delgado@clinic.example", "provider"):
        assert words in page
    assert "Paula" not in page


async def test_disabling_ends_sessions_at_once_and_enabling_lets_sign_in_again(browser: Fresh, desk: Browser):
    member = await cast.coordinator()
    other = await sign_in(browser(), member)
    path = f"/admin/accounts/{member.account.id}"
    page = await desk.get("/admin")
    assert path in page.text
    page = await desk.post(path, {"active": "no"})
    assert page.url.path == "/admin"
    assert "disabled" in main_of(page.text)
    assert not await is_active(member)
    assert (await other.get("/coordinator")).url.path == "/staff/sign-in"
    await desk.post(path, {"active": "yes"})
    assert await is_active(member)
    assert (await (await sign_in(other, member)).get("/coordinator")).status_code == 200
    for action in ("disable", "enable"):
        assert await db.rows("SELECT 1 FROM audit_event WHERE action = {} AND actor_role = 'admin'", action)


async def test_the_last_admin_stays(desk: Browser, admin: cast.Staff):
    await desk.get("/admin")
    page = await desk.post(f"/admin/accounts/{admin.account.id}", {"active": "no"})
    assert page.status_code == 409
    assert "last active admin" in page.text
    assert await is_active(admin)


@pytest.mark.parametrize("fields", [{}, {"active": ""}, {"active": "perhaps"}, {"active": ["no", "no"]}])
async def test_a_broken_form_changes_nothing(desk: Browser, fields: dict[str, str | list[str]]):
    member = await cast.coordinator()
    await desk.get("/admin")
    page = await desk.post(f"/admin/accounts/{member.account.id}", fields)
    assert page.status_code == 422
    assert await is_active(member)


async def test_unknown_accounts_are_not_found(desk: Browser):
    await desk.get("/admin")
    for path in (new_id(), "1", "'--"):
        assert (await desk.post(f"/admin/accounts/{path}", {"active": "no"})).status_code == 404


async def test_the_audit_trail_is_counted_and_a_changed_row_is_seen(desk: Browser):
    page = await desk.get("/admin/audit")
    assert "every signature holds" in page.text
    async with db.transaction():
        await db.script("SET LOCAL session_replication_role = replica; UPDATE audit_event SET action = 'nothing'")
    page = await desk.get("/admin/audit")
    assert "does not match its signature" in page.text
    assert "notice-red" in page.text


async def test_other_roles_are_refused(browser: Fresh, admin: cast.Staff):
    for member in (await cast.provider(), await cast.coordinator()):
        stranger = await sign_in(browser(), member)
        await stranger.get("/staff/sign-in")
        for path in ("/admin", "/admin/audit"):
            assert (await stranger.get(path)).status_code == 403
        page = await stranger.post(f"/admin/accounts/{admin.account.id}", {"active": "no"})
        assert page.status_code == 403
    assert await is_active(admin)
