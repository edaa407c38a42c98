"""What a mail server may do to whoever talks to it, and to whom and how often."""

from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from threading import Lock
from typing import Literal

Stage = Literal[
    "banner", "ehlo", "helo", "starttls", "handshake", "auth", "mail", "rcpt", "data", "content", "body", "quit"
]  # fmt: skip


@dataclass(frozen=True, eq=False)
class Fault:
    """One misbehaviour at one stage of a dialogue. "content" is in the middle of a mail, "body" after its last dot.

    `to`: only in mails to this address. `times`: how often, or until it is lifted; with `each`, so often for every
    recipient, which is greylisting. `stores`: after the body, whether the mail is kept; left open, it is kept when
    the answer says so.
    """

    stage: Stage
    reply: bytes = b""
    to: str = ""
    times: int | None = None
    each: bool = False
    wait: float = 0.0  # seconds before the answer
    drip: float = 0.0  # seconds between the bytes of the answer
    hangs_up: Literal["", "instead", "after"] = ""  # of answering
    stores: bool | None = None


class Faults:
    """The faults in force; safe to change while the server talks."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._all: list[Fault] = []
        self._used: Counter[tuple[Fault, str]] = Counter()

    def add(self, *faults: Fault) -> None:
        """From now on, the earlier before the later."""
        with self._lock:
            self._all += faults

    def lift(self, *faults: Fault) -> None:
        """These are over; without any, all are."""
        with self._lock:
            self._all = [fault for fault in self._all if faults and fault not in faults]

    @contextmanager
    def during(self, *faults: Fault) -> Iterator[None]:
        """In force inside the block."""
        self.add(*faults)
        try:
            yield
        finally:
            self.lift(*faults)

    def times(self, fault: Fault) -> int:
        """How often it has happened."""
        with self._lock:
            return sum(count for (which, _to), count in self._used.items() if which is fault)

    def take(self, stage: Stage, recipients: Iterable[str] = ()) -> Fault | None:
        """What happens at this stage of a mail to `recipients`; it counts as having happened."""
        known = [recipient.lower() for recipient in recipients] or [""]
        with self._lock:
            for fault in self._all:
                whom = [one for one in known if fault.to.lower() in ("", one)]
                if fault.stage == stage and whom and self._is_left(fault, whom[-1]):
                    return fault
        return None

    def _is_left(self, fault: Fault, recipient: str) -> bool:
        """Count it, unless it has happened often enough."""
        key = (fault, recipient if fault.each else "")
        if fault.times is not None and self._used[key] >= fault.times:
            return False
        self._used[key] += 1
        return True
