"""What a running product says to others meanwhile: its broker's traffic, its processes' arguments, its logs."""

import socket
import threading
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Self
from urllib.parse import urlsplit

import psutil

from tests.browser.stack import Stack


class _Recorder(threading.Thread):
    """Records inside a `with` block."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self._over = threading.Event()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, what: BaseException | None, where: TracebackType | None
    ) -> None:
        self._over.set()
        self.join(10)


class Traffic(_Recorder):
    """Every command that a Valkey is given (MONITOR), byte by byte."""

    def __init__(self, url: str) -> None:
        super().__init__()
        parts = urlsplit(url)
        self._talk = socket.create_connection((parts.hostname, parts.port), 5)
        self._talk.settimeout(0.2)
        self._talk.sendall(f"AUTH {parts.password}\r\nMONITOR\r\n".encode())
        self._seen = bytearray()

    def run(self) -> None:
        while not self._over.is_set():
            with suppress(TimeoutError):
                self._seen += self._talk.recv(65536)
        self._talk.close()

    @property
    def text(self) -> str:
        return self._seen.decode("latin-1")


class Arguments(_Recorder):
    """The command line of every process of a product, those that live shortly among them."""

    def __init__(self, stack: Stack) -> None:
        super().__init__()
        self.stack = stack
        self.seen: set[str] = set()

    def run(self) -> None:
        while not self._over.wait(0.1):
            for process in processes(self.stack):
                with suppress(psutil.Error):
                    self.seen.add(" ".join(process.cmdline()))


def processes(stack: Stack) -> set[psutil.Process]:
    """All of them: servers have a session of their own."""
    found = set()
    for pid in (stack.process.pid, *stack.runtime["pids"].values()):
        with suppress(psutil.Error):
            parent = psutil.Process(pid)
            found |= {parent, *parent.children(recursive=True)}
    return found


def files(stack: Stack) -> dict[str, str]:
    """Where standard output and errors of all processes go, and every other file that the product leaves in its folder
    but the database's own, by name."""
    found = {path for path in stack.data_dir.rglob("*") if path.is_file() and "cluster" not in path.parts}
    for process in processes(stack):
        with suppress(psutil.Error):
            found |= {Path(file.path) for file in process.open_files() if file.fd in {1, 2}}
    return {f"{path.parent.name}/{path.name}": path.read_bytes().decode("latin-1") for path in found}
