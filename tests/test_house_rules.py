"""Small checks of rules that protect patients and newcomers."""

import ast
import importlib
import inspect
from pathlib import Path

import pytest
from piccolo.table import Table

from carepath import states
from carepath.kit import db
from carepath.settings import Settings

ROOT = Path(__file__).parents[1]
SOURCE = ROOT / "src" / "carepath"
# Before anybody is known there is no scope to narrow by; these are reached by set-up and by the process itself.
UNSCOPED = {"heartbeats.py"}


def query_files() -> list[Path]:
    found = [*SOURCE.rglob("*queries.py"), *(SOURCE / "worklists").glob("*.py")]
    return [path for path in found if path.name not in UNSCOPED]


@pytest.mark.parametrize("path", query_files(), ids=lambda p: str(p.relative_to(SOURCE)))
def test_every_query_takes_the_scope_first(path: Path):
    """A query without a scope reads anybody's rows."""
    for node in ast.parse(path.read_text()).body:
        if isinstance(node, ast.AsyncFunctionDef) and not node.name.startswith("_"):
            first = node.args.args[0] if node.args.args else None
            assert first is not None, f"{path.name}: {node.name} takes nothing"
            assert first.arg == "scope", f"{path.name}: {node.name} takes {first.arg} first"


def test_time_is_read_in_one_place_only():
    """Any other reading of time would not travel, and tests could not stand on either side of it."""
    for path in [*SOURCE.rglob("*.py"), *(ROOT / "workers").rglob("*.py")]:
        text = path.read_text()
        if path.name != "clock.py":
            assert "datetime.now(" not in text, path
            assert "utcnow(" not in text, path


def test_nothing_is_sent_to_the_broker_with_a_delay_or_from_a_request():
    for path in [*SOURCE.rglob("*.py"), *(ROOT / "workers").rglob("*.py")]:
        text = path.read_text()
        for word in (".delay(", "apply_async(", "countdown=", "eta="):
            assert word not in text, f"{path.name} uses {word}"


def test_the_page_of_states_is_fresh():
    assert (ROOT / "docs" / "states.md").read_text() == states.document(), "run `make states`"


def tables() -> list[type[Table]]:
    found: list[type[Table]] = []
    for path in sorted(SOURCE.rglob("tables.py")):
        module = importlib.import_module(f"carepath.{path.parent.name}.tables")
        found += [
            t for _name, t in inspect.getmembers(module, inspect.isclass) if issubclass(t, Table) and t is not Table
        ]
    return found


@pytest.mark.parametrize("table", tables(), ids=lambda t: t.__name__)
async def test_declared_columns_are_those_of_the_database(table: type[Table], database: Settings):
    """Migrations are SQL by hand: the declaration must not drift from it."""
    rows = await db.rows(
        "SELECT column_name, is_nullable FROM information_schema.columns WHERE table_name = {}", table._meta.tablename
    )
    real = {r["column_name"]: r["is_nullable"] == "YES" for r in rows}
    declared = {c._meta.name: bool(c._meta.null) for c in table._meta.columns}
    assert declared == real


@pytest.mark.parametrize("table", ["practitioner_free", "patient_free"])
async def test_the_exclusion_constraints_exist(table: str, database: Settings):
    found = await db.rows("SELECT 1 FROM pg_constraint WHERE contype = 'x' AND conname = {}", f"appointment_{table}")
    assert found


def test_no_long_files():
    """One thing each. Generated and clinical content is not code."""
    for path in [*SOURCE.rglob("*.py"), *(ROOT / "workers").rglob("*.py")]:
        assert len(path.read_text().splitlines()) <= 300, f"{path} has grown too long"
