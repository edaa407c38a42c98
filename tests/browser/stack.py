"""The whole product as `carepath up` runs it, on a port and in a data directory of its own."""

import email
import json
import mailbox
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from typing import Any

from carepath.dev.servers import free_port

ROOT = Path(__file__).parents[2]


@dataclass
class Stack:
    """A running product."""

    base: str
    data_dir: Path
    runtime: dict[str, Any]
    process: "subprocess.Popen[bytes]"

    def mails(self, address: str) -> list[EmailMessage]:
        """Caught mails to an address, oldest first."""
        box = mailbox.Maildir(self.runtime["mail_dir"])
        found = [email.message_from_bytes(box.get_bytes(key), policy=default) for key in sorted(box.keys())]
        return [mail for mail in found if address in str(mail["To"])]

    def wait_for_mail(self, address: str, count: int, subject: str) -> EmailMessage:
        """The newest mail once there are `count`; its subject holds `subject`."""
        wait(lambda: len(self.mails(address)) >= count, f"mail {count} to {address}")
        mail = self.mails(address)[-1]
        assert subject in str(mail["Subject"]), mail["Subject"]
        return mail

    def travel(self, by: str) -> None:
        """Move the clock of everything at once."""
        subprocess.run(
            [sys.executable, "-m", "carepath.cli", "clock", "travel", by],
            env=self.environment(),
            check=True,
            capture_output=True,
        )

    def stop_link(self) -> str:
        """The path at which one of its mails can be stopped."""
        done = subprocess.run(
            [sys.executable, "-m", "tests.browser.stop_link"],
            env=self.environment(),
            check=True,
            capture_output=True,
            text=True,
            cwd=ROOT,
        )
        return done.stdout.strip()

    def environment(self) -> dict[str, str]:
        """What a command typed beside it needs."""
        return {**os.environ, "CAREPATH_DATA_DIR": str(self.data_dir), "PYTHONPATH": f"{ROOT / 'src'}:{ROOT}"}


def link_in(mail: EmailMessage) -> str:
    """The first address of ours in a mail."""
    part = mail.get_body(("plain",))
    assert part is not None
    found = re.search(r"http://localhost:\d+/\S+", part.get_content())
    assert found is not None
    return found[0]


def wait(done: Callable[[], bool], what: str, seconds: float = 30) -> None:
    """Until it is so; AssertionError says what did not come."""
    end = time.monotonic() + seconds
    while not done():
        assert time.monotonic() < end, f"waited {seconds} s for {what}"
        time.sleep(0.2)


@contextmanager
def running(data_dir: Path, **more: str) -> Iterator[Stack]:
    """Start everything, hand it out, end everything."""
    port = free_port()
    environment = {
        name: value for name, value in os.environ.items() if name not in {"DATABASE_URL", "REDIS_URL", "SMTP_URL"}
    } | {"CAREPATH_DATA_DIR": str(data_dir), "PORT": str(port), "PYTHONPATH": f"{ROOT / 'src'}:{ROOT}", **more}
    log = (data_dir / "up.log").open("wb")
    process = subprocess.Popen([sys.executable, "-m", "carepath.cli", "up"], env=environment, stdout=log, stderr=log)
    try:
        runtime = data_dir / "runtime.json"
        wait(lambda: runtime.exists() or process.poll() is not None, "the product to start", 90)
        assert process.poll() is None, (data_dir / "up.log").read_text()
        yield Stack(f"http://localhost:{port}", data_dir, json.loads(runtime.read_text()), process)
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(40)
