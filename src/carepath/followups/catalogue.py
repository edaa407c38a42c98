"""config/followups.toml: the cadence of reminders and the signals."""

from dataclasses import dataclass, field
from pathlib import Path

from carepath.followups import timing
from carepath.followups.plan_catalogue import PlanRule, check_home, check_limits, check_plan_rule
from carepath.followups.rules.home import HomeRule
from carepath.followups.rules.limits import Limit
from carepath.followups.rules.signals import SignalRule
from carepath.followups.signal_catalogue import BaselineForms, Reads, check_rules
from carepath.followups.timing import AfterSession, Cadence, RedAgain, SessionLimits, Windows
from carepath.kit import config
from carepath.kit.errors import ConfigProblem

_FILE = "followups.toml"


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
class FollowUps:
    """The file, checked."""

    cadence: Cadence
    red_again: RedAgain
    review: ReviewRule
    reads: Reads
    baseline: BaselineForms
    signals: list[SignalRule]
    windows: Windows
    session: SessionLimits
    plan: PlanRule
    home: HomeRule
    limits: list[Limit] = field(default_factory=list)
    after_session: AfterSession = field(
        default_factory=lambda: AfterSession(20, "Clinic default; needs medical sign-off")
    )


class _Kept:
    found: FollowUps | None = None


def load(config_dir: Path) -> FollowUps:
    """Read and check. ConfigProblem names the key."""
    found = config.load(config_dir / _FILE, FollowUps)
    timing.check_cadence(found.cadence, found.after_session)
    timing.check_red_again(found.red_again)
    timing.check_windows(found.windows)
    timing.check_session(found.session)
    review = found.review
    if not 0 <= review.ask_ahead_days <= review.not_before_days <= review.target_days <= review.latest_days <= 366:
        raise ConfigProblem(_FILE, "review", "ask_ahead, not_before, target and latest days rise from 0 to 366")
    check_plan_rule(_FILE, found.plan)
    check_home(_FILE, found.home)
    check_limits(_FILE, found.limits)
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
