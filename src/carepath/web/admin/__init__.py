"""Accounts and the audit trail. An admin sees nothing clinical."""

from uuid import UUID

from litestar import Router, get, post
from litestar.params import FromPath

from carepath.journey import administer
from carepath.kit import clock
from carepath.kit.words import _
from carepath.web.forms import form_of
from carepath.web.guards import admins_only
from carepath.web.pages import page, see_other
from carepath.web.wire import Answer, Req, actor_of, spot_of


@get("/admin")
async def accounts(request: Req) -> Answer:
    """Everybody who works here, and whether the audit trail holds."""
    found = await administer.overview(actor_of(request), clock.now())
    return page(request, "admin/accounts.html", found=found)


@post("/admin/accounts/{account_id:uuid}")
async def set_active(request: Req, account_id: FromPath[UUID]) -> Answer:
    """Enable or disable an account; disabling ends its sessions at once."""
    form = form_of(spot_of(request).fields)
    wanted = form.choice("active", frozenset({"yes", "no"}), _("Choose enable or disable."))
    form.check()
    await administer.set_active(actor_of(request), account_id, wanted == "yes", clock.now())
    return see_other("/admin")


router = Router(path="", guards=[admins_only], route_handlers=[accounts, set_active])
