"""Answers: a page, a page again with errors, a redirect. Every page has the same few globals."""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from litestar import Litestar, Response
from litestar.response import Redirect
from litestar.routes import HTTPRoute
from litestar.status_codes import HTTP_303_SEE_OTHER
from litestar.types.internal_types import PathParameterDefinition

from carepath.kit import when, words
from carepath.web import cookies, labels
from carepath.web.gate import csrf_token
from carepath.web.wire import Answer, Connection, product_of, spot_of


@dataclass(frozen=True, slots=True)
class Face:
    """What a page shows of whoever is signed in."""

    name: str
    role: str


def environment(folder: Path, is_fixed: bool) -> Environment:
    """Templates: strict, escaped, no logic beyond loops and words. With `is_fixed` each file is read once, else
    again when it has changed."""
    env = Environment(
        loader=FileSystemLoader(folder),
        undefined=StrictUndefined,
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=not is_fixed,
    )
    env.globals["_"] = words._
    env.filters["day"] = when.say_date
    return env


def page(
    connection: Connection, template: str, *, status: int = 200, errors: Mapping[str, str] | None = None,
    values: Mapping[str, str] | None = None, **context: Any,
) -> Answer:  # fmt: skip
    """Render `template`. `errors` and `values` are by field name; each line of the errors' summary begins with the label
    of its field."""
    env: Environment = connection.app.state.templates
    text = env.get_template(template).render(
        **_globals(connection), errors=dict(errors or {}), values=dict(values or {}), **context
    )
    if errors:
        # At its top, but written last: by now the page says what each field is called. Nobody's words can hold the mark.
        summary = env.get_template("errors.html").render(lines=labels.lines(text, errors))
        text = text.replace("<error-summary></error-summary>", summary)
    return Response(text, status_code=status, media_type="text/html")


def _globals(connection: Connection) -> dict[str, object]:
    product, visitor = product_of(connection), spot_of(connection).visitor
    face = Face(visitor.name, str(visitor.actor.role)) if visitor and not visitor.awaits_code else None
    return {
        "clinic": product.clinic,
        "csrf_token": _csrf(connection),
        "visitor": face if face and face.role != "anonymous" else None,
        "path": connection.scope["path"],
        "is_development": not product.settings.is_production,
    }


def _csrf(connection: Connection) -> str:
    """The token for this page's forms; a browser without any cookie gets a random name for itself."""
    spot, name = spot_of(connection), cookies.names(product_of(connection).settings)[1]
    if spot.token is None and spot.browser is None:
        # Unknown addresses never pass the gate: a browser that has a name keeps it, or its open forms would be refused.
        spot.browser = cookies.parse(connection.headers.get("cookie", "")).get(name)
    if spot.token is None and spot.browser is None:
        spot.browser = secrets.token_urlsafe(24)
        spot.new_cookies[name] = spot.browser
    return csrf_token(spot.token or spot.browser or "")


def see_other(path: str) -> Answer:
    """Go there with GET. Only paths of ours."""
    if not path.startswith("/") or path.startswith("//"):
        raise ValueError("redirects stay on this site")
    return Redirect(path, status_code=HTTP_303_SEE_OTHER)


def page_above(app: Litestar, path: str) -> str:
    """The nearest address above `path` that shows a page; the landing page in the end."""
    parts = path.strip("/").split("/")
    shapes = [r.path_components for r in app.routes if isinstance(r, HTTPRoute) and "GET" in r.methods]
    for length in range(len(parts) - 1, 0, -1):
        if any(_fits(shape, parts[:length]) for shape in shapes):
            return "/" + "/".join(parts[:length])
    return "/"


def _fits(shape: Sequence[str | PathParameterDefinition], parts: Sequence[str]) -> bool:
    return len(shape) == len(parts) and all(
        component == part or not isinstance(component, str) for component, part in zip(shape, parts, strict=True)
    )


def sign_in(connection: Connection, token: str) -> None:
    """Give the browser its session; the browser's anonymous name is dropped."""
    session, browser = cookies.names(product_of(connection).settings)
    spot = spot_of(connection)
    spot.new_cookies[session] = token
    spot.dropped = [name for name in (*spot.dropped, browser) if name != session]


def sign_out(connection: Connection) -> None:
    """Take the session from the browser."""
    spot_of(connection).dropped.append(cookies.names(product_of(connection).settings)[0])
