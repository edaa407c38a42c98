"""The provider's desk."""

from litestar import Router

from carepath.web.guards import providers_only
from carepath.web.provider import booking, calendar, check_ins, day, desk, evaluations, hours, patients, urgent

router = Router(
    path="",
    guards=[providers_only],
    route_handlers=[
        *desk.ROUTES,
        *day.ROUTES,
        *hours.ROUTES,
        *evaluations.ROUTES,
        *patients.ROUTES,
        *check_ins.ROUTES,
        *booking.ROUTES,
        *calendar.ROUTES,
        *urgent.ROUTES,
    ],
)
