"""A launcher that was killed: its orphans are ended or adopted at the next start, and nothing is lost."""

import os
import signal
import tempfile
from pathlib import Path

import asyncpg
import psutil

from carepath.dev.processes import Mark
from tests.browser.stack import Stack, running


def marks(stack: Stack) -> dict[str, Mark]:
    return {name: Mark.of(pid) for name, pid in stack.runtime["pids"].items()}


async def patients(stack: Stack) -> int:
    connection = await asyncpg.connect(stack.runtime["database_url"], ssl=False)
    try:
        return int(await connection.fetchval("SELECT count(*) FROM patient"))
    finally:
        await connection.close()


async def test_the_next_start_ends_orphans_and_keeps_the_database():
    with tempfile.TemporaryDirectory(prefix="carepath-orphans-") as name:
        folder = Path(name)
        with running(folder) as first:
            before, count = marks(first), await patients(first)
            os.kill(first.process.pid, signal.SIGKILL)
            first.process.wait()
            assert all(before[part].is_alive() for part in ("web", "worker", "beat", "catcher", "postgres", "valkey"))
            (folder / "runtime.json").unlink()
        with running(folder) as second:
            after = marks(second)
            assert not any(before[part].is_alive() for part in ("web", "worker", "beat", "catcher"))
            assert after["postgres"] == before["postgres"], "a server that is provably ours is adopted"
            assert await patients(second) == count > 0
        assert not any(psutil.pid_exists(mark.pid) and mark.is_alive() for mark in after.values())
