"""`carepath up`: everything on one machine, and nothing of it left behind."""

import contextlib
import fcntl
import os
import signal
import socket
import sys
import time
import urllib.request
from collections.abc import Callable
from pathlib import Path
from types import FrameType

from carepath.dev import runtime
from carepath.dev.processes import Mark, end, read_json, spawn, wait_until, write_private
from carepath.dev.runtime import SignIn
from carepath.dev.servers import RunningServer, ServerProblem, free_port, start_postgres, start_valkey

Say = Callable[[str], None]


class CannotStart(Exception):
    """One sentence for the person at the keyboard."""


class _Stop(BaseException):
    """Raised by the signal handler, so that start-up can be interrupted anywhere."""


class Up:
    """One run. `prepare` migrates and seeds; it gets the children's environment and answers the demo sign-ins."""

    def __init__(
        self, environment: dict[str, str], port: int, prepare: Callable[[dict[str, str]], list[SignIn]]
    ) -> None:
        self.environment, self.port, self.prepare = environment, port, prepare
        self.data_dir = runtime.data_dir_of(environment)
        self.servers: list[RunningServer] = []
        self.children: dict[str, Mark] = {}
        self.commands: dict[str, list[str]] = {}
        self.restarts: dict[str, float] = {}

    def run(self) -> int:
        """Start, watch until a signal, end everything. Answers the exit code."""
        self.data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
        (self.data_dir / "logs").mkdir(mode=0o700, exist_ok=True)
        with self._alone():
            for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
                signal.signal(number, _interrupt)
            try:
                self._start()
                self._watch()
            except _Stop:
                _say("Stopping …")
            except (CannotStart, ServerProblem) as problem:
                _say(f"carepath up: {problem}")
                return 1
            finally:
                for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
                    signal.signal(number, signal.SIG_IGN)
                self._end()
        return 0

    @contextlib.contextmanager
    def _alone(self):  # type: ignore[no-untyped-def]
        """One `up` for each data directory."""
        with (self.data_dir / "up.lock").open("w") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                _say(f"carepath up: another one is already running in {self.data_dir}")
                sys.exit(1)
            yield

    def _start(self) -> None:
        self._end_orphans()
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", self.port))
            except OSError:
                raise CannotStart(f"port {self.port} is taken; choose another with PORT=8001 make run") from None
        env = self._environment()
        _say("Database and configuration …")
        # A database that this code has prepared before needs no waiting: pages start beside the check.
        was_prepared = read_json(self.data_dir / "prepared.json") == self._prepared()
        if was_prepared:
            self._spawn_ours("web", "--fresh")
        sign_ins = self.prepare(env)
        write_private(self.data_dir / "prepared.json", self._prepared())
        if not was_prepared:
            self._spawn_ours("web", "--fresh")
        self._wait_for_web()
        for name in ("worker", "beat"):
            self._spawn_ours(name)
        self._publish(sign_ins)
        _announce(env["PUBLIC_BASE_URL"], sign_ins)

    def _spawn_ours(self, name: str, *options: str) -> None:
        self._spawn(name, [sys.executable, "-m", "carepath.cli", name, *options])

    def _prepared(self) -> dict[str, object]:
        """Which database was brought to which schema. The port of an embedded server changes from start to start."""
        steps = Path(__file__).parents[1] / "migrations" / "piccolo_migrations"
        given = (
            ""
            if any(server.url == self.environment["DATABASE_URL"] for server in self.servers)
            else self.environment["DATABASE_URL"]
        )
        return {"database": given, "migrations": sorted(path.name for path in steps.glob("m*.py"))}

    def _environment(self) -> dict[str, str]:
        """Fill in what is not set: embedded servers, the catcher, this machine's secrets."""
        env = self.environment
        env.setdefault("CAREPATH_ENV", "development")
        env["CAREPATH_DATA_DIR"], env["PORT"] = str(self.data_dir), str(self.port)
        env["PYTHONPATH"] = runtime.own_python_path()
        env.setdefault("PUBLIC_BASE_URL", f"http://localhost:{self.port}")
        for name, value in runtime.secrets_of(self.data_dir).items():
            env.setdefault(name, value)
        for name, start in (("DATABASE_URL", start_postgres), ("REDIS_URL", start_valkey)):
            if not env.get(name):
                server = start(self.data_dir)
                self.servers.append(server)
                env[name] = server.url
        if not env.get("SMTP_URL"):
            port = free_port()
            env["SMTP_URL"] = f"smtp://127.0.0.1:{port}"
            self._spawn("catcher", [sys.executable, "-m", "carepath.cli", "catcher", "--port", str(port)])
        return env

    def _spawn(self, name: str, command: list[str]) -> None:
        self.commands[name] = command
        self.children[name] = spawn(command, self.data_dir / "logs" / f"{name}.log", self.environment)
        self.restarts[name] = time.monotonic()
        self._note_children()

    def _note_children(self) -> None:
        """For the next start, should we be killed."""
        noted = {name: {"pid": mark.pid, "created": mark.created} for name, mark in self.children.items()}
        write_private(self.data_dir / "children.json", noted)

    def _end_orphans(self) -> None:
        """Children of a launcher that was killed: they hold ports and claims, so they end first."""
        for name, noted in read_json(self.data_dir / "children.json").items():
            if isinstance(noted, dict):
                mark = Mark(int(noted["pid"]), float(noted["created"]))
                if mark.is_alive():
                    _say(f"Ending a {name} process that an earlier run left behind …")
                end(mark, signal.SIGTERM, 5, group=True)
        (self.data_dir / "children.json").unlink(missing_ok=True)

    def _wait_for_web(self) -> None:
        def answers() -> bool:
            try:
                with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/healthz", timeout=2) as answer:
                    return bool(answer.status == 200)
            except OSError:
                return False

        if not wait_until(lambda: answers() or not self.children["web"].is_alive(), 40) or not answers():
            log = self.data_dir / "logs" / "web.log"
            raise CannotStart(f"the web process does not start. {_last_line(log)} (more in {log})")

    def _publish(self, sign_ins: list[SignIn]) -> None:
        env = self.environment
        urls = {
            "base_url": env["PUBLIC_BASE_URL"], "database_url": env["DATABASE_URL"], "redis_url": env["REDIS_URL"],
            "smtp_url": env["SMTP_URL"], "mail_dir": str(self.data_dir / "mail"),
        }  # fmt: skip
        pids = {name: mark.pid for name, mark in self.children.items()}
        for name, url in (("postgres", env["DATABASE_URL"]), ("valkey", env["REDIS_URL"])):
            for server in self.servers:
                if server.url == url:
                    pids[name] = server.pid
        self.sign_ins = sign_ins
        runtime.write(self.data_dir, urls, {"up": os.getpid(), **pids}, sign_ins)

    def _watch(self) -> None:
        """Start again whatever dies, not faster than every two seconds."""
        while True:
            time.sleep(0.3)
            for name, mark in list(self.children.items()):
                with contextlib.suppress(ChildProcessError):
                    os.waitpid(mark.pid, os.WNOHANG)
                if not mark.is_alive() and time.monotonic() - self.restarts[name] > 2:
                    _say(f"The {name} process ended; starting it again (see {self.data_dir / 'logs' / name}.log).")
                    self._spawn(name, self.commands[name])
                    self._publish(self.sign_ins)

    def _end(self) -> None:
        for name in ("beat", "worker", "web", "catcher"):
            if name in self.children:
                end(self.children[name], signal.SIGTERM, 8, group=True)
        for server in reversed(self.servers):
            server.stop()
        for name in ("children.json", "runtime.json"):
            (self.data_dir / name).unlink(missing_ok=True)


def _interrupt(number: int, frame: FrameType | None) -> None:
    raise _Stop


def _say(text: str) -> None:
    print(text, flush=True)


def _last_line(log: Path) -> str:
    lines = log.read_text(errors="replace").strip().splitlines() if log.exists() else []
    return lines[-1] if lines else ""


def _announce(address: str, sign_ins: list[SignIn]) -> None:
    import pyotp

    _say(f"\nCarepath is running at {address}")
    _say(f"  inbox of all mail   {address}/dev/mail\n  time travel         {address}/dev/clock")
    if sign_ins:
        _say(f"\nDemo sign-ins at {address}/staff/sign-in")
        width = max(len(one.email) for one in sign_ins)
        for one in sign_ins:
            code = pyotp.TOTP(one.totp_secret).now()
            _say(f"  {one.role:12} {one.email:{width}}  {one.password}   code now {code}   secret {one.totp_secret}")
        _say("  (the code changes every 30 seconds; add the secret to an authenticator app, or see runtime.json)")
    _say("\nCtrl-C ends everything.")
