"""Every route of the product, in one place."""

from pathlib import Path

from litestar import Router
from litestar.static_files import create_static_files_router
from litestar.types import ControllerRouterHandler

from carepath.settings import Settings
from carepath.web import admin, coordinator, dev, health, patient, provider, published_pages, staff, stop_pages
from carepath.web.coordinator import licenses

STATIC = Path(__file__).parent / "static"


def all_routes(settings: Settings) -> list[ControllerRouterHandler]:
    """Routers by audience; the development pages exist in development only."""
    routes: list[ControllerRouterHandler] = [
        create_static_files_router(path="/static", directories=[STATIC], include_in_schema=False),
        health.healthz,
        health.readyz,
        Router(path="", route_handlers=[*staff.ROUTES, *published_pages.ROUTES, *stop_pages.ROUTES]),
        patient.router,
        provider.router,
        coordinator.router,
        licenses.router,
        admin.router,
    ]
    if not settings.is_production:
        routes.append(dev.router)
    return routes
