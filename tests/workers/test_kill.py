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


async def sign_in(stack: Stack) -> tuple[str, str]:
    """The Message-ID of the only sign-in mail, and its state. The demo clinic has other mail under way."""
    connection = await asyncpg.connect(stack.runtime["database_url"], ssl=False)
    try:
        [row] = await connection.fetch("SELECT id, status FROM message WHERE kind = 'sign-in'")
        return f"<{row['id'].hex}@", row["status"]
    finally:
        await connection.close()


async def until(state: str, stack: Stack, seconds: int) -> str:
    """Wait for the sign-in mail's state; answers its Message-ID."""
    for _second in range(seconds):
        message_id, found = await sign_in(stack)
        if found == state:
            return message_id
        await asyncio.sleep(1)
    raise AssertionError(f"the mail is {found}, not {state}")


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
            await until("sending", stack, 100)
            kill(stack)
            await end_lease(stack)
            server.is_open = True
            message_id = await until("sent", stack, 150)
            await asyncio.sleep(3)
            assert sum(message_id in line for line in server.mails) == 1
            assert len(set(server.mails)) == len(server.mails)
    finally:
        controller.stop()


async def end_lease(stack: Stack) -> None:
    """What the killed worker held is free again, as it is after a minute and a half."""
    connection = await asyncpg.connect(stack.runtime["database_url"], ssl=False)
    try:
        await connection.execute("UPDATE message SET lease_until = now() WHERE status = 'sending'")
    finally:
        await connection.close()


def kill(stack: Stack) -> None:
    """SIGKILL to the worker and all its children at once."""
    worker = psutil.Process(stack.runtime["pids"]["worker"])
    for process in (*worker.children(recursive=True), worker):
        os.kill(process.pid, signal.SIGKILL)
