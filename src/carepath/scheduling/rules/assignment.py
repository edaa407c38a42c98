"""Which of several providers gets a visit when the patient has no preference.

Whoever was given the fewest minutes by their weight comes first; of equals, whoever was given nothing for the longest.
No chance is involved: the same facts give the same answer, and they are kept beside it.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Candidate:
    """Somebody who is free then. `minutes` were given to them within the window; `weight` is their share, 100 a full
    one; `given_at` is when they were last given a visit, if ever."""

    practitioner_id: UUID
    name: str
    weight: int
    minutes: int
    given_at: datetime | None

    @property
    def load(self) -> float:
        """Minutes as a full share would have them."""
        return self.minutes * 100 / self.weight


def ranked(candidates: Iterable[Candidate]) -> list[Candidate]:
    """The one to be asked first, first."""
    return sorted(candidates, key=_key)


def _key(one: Candidate) -> tuple[float, bool, float, int]:
    idle = one.given_at.timestamp() if one.given_at else 0.0
    return one.load, one.given_at is not None, idle, one.practitioner_id.int
