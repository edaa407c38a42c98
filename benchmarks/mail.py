"""Ten thousand reminders through two worker processes to Debian's smtp-sink, and claiming them among ten million."""

import asyncio
import os
import shutil
import signal
import smtplib
import statistics
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from datetime import timedelta
from uuid import UUID

from benchmarks import database
from benchmarks.database import NOW, Place
from benchmarks.rows import Row
from carepath import configuration
from carepath.dev import servers
from carepath.journey import tell
from carepath.kit import clock, crypto
from carepath.kit.actor import SYSTEM
from carepath.notifications import outbox_queries
from carepath.notifications.rules import timing
from carepath.notifications.service import Letter
from carepath.settings import ROOT, config_dir_of

_DUE = 10_000
_PAST = 10_000_000
_ROUNDS = 5
_MOST_SECONDS = 7.0
_PATIENCE = 120


def rows() -> list[Row]:
    """All rows of this suite."""
    return asyncio.run(_rows())


async def _rows() -> list[Row]:
    found: list[Row] = []
    sink = shutil.which("smtp-sink", path=os.environ.get("PATH", "") + ":/usr/sbin:/usr/local/sbin")
    async with database.place() as where:
        if sink is None:
            found += [_absent("mail-rate", 1.0), _absent("mail-pump", 0.25)]
        else:
            found += await _sending(where, sink)
        found.append(await _claiming(where))
    return found


def _absent(name: str, target: float) -> Row:
    return Row(name, "", None, "smtp-sink is not installed (Debian: postfix)", None, None, target, None, 0)


async def _sending(where: Place, sink: str) -> list[Row]:
    await _due(where)
    ours, pumped = [], []
    port = servers.free_port()
    with _sinking(sink, port):
        ready = await _ready_mail()
        async with _worked(where, port) as wake:
            for number in range(_ROUNDS + 1):
                seconds = await _drained(where, wake)
                other = await asyncio.to_thread(_pump, port, ready)
                if number:  # the first round warms everything up
                    ours.append(seconds)
                    pumped.append(other)
    took = statistics.median(ours)
    share = statistics.median((_DUE / a) / b for a, b in zip(ours, pumped, strict=True))
    return [
        Row("mail-rate", "s", round(took, 2), f"{_DUE:,} reminders, two worker processes (at most)", _MOST_SECONDS,
            round(took / _MOST_SECONDS, 4), 1.0, took <= _MOST_SECONDS, _ROUNDS),
        Row("mail-pump", "mails/s", round(_DUE / took), "one connection pumping ready bytes (at least)",
            round(statistics.median(pumped)), round(share, 4), 0.25, share >= 0.25, _ROUNDS),
    ]  # fmt: skip


@contextmanager
def _sinking(sink: str, port: int) -> Iterator[None]:
    user = ["-u", "nobody"] if os.geteuid() == 0 else []
    process = subprocess.Popen([sink, *user, f"127.0.0.1:{port}", "1000"], stderr=subprocess.DEVNULL)
    try:
        yield
    finally:
        process.terminate()
        process.wait()


@asynccontextmanager
async def _worked(where: Place, port: int) -> AsyncIterator["Wake"]:
    """The deployed worker with its two processes, woken by hand: what a tick of beat does."""
    redis = await asyncio.to_thread(servers.start_valkey, where.data_dir)
    environment = {**where.environment(redis.url, servers.free_port()), "SMTP_URL": f"smtp://127.0.0.1:{port}"}
    worker = subprocess.Popen(  # noqa: ASYNC220 - starting it is quick
        [sys.executable, "-m", "carepath.cli", "worker"],
        env={**os.environ, **environment, "PYTHONPATH": "src:."}, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        start_new_session=True,
    )  # fmt: skip
    try:
        yield Wake(environment)
    finally:
        os.killpg(worker.pid, signal.SIGTERM)
        await asyncio.to_thread(worker.wait)
        await asyncio.to_thread(redis.stop)


class Wake:
    """Sends the worker what beat sends it."""

    def __init__(self, environment: dict[str, str]) -> None:
        os.environ.update(environment)
        from workers.app import app  # its settings are those of the environment

        self.app = app

    def __call__(self) -> None:
        """One drain for each process."""
        for _process in range(2):
            self.app.send_task("workers.messages.drain", expires=2)


async def _due(where: Place) -> None:
    """Ten thousand patients with a visit to come, of whom each is to be reminded now, at night as well."""
    await database.people(where, 50)
    await where.raw.execute(
        """INSERT INTO patient (id, email_index, email_enc, first_name_enc, last_name_enc, birth_date_enc, jurisdiction,
               zone, email_proved_at, created_at)
           SELECT id, decode(md5(id::text), 'hex'), email, first, last, born, 'CO', 'America/Denver', $6, $6
           FROM unnest($1::uuid[], $2::bytea[], $3::bytea[], $4::bytea[], $5::bytea[]) p (id, email, first, last, born)""",
        *_patients(), NOW,
    )  # fmt: skip
    await where.raw.execute(_VISITS, clock.wall())  # the worker reads true time
    await where.raw.execute(_MESSAGES, NOW)
    await where.raw.execute("VACUUM ANALYZE")


def _patients() -> tuple[list[UUID], list[bytes], list[bytes], list[bytes], list[bytes]]:
    ids = [UUID(int=n + 1) for n in range(_DUE)]

    def sealed(column: str, words: str) -> list[bytes]:
        return [crypto.seal(words.format(n=n), f"patient.{column}:{one}") for n, one in enumerate(ids)]

    return (
        ids, sealed("email_enc", "patient{n}@example.org"), sealed("first_name_enc", "Rowan"),
        sealed("last_name_enc", "Winter"), sealed("birth_date_enc", "1980-01-01"),
    )  # fmt: skip


_VISITS = """
INSERT INTO appointment (id, practitioner_id, patient_id, visit_type, status, start_at, end_at, occupied, jurisdiction,
    patient_zone, room, created_at, updated_at)
SELECT md5('v' || n)::uuid, md5('p' || 1 + n % 50)::uuid, lpad(to_hex(n), 32, '0')::uuid, 'evaluation', 'booked', at,
    at + interval '45 minutes', tstzrange(at, at + interval '60 minutes'), 'CO', 'America/Denver',
    'https://meet.example/x', $1, $1
FROM generate_series(1, 10000) n, LATERAL (SELECT $1::timestamptz + (25 + n / 50) * interval '1 hour' AS at) a
"""
_MESSAGES = """
INSERT INTO message (id, kind, recipient_kind, recipient_id, subject, subject_id, subject_version, due_at, useful_until,
    urgency, status, next_try_at, created_at, updated_at)
SELECT gen_random_uuid(), 'consult-reminder-1h', 'patient', patient_id, 'appointment', id, 1, $1, start_at, 1, 'queued',
    $1, $1, $1 FROM appointment
"""
_AGAIN = """
UPDATE message SET status = 'queued', sent_at = NULL, attempts = 0, lease_until = NULL, due_at = $1, next_try_at = $1,
    useful_until = $2 WHERE recipient_kind = 'patient'
"""


async def _drained(where: Place, wake: Wake) -> float:
    """Seconds from the first tick until all are sent."""
    await where.raw.execute(_AGAIN, NOW, NOW + timedelta(days=3650))
    await where.raw.execute("VACUUM message")
    begun = time.perf_counter()
    woken = begun - 1
    while await where.raw.fetchval("SELECT EXISTS (SELECT FROM message WHERE status IN ('queued', 'sending'))"):
        if time.perf_counter() > woken + 1:
            woken = time.perf_counter()
            wake()
        await asyncio.sleep(0.02)
        if time.perf_counter() - begun > _PATIENCE:
            raise RuntimeError(f"not all were sent within {_PATIENCE} s")
    seconds = time.perf_counter() - begun
    sent = await where.raw.fetchval("SELECT count(*) FROM message WHERE status = 'sent'")
    if sent != _DUE:
        raise RuntimeError(f"{sent} of {_DUE} were sent")
    return seconds


async def _ready_mail() -> bytes:
    """The bytes of one such reminder, as the product prints it."""
    loaded = configuration.load(config_dir_of({}))
    templates = ROOT / "templates"
    printer = tell.printer_of("http://127.0.0.1", loaded.clinic, templates, None)
    desk = tell.desk_of("http://127.0.0.1", loaded.clinic)
    (message,) = await outbox_queries.claim(SYSTEM.scope, 1, NOW, NOW)
    found = (await desk.letters([message], NOW))[message.id]
    if not isinstance(found, Letter):
        raise RuntimeError(f"no letter but {found}")
    return printer.print(found, message.id, NOW)


def _pump(port: int, ready: bytes, mails: int = 4_000) -> float:
    """Mails a second of the same bytes, again and again, over one connection."""
    with smtplib.SMTP("127.0.0.1", port) as server:
        server.ehlo()
        begun = time.perf_counter()
        for _n in range(mails):
            server.mail("care@example.org")
            server.rcpt("patient@example.org")
            server.data(ready)
        return mails / (time.perf_counter() - begun)


async def _claiming(where: Place) -> Row:
    """The claim of ten thousand due rows among ten million past ones, against the shortest SQL that does it."""
    await _past(where)
    ours, raw = [], []
    for number in range(_ROUNDS + 1):
        mine = await _undone(where, lambda: where.raw.fetch(outbox_queries.CLAIM, NOW, _DUE, NOW + timing.LEASE))
        other = await _undone(where, lambda: where.raw.fetch(_RAW, NOW, _DUE))
        if number:
            ours.append(mine)
            raw.append(other)
    ratio = statistics.median(a / b for a, b in zip(ours, raw, strict=True))
    return Row(
        "mail-claim", "ms", round(statistics.median(ours), 1), f"raw SQL, {_DUE:,} of {_PAST:,} past rows",
        round(statistics.median(raw), 1), round(ratio, 4), 1.3, ratio <= 1.3, _ROUNDS,
    )  # fmt: skip


_RAW = """
UPDATE message SET status = 'sending', lease_until = $1 WHERE id IN (
    SELECT id FROM message WHERE status = 'queued' AND lane IS NULL AND urgency = 1 AND due_at <= $1
    ORDER BY due_at, id LIMIT $2 FOR UPDATE SKIP LOCKED) RETURNING *"""
_HISTORY = """
INSERT INTO message (id, kind, recipient_kind, recipient_id, subject, subject_id, subject_version, due_at, useful_until,
    urgency, status, next_try_at, sent_at, created_at, updated_at)
SELECT gen_random_uuid(), 'consult-reminder-24h', 'patient', gen_random_uuid(), 'appointment', gen_random_uuid(), 1,
    at, at + interval '1 day', 1, 'sent', at, at, at, at
FROM generate_series(1, $2::int) n, LATERAL (SELECT $1::timestamptz - n * interval '10 seconds' AS at) a
"""


async def _past(where: Place) -> None:
    """Ten million sent messages, and ten thousand that are due. The indexes are made afterwards, which is quicker."""
    await where.raw.execute("TRUNCATE message")
    indexes = await where.raw.fetch(
        """SELECT indexname, indexdef FROM pg_indexes WHERE tablename = 'message'
           AND indexname NOT IN (SELECT conname FROM pg_constraint)"""
    )
    await where.raw.execute("ALTER TABLE message DROP CONSTRAINT message_once")
    for one in indexes:
        await where.raw.execute(f"DROP INDEX {one['indexname']}")
    await where.raw.execute(_HISTORY, NOW, _PAST)
    await where.raw.execute(_DUE_ROWS, NOW, _DUE)
    for one in indexes:
        await where.raw.execute(one["indexdef"])
    await where.raw.execute(_ONCE)
    await where.raw.execute("VACUUM ANALYZE message")


_ONCE = """
ALTER TABLE message ADD CONSTRAINT message_once
    UNIQUE (subject, subject_id, subject_version, kind, recipient_id, copy)"""
_DUE_ROWS = _HISTORY.replace("'sent', at, at, at, at", "'queued', at, NULL, at, at")


async def _undone(where: Place, work: Callable[[], Awaitable[object]]) -> float:
    """Milliseconds of some work in a transaction that is rolled back."""
    change = where.raw.transaction()
    await change.start()
    begun = time.perf_counter()
    await work()
    took = (time.perf_counter() - begun) * 1000
    await change.rollback()
    return took
