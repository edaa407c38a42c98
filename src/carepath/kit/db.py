"""PostgreSQL: one engine, one pool per process, explicit transactions."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from contextvars import ContextVar
from functools import lru_cache
from string import Formatter
from typing import Any, Literal
from urllib.parse import unquote, urlsplit

import asyncpg
from piccolo.engine.postgres import PostgresEngine, PostgresTransaction


class Tx(PostgresTransaction):
    """A transaction that always gives its connection back.

    Piccolo's own loses the connection when COMMIT or ROLLBACK fails; four such failures would
    empty a pool of four and stop the clinic. It also takes for done what was not: PostgreSQL answers the COMMIT of a
    transaction that failed with ROLLBACK and no error.

    One that `undoes_parts` keeps each transaction that joins it apart by a savepoint: what a part wrote goes away
    with the part's own failure, as if it had been alone.
    """

    undoes_parts = False
    is_part = False

    async def __aenter__(self) -> "Tx":
        if self._parent is not None:
            self.is_part = bool(getattr(self._parent, "undoes_parts", False))
            if self.is_part:
                await self._parent.connection.execute("SAVEPOINT part")
            return self._parent  # type: ignore[return-value]
        self.connection = await self.get_connection()
        try:
            await self.connection.execute("BEGIN")
        except BaseException:
            await self._give_back()
            raise
        self.context = self.engine.current_transaction.set(self)
        return self

    async def commit(self) -> None:
        """InFailedSQLTransactionError if nothing was kept, because an earlier failure was passed over."""
        if await self.connection.execute("COMMIT") != "COMMIT":
            raise asyncpg.InFailedSQLTransactionError("the transaction had failed; nothing of it is kept")
        self._committed = True

    async def rollback(self) -> None:
        """Undo it all."""
        await self.connection.execute("ROLLBACK")
        self._rolled_back = True

    async def _give_back(self) -> None:
        if self.engine.pool:
            await self.engine.pool.release(self.connection)  # shields itself: a cancelled task still gives back
        else:
            await self.connection.close()

    async def __aexit__(self, kind: object, error: object, trace: object) -> Literal[False]:
        if self._parent:
            await self._end_part(error)
            return False
        try:
            if error is not None:
                if not self._rolled_back:
                    await self.rollback()
            elif not self._committed and not self._rolled_back:
                await self.commit()
        finally:
            self.engine.current_transaction.reset(self.context)
            await self._give_back()
        return False

    async def _end_part(self, error: object) -> None:
        """Savepoints of one name nest: the newest is meant. A cancelled part leaves all to the whole's rollback."""
        whole = self._parent
        if whole is not None and self.is_part and (error is None or isinstance(error, Exception)):
            if error is not None:
                await whole.connection.execute("ROLLBACK TO SAVEPOINT part")
            await whole.connection.execute("RELEASE SAVEPOINT part")


class Engine(PostgresEngine):
    """Piccolo's engine without its connection at import: extensions belong to migrations."""

    def transaction(self, allow_nested: bool = True) -> Tx:
        return Tx(engine=self, allow_nested=allow_nested)

    async def check_version(self) -> None:
        """Nothing at import; `doctor` looks at the version."""

    async def prep_database(self) -> None:
        """Nothing at import."""


UNREACHABLE: tuple[type[Exception], ...] = (asyncpg.PostgresError, asyncpg.InterfaceError, OSError, TimeoutError)

DB = Engine(config={}, extensions=())
_PATIENCE = 20  # seconds for any one statement


def connection_options(url: str) -> dict[str, Any]:
    """asyncpg's arguments for a postgresql:// URL. ValueError when it is not one."""
    parts = urlsplit(url)
    if parts.scheme not in {"postgres", "postgresql"} or not parts.path.strip("/"):
        raise ValueError("DATABASE_URL is written postgresql://name:password@host:port/database")
    options: dict[str, Any] = {
        "host": parts.hostname or "localhost",
        "port": parts.port or 5432,
        "user": unquote(parts.username or "postgres"),
        "database": unquote(parts.path.strip("/")),
    }
    if parts.password:
        options["password"] = unquote(parts.password)
    if parts.hostname in {"localhost", "127.0.0.1", "::1"}:
        options["ssl"] = False  # loopback: saves the TLS question on every new connection
    if "sslmode=" in parts.query:
        options["ssl"] = parts.query.partition("sslmode=")[2].partition("&")[0]
    return options


def configure(url: str) -> None:
    """Point the engine at `url`. Opens nothing."""
    DB.config = connection_options(url)


async def start_pool(max_size: int = 8) -> None:
    """Open the process's pool. More than about eight connections a process made it slower, not faster."""
    await DB.start_connection_pool(
        min_size=1, max_size=max_size, command_timeout=_PATIENCE, reset=_nothing_to_reset, init=settle
    )


async def settle(connection: Any) -> None:
    """What holds for every connection of ours.

    What this process held (turns, keys, rows) is free again soon after it was killed or froze: the server ends a
    statement that nobody waits for any more, and a transaction that nobody goes on with. The longest that one of ours
    rests is while a re-plan is worked out under an Idempotency-Key, some seconds; whoever waits has more patience.

    A page of a list is a walk along an index. Where pages of a disk cost four times as much out of order, as on the
    disks for which that is the default, the database would rather sort all that somebody has.
    """
    settings = {
        "client_connection_check_interval": "2s",
        "idle_in_transaction_session_timeout": f"{_PATIENCE - 5}s",
        "transaction_timeout": f"{3 * _PATIENCE}s",
        "random_page_cost": "1.1",
    }
    await connection.execute(
        "SELECT set_config(name, value, false) FROM unnest($1::text[], $2::text[]) wanted (name, value)"
        " JOIN pg_settings USING (name)",  # not every version of PostgreSQL has them all
        list(settings), list(settings.values()),
    )  # fmt: skip


async def _nothing_to_reset(connection: object) -> None:
    """Given back as it is: every lock and setting of ours ends with its transaction, and the driver's own clean-up
    is a round trip a request."""


async def stop_pool() -> None:
    """Close the pool."""
    await DB.close_connection_pool()


def transaction(undoes_parts: bool = False) -> Tx:
    """`async with transaction():` joins the transaction that is open in this task, or opens one.

    With `undoes_parts`, the one it opens keeps those that join it apart: see `Tx`.
    """
    found = DB.transaction()
    found.undoes_parts = undoes_parts
    return found


def can_repeat() -> bool:
    """Whether work in this task can be undone and done again: outside any transaction, or as a part of its own."""
    current = DB.current_transaction.get()
    return current is None or bool(getattr(current, "undoes_parts", False))


@lru_cache(maxsize=4096)
def _numbered(sql: str) -> str:
    """`{}` for each argument becomes $1, $2 and so on; a text that numbers its own stays as it is. Kept, since the
    texts are constants of queries."""
    if "$1" in sql:
        return sql
    parts, number = [], 0
    for text, field, _spec, _conversion in Formatter().parse(sql):  # a literal brace is a part without a field
        number += field is not None
        parts.append(text if field is None else f"{text}${number}")
    return "".join(parts)


_held: ContextVar[Any] = ContextVar("held", default=None)


@asynccontextmanager
async def one_connection() -> AsyncIterator[None]:
    """For several reads after one another: one connection, taken once, without a transaction. To open one inside would
    take a second connection while this one waits."""
    if DB.pool is None or DB.current_transaction.get() is not None:
        yield
        return
    async with DB.pool.acquire() as connection:
        mark = _held.set(connection)
        try:
            yield
        finally:
            _held.reset(mark)


async def records(sql: str, *args: object) -> list[Any]:
    """Run `sql` with `{}` for each argument and answer its rows as the driver has them: read by name, copied into
    nothing. In the transaction that is open in this task, else on a connection of the pool."""
    query, current = _numbered(sql), DB.current_transaction.get()
    connection = current.connection if current is not None else _held.get()
    if connection is not None:
        return list(await connection.fetch(query, *args))
    if DB.pool is None:
        return list(await DB._run_in_new_connection(query, list(args)) or [])
    async with DB.pool.acquire() as connection:
        return list(await connection.fetch(query, *args))


async def rows(sql: str, *args: object) -> list[dict[str, Any]]:
    """Run `sql` with `{}` for each argument and answer its rows."""
    return [dict(found) for found in await records(sql, *args)]


async def row(sql: str, *args: object) -> dict[str, Any] | None:
    """The first row, or None."""
    found = await records(sql, *args)
    return dict(found[0]) if found else None


async def execute(sql: str, *args: object) -> None:
    """Run `sql` for its effect."""
    await records(sql, *args)


async def script(sql: str) -> None:
    """Run several statements as they stand, inside the open transaction. For migrations only."""
    current = DB.current_transaction.get()
    if current is None:
        raise RuntimeError("a script runs inside a transaction")
    await current.connection.execute(sql)
