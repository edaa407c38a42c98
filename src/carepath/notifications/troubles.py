"""What goes wrong between us and a mail server, in words."""

import smtplib
import socket
import ssl

from carepath.kit.words import _


def in_words(problem: Exception) -> str:
    """What went wrong between us and a mail server, as whoever has to mend it would say it."""
    for kind, words in _WORDS:
        if isinstance(problem, kind):
            return words
    return _("it does not speak as mail servers do")


_WORDS: tuple[tuple[type[Exception], str], ...] = (
    (ssl.SSLCertVerificationError, _("its certificate is not valid")),
    (ssl.SSLError, _("it could not agree on encryption with us")),
    (TimeoutError, _("it did not answer in time")),
    (socket.gaierror, _("there is no server of that name")),
    (ConnectionRefusedError, _("nobody answers at that address")),
    (smtplib.SMTPServerDisconnected, _("it hung up")),
    (ConnectionError, _("it hung up")),
    (OSError, _("it cannot be reached")),
)
