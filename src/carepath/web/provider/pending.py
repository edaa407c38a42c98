"""The evaluations to decide, a page at a time."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from litestar import get

from carepath.journey import evaluate
from carepath.kit import clock, cursors
from carepath.kit.errors import Invalid
from carepath.kit.words import _
from carepath.web.pages import page
from carepath.web.provider.pending_views import PATH, RowView, row_view
from carepath.web.wire import Answer, Req, actor_of, own_zone
from carepath.worklists.pending import FILTERS, Mark, PendingPage, PendingRow

_FILTER_WORDS = {
    "all": _("All"), "mine": _("Mine"), "unclaimed": _("Nobody's yet"), "urgent": _("Urgent"),
    "waiting": _("Waiting for the patient"), "today": _("Consult today"),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class ListView:
    """A page of the list; `filters` are (address, words, is it this one)."""

    filters: tuple[tuple[str, str, bool], ...]
    rows: tuple[RowView, ...]
    first: str | None
    before: str | None
    after: str | None
    notice: str


@get(PATH)
async def pending(request: Req) -> Answer:
    """Whom to look at first, and why. An address that was tampered with shows the beginning, and says so."""
    asked, now, zone = request.query_params.get("show", "all"), clock.now(), own_zone(request)
    show = asked if asked in FILTERS else "all"
    at = request.query_params.get("at", "")
    purpose = _purpose(request, show)
    mark = read_mark(purpose, at)
    found = await evaluate.pending(actor_of(request), show, mark, zone, now)
    is_odd = show != asked or (at != "" and mark is None)
    notice = _("This address leads nowhere any more. Here is the beginning of the list.") if is_odd else ""
    return page(request, "provider/pending.html", shown=_view(found, show, purpose, mark, notice, zone, now))


def _purpose(request: Req, show: str) -> str:
    return f"pending {show} {actor_of(request).practitioner_id}"


def write_mark(purpose: str, mark: Mark) -> str:
    """A place in the list, for an address."""
    way = "before" if mark.backwards else "after"
    key = (way, mark.rank, mark.due_at.isoformat(), mark.opened_at.isoformat(), str(mark.id))
    return cursors.write(purpose, key)


def read_mark(purpose: str, text: str) -> Mark | None:
    """The place, or None for a text that is not ours."""
    try:
        way, rank, due_at, opened_at, row_id = (str(part) for part in cursors.read(purpose, text))
    except Invalid:
        return None
    return Mark(
        way == "before", int(rank), datetime.fromisoformat(due_at), datetime.fromisoformat(opened_at), UUID(row_id)
    )


def _view(
    found: PendingPage, show: str, purpose: str, mark: Mark | None, notice: str, zone: str, now: datetime
) -> ListView:  # fmt: skip
    rows = found.rows

    def at(row: PendingRow, backwards: bool) -> str:
        return f"{PATH}?show={show}&at={write_mark(purpose, row.mark(backwards))}"

    return ListView(
        tuple((f"{PATH}?show={one}", _FILTER_WORDS[one], one == show) for one in FILTERS),
        tuple(row_view(row, zone, now) for row in rows),
        f"{PATH}?show={show}" if found.has_before else None,
        at(rows[0], True) if rows and found.has_before else None,
        at(rows[-1], False) if rows and found.has_after else None,
        notice,
    )  # fmt: skip


ROUTES = [pending]
