"""Accounts and the audit trail. An admin sees nothing clinical."""

from dataclasses import dataclass
from uuid import UUID

from litestar import Router, get, post
from litestar.params import FromPath

from carepath.journey import administer
from carepath.kit import clock
from carepath.kit.actor import Role
from carepath.kit.words import _
from carepath.web import opened_words
from carepath.web.admin import library, messages, staff_messages
from carepath.web.forms import form_of
from carepath.web.guards import admins_only
from carepath.web.pages import page, see_other
from carepath.web.wire import Answer, Req, actor_of, own_zone, spot_of

_ROLES = {Role.PROVIDER: _("provider"), Role.COORDINATOR: _("coordinator"), Role.ADMIN: _("admin")}


@dataclass(frozen=True, slots=True)
class AccountLine:
    """One member of staff."""

    id: UUID
    name: str
    role: str
    email: str
    is_active: bool
    is_you: bool
    practitioner_id: UUID | None


@get("/admin")
async def accounts(request: Req) -> Answer:
    """Everybody who works here."""
    return await _show(request, {})


async def _show(request: Req, errors: dict[str, str]) -> Answer:
    found = await administer.staff(actor_of(request), clock.now())
    own = actor_of(request).account_id
    lines = tuple(
        AccountLine(a.id, a.name, _ROLES.get(a.role, a.role), a.email, a.is_active, a.id == own, a.practitioner_id)
        for a in found
    )
    return page(request, "admin/accounts.html", status=422 if errors else 200, errors=errors, accounts=lines)


@get("/admin/audit")
async def audit_trail(request: Req) -> Answer:
    """Whether every row of the audit trail is as it was written."""
    now = clock.now()
    found = await administer.verify_audit(actor_of(request), now)
    opened = opened_words.lines(found.openings, own_zone(request), now)
    return page(request, "admin/audit.html", holds=found.holds, found=found.words, opened=opened)


@post("/admin/accounts/{account_id:uuid}")
async def set_active(request: Req, account_id: FromPath[UUID]) -> Answer:
    """Enable or disable an account; disabling ends its sessions at once."""
    form = form_of(spot_of(request).fields)
    wanted = form.choice("active", frozenset({"yes", "no"}), _("Choose enable or disable."))
    if form.problems:
        return await _show(request, form.problems)
    await administer.set_active(actor_of(request), account_id, wanted == "yes", clock.now())
    return see_other("/admin")


router = Router(
    path="",
    guards=[admins_only],
    route_handlers=[
        accounts,
        audit_trail,
        set_active,
        library.questionnaires,
        library.try_form,
        *messages.ROUTES,
        *staff_messages.ROUTES,
    ],
)
