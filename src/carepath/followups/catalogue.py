"""config/followups.toml: the cadence of reminders and the signals."""

from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from carepath.followups.rules.signals import SignalRule
from carepath.followups.signal_catalogue import BaselineForms, Reads, check_rules
from carepath.kit import config
from carepath.kit.errors import ConfigProblem

_FILE = "followups.toml"


@dataclass(frozen=True, slots=True)
class Cadence:
    """Days after a check-in's due date. Units are in the names."""

    remind_after_days: int
    call_after_days: int
    hold_after_days: int
    source: str

    @property
    def overdue_after(self) -> timedelta:
        """From then on a check-in is overdue and the patient is reminded."""
        return timedelta(days=self.remind_after_days)


@dataclass(frozen=True, slots=True)
class ReviewRule:
    """When a running plan asks for a visit with its provider: days after the last such visit, or the plan's beginning.

    A consult inside the window is proposed from `ask_ahead_days` before its beginning on.
    """

    visit_type: str
    not_before_days: int
    target_days: int
    latest_days: int
    ask_ahead_days: int
    source: str


@dataclass(frozen=True, slots=True)
class AfterSession:
    """When a patient is asked how they have been since a visit whose kind says so in clinic.toml: hours after its end."""

    due_after_hours: int
    source: str


@dataclass(frozen=True, slots=True)
class FollowUps:
    """The file, checked."""

    cadence: Cadence
    review: ReviewRule
    reads: Reads
    baseline: BaselineForms
    signals: list[SignalRule]
    after_session: AfterSession = AfterSession(20, "Clinic default; needs medical sign-off")


class _Kept:
    found: FollowUps | None = None


def load(config_dir: Path) -> FollowUps:
    """Read and check. ConfigProblem names the key."""
    found = config.load(config_dir / _FILE, FollowUps)
    cadence = found.cadence
    if not 0 < cadence.remind_after_days < cadence.call_after_days < cadence.hold_after_days <= 366:
        raise ConfigProblem(_FILE, "cadence", "the three numbers of days rise from 1 to 366")
    review = found.review
    if not 0 <= review.ask_ahead_days <= review.not_before_days <= review.target_days <= review.latest_days <= 366:
        raise ConfigProblem(_FILE, "review", "ask_ahead, not_before, target and latest days rise from 0 to 366")
    if not 1 <= found.after_session.due_after_hours <= 7 * 24:
        raise ConfigProblem(_FILE, "after_session.due_after_hours", "a number of hours from 1 to 168")
    check_rules(found.signals)
    return found


def configure(found: FollowUps) -> None:
    """Make this what the process works by."""
    _Kept.found = found


def followups() -> FollowUps:
    """What this process works by. RuntimeError before `configure`."""
    if _Kept.found is None:
        raise RuntimeError("followups.catalogue.configure was not called")
    return _Kept.found
