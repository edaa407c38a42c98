"""The whole product over a clinic full of markers: every kind of message leaves, some cannot, and all is written down."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

from carepath import configuration
from carepath.app import prepare
from carepath.dev import runtime
from carepath.kit import clock, db, limits
from carepath.notifications.rules.kinds import KINDS
from carepath.settings import Settings
from tests.browser.stack import Stack, running
from tests.faulty_smtp import FaultySmtp, Mail, faulty_smtp
from tests.notifications.privacy import filling, planting, recording, subjects, visiting
from tests.notifications.privacy.markers import Field, Markers
from tests.notifications.privacy.ordering import Made, Trouble, order, settled
from tests.notifications.privacy.search import Own
from tests.notifications.privacy.visiting import Page


@dataclass(frozen=True, slots=True)
class Row:
    """A message as the database has it, and what a mail of it may show."""

    kind: str
    status: str
    reason: str
    attempts: int
    own: Own
    everything: str


@dataclass
class Evidence:
    """What was seen of it all. `made` are the messages that must be there; workers of the clinic wrote some more."""

    markers: Markers = field(default_factory=Markers)
    made: Made = field(default_factory=dict)
    rows: dict[UUID, Row] = field(default_factory=dict)
    mails: list[Mail] = field(default_factory=list)
    commands: list[str] = field(default_factory=list)  # to the mail server
    pages: list[Page] = field(default_factory=list)
    files: dict[str, str] = field(default_factory=dict)
    calendars: str = ""
    traffic: str = ""
    arguments: set[str] = field(default_factory=set)

    def row_of(self, mail: Mail) -> Row:
        """By its Message-ID, which is made of the row's id."""
        return self.rows[UUID(mail.message_id.partition("@")[0])]


@contextmanager
def product(folder: Path) -> Iterator[tuple[Stack, FaultySmtp]]:
    """Everything that `carepath up` runs, with a mail server that refuses what it is told to."""
    with faulty_smtp() as server, running(folder, SMTP_URL=f"smtp://127.0.0.1:{server.port}") as stack:
        yield stack, server


@asynccontextmanager
async def beside(stack: Stack, home: Settings) -> AsyncIterator[None]:
    """This process works on the product's database with the product's keys, and afterwards on its own again."""
    own = {name: value for name, value in stack.environment().items() if not name.endswith("_URL")}
    there = Settings.from_environment(runtime.complete(own))
    configuration.load(there.config_dir)
    await _move_to(there, 2)
    try:
        yield
    finally:
        await limits.close()
        await _move_to(home, 8)


async def _move_to(settings: Settings, connections: int) -> None:
    await db.stop_pool()
    prepare(settings)
    await db.start_pool(connections)


async def observe(stack: Stack, server: FaultySmtp) -> Evidence:
    """Live through it, and keep all that was said."""
    found = Evidence()
    with recording.Traffic(stack.runtime["redis_url"]) as traffic, recording.Arguments(stack) as arguments:
        await _set_up(found, server)
        await _until(lambda: settled(found.made), "every message to be settled")
        await _visit(found, stack, server)
        await _until(lambda: settled(found.made), "what was asked for on a page")
        await _until(_calendars_were_tried, "the calendars to be read")
        found.files = recording.files(stack)
    found.rows = await _rows()
    found.mails, found.commands = list(server.mails), [line for talk in server.dialogues for _at, line in talk.commands]
    found.traffic, found.arguments = traffic.text, arguments.seen
    found.calendars = "\n".join(str(r) for r in await db.rows("SELECT problem, notes::text FROM busy_feed"))
    return found


async def _until(done: Callable[[], Awaitable[bool]], what: str, seconds: float = 90) -> None:
    end = clock.wall() + timedelta(seconds=seconds)
    while not await done():
        assert clock.wall() < end, f"waited {seconds} s for {what}"
        await asyncio.sleep(0.3)


async def _set_up(found: Evidence, server: FaultySmtp) -> None:
    """In one transaction, so that no worker sees a clinic half full of markers."""
    lacking = set(KINDS) - set(subjects.RECIPES)
    assert not lacking, f"subjects.py does not say what {', '.join(sorted(lacking))} is about"
    now = clock.now()
    async with db.transaction():
        await _make_it_noon(now)
        await filling.fill(now)
        due = {kind: await subjects.RECIPES[kind](now) for kind in KINDS}
        await planting.plant(found.markers)
        found.made = {kind: await order(kind, subject, now) for kind, subject in due.items()}
        found.made |= await Trouble(found.markers, server, due, now).make()


async def _make_it_noon(now: datetime) -> None:
    """Wherever anybody is, so that what may wait for the end of the night need not."""
    ahead = 12 - now.astimezone(UTC).hour
    zone = f"Etc/GMT{-ahead:+d}"  # these count westwards
    for table in ("patient", "intake", "account"):
        await db.execute(f"UPDATE {table} SET zone = {{}}", zone)


async def _calendars_were_tried() -> bool:
    return not await db.rows("SELECT 1 FROM busy_feed WHERE tried_at IS NULL")


async def _visit(found: Evidence, stack: Stack, server: FaultySmtp) -> None:
    last = (await subjects.one("SELECT id FROM patient ORDER BY id DESC LIMIT 1"))["id"]
    broken = found.made["sealed-elsewhere"]
    whose = (await subjects.one("SELECT recipient_id AS id FROM message WHERE id = {}", broken))["id"]
    texts = [mail.parsed.get_body(("plain",)).get_content() for mail in list(server.mails)]
    found.pages += await visiting.follow(stack, texts)
    found.pages += await visiting.ask_for_link(stack, f"{found.markers.of('patient.email_enc', last)}@mail.example")
    found.pages.append(await visiting.break_down(stack, whose))
    asked = await subjects.one("SELECT id FROM message WHERE kind = 'sign-in' AND recipient_id = {}", last)
    found.made["asked for on a page"] = asked["id"]


async def _rows() -> dict[UUID, Row]:
    found = await db.rows(
        "SELECT id, kind, status, reason, attempts, recipient_kind, recipient_id, m::text AS everything FROM message m"
    )
    return {
        r["id"]: Row(
            r["kind"], r["status"], r["reason"], r["attempts"], _own(r["recipient_kind"], str(r["recipient_id"])),
            r["everything"],
        )
        for r in found
    }  # fmt: skip


def _own(recipient: str, row: str) -> Own:
    name = "name" if recipient == "account" else "first_name"
    return Own(Field(f"{recipient}.{name}_enc", row), Field(f"{recipient}.email_enc", row))
