"""A mail server for development: accepts everything, keeps it in a Maildir, sends nothing on."""

import asyncio
import mailbox
import signal
from pathlib import Path

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session


class _Keep:
    """aiosmtpd handler that stores what arrives."""

    def __init__(self, folder: Path) -> None:
        folder.parent.mkdir(parents=True, exist_ok=True)
        self.box = mailbox.Maildir(folder, create=True)

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802 - their name
        """Store one mail with its envelope in headers of its own, on disk before the sender hears 250."""
        head = f"X-Envelope-From: {envelope.mail_from}\r\nX-Envelope-To: {', '.join(envelope.rcpt_tos)}\r\n".encode()
        content = envelope.content or b""
        await asyncio.to_thread(self.box.add, head + (content if isinstance(content, bytes) else content.encode()))
        return "250 kept"


def serve(folder: Path, host: str, port: int) -> None:
    """Catch mail until SIGTERM or SIGINT."""
    controller = Controller(_Keep(folder), hostname=host, port=port, data_size_limit=10_000_000)
    controller.start()
    try:
        signal.sigwait({signal.SIGTERM, signal.SIGINT})
    finally:
        controller.stop()
