"""The first questions, before anybody says who they are."""

from litestar import get, post

from carepath.accounts import rules as account_rules
from carepath.intake import rules as intake_rules
from carepath.journey import apply
from carepath.kit import clock, when
from carepath.kit.actor import Role
from carepath.kit.errors import Invalid
from carepath.kit.words import _
from carepath.web.forms import Form, form_of
from carepath.web.guards import SignInFirst
from carepath.web.pages import page, see_other, sign_in
from carepath.web.patient import views
from carepath.web.wire import Answer, Req, actor_of, address_of, device_of, product_of, spot_of


def _show(request: Req, form: Form | None, errors: dict[str, str]) -> Answer:
    product = product_of(request)
    section = apply.eligibility_view(product.intake, form.fields if form else {}, errors)
    return page(
        request, "patient/eligibility.html", status=422 if errors else 200, errors=errors,
        values=form.values if form else {}, section=section, jurisdictions=views.jurisdiction_options(product.clinic),
        zones=views.zone_options(product.clinic), is_urgent=form is not None and apply.asks_for_help(product.intake, form.fields),
    )  # fmt: skip


@get("/eligibility")
async def eligibility(request: Req) -> Answer:
    """Birth date, place, and what would make a visit unsafe."""
    return _show(request, None, {})


@post("/eligibility")
async def check_eligibility(request: Req) -> Answer:
    """Every problem at once, values kept; otherwise a draft and the next page."""
    form, product, now = form_of(spot_of(request).fields), product_of(request), clock.now()
    try:
        wanted = _read(request, form)
        begun = await apply.begin(actor_of(request), product.intake, wanted, address_of(request), now)
    except Invalid as problem:
        return _show(request, form, problem.fields)
    if begun.is_stopped:
        return page(request, "patient/not_now.html", findings=begun.findings, is_urgent=begun.is_urgent)
    sign_in(request, await apply.open_draft(begun.intake_id, device_of(request), now))
    return see_other("/apply/email")


def _read(request: Req, form: Form) -> apply.Wanted:
    product = product_of(request)
    jurisdiction = form.choice(
        "jurisdiction", frozenset(product.clinic.jurisdictions), _("Choose the state you are in today.")
    )
    place = product.clinic.jurisdictions.get(jurisdiction)
    zone = form.text("zone", 64) or (place.zone if place else "UTC")
    if "jurisdiction" not in form.problems and not when.is_zone(zone):
        form.problems["zone"] = _("Choose your time zone from the list.")
    born = None
    try:
        born = intake_rules.birth_date(
            form.text("birth_year", 8), form.text("birth_month", 8), form.text("birth_day", 8), clock.now()
        )
    except Invalid as problem:
        form.problems.update(problem.fields)
    return apply.Wanted(born, jurisdiction, zone, form.fields, dict(form.problems))


@get("/apply/email")
async def email_page(request: Req) -> Answer:
    """Where the proving link should go."""
    _applicant(request)
    return page(request, "patient/email.html")


@post("/apply/email")
async def give_email(request: Req) -> Answer:
    """Name and address; a link is mailed."""
    _applicant(request)
    form = form_of(spot_of(request).fields)
    first, last = form.text("first_name", 200), form.text("last_name", 200)
    email = form.text("email", 254)
    for name, problem in (
        ("first_name", account_rules.name_problem(first, _("first name"))),
        ("last_name", account_rules.name_problem(last, _("last name"))),
        ("email", account_rules.email_problem(email)),
    ):
        if problem and name not in form.problems:
            form.problems[name] = problem
    try:
        form.check()
        await apply.give_address(actor_of(request), email, first, last, address_of(request), clock.now())
    except Invalid as problem_found:
        return page(request, "patient/email.html", status=422, errors=problem_found.fields, values=form.values)
    return see_other("/check-your-mail")


def _applicant(request: Req) -> None:
    """Only somebody who has just passed the first questions gives an address here."""
    actor = actor_of(request)
    if actor.role is not Role.ANONYMOUS or actor.intake_id is None:
        raise SignInFirst("/home" if actor.role is Role.PATIENT else "/eligibility")


ROUTES = [eligibility, check_eligibility, email_page, give_email]
