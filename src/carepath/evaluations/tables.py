"""Evaluations, decisions, questions to patients, urgent tasks. What people write is sealed."""

from piccolo.columns import UUID, Bytea, Integer, Text, Timestamptz
from piccolo.table import Table

from carepath.kit.db import DB


class EvaluationRow(Table, tablename="evaluation", db=DB):
    """The review of one intake."""

    id = UUID(primary_key=True)
    patient_id = UUID()
    intake_id = UUID(unique=True)
    practitioner_id = UUID(null=True)
    status = Text()
    priority = Text()
    due_at = Timestamptz()
    outcome = Text(null=True)
    version = Integer()
    opened_at = Timestamptz()
    decided_at = Timestamptz(null=True)


class DecisionRow(Table, tablename="decision", db=DB):
    """What was decided, by whom, why."""

    id = UUID(primary_key=True)
    evaluation_id = UUID()
    outcome = Text()
    reason_enc = Bytea(null=True)
    patient_words_enc = Bytea(null=True)
    author_id = UUID()
    at = Timestamptz()


class InformationRequestRow(Table, tablename="information_request", db=DB):
    """A question to the patient and its answer."""

    id = UUID(primary_key=True)
    evaluation_id = UUID()
    patient_id = UUID()
    question_enc = Bytea()
    asked_by = UUID()
    asked_at = Timestamptz()
    answer_enc = Bytea(null=True)
    answered_at = Timestamptz(null=True)


class UrgentTaskRow(Table, tablename="urgent_task", db=DB):
    """Somebody needs a person today."""

    id = UUID(primary_key=True)
    patient_id = UUID(null=True)
    practitioner_id = UUID(null=True)
    subject = Text()
    subject_id = UUID()
    rule_id = Text()
    rule_version = Text()
    words = Text()
    status = Text()
    opened_at = Timestamptz()
    due_at = Timestamptz()
    done_at = Timestamptz(null=True)
    done_by = UUID(null=True)
    note_enc = Bytea(null=True)
