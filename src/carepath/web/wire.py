"""What a request carries through the layers: who visits, the parsed form, the product's settings."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeAlias, cast

from litestar import Request, Response
from litestar.connection import ASGIConnection
from litestar.datastructures import State

from carepath.accounts.people import Visitor
from carepath.intake.catalogue import Catalogue
from carepath.kit.actor import NOBODY, Actor
from carepath.notifications.service import Printer
from carepath.scheduling.rules.model import Clinic
from carepath.settings import Settings

Connection: TypeAlias = ASGIConnection[Any, Any, Any, State]
Req: TypeAlias = Request[None, None, State]
Answer: TypeAlias = Response[Any]

_SPOT = "carepath"


@dataclass(frozen=True, slots=True)
class Product:
    """Everything that is read once at start and shared by all requests."""

    settings: Settings
    clinic: Clinic
    intake: Catalogue
    printer: Printer
    static_dir: Path


@dataclass(slots=True)
class Spot:
    """What the gate found out about one request. `new_cookies` and `dropped` go out with the answer."""

    request_id: str
    token: str | None = None
    browser: str | None = None
    visitor: Visitor | None = None
    fields: dict[str, list[str]] = field(default_factory=dict)
    files: dict[str, list[bytes]] = field(default_factory=dict)
    new_cookies: dict[str, str] = field(default_factory=dict)
    dropped: list[str] = field(default_factory=list)


def place(scope: Any, spot: Spot) -> None:
    """Attach `spot` to an ASGI scope."""
    scope.setdefault("state", {})[_SPOT] = spot


def spot_of(connection: Connection) -> Spot:
    """The request's spot; an empty one for requests that never passed the gate (unknown addresses)."""
    found = connection.scope.get("state", {}).get(_SPOT)
    return cast(Spot, found) if found is not None else Spot("")


def product_of(connection: Connection) -> Product:
    """The product's shared parts."""
    return cast(Product, connection.app.state.product)


def actor_of(connection: Connection) -> Actor:
    """Who acts; nobody when nobody is signed in."""
    spot = spot_of(connection)
    return spot.visitor.actor if spot.visitor else Actor(NOBODY.role, request_id=spot.request_id)


def own_zone(connection: Connection) -> str:
    """The zone of whoever is signed in, in which their pages say times."""
    visitor = spot_of(connection).visitor
    return (visitor.zone if visitor else None) or "UTC"


def address_of(connection: Connection) -> str:
    """The client's network address, behind trusted proxies only as they report it."""
    return connection.client.host if connection.client else ""


def device_of(connection: Connection) -> str:
    """What the browser calls itself."""
    return connection.headers.get("user-agent", "")[:200]
