"""A database of its own for the benchmarks, with a clinic of any size in it."""

import asyncio
import base64
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import asyncpg

from carepath.app import settle_memory
from carepath.dev import servers
from carepath.kit import crypto, db
from carepath.migrations import run
from carepath.scheduling import catalogue
from carepath.settings import config_dir_of

NOW = datetime(2026, 11, 2, 12, 0, tzinfo=UTC)  # a Monday after the clocks have gone back
ZONES = ("America/New_York", "America/Chicago", "America/Denver", "America/Los_Angeles", "America/Phoenix")


_KEYS, _SECRET = f"1:{base64.b64encode(bytes(32)).decode()}", "a secret for benchmarks only, long enough"


@dataclass(frozen=True, slots=True)
class Place:
    """A running, migrated, empty database. `raw` is a plain connection, for the other side of a comparison."""

    url: str
    data_dir: Path
    raw: asyncpg.Connection

    def environment(self, redis_url: str, port: int) -> dict[str, str]:
        """What the product needs to be served from here."""
        return {
            "DATABASE_URL": self.url, "REDIS_URL": redis_url, "SMTP_URL": "smtp://127.0.0.1:9", "PORT": str(port),
            "SECRET_KEY": _SECRET, "PHI_KEYS": _KEYS, "CAREPATH_DATA_DIR": str(self.data_dir),
            "PUBLIC_BASE_URL": f"http://127.0.0.1:{port}", "ALLOWED_HOSTS": "127.0.0.1",
        }  # fmt: skip


@asynccontextmanager
async def place(pool: int = 8) -> AsyncIterator[Place]:
    """Start PostgreSQL with the product's own settings, migrate, open the pool, and end it all again."""
    with tempfile.TemporaryDirectory(prefix="carepath-bench-") as name:
        server = await asyncio.to_thread(servers.start_postgres, Path(name))
        try:
            crypto.configure(_KEYS, _SECRET)
            catalogue.configure(catalogue.load(config_dir_of({})))
            await run.forwards(server.url)
            await db.start_pool(max_size=pool)
            settle_memory()
            raw = await asyncpg.connect(**db.connection_options(server.url))
            await db.settle(raw)
            yield Place(server.url, Path(name), raw)
            await raw.close()
            await db.stop_pool()
        finally:
            await asyncio.to_thread(server.stop)


_PEOPLE = """
INSERT INTO practitioner (id, name, credential, zone, created_at)
SELECT md5('p' || n)::uuid, 'Provider ' || lpad(n::text, 3, '0'), 'MD', ($2::text[])[1 + n % 5], $3
FROM generate_series(1, $1) n;
"""
_REST = """
INSERT INTO opening_hours (id, practitioner_id, weekday, opens, closes, valid_from)
SELECT gen_random_uuid(), id, weekday, '09:00', '17:00', '2020-01-01'
FROM practitioner, generate_series(0, 5) weekday;
INSERT INTO licence (id, practitioner_id, jurisdiction, valid_from)
SELECT gen_random_uuid(), id, 'CO', '2020-01-01' FROM practitioner;
"""
_PATIENT = """
INSERT INTO patient (id, email_index, email_enc, first_name_enc, last_name_enc, birth_date_enc, jurisdiction, zone,
    email_proved_at, created_at)
SELECT md5('q' || n)::uuid, decode(md5('q' || n), 'hex'), '', '', '', '', 'CO', 'America/Denver', $2, $2
FROM generate_series(1, $1) n
"""
# Three visits a day of each provider, 9:00, 11:00 and 14:00 of the wall clock, on days after (or, for history, before) now.
_VISITS = """
INSERT INTO appointment (id, practitioner_id, patient_id, visit_type, status, start_at, end_at, occupied, jurisdiction,
    patient_zone, room, created_at, updated_at)
SELECT gen_random_uuid(), p.id, gen_random_uuid(), 'evaluation', $4, at, at + interval '45 minutes',
    tstzrange(at, at + interval '60 minutes'), 'CO', 'America/Denver', 'https://meet.example/x', $1, $1
FROM practitioner p, generate_series($2::int, $3::int) day, unnest(ARRAY[9, 11, 14]) hour,
    LATERAL (SELECT ($1::date + day + make_time(hour, 0, 0)) AT TIME ZONE p.zone AS at) a
"""


async def people(where: Place, practitioners: int) -> list[UUID]:
    """That many providers, open Monday to Saturday nine to five, licensed in Colorado. Answers their ids."""
    await where.raw.execute("SET session_replication_role = replica")  # patients of filler visits do not exist
    await where.raw.execute("TRUNCATE practitioner, patient CASCADE")
    await where.raw.execute(_PEOPLE.strip().rstrip(";"), practitioners, list(ZONES), NOW)
    await where.raw.execute(_REST)
    return [r["id"] for r in await where.raw.fetch("SELECT id FROM practitioner ORDER BY name")]


async def patients(where: Place, count: int) -> list[UUID]:
    """That many patients without names."""
    await where.raw.execute(_PATIENT, count, NOW)
    return [r["id"] for r in await where.raw.fetch("SELECT id FROM patient WHERE email_enc = '' ORDER BY id")]


async def visits(where: Place, first_day: int, last_day: int, status: str = "booked") -> None:
    """Three visits a day for every provider."""
    await where.raw.execute(_VISITS, NOW, first_day, last_day, status)
    await where.raw.execute("VACUUM ANALYZE appointment")
