"""The follow-ups island's verbs."""

from carepath.followups.catalogue import ReviewRule
from carepath.followups.check_in_queries import CheckIn
from carepath.followups.checking_in import (
    after_session_wait,
    check_ins,
    check_ins_of,
    complete,
    get_check_in,
    mark_overdue,
    open_after,
    open_due,
    review_rule,
)
from carepath.followups.coming_due import raise_due
from carepath.followups.plan_queries import Plan, PlanVersion
from carepath.followups.planning import (
    change_plan,
    end_plan,
    pause_plan,
    plan,
    plan_of,
    resume_plan,
    versions_of,
    write_plan,
)
from carepath.followups.reading_answers import reading_of
from carepath.followups.readings import history_of, take_reading
from carepath.followups.rules.course import Course
from carepath.followups.rules.history import Dose, History, Reading
from carepath.followups.rules.plans import PlanDraft
from carepath.followups.rules.signals import Raised, SignalRule
from carepath.followups.signal_queries import Signal
from carepath.followups.signalling import acknowledge, signal, signals_of

__all__ = [
    "CheckIn", "Course", "Dose", "History", "Plan", "PlanDraft", "PlanVersion", "Raised", "Reading", "ReviewRule",
    "Signal", "SignalRule", "acknowledge", "after_session_wait", "change_plan", "check_ins", "check_ins_of", "complete",
    "end_plan", "get_check_in", "history_of", "mark_overdue", "open_after", "open_due", "pause_plan", "plan", "plan_of",
    "raise_due", "reading_of", "resume_plan", "review_rule", "signal", "signals_of", "take_reading", "versions_of",
    "write_plan",
]  # fmt: skip
