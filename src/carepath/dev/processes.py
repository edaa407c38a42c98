"""Processes that we started, recognised again by pid and start time; never by a port."""

import contextlib
import json
import os
import signal
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import psutil


@dataclass(frozen=True, slots=True)
class Mark:
    """A process as it was when we started it. A pid that was given to another process has another start."""

    pid: int
    created: float

    @classmethod
    def of(cls, pid: int) -> "Mark":
        """The mark of a running process. psutil.NoSuchProcess when it is gone."""
        return cls(pid, psutil.Process(pid).create_time())

    def is_alive(self) -> bool:
        """Is exactly this process running?"""
        try:
            process = psutil.Process(self.pid)
            return abs(process.create_time() - self.created) < 0.05 and process.status() != psutil.STATUS_ZOMBIE
        except psutil.Error:
            return False


def write_private(path: Path, content: object) -> None:
    """Write JSON that only the owner can read, whole or not at all."""
    fresh = path.with_suffix(f".{os.getpid()}.tmp")
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as file:
        json.dump(content, file, indent=2)
    fresh.replace(path)


def read_json(path: Path) -> dict[str, object]:
    """What `write_private` wrote; empty when there is nothing usable."""
    try:
        found = json.loads(path.read_text())
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def wait_until(done: Callable[[], bool], seconds: float) -> bool:
    """Ask every 20 ms for at most `seconds`."""
    end = time.monotonic() + seconds
    while not done():
        if time.monotonic() > end:
            return False
        time.sleep(0.02)
    return True


def end(mark: Mark, first: signal.Signals, patience: float, group: bool) -> None:
    """Ask a process (or its whole group) to end, and kill what does not within `patience` seconds."""
    _send(mark, first, group)
    wait_until(lambda: not _reap(mark), patience)
    # Also when the leader is gone: a child of its group may have stayed.
    _send(mark, signal.SIGKILL, group, even_if_gone=group)
    wait_until(lambda: not _reap(mark), 5)


def _send(mark: Mark, what: signal.Signals, group: bool, even_if_gone: bool = False) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        if group and (mark.is_alive() or (even_if_gone and not psutil.pid_exists(mark.pid))):
            os.killpg(mark.pid, what)
        elif mark.is_alive():
            os.kill(mark.pid, what)


def _reap(mark: Mark) -> bool:
    """Is it still alive? Collects it when it was our child."""
    with contextlib.suppress(ChildProcessError):
        os.waitpid(mark.pid, os.WNOHANG)
    return mark.is_alive()


def spawn(command: list[str], log: Path, environment: dict[str, str], cwd: Path | None = None) -> Mark:
    """Start a process in a session of its own, so that Ctrl-C reaches only us; output goes to `log`."""
    with log.open("ab") as output:
        started = subprocess.Popen(  # noqa: S603 - our own commands
            command, stdin=subprocess.DEVNULL, stdout=output, stderr=output, env=environment, cwd=cwd,
            start_new_session=True,
        )  # fmt: skip
    return Mark.of(started.pid)
