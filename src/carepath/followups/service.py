"""The follow-ups island's verbs."""

from carepath.followups.call_queries import Call
from carepath.followups.calling import call_of, is_to_be_called, record_call
from carepath.followups.catalogue import ReviewRule
from carepath.followups.check_in_queries import CheckIn
from carepath.followups.checking_in import (
    after_session_wait,
    check_ins,
    check_ins_of,
    climb,
    close_abandoned,
    complete,
    get_check_in,
    held_check_in,
    mark_overdue,
    open_after,
    open_due,
    review_rule,
)
from carepath.followups.closing import close_late, closing_of
from carepath.followups.coming_due import raise_due
from carepath.followups.picturing import Readings, readings_of
from carepath.followups.plan_catalogue import PlanRule
from carepath.followups.plan_queries import Plan, PlanVersion
from carepath.followups.planning import (
    change_plan,
    end_plan,
    home_rule,
    pause_plan,
    plan,
    plan_of,
    plan_points,
    plan_rule,
    resume_plan,
    steps_of,
    taper_plan,
    versions_of,
    write_plan,
)
from carepath.followups.reading_answers import reading_of
from carepath.followups.readings import acknowledged_reds, history_of, red_in, take_reading
from carepath.followups.records import record_labs, record_pdmp, renew
from carepath.followups.rules.course import Course
from carepath.followups.rules.history import Dose, History, Reading
from carepath.followups.rules.home import HomeRule
from carepath.followups.rules.limits import RangeWarning, Unseen
from carepath.followups.rules.plans import PlanDetails, PlanDraft
from carepath.followups.rules.sessions import SessionDraft
from carepath.followups.rules.signals import Noticed, Raised, SignalRule
from carepath.followups.session_log import (
    Session,
    Told,
    correct_session,
    raised_by,
    record_session,
    report_session,
    session_report,
    sessions_of,
)
from carepath.followups.session_queries import SessionReport
from carepath.followups.signal_queries import Signal
from carepath.followups.signalling import acknowledge, signal, signals_of, tell_red_again, told_again_by_owner
from carepath.followups.telling import session_reads, told_draft

__all__ = [
    "Call", "CheckIn", "Course", "Dose", "History", "HomeRule", "Noticed", "Plan", "PlanDetails", "PlanDraft", "PlanRule",
    "PlanVersion", "Raised", "RangeWarning", "Reading", "Readings", "ReviewRule", "Session", "SessionDraft",
    "SessionReport", "Signal", "SignalRule", "Told", "Unseen", "acknowledge", "acknowledged_reds", "after_session_wait", "call_of",
    "change_plan", "check_ins", "check_ins_of", "climb", "close_abandoned", "close_late", "closing_of", "complete", "correct_session",
    "end_plan", "get_check_in", "held_check_in", "history_of", "home_rule", "is_to_be_called", "mark_overdue", "open_after", "open_due", "pause_plan",
    "plan", "plan_of", "plan_points", "plan_rule", "raise_due", "raised_by", "reading_of", "readings_of",
    "record_call", "record_labs", "record_pdmp", "record_session", "red_in", "renew", "report_session", "resume_plan",
    "review_rule", "session_reads", "session_report", "sessions_of", "signal", "signals_of", "steps_of",
    "take_reading", "taper_plan", "tell_red_again", "told_again_by_owner", "told_draft", "versions_of", "write_plan",
]  # fmt: skip
