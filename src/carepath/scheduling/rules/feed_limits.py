"""What a stranger's calendar may cost us, and what we say of it without repeating a word it says."""

from collections import Counter
from dataclasses import dataclass, field

from carepath.kit.words import _

MOST_BYTES = 2 * 1024 * 1024
MOST_COMPONENTS = 10_000
MOST_DEPTH = 5
MOST_LINE = 75 * 1024
MOST_STEPS = 400_000
MOST_TIMES = 5_000

_TOO_MUCH = _("This calendar repeats too often to be read. Export only the months that matter.")
_SAYS = {
    "backwards": _("Ignored because they end before they begin: {n}."),
    "undated": _("Ignored because their date or time cannot be read: {n}."),
    "series": _("Ignored because their repeats contradict each other: {n}."),
    "rule": _("Repeats that are not understood, such as every hour; only the first time counts: {n}."),
    "extra": _("Added or left-out dates of a repeat that cannot be read: {n}."),
    "long": _("Longer than 60 days, kept as busy: {n}."),
    "zone": _("Times in an unknown time zone, read as {zone}: {n}."),
    "bytes": _("Some characters are not UTF-8; times are not affected."),
    "line": _("Very long lines that say nothing about time, skipped: {n}."),
}


class BadFeed(Exception):
    """A calendar that cannot be used at all. `reason` is for a coordinator and quotes nothing of the file."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Unclear(Exception):
    """One entry that cannot be used; `kind` is the note that tells why."""

    def __init__(self, kind: str) -> None:
        super().__init__(kind)
        self.kind = kind


@dataclass(slots=True)
class Budget:
    """Work left for one file. Counting bounds the time, which pure code cannot look at."""

    steps: int = MOST_STEPS
    times: int = MOST_TIMES

    def spend(self, steps: int) -> None:
        """BadFeed once the file asks for more than a calendar ever needs."""
        self.steps -= steps
        if self.steps < 0:
            raise BadFeed(_TOO_MUCH)

    def found(self, times: int = 1) -> None:
        """The same for occurrences: leaving some out would offer times that are taken."""
        self.times -= times
        if self.times < 0:
            raise BadFeed(_TOO_MUCH)


@dataclass(slots=True)
class Notes:
    """How often each oddity was met."""

    met: Counter[str] = field(default_factory=Counter)
    ignored: int = 0

    def note(self, kind: str) -> None:
        """Met, and read nevertheless."""
        self.met[kind] += 1

    def ignore(self, kind: str) -> None:
        """Met, and therefore not read."""
        self.met[kind] += 1
        self.ignored += 1

    def said(self, zone: str) -> tuple[str, ...]:
        """The notes as sentences, always in the same order."""
        return tuple(words.format(n=self.met[kind], zone=zone) for kind, words in _SAYS.items() if self.met[kind])
