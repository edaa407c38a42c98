"""Prints who of the demo clinic was found suitable and waits for a plan: `python -m tests.browser.planless`.

`forget` makes what is remembered of sign-ins forgotten: weeks of the product's time lie between two of them, yet only
seconds on the wall, by which one-time codes go, each good once, and the limits on tries.
"""

import asyncio
import json
import os
import sys

import asyncpg
from redis.asyncio import Redis

from carepath.accounts import service as accounts
from carepath.app import prepare
from carepath.dev import runtime
from carepath.kit import db
from carepath.kit.actor import SYSTEM
from carepath.settings import Settings


async def found() -> dict[str, str]:
    """Who waits for a plan, and whose patient they are."""
    row = await db.row(
        """SELECT e.patient_id, p.name, p.zone FROM evaluation e
           JOIN appointment a ON a.patient_id = e.patient_id AND a.status = 'fulfilled'
           JOIN practitioner p ON p.id = a.practitioner_id
           WHERE e.outcome = 'suitable' AND NOT EXISTS (SELECT 1 FROM treatment_plan t WHERE t.patient_id = e.patient_id)
           ORDER BY e.patient_id LIMIT 1"""
    )
    assert row is not None
    patient = await accounts.patient(SYSTEM, row["patient_id"])
    whose = {"provider": str(row["name"]), "zone": str(row["zone"])}
    return {"id": str(patient.id), "name": patient.name, "email": patient.email, **whose}


async def forget(database_url: str, redis_url: str) -> None:
    """The codes that were used, and how often it was tried."""
    database = await asyncpg.connect(**db.connection_options(database_url))
    await database.execute("UPDATE account SET totp_last_step = 0")
    await database.close()
    async with Redis.from_url(redis_url) as valkey:
        async for key in valkey.scan_iter("limit:*"):
            await valkey.delete(key)


async def main() -> None:
    prepare(Settings.from_environment(runtime.complete(os.environ)))
    sys.stdout.write(json.dumps(await found()))


if __name__ == "__main__":
    asyncio.run(main())
