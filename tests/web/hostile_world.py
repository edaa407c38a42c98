"""A clinic with people at every stage, so that each form of the product can be reached by the one it is for."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from random import Random
from uuid import UUID

from carepath import configuration
from carepath.accounts import service as accounts
from carepath.accounts import sessions
from carepath.accounts.people import Link
from carepath.configuration import Configuration
from carepath.dev import life
from carepath.dev.people import DemoPatient
from carepath.dev.years import Life
from carepath.kit import clock, db
from carepath.kit.actor import SYSTEM
from carepath.kit.ids import new_id, new_token
from carepath.questionnaires.service import Answers
from carepath.scheduling import service as scheduling
from carepath.settings import Settings
from carepath.web.gate import csrf_token
from tests import cast
from tests.web.client import Browser
from tests.web.desks import sign_in
from tests.web.hostile import Field


@dataclass
class World:
    """The staff with their browsers, and patients as they are asked for."""

    fresh: Callable[[], Browser]
    loaded: Configuration
    rosa: cast.Staff
    desks: dict[str, Browser] = field(default_factory=dict)
    number: int = 0

    @property
    def now(self) -> datetime:
        return clock.now()

    async def person(self, stage: str) -> Life:
        """Somebody new, who has done nothing yet."""
        self.number += 1
        email = f"ada.{self.number}@mail.example"
        person = DemoPatient(
            self.number, "Ada", "Winter", email, date(1980, 5, 17), "CO", "America/Denver", stage, 8, "Walk."
        )
        assert self.rosa.practitioner is not None
        providers = {self.rosa.practitioner.id: self.rosa.actor}
        return Life(person, providers, self.loaded.intake, Random(self.number), self.now)

    async def patient(self, stage: str) -> UUID:
        """Somebody who is as far as `stage` of the demo clinic says."""
        one = await self.person(stage)
        await life.live(one.person, one.providers, one.catalogue, one.rng, one.end)
        found = await accounts.patient_id_by_email(one.person.email)
        assert found is not None
        return found

    async def ready(self, is_sent: bool, is_signed: bool = True) -> UUID:
        """Somebody whose answers are complete; sent or about to be."""
        one = await self.person("sent")
        await life._apply(one, self.now)
        await life._answer(one, self.now, most=99)
        assert one.me.patient_id is not None
        if is_sent:
            await life._send(one, self.now)
        elif is_signed:
            await self.sign(one)
        return one.me.patient_id

    async def sign(self, one: Life) -> None:
        """Every consent."""
        for text in one.catalogue.consents:
            given = {statement.id: "AW" for statement in text.statements}
            await life.send.sign(one.me, one.catalogue, text.id, given, "Ada Winter", "test", self.now)

    async def visited(self) -> UUID:
        """Somebody whose visit is over, and nobody has said how it went."""
        one = await self.person("waiting-for-decision")
        start = self.now - timedelta(days=8)
        await life._apply(one, start)
        await life._answer(one, start, most=99)
        await life._send(one, start + timedelta(minutes=25))
        assert await life._book(one, start + timedelta(minutes=30)) is not None
        assert one.me.patient_id is not None
        return one.me.patient_id

    async def link(self, patient_id: UUID) -> str:
        """The path of a sign-in link, as a mail holds it."""
        token = new_token()
        link = Link(new_id(), "sign-in", patient_id, None, None)
        await sessions.store_link(link, token, self.now, self.now + timedelta(minutes=10))
        return f"/link/{token}"

    async def signed_in(self, patient_id: UUID) -> Browser:
        """A browser of this patient, by the link."""
        mine, path = self.fresh(), await self.link(patient_id)
        await mine.get(path)
        page = await mine.post(path)
        assert page.url.path == "/home", page.text
        return with_token(mine)

    async def one(self, sql: str, *args: object) -> UUID:
        """The id that `sql` finds."""
        row = await db.row(sql, *args)
        assert row is not None, sql
        found = next(iter(row.values()))
        assert isinstance(found, UUID)
        return found


Held = Callable[[], Awaitable[Answers | None]]


@dataclass(frozen=True, slots=True)
class Stand:
    """Somebody in front of a form. `others`: the same form of somebody else. `loose`: tables that keep the valid
    answers by design; `held` then says which (None once completed), `right` which may be, and `renew` reads the fields
    that move along."""

    browser: Browser
    path: str
    fields: tuple[Field, ...] = ()
    others: tuple[str, ...] = ()
    loose: frozenset[str] = frozenset()
    right: Answers = field(default_factory=dict)
    held: Held | None = None
    renew: Callable[[], Awaitable[tuple[Field, ...]]] | None = None


Reach = Callable[[World], Awaitable[Stand]]


@dataclass(frozen=True, slots=True)
class Form:
    """One entry of the matrix. `role`: whose it is; None is anybody's. `ends`: the status when all is right."""

    name: str
    route: str
    role: str | None
    reach: Reach
    ends: int = 303
    roles_too: frozenset[str] = frozenset()


def enter(name: str, *good: str, **about: object) -> Field:
    """A field with its right value."""
    return Field(name, good, **about)  # type: ignore[arg-type]


def alike(fields: list[Field]) -> list[Field]:
    """Of the fields that are read by the same lines the first meets every fault, the others one of each sort."""
    seen = set[str]()
    found = []
    for one in fields:
        found.append(replace(one, is_brief=one.kind in seen))
        seen.add(one.kind)
    return found


async def newest(table: str, patient: object, world: World) -> UUID:
    """The id of the patient's newest row."""
    return await world.one(f"SELECT id FROM {table} WHERE patient_id = {{}} ORDER BY id DESC LIMIT 1", patient)


def with_token(browser: Browser) -> Browser:
    """With the CSRF token of its own session."""
    holder = browser.http.cookies.get("carepath") or browser.http.cookies.get("carepath-browser")
    assert holder is not None
    browser.token = csrf_token(holder)
    return browser


async def open_world(settings: Settings, fresh: Callable[[], Browser]) -> World:
    """A provider in Colorado, a colleague elsewhere, a coordinator, an admin, a patient, and nobody."""
    rosa = await cast.provider()
    world = World(fresh, configuration.load(settings.config_dir), rosa)
    members = {
        "provider": rosa,
        "colleague": await cast.provider("Ned Okafor", "America/New_York", ("NY",)),
        "coordinator": await cast.coordinator(),
        "admin": await cast.admin(),
    }
    mia = (await cast.provider("Mia Lang")).practitioner  # may see the same patients, and nobody books her
    assert mia is not None
    await scheduling.replace_hours(SYSTEM, mia.id, [], cast.NOW)
    for name, member in members.items():
        world.desks[name] = with_token(await sign_in(fresh(), member))
    world.desks["patient"] = await world.signed_in(await world.ready(is_sent=True))
    nobody = fresh()
    await nobody.get("/sign-in")
    world.desks["nobody"] = with_token(nobody)
    return world
