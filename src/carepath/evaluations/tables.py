"""Evaluations, decisions, questions to patients, urgent tasks. What people write is sealed."""

from piccolo.columns import UUID, Boolean, Bytea, Date, Integer, SmallInt, Text, Timestamptz
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
    rank = SmallInt()
    escalations = SmallInt()
    escalate_at = Timestamptz(null=True)
    handed_by = UUID(null=True)


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
    escalations = SmallInt()
    escalate_at = Timestamptz(null=True)


class EvaluationCheck(Table, tablename="evaluation_check", db=DB):
    """Something that a provider has seen to before approving."""

    id = UUID(primary_key=True)
    evaluation_id = UUID()
    item = Text()
    is_done = Boolean()
    on_date = Date(null=True)
    detail_enc = Bytea(null=True)
    author_id = UUID()
    at = Timestamptz()


class FindingOverride(Table, tablename="finding_override", db=DB):
    """A finding that a provider goes on in spite of, and why."""

    id = UUID(primary_key=True)
    evaluation_id = UUID()
    rule_id = Text()
    rule_version = Text()
    reason_enc = Bytea()
    author_id = UUID()
    at = Timestamptz()


class ClinicalNote(Table, tablename="clinical_note", db=DB):
    """A note: a draft, or signed and never changed again."""

    id = UUID(primary_key=True)
    patient_id = UUID()
    practitioner_id = UUID()
    evaluation_id = UUID(null=True)
    addends = UUID(null=True)
    text_enc = Bytea()
    author_id = UUID()
    version = Integer()
    created_at = Timestamptz()
    updated_at = Timestamptz()
    signed_at = Timestamptz(null=True)
