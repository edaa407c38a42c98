"""The provider's desk."""

from litestar import Router

from carepath.web.guards import providers_only
from carepath.web.provider import (
    booking,
    calendar,
    check_ins,
    day,
    deciding,
    desk,
    emergency,
    evaluation_acts,
    evaluations,
    hours,
    patients,
    pending,
    plan,
    sessions,
    signals,
    timeline,
    urgent,
)

router = Router(
    path="",
    guards=[providers_only],
    route_handlers=[
        *desk.ROUTES,
        *day.ROUTES,
        *hours.ROUTES,
        *evaluations.ROUTES,
        *evaluation_acts.ROUTES,
        *pending.ROUTES,
        *deciding.ROUTES,
        *patients.ROUTES,
        *plan.ROUTES,
        *signals.ROUTES,
        *check_ins.ROUTES,
        *sessions.ROUTES,
        *timeline.ROUTES,
        *emergency.ROUTES,
        *booking.ROUTES,
        *calendar.ROUTES,
        *urgent.ROUTES,
    ],
)
