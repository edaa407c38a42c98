"""Which role a route is for. What a person may reach inside it is decided by scopes, below.

Guards are coroutines though they wait for nothing: Litestar sends a plain function to a thread, with every request.
"""

from collections.abc import Awaitable, Callable

from litestar.handlers import BaseRouteHandler

from carepath.kit.actor import Role
from carepath.kit.errors import CarepathError, NotFound, Refused
from carepath.kit.words import _
from carepath.web.wire import Connection, actor_of

Guard = Callable[[Connection, BaseRouteHandler], Awaitable[None]]


class SignInFirst(CarepathError):
    """Nobody is signed in; `where` is the page to do it on."""

    def __init__(self, where: str) -> None:
        super().__init__("sign in first")
        self.where = where


def _staff(*roles: Role) -> Guard:
    async def guard(connection: Connection, handler: BaseRouteHandler) -> None:
        actor = actor_of(connection)
        if actor.role in roles:
            return
        if actor.role is Role.ANONYMOUS:
            raise SignInFirst("/staff/sign-in")
        raise Refused(_("This page is for a different role."))

    return guard


providers_only = _staff(Role.PROVIDER)
coordinators_only = _staff(Role.COORDINATOR)
admins_only = _staff(Role.ADMIN)
office_only = _staff(Role.COORDINATOR, Role.ADMIN)


async def patients_only(connection: Connection, handler: BaseRouteHandler) -> None:
    """A patient with a whole session: not one that a link limited to one visit or check-in."""
    actor = actor_of(connection)
    if actor.role is Role.PATIENT and actor.limited_to is None:
        return
    if actor.role in {Role.PATIENT, Role.ANONYMOUS}:
        raise SignInFirst("/sign-in")
    raise Refused(_("This page is for patients."))


def limited_or_whole(kind: str, parameter: str) -> Guard:
    """A patient's whole session, or one that a link opened for exactly this thing."""

    async def guard(connection: Connection, handler: BaseRouteHandler) -> None:
        actor = actor_of(connection)
        if actor.role is Role.PATIENT and actor.limited_to is not None:
            if actor.limited_to != (kind, connection.path_params.get(parameter)):
                raise NotFound
            return
        await patients_only(connection, handler)

    return guard
