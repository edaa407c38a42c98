"""The fictitious people of the demo clinic. The same seed gives the same people."""

import base64
import hashlib
from dataclasses import dataclass
from datetime import date, time, timedelta
from random import Random

from carepath.dev.runtime import SignIn

FIRST = (
    "Ada", "Ben", "Clara", "Dario", "Elif", "Finn", "Greta", "Hugo", "Ines", "Jonas", "Kaya", "Liam", "Mara", "Noah",
    "Olga", "Pavel", "Quinn", "Rhea", "Sven", "Tara", "Uma", "Viktor", "Wren", "Xenia", "Yusuf", "Zoe",
)  # fmt: skip
LAST = (
    "Abbot", "Birch", "Calder", "Dune", "Eaves", "Fenwick", "Grove", "Hale", "Ivory", "Juniper", "Kestrel", "Linden",
    "Marsh", "Nettle", "Oakes", "Pebble", "Quarry", "Ridge", "Sable", "Thorne", "Umber", "Vale", "Willow", "Yarrow",
)  # fmt: skip
GOALS = (
    "Walk the dog again.", "Sleep through the night.", "Go back to work part-time.", "Play with my grandchildren.",
    "Cook a meal without a break.", "Sit through a film.",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class DemoProvider:
    """A provider: where they are, where licensed, when open (weekday 0 is Monday)."""

    name: str
    credential: str
    zone: str
    states: tuple[str, ...]
    hours: tuple[tuple[int, time, time], ...]


def _week(days: range, *spans: tuple[int, int]) -> tuple[tuple[int, time, time], ...]:
    return tuple((day, time(opens), time(closes)) for day in days for opens, closes in spans)


PROVIDERS = (
    DemoProvider("Rosa Delgado", "MD", "America/Denver", ("CO", "UT", "NM", "AZ", "WY"), _week(range(5), (9, 17))),
    DemoProvider("Samuel Okafor", "DO", "America/New_York", ("NY", "NJ", "CT", "PA", "FL"), _week(range(4), (8, 12), (13, 16))),
    DemoProvider("Mei Tanaka", "NP", "America/Los_Angeles", ("CA", "OR", "WA", "NV", "CO"), _week(range(1, 6), (10, 18))),
)  # fmt: skip
PLACES = (
    ("CO", "America/Denver"), ("UT", "America/Denver"), ("AZ", "America/Phoenix"), ("NY", "America/New_York"),
    ("FL", "America/New_York"), ("PA", "America/New_York"), ("CA", "America/Los_Angeles"), ("WA", "America/Los_Angeles"),
)  # fmt: skip
# The first round of stages is with the first provider, whose desk holds something of everything; the second round is
# with the others. One may be seen by two of them, so that one can hand over to the other.
_FIRST_ROUND, _SECOND_ROUND, _BOTH = PLACES[1:3], PLACES[3:], {25: PLACES[0]}


def sign_ins(seed: int) -> list[SignIn]:
    """Every demo account with its password and one-time-code secret."""
    staff = [("provider", f"Dr. {p.name}") for p in PROVIDERS] + [("coordinator", "Cora Lind"), ("admin", "Adam Stone")]
    return [
        SignIn(role, name, _email(name), f"demo-{role}-{_email(name).split('.')[0]}", _secret(seed, name))
        for role, name in staff
    ]


def _email(name: str) -> str:
    return f"{name.removeprefix('Dr. ').lower().replace(' ', '.')}@clinic.example"


def _secret(seed: int, name: str) -> str:
    return base64.b32encode(hashlib.sha256(f"{seed} {name}".encode()).digest()[:20]).decode()


@dataclass(frozen=True, slots=True)
class DemoPatient:
    """A patient, how far they are, and how their pain goes."""

    number: int
    first: str
    last: str
    email: str
    born: date
    state: str
    zone: str
    stage: str
    pain: int
    goal: str


# In this order, again and again: forty patients hold every stage several times.
STAGES = (
    "half-filled", "maintenance-long", "booked", "waiting-for-decision", "maintenance-short", "sent", "asked",
    "maintenance-waning", "not-suitable", "crisis", "booked", "maintenance-overdue", "suitable", "waiting-for-decision",
    "maintenance-long", "stopped-by-rule", "half-filled", "maintenance-red", "cancelled", "sent",
)  # fmt: skip


def patients(count: int, seed: int, today: date) -> list[DemoPatient]:
    """`count` people, the same for the same seed."""
    return [_patient(number, Random(f"{seed}/{number}"), today) for number in range(count)]  # noqa: S311


def _patient(number: int, rng: Random, today: date) -> DemoPatient:
    first, last = rng.choice(FIRST), rng.choice(LAST)
    state, zone = rng.choice(_FIRST_ROUND if number % (2 * len(STAGES)) < len(STAGES) else _SECOND_ROUND)
    state, zone = _BOTH.get(number, (state, zone))
    return DemoPatient(
        number, first, last, f"{first}.{last}.{number}@patient.example".lower(),
        today - timedelta(days=rng.randint(22 * 365, 63 * 365)), state, zone, STAGES[number % len(STAGES)],
        rng.randint(6, 9), rng.choice(GOALS),
    )  # fmt: skip
