"""Before the first page: schema, and a fictitious clinic in an empty database."""

import asyncio
import sys
from collections.abc import Callable

from carepath import configuration
from carepath.app import prepare as point_at
from carepath.dev import clinic
from carepath.dev.runtime import SignIn
from carepath.kit import clock, db
from carepath.kit.errors import Refused
from carepath.migrations import run as migrations
from carepath.questionnaires import service as questionnaires
from carepath.settings import Settings

DEMO_PATIENTS, DEMO_SEED = 40, 1


def prepare(environment: dict[str, str]) -> list[SignIn]:
    """Migrate, and seed when nothing is there; answers the demo sign-ins when the demo clinic is what runs."""
    settings = Settings.from_environment(environment)
    return asyncio.run(_prepare(settings))


async def _prepare(settings: Settings) -> list[SignIn]:
    configuration.load(settings.config_dir)
    await migrations.forwards(settings.database_url)
    if await _is_empty(settings):
        await seed(settings, DEMO_PATIENTS, DEMO_SEED)
    point_at(settings)
    await db.start_pool(max_size=1)
    try:
        return await clinic.sign_ins_present(DEMO_SEED)
    finally:
        await db.stop_pool()


async def _is_empty(settings: Settings) -> bool:
    point_at(settings)
    await db.start_pool(max_size=1)
    try:
        return not await clinic.has_people()
    finally:
        await db.stop_pool()


async def seed(settings: Settings, patients: int, seed_number: int) -> None:
    """The fictitious clinic, the same for the same numbers. Refused where people already are, and in production."""
    if settings.is_production:
        raise Refused("The fictitious clinic is for development only.")
    loaded = configuration.load(settings.config_dir)
    point_at(settings)
    await db.start_pool(max_size=4)
    try:
        if await clinic.has_people():
            raise Refused("This database already has a clinic in it; seed an empty one.")
        await questionnaires.register_all(clock.now())
        await clinic.seed(patients, seed_number, loaded.intake, clock.now(), _progress("Fictitious patients"))
    finally:
        await db.stop_pool()


def _progress(what: str) -> Callable[[int, int], None]:
    """A line that grows on a terminal, a line at the end elsewhere."""

    def show(done: int, total: int) -> None:
        if sys.stdout.isatty():
            print(f"\r{what}: {done} of {total}", end="\n" if done == total else "", flush=True)
        elif done == total or done % 10 == 0:
            print(f"{what}: {done} of {total}", flush=True)

    return show
