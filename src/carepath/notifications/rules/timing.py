"""When messages are due, how a round shares its time, and when a failed try is made again."""

from dataclasses import dataclass
from datetime import datetime, time, timedelta

from carepath.kit import when
from carepath.notifications.rules.kinds import CHECKLIST, KINDS

BATCH = 200  # rows of each urgency that a round claims
CHUNK = 25  # mails that are written, handed over and recorded together, at most
UNRECORDED = 0.05  # seconds of a server's work that are in no record yet: what a killed worker may repeat
LEASE = timedelta(seconds=90)  # longer than a round and its slowest mail, so that no other worker repeats it
ROUND = timedelta(seconds=15)  # no mail is begun later in a round; the rest goes back to the queue
FRESH = 0.25  # seconds of sending for which what was read for a chunk is taken as true
SLOW = 2.0  # seconds for one mail from which its domain is served apart from the others
SLOW_FOR = timedelta(minutes=10)  # how long a domain stays apart after it was slow
SLOW_BATCH = 100
MOST_LEFT = 8  # slow mails that a round leaves to lines of their own at one time
UNREACHABLE = timedelta(seconds=10)  # while there is no mail server, which is no message's fault
MOST_LOSSES = 4  # so often may a worker be lost over a message
MOST_WRITINGS = 8  # so often is it tried to write a message that cannot be written
MOST_BREAKS = 3  # connections broken in a row, after which a round ends
_LAST_CALL = timedelta(minutes=1)
_BACK_OFF = (5, 30, 120, 600, 1800)


@dataclass(frozen=True, slots=True)
class QuietHours:
    """From one wall time to another, across midnight or not, mails that may wait do. Equal times: never."""

    begin: time
    end: time

    def until(self, now: datetime, zone: str) -> datetime | None:
        """When the quiet that holds at `now` in that zone ends; None if none does.

        An end that the clocks jump over is the moment of the jump, as clocks show it.
        """
        local = now.astimezone(when.zone(zone))
        at = local.time()
        crosses = self.begin > self.end
        if not ((at >= self.begin or at < self.end) if crosses else self.begin <= at < self.end):
            return None
        on = local.date() + timedelta(days=1) if crosses and at >= self.begin else local.date()
        return datetime.combine(on, self.end, local.tzinfo).astimezone(now.tzinfo)


def reminders_for(
    start_at: datetime, now: datetime, checklist: timedelta | None = KINDS[CHECKLIST].before
) -> list[tuple[str, datetime]]:
    """(kind, due) of each reminder still ahead. Elapsed hours, so a clock change at night does not shift them. What to
    have ready leaves so long before as `checklist` says; None for a visit that needs nothing ready.

    One whose moment has passed when the visit is booked is left out: the confirmation has just said it all.
    """
    before = {kind.name: kind.before for kind in KINDS.values()} | {CHECKLIST: checklist}
    due = ((name, start_at - ahead) for name, ahead in before.items() if ahead is not None)
    return [(name, at) for name, at in due if at > now]


def next_try(attempts: int, now: datetime, useful_until: datetime) -> datetime | None:
    """When to try again after `attempts` failed ones: more and more slowly, and once more just before it is of no use
    any more. None when that was the last."""
    at = now + timedelta(seconds=_BACK_OFF[min(max(attempts, 1), len(_BACK_OFF)) - 1])
    last = useful_until - _LAST_CALL
    if at <= last:
        return at
    return last if last > now + _LAST_CALL else None
