"""The provider's desk."""

from litestar import Router

from carepath.web.guards import providers_only
from carepath.web.provider import booking, evaluations, patients, urgent

router = Router(
    path="",
    guards=[providers_only],
    route_handlers=[*evaluations.ROUTES, *patients.ROUTES, *booking.ROUTES, *urgent.ROUTES],
)
