"""Delivery reports as mail servers write them, for tests."""

PER_MESSAGE = "Reporting-MTA: dns; mail.example\r\nArrival-Date: Tue, 24 Nov 2026 10:00:00 +0000\r\n"
HEADERS = "text/rfc822-headers"


def recipient(action: str = "failed", status: str = "5.1.1", more: str = "") -> str:
    """The fields about one recipient."""
    lines = f"Final-Recipient: rfc822; paula.winter@mail.example\r\nAction: {action}\r\nStatus: {status}\r\n"
    return f"{lines}{more}Diagnostic-Code: smtp; 550 no such box: paula\r\n"


def multipart(*parts: str, kind: str = "report; report-type=delivery-status", boundary: str = "b1") -> str:
    """A multipart as it stands in a mail, from its header on."""
    inside = "".join(f"--{boundary}\r\n{part}\r\n" for part in parts)
    return f'Content-Type: multipart/{kind}; boundary="{boundary}"\r\n\r\n{inside}--{boundary}--\r\n'


def report(
    original: str, *recipients: str, about: str = PER_MESSAGE, returned: str | None = "message/rfc822", top: str = ""
) -> bytes:
    """A whole report that returns `original`, or nothing of it."""
    fields = "\r\n".join((about, *(recipients or (recipient(),))))
    parts = [
        "Content-Type: text/plain\r\n\r\nI am sorry to tell you.\r\n",
        f"Content-Type: message/delivery-status\r\n\r\n{fields}",
    ]
    if returned is not None:
        parts.append(f"Content-Type: {returned}\r\n\r\n{original}")
    head = "From: Mail System <mailer-daemon@mail.example>\r\nTo: clinic@clinic.example\r\nSubject: Undelivered\r\n"
    return f"{head}{top}MIME-Version: 1.0\r\n{multipart(*parts)}".encode()


def mail(message_id: str) -> str:
    """What was sent, shortened."""
    return f"Subject: Your visit\r\nMessage-ID: <{message_id}>\r\nMIME-Version: 1.0\r\n\r\nHello Paula,\r\n"
