"""The follow-ups island's verbs."""

from carepath.followups.catalogue import Reads, ReviewRule
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
    reads,
    review_rule,
)
from carepath.followups.picturing import Readings, readings_of
from carepath.followups.plan_queries import Plan, PlanVersion
from carepath.followups.planning import change_plan, end_plan, pause_plan, plan_of, resume_plan, versions_of, write_plan
from carepath.followups.rules.course import Course
from carepath.followups.rules.plans import PlanDraft
from carepath.followups.rules.signals import Raised, Reading, SignalRule
from carepath.followups.signal_queries import Signal
from carepath.followups.signalling import acknowledge, signal, signals_of

__all__ = [
    "CheckIn", "Course", "Plan", "PlanDraft", "PlanVersion", "Raised", "Reading", "Readings", "Reads", "ReviewRule", "Signal",
    "SignalRule", "acknowledge", "after_session_wait", "change_plan", "check_ins", "check_ins_of", "complete",
    "end_plan", "get_check_in", "mark_overdue", "open_after", "open_due", "pause_plan", "plan_of", "readings_of", "reads",
    "resume_plan", "review_rule", "signal", "signals_of", "versions_of", "write_plan",
]  # fmt: skip
