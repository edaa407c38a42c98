"""The provider's desk."""

from litestar import Router

from carepath.web.guards import providers_only
from carepath.web.provider import (
    booking,
    calendar,
    check_ins,
    deciding,
    evaluations,
    patients,
    pending,
    timeline,
    urgent,
)

router = Router(
    path="",
    guards=[providers_only],
    route_handlers=[
        *evaluations.ROUTES,
        *pending.ROUTES,
        *deciding.ROUTES,
        *patients.ROUTES,
        *check_ins.ROUTES,
        *timeline.ROUTES,
        *booking.ROUTES,
        *calendar.ROUTES,
        *urgent.ROUTES,
    ],
)
