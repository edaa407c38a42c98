"""A patient's pages, in the order they are lived."""

from litestar import Router

from carepath.web.patient import (
    arrival,
    calendar,
    check_in,
    door,
    eligibility,
    home,
    intake,
    phone,
    questions,
    requests,
    sending,
    slots,
    visits,
    withdrawing,
)

router = Router(
    path="",
    route_handlers=[
        *door.ROUTES,
        *eligibility.ROUTES,
        *intake.ROUTES,
        *sending.ROUTES,
        *slots.ROUTES,
        *visits.ROUTES,
        *requests.ROUTES,
        *arrival.ROUTES,
        *home.ROUTES,
        *calendar.ROUTES,
        *phone.ROUTES,
        *check_in.ROUTES,
        *questions.ROUTES,
        *withdrawing.ROUTES,
    ],
)
