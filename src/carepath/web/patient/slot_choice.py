"""What a patient narrows the free times to: kind of visit, provider, part of the day. All of it is in the address."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from carepath.journey.choose import FIRST_VISIT, Found, Wanted, providers
from carepath.kit.words import _
from carepath.scheduling.rules.model import VisitType
from carepath.scheduling.rules.parts import PARTS
from carepath.web.slots import ANYBODY, SlotCalendar, slot_calendar
from carepath.web.wire import Req, actor_of

_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.ASCII)
_PARTS = {
    "morning": _("Morning, before noon"),
    "afternoon": _("Afternoon, until 5 PM"),
    "evening": _("Evening, from 5 PM"),
}


@dataclass(frozen=True, slots=True)
class SlotChoice:
    """The three choices as the page shows them, and what they ask for. `kinds`, `providers` and `parts` are options
    (value, words)."""

    visit: str
    with_whom: str
    part: str
    kinds: tuple[tuple[str, str], ...]
    providers: tuple[tuple[str, str], ...]
    parts: tuple[tuple[str, str], ...]

    @property
    def is_first(self) -> bool:
        """Is it the visit that follows the intake?"""
        return self.visit == FIRST_VISIT

    @property
    def is_narrowed(self) -> bool:
        """Was anything chosen?"""
        return bool(self.with_whom or self.part or not self.is_first)

    @property
    def wanted(self) -> Wanted:
        """What to look for."""
        who = UUID(self.with_whom) if self.with_whom not in {"", ANYBODY} else None
        return Wanted(self.visit, who, self.part or None)

    def calendar(self, found: Found, zone: str, first_on: date, now: datetime, action: str) -> SlotCalendar:
        """The free times as buttons; all ways to other dates keep the choice."""
        asked = {"visit": "" if self.is_first else self.visit, "with": self.with_whom, "part": self.part}
        query = {name: value for name, value in asked.items() if value}
        merged = self.with_whom == ANYBODY
        return slot_calendar(found.offers, zone, first_on, now, action, query=query, merged=merged, beyond=found.later)


async def read(request: Req, kinds: Sequence[VisitType], fixed: str | None = None) -> SlotChoice:
    """The choice in the address; what is not on offer counts as not chosen. `fixed` is the kind of a visit that moves."""
    asked = request.query_params
    known = tuple((str(one.id), one.name) for one in await providers(actor_of(request)))
    offered = [one.code for one in kinds]
    visit = asked.get("visit", "")
    with_whom, part = asked.get("with", ""), asked.get("part", "")
    if not _UUID.fullmatch(with_whom) or with_whom not in dict(known):
        with_whom = with_whom if with_whom == ANYBODY and fixed is None else ""
    whoever = ((ANYBODY, _("Whoever is free; we choose fairly")),) if fixed is None else ()
    return SlotChoice(
        fixed or (visit if visit in offered else next(iter(offered), FIRST_VISIT)), with_whom,
        part if part in PARTS else "", tuple((one.code, one.name) for one in kinds),
        (("", _("Every provider")), *whoever, *known),
        (("", _("Any time of the day")), *((name, _PARTS[name]) for name in PARTS)),
    )  # fmt: skip
