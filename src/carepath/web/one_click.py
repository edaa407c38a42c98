"""RFC 8058: a mail program stops mails for its user by one POST to the address in the mail's header.

It brings no cookie, no token and no Origin, so such a request is let past the check for our own forms: only at that
one kind of address, which is a secret itself, and only with exactly that body, in either of its two encodings.
"""

import re
from email.message import Message
from email.parser import BytesParser

FIELDS = {"List-Unsubscribe": ["One-Click"]}
_PATH = re.compile(r"/stop/[A-Za-z0-9_-]+")
_NAME, _VALUE = "List-Unsubscribe", b"One-Click"
_MOST = 1000


def is_meant(path: str, body: bytes, content_type: str) -> bool:
    """Is this that request?"""
    if not _PATH.fullmatch(path) or len(body) > _MOST:
        return False
    kind = content_type.partition(";")[0].strip().lower()
    if kind == "application/x-www-form-urlencoded":
        return body.strip() == b"%b=%b" % (_NAME.encode(), _VALUE)
    return kind == "multipart/form-data" and content_type.isprintable() and _is_one_part(body, content_type)


def _is_one_part(body: bytes, content_type: str) -> bool:
    head = f"Content-Type: {content_type}\r\n\r\n".encode("utf-8", "surrogateescape")
    parts = BytesParser().parsebytes(head + body).get_payload()
    if not isinstance(parts, list) or len(parts) != 1:
        return False
    [part] = parts
    assert isinstance(part, Message)
    value = part.get_payload(decode=True)
    named = part.get_param("name", header="content-disposition") == _NAME
    return named and isinstance(value, bytes) and value.strip() == _VALUE
