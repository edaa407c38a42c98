"""From a letter to the bytes of a mail: text and HTML in one calm layout, and a calendar file where there is one."""

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from pathlib import Path
from uuid import UUID

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from carepath.kit.words import _
from carepath.notifications.rules import KINDS

# Seven bits throughout: not every server on the way takes eight.
_POLICY = SMTP.clone(cte_type="7bit")


@dataclass(frozen=True, slots=True)
class Letter:
    """What is sent to whom. `context` may hold times and nothing else. `more` are calendar files of several visits.

    `to_name` is for whoever reads the letter before it leaves; a mail names nobody beyond the first name.
    """

    to_address: str
    to_name: str
    kind: str
    first_name: str
    zone: str
    context: Mapping[str, str | Sequence[str]]
    link: str
    ics: bytes | None
    ics_method: str | None
    more: tuple[bytes, ...] = ()


class Printer:
    """Renders letters of one clinic. `host` is the name that Message-IDs and our greeting of mail servers carry."""

    def __init__(self, templates: Path, clinic_name: str, clinic_email: str, clinic_phone: str, host: str) -> None:
        self.host, self.sender, self.clinic_name = host, clinic_email, clinic_name
        folder = FileSystemLoader(templates / "emails")
        shared = {"clinic_name": clinic_name, "clinic_phone": clinic_phone, "_": _}
        self.text = Environment(loader=folder, undefined=StrictUndefined, autoescape=False, trim_blocks=True)  # noqa: S701
        self.html = Environment(loader=folder, undefined=StrictUndefined, autoescape=True, trim_blocks=True)
        for environment in (self.text, self.html):
            environment.globals.update(shared)

    def print(self, letter: Letter, message_id: UUID, now: datetime) -> bytes:
        """The whole mail. Its Message-ID comes from the row, so that a repeat is recognisable as the same mail."""
        folder, name = KINDS[letter.kind].folder, _greeting(letter.first_name)
        words = {**letter.context, "first_name": name or _("there"), "link": letter.link, "kind": letter.kind}
        mail = EmailMessage(policy=_POLICY)
        mail["Subject"] = " ".join(self.text.get_template(f"{folder}/subject.txt").render(words).split())
        mail["From"] = Address(self.clinic_name, addr_spec=self.sender)
        mail["To"] = Address(name, addr_spec=letter.to_address)
        mail["Date"] = format_datetime(now.astimezone(UTC))
        mail["Message-ID"] = f"<{message_id.hex}@{self.host}>"
        mail["Auto-Submitted"] = "auto-generated"
        mail.set_content(self.text.get_template(f"{folder}/body.txt").render(words))
        mail.add_alternative(self.html.get_template(f"{folder}/body.html").render(words), subtype="html")
        if letter.ics is not None:
            _attach_calendar(mail, letter.ics, letter.ics_method or "REQUEST")
        for number, file in enumerate(letter.more, 1):
            _attach_one_of_many(mail, file, number)
        return mail.as_bytes()


def _attach_calendar(mail: EmailMessage, file: bytes, method: str) -> None:
    """Once as an alternative, which calendars act on, and once as a file, which people save."""
    mail.add_alternative(
        file, maintype="text", subtype="calendar", params={"method": method, "charset": "UTF-8"}, cte="base64"
    )
    mail.add_attachment(file, maintype="application", subtype="ics", filename="invite.ics", cte="base64")


def _attach_one_of_many(mail: EmailMessage, file: bytes, number: int) -> None:
    """A calendar file holds one event (RFC 5546), so several visits are several files; a mail has one alternative."""
    params = {"method": "REQUEST", "charset": "UTF-8"}
    name = f"visit-{number}.ics"
    mail.add_attachment(file, maintype="text", subtype="calendar", filename=name, params=params, cte="base64")


def _greeting(name: str) -> str:
    """A first name as a mail may show it. Anybody may type any name beside any address: it must carry no link."""
    kept = "".join(c if _belongs_to_a_name(c) else " " for c in name)
    return " ".join(kept.split())[:60].strip()


def _belongs_to_a_name(char: str) -> bool:
    return char.isalnum() or char in "'’-" or unicodedata.category(char).startswith("M")
