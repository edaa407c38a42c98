"""A clinic of known limits, and everybody in an otherwise empty calendar."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from carepath.kit.actor import Actor, Role
from carepath.kit.ids import new_id
from carepath.scheduling import catalogue
from carepath.scheduling.rules.model import Clinic
from carepath.settings import Settings

from .cast import RULES, Cast, add_patient, add_provider

CONFIG = Path(__file__).resolve().parents[2] / "config"


@pytest.fixture
def clinic() -> Iterator[Clinic]:
    """The shipped clinic with limits that tests rely on."""
    found = replace(catalogue.load(CONFIG), rules=RULES, holidays={}, closed_on=frozenset())
    catalogue.configure(found)
    yield found
    catalogue.configure(found)


@pytest.fixture
async def cast(database: Settings, clinic: Clinic) -> Cast:
    """Everybody, in an otherwise empty calendar."""
    return Cast(
        ada=await add_provider("Ada Quill", "America/Denver", "CO", "WY"),
        ben=await add_provider("Ben Marsh", "America/Chicago", "CO"),
        ana=await add_patient(),
        bo=await add_patient(),
        carol=Actor(Role.COORDINATOR, account_id=new_id()),
    )
