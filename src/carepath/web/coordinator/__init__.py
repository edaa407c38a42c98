"""The coordinator's desk: who sees whom when, and nothing clinical."""

from litestar import Router

from carepath.web.coordinator import (
    absences,
    board,
    booking,
    calendars,
    calls,
    consults,
    hours,
    messages,
    replans,
    reports,
    requests,
)
from carepath.web.guards import coordinators_only

router = Router(
    path="",
    guards=[coordinators_only],
    route_handlers=[
        *absences.ROUTES,
        *board.ROUTES,
        *booking.ROUTES,
        *consults.ROUTES,
        *hours.ROUTES,
        *calendars.ROUTES,
        *calls.ROUTES,
        *messages.ROUTES,
        *replans.ROUTES,
        *reports.ROUTES,
        *requests.ROUTES,
    ],
)
