"""A worker killed while it holds a claimed message: the message leaves once, by the next worker."""

import asyncio
import os
import signal
import tempfile
import urllib.request
from http.cookiejar import CookieJar
from pathlib import Path
from urllib.parse import urlencode

import asyncpg
import psutil
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP

from carepath.dev.servers import free_port
from tests.browser.stack import Stack, running, wait


class Stalling:
    """A mail server that takes a message's sender only when it is told to go on."""

    def __init__(self) -> None:
        self.is_open, self.waiting, self.mails = False, 0, list[str]()

    async def handle_MAIL(
        self, server: SMTP, session: object, envelope: object, address: str, options: list[str]
    ) -> str:
        self.waiting += 1
        for _tick in range(400):
            if self.is_open:
                break
            await asyncio.sleep(0.05)
        envelope.mail_from = address  # type: ignore[attr-defined]
        return "250 go on"

    async def handle_DATA(self, server: SMTP, session: object, envelope: object) -> str:
        text = envelope.content.decode(errors="replace")  # type: ignore[attr-defined]
        self.mails.append(next(line for line in text.splitlines() if line.lower().startswith("message-id")))
        return "250 kept"


def ask_for_link(stack: Stack, email: str) -> None:
    """As a browser does it."""
    opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(CookieJar()))
    page = opener.open(f"{stack.base}/sign-in").read().decode()
    token = page.partition('name="_csrf" value="')[2].partition('"')[0]
    opener.open(f"{stack.base}/sign-in", urlencode({"_csrf": token, "email": email}).encode())


async def patient_address(stack: Stack) -> str:
    """The address of a demo patient: fictitious people are made by a fixed rule."""
    from datetime import UTC, datetime

    from carepath.dev.people import patients
    from carepath.dev.start import DEMO_PATIENTS, DEMO_SEED

    return patients(DEMO_PATIENTS, DEMO_SEED, datetime.now(UTC).date())[0].email


async def states(stack: Stack) -> list[str]:
    connection = await asyncpg.connect(stack.runtime["database_url"], ssl=False)
    try:
        return [r["status"] for r in await connection.fetch("SELECT status FROM message WHERE kind = 'sign-in'")]
    finally:
        await connection.close()


async def test_a_killed_worker_repeats_nothing_and_loses_nothing():
    server = Stalling()
    port = free_port()
    controller = Controller(server, hostname="127.0.0.1", port=port)
    controller.start()
    try:
        with (
            tempfile.TemporaryDirectory(prefix="carepath-kill-") as name,
            running(Path(name), SMTP_URL=f"smtp://127.0.0.1:{port}") as stack,
        ):
            email = await patient_address(stack)
            await asyncio.to_thread(ask_for_link, stack, email)
            await asyncio.to_thread(wait, lambda: server.waiting > 0, "the worker to begin sending")
            assert await states(stack) == ["sending"]
            kill(stack)
            server.is_open = True
            await asyncio.to_thread(wait, lambda: len(server.mails) > 0, "the next worker to send", 120)
            await asyncio.sleep(3)
            assert await states(stack) == ["sent"]
            assert len(server.mails) == 1
    finally:
        controller.stop()


def kill(stack: Stack) -> None:
    """SIGKILL to the worker and all its children at once."""
    worker = psutil.Process(stack.runtime["pids"]["worker"])
    for process in (*worker.children(recursive=True), worker):
        os.kill(process.pid, signal.SIGKILL)
