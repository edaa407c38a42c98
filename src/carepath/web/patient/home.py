"""The patient's home: what happens next."""

from litestar import get

from carepath.journey import home as own_page
from carepath.kit import clock
from carepath.web.guards import patients_only
from carepath.web.pages import page
from carepath.web.patient import views
from carepath.web.wire import Answer, Req, actor_of


@get("/home", guards=[patients_only])
async def home(request: Req) -> Answer:
    """One next step on top, then visits, questions, check-ins, the plan."""
    now = clock.now()
    found = await own_page.home(actor_of(request), now)
    return page(request, "patient/home.html", home=views.home(found, now))


ROUTES = [home]
