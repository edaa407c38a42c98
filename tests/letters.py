"""What a mail says, as its reader sees it, and what no mail may say."""

import re
from datetime import datetime, timedelta
from email.message import EmailMessage

# Drug, condition, kind of clinic, and what was asked or answered.
TELLING = re.compile(
    r"ketamine|pain|fibromyalgia|neuropath|depress|suicid|dos(e|ing)|infusion|treatment|session|therapy|intake|"
    r"questionnaire|evaluation|diagnos|medic|drug|score",
    re.IGNORECASE,
)
_PREVIEW = 120  # characters of the body that lists of mails and locked phones show


def morning(after: datetime) -> datetime:
    """The next time that it is nine or ten in Denver, when everything that waits for the end of the night leaves."""
    found = after.replace(hour=16, minute=0, second=0, microsecond=0)
    return found if found > after else found + timedelta(days=1)


def text_of(mail: EmailMessage) -> str:
    """The plain part."""
    part = mail.get_body(("plain",))
    assert part is not None
    return str(part.get_content())


def html_of(mail: EmailMessage) -> str:
    """The marked part."""
    part = mail.get_body(("html",))
    assert part is not None
    return str(part.get_content())


def link_of(mail: EmailMessage) -> str:
    """The path behind the mail's button."""
    found = re.search(r"http://localhost:8000(/\S+)", text_of(mail))
    assert found is not None
    return found[1]


def check_discreet(mail: EmailMessage, *private: str) -> None:
    """Subject and preview say nothing of health or of the kind of clinic; the body nothing but what everybody may see.
    `private` are words that were put into the data."""
    subject, shown = str(mail["Subject"]), re.sub(r"<[^>]+>", " ", html_of(mail).partition("<body")[2])
    for words in (subject, text_of(mail)[:_PREVIEW], " ".join(shown.partition(">")[2].split())[:_PREVIEW]):
        assert "Larkspur" not in words
        assert not TELLING.search(words), words
    for words in (text_of(mail), html_of(mail), str(mail)):
        assert not TELLING.search(words.replace("Larkspur Pain Clinic", "")), TELLING.search(words)
        for one in private:
            assert one not in words, one
