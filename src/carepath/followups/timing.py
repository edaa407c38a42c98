"""config/followups.toml: when check-ins are asked, what becomes of late ones, and which sessions may be written down."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from carepath.followups.rules.check_ins import Phase
from carepath.kit.errors import ConfigProblem

_FILE = "followups.toml"
PHASES = ("test-dose", "induction", "maintenance", "taper")


@dataclass(frozen=True, slots=True)
class Cadence:
    """Days after a check-in's due date. Units are in the names."""

    remind_after_days: int
    call_after_days: int
    hold_after_days: int
    source: str
    call_again_hours: int = 20

    @property
    def overdue_after(self) -> timedelta:
        """From then on a check-in is overdue and the patient is reminded."""
        return timedelta(days=self.remind_after_days)

    def until_next(self, step: int) -> timedelta | None:
        """How long the next step waits once the ladder stands at `step`; None at its end."""
        days = (self.remind_after_days, self.call_after_days, self.hold_after_days)
        return timedelta(days=days[step] - days[step - 1]) if step < len(days) else None


@dataclass(frozen=True, slots=True)
class RedAgain:
    """When a red signal that nobody has acknowledged is told again: hours after it was raised, and from then on."""

    after_hours: int
    again_hours: int
    source: str

    def first(self, raised_at: datetime) -> datetime:
        """When it is told for the second time, after the mail of the moment."""
        return raised_at + timedelta(hours=self.after_hours)

    def next(self, now: datetime) -> datetime:
        """When it is told again once it is told now."""
        return now + timedelta(hours=self.again_hours)


@dataclass(frozen=True, slots=True)
class Windows:
    """When check-ins are asked, by phase of a running plan."""

    before_runway_days: int
    source: str
    phases: dict[str, Phase]


@dataclass(frozen=True, slots=True)
class AfterSession:
    """When a patient is asked how they have been since a visit whose kind says so in clinic.toml: hours after its end.
    `close_after_days` after that nobody is asked any more."""

    due_after_hours: int
    source: str
    close_after_days: int = 10


@dataclass(frozen=True, slots=True)
class SessionReads:
    """Which question of those asked after a session says what of it, by linkId."""

    route: str
    dose: str
    before_systolic: str
    before_diastolic: str
    before_heart_rate: str
    after_systolic: str
    after_diastolic: str
    after_heart_rate: str
    effects: str
    severity: str
    dissociation: str
    distress: str
    escort: str
    home: str
    no_driving: str


@dataclass(frozen=True, slots=True)
class SessionLimits:
    """How far from now a dosing session that is written down may have been, and how a patient's report is read."""

    most_days_back: int
    most_minutes_ahead: int
    source: str
    reads: SessionReads


def check_cadence(cadence: Cadence, after: AfterSession) -> None:
    """ConfigProblem names the key."""
    if not 0 < cadence.remind_after_days < cadence.call_after_days < cadence.hold_after_days <= 366:
        raise ConfigProblem(_FILE, "cadence", "the three numbers of days rise from 1 to 366")
    _within("cadence.call_again_hours", cadence.call_again_hours, 1, 7 * 24)
    _within("after_session.due_after_hours", after.due_after_hours, 1, 7 * 24)
    _within("after_session.close_after_days", after.close_after_days, cadence.remind_after_days + 1, 60)


def check_red_again(found: RedAgain) -> None:
    """ConfigProblem names the key."""
    _within("red_again.after_hours", found.after_hours, 1, 30 * 24)
    _within("red_again.again_hours", found.again_hours, 1, 30 * 24)


def check_windows(windows: Windows) -> None:
    """ConfigProblem names the key."""
    _within("windows.before_runway_days", windows.before_runway_days, 0, 60)
    if set(windows.phases) != set(PHASES):
        raise ConfigProblem(_FILE, "windows.phases", f"the phases are {', '.join(PHASES)}")
    for name, phase in windows.phases.items():
        key = f"windows.phases.{name}"
        if not 0 < phase.not_before_days <= phase.target_days <= phase.latest_days <= 366:
            raise ConfigProblem(_FILE, key, "not_before, target and latest days rise from 1 to 366")
        _within(f"{key}.between_days", phase.between_days, 1, 366)


def check_session(limits: SessionLimits) -> None:
    """ConfigProblem names the key."""
    _within("session.most_days_back", limits.most_days_back, 1, 3660)
    _within("session.most_minutes_ahead", limits.most_minutes_ahead, 0, 24 * 60)


def _within(key: str, number: int, low: int, high: int) -> None:
    if not low <= number <= high:
        raise ConfigProblem(_FILE, key, f"a number from {low} to {high}")
