"""The evaluations island's verbs."""

from carepath.evaluations.catalogue import Outcome, evaluations
from carepath.evaluations.deciding import (
    answer,
    ask,
    decide,
    decision_of,
    get,
    is_answered,
    is_waited_for,
    newest_of_patient,
    open_questions,
    question,
    requests_of,
)
from carepath.evaluations.insisting import escalate_tasks, give_to_all, is_told_of_task, late_tasks_by_owner
from carepath.evaluations.queries import Decision, Evaluation, Late
from carepath.evaluations.question_queries import InformationRequest, UrgentTask
from carepath.evaluations.reviewing import (
    assign_for_visit,
    claim,
    escalate,
    finish_urgent,
    hand_over,
    has_open_urgent,
    is_told,
    late_by_owner,
    leave,
    open_for,
    open_tasks,
    owners,
    release,
    urgent,
    urgent_task,
    withdraw,
)


def outcomes() -> dict[str, Outcome]:
    """Every outcome with what it is called and its words, as the clinic has them."""
    return evaluations().decisions


__all__ = [
    "Decision", "Evaluation", "InformationRequest", "Late", "Outcome", "UrgentTask", "answer", "ask", "assign_for_visit",
    "claim", "decide", "decision_of", "escalate", "escalate_tasks", "finish_urgent", "get", "give_to_all", "hand_over",
    "has_open_urgent", "is_answered", "is_told", "is_told_of_task",
    "is_waited_for", "late_by_owner", "late_tasks_by_owner", "leave", "newest_of_patient", "open_for", "open_questions", "open_tasks", "outcomes", "owners",
    "question", "release", "requests_of", "urgent", "urgent_task", "withdraw",
]  # fmt: skip
