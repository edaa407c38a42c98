"""The provider's desk."""

from litestar import Router

from carepath.web.guards import providers_only
from carepath.web.provider import booking, calendar, check_ins, evaluations, patients, signals, urgent

router = Router(
    path="",
    guards=[providers_only],
    route_handlers=[
        *evaluations.ROUTES,
        *patients.ROUTES,
        *signals.ROUTES,
        *check_ins.ROUTES,
        *booking.ROUTES,
        *calendar.ROUTES,
        *urgent.ROUTES,
    ],
)
