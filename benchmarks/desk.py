"""The provider's desk among a million patients: a page against the shortest SQL of its rows, and as HTML over HTTP.

200,000 running plans with a hundred providers; the measured one has thousands of patients who need a look and as many
evaluations to decide. CAREPATH_BENCH_PATIENTS makes it another size, for a quick look.
"""

import asyncio
import os
import statistics
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from functools import partial
from uuid import UUID

import uvloop

from benchmarks import database, desk_clinic, web
from benchmarks.database import NOW, Place
from benchmarks.rows import PAIRS, Row
from benchmarks.scheduling import Work, row
from benchmarks.web import Client
from carepath.kit import clock
from carepath.kit.actor import Role, Scope
from carepath.web.provider.pending import read_mark, write_mark
from carepath.worklists import follow_ups, pending
from carepath.worklists.pending import Wanted

_PATIENTS = int(os.environ.get("CAREPATH_BENCH_PATIENTS", "1000000"))
_DEEP = 50
_TURNS = 200  # calls a measurement
_REQUESTS, _ROUNDS, _CLIENTS = 10, 8, 8
Marks = tuple[object, ...]


@dataclass(frozen=True, slots=True)
class List:
    """A list of the desk. `raw` fetches the rows of a page by key as they are kept, with their patients and nothing looked
    up beside them; `first` is the key before all. `page` answers the row ids of a page and what leads to the next one; `href` is its page, `{}` for that."""

    name: str
    raw: str
    key: tuple[str, ...]
    first: Marks
    page: Callable[[Scope, str | None], Awaitable[tuple[list[UUID], str | None]]]
    href: str


async def _follow_ups(scope: Scope, after: str | None) -> tuple[list[UUID], str | None]:
    found = await follow_ups.page(scope, "all", after, NOW)
    return [one.plan_id for one in found.rows], found.after


async def _pending(scope: Scope, after: str | None) -> tuple[list[UUID], str | None]:
    purpose = f"pending all {desk_clinic.WHO}"
    mark = read_mark(purpose, after) if after else None
    found = await pending.page(scope, Wanted("all", NOW.date(), NOW, NOW, mark))
    last = found.rows[-1].mark(backwards=False)
    return [one.evaluation_id for one in found.rows], write_mark(purpose, last) if found.has_after else None


def _walk(whose: str) -> str:
    return f"""(SELECT id, patient_id, practitioner_id, status, priority, rank, due_at, opened_at, escalations
        FROM evaluation WHERE {whose} AND (rank, due_at, opened_at, id) > ($2, $3, $4, $5)
        AND status IN ('requested', 'in-progress', 'on-hold')
        ORDER BY practitioner_id, rank, due_at, opened_at, id LIMIT 50)"""


LISTS = (
    List(
        "follow-ups",
        """SELECT t.*, p.first_name_enc, p.last_name_enc FROM (
               SELECT id, patient_id, attention, attention_at, route, phase, interval_days, status, runway_until,
                   labs_due_on, pdmp_due_on, standing, scores FROM treatment_plan
               WHERE practitioner_id = $1 AND attention < 9 AND (attention, attention_at, id) > ($2, $3, $4)
               ORDER BY attention, attention_at, id LIMIT 50) t JOIN patient p ON p.id = t.patient_id
           ORDER BY attention, attention_at, t.id""",
        ("attention", "attention_at", "id"), (-1, NOW, UUID(int=0)), _follow_ups, "/provider/follow-ups?after={}",
    ),
    List(
        "pending",
        f"""SELECT t.*, p.first_name_enc, p.last_name_enc, p.jurisdiction FROM (
               SELECT * FROM ({_walk("practitioner_id = $1")} UNION ALL {_walk("practitioner_id IS NULL")}) both_walks
               ORDER BY rank, due_at, opened_at, id LIMIT 50) t JOIN patient p ON p.id = t.patient_id
           ORDER BY rank, due_at, opened_at, t.id""",
        ("rank", "due_at", "opened_at", "id"), (-1, NOW, NOW, UUID(int=0)), _pending, "/provider/evaluations?at={}",
    ),
)  # fmt: skip


def rows() -> list[Row]:
    """All rows of this suite."""
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(_rows())


async def _rows() -> list[Row]:
    async with database.place() as where:
        await desk_clinic.seed(where, _PATIENTS)
        found: list[Row] = []
        deep: dict[str, str] = {}
        for one in LISTS:
            rows_of, deep[one.name] = await _against_sql(where, one)
            found += rows_of
        return [*found, *await _over_http(where, deep)]


async def _against_sql(where: Place, one: List) -> tuple[list[Row], str]:
    """Page 1 and page 50 against their SQL, and page 50 against page 1; with what leads to page 50."""
    scope = Scope(Role.PROVIDER, practitioner_id=desk_clinic.WHO)
    after, key = await _walked(where, scope, one)

    async def ours(mark: str | None) -> object:
        return await one.page(scope, mark)

    async def theirs(mark: Marks) -> object:
        return await where.raw.fetch(one.raw, desk_clinic.WHO, *mark)

    found = []
    for name, mark, raw in ((f"desk-{one.name}-1", None, one.first), (f"desk-{one.name}-{_DEEP}", after, key)):
        mine, limit = await _in_turn(partial(ours, mark), partial(theirs, raw))
        found.append(row(name, f"the shortest SQL of its 50 rows, among {_PATIENTS:,} patients", mine, limit, 3.0))
    deep, near = await _in_turn(partial(ours, after), partial(ours, None))
    found.append(row(f"desk-{one.name}-depth", f"page {_DEEP} against page 1", deep, near, 1.05))
    return found, after


async def _in_turn(one: Work, other: Work) -> tuple[list[float], list[float]]:
    """Milliseconds of each. Of page 50 against page 1 a few hundredths are asked about, less than a machine drifts from
    one measurement to the next: so the two take turns call by call, each as often the first as the second."""
    for work in (one, other):
        await work()
    found: tuple[list[float], list[float]] = ([], [])
    for _pair in range(PAIRS):
        spent = [0.0, 0.0]
        for turn in range(_TURNS):
            for side in (0, 1) if turn % 2 else (1, 0):
                begun = time.perf_counter()
                await (one, other)[side]()
                spent[side] += time.perf_counter() - begun
        for side in (0, 1):
            found[side].append(spent[side] * 1000 / _TURNS)
    return found


async def _walked(where: Place, scope: Scope, one: List) -> tuple[str, Marks]:
    """Page by page to page 50, on both sides: the same rows, and what leads there."""
    after: str | None = None
    key = one.first
    for _page in range(_DEEP - 1):
        raw = await where.raw.fetch(one.raw, desk_clinic.WHO, *key)
        ids, after = await one.page(scope, after)
        assert ids == [r["id"] for r in raw], "both sides read the same rows"
        key = tuple(raw[-1][name] for name in one.key)
    assert after is not None
    return after, key


async def _over_http(where: Place, deep: dict[str, str]) -> list[Row]:
    """HTML of 50 rows from the deployed web process, to a provider who is signed in, against its /healthz, which does
    nothing: requests a second at eight clients."""
    async with web.served(where) as port:
        token = await desk_clinic.session_of(where, clock.now())
        clients = [Client(port, token) for _n in range(_CLIENTS)]
        found = [await _http_row(clients, one, one.href.format(deep[one.name])) for one in LISTS]
        for client in clients:
            await client.close()
        return found


async def _http_row(clients: Sequence[Client], one: List, path: str) -> Row:
    await clients[0].get(path)
    assert clients[0].said.count(b'<li class="rail-') == 50, "50 rows"
    rates = await _rates(clients, path)
    ratio = statistics.median(a / b for a, b in rates)
    ours, theirs = (statistics.median(each) for each in zip(*rates, strict=True))
    return Row(
        f"desk-{one.name}-http", "pages/s", round(ours, 1), "/healthz of the same process (at least)", round(theirs, 1),
        round(ratio, 4), 0.1, ratio >= 0.1, PAIRS,
    )  # fmt: skip


async def _rates(clients: Sequence[Client], path: str) -> list[tuple[float, float]]:
    """Requests a second of `path` and of /healthz, in short turns, about as long for the one as for the other."""
    for warm in (path, "/healthz"):
        await _seconds(clients, warm, _REQUESTS)
    found = []
    for _pair in range(PAIRS):
        spent, idle = 0.0, 0.0
        for _turn in range(_ROUNDS):
            spent += await _seconds(clients, path, _REQUESTS)
            idle += await _seconds(clients, "/healthz", _REQUESTS * 10)
        asked = _ROUNDS * _REQUESTS * len(clients)
        found.append((asked / spent, asked * 10 / idle))
    return found


async def _seconds(clients: Sequence[Client], path: str, requests: int) -> float:
    async def ask(client: Client) -> None:
        for _n in range(requests):
            if await client.get(path) != 200:
                raise RuntimeError(f"{path} did not answer")

    begun = time.perf_counter()
    await asyncio.gather(*(ask(client) for client in clients))
    return time.perf_counter() - begun
