"""Treatment plans, check-ins, signals. What the provider writes is sealed."""

from piccolo.columns import JSONB, UUID, Boolean, Bytea, Date, Integer, SmallInt, Text, Timestamptz
from piccolo.table import Table

from carepath.kit.db import DB


class TreatmentPlanRow(Table, tablename="treatment_plan", db=DB):
    """The provider's plan for one patient."""

    id = UUID(primary_key=True)
    patient_id = UUID()
    practitioner_id = UUID()
    version = Integer()
    status = Text()
    route = Text()
    setting = Text()
    dose_enc = Bytea()
    interval_days = Integer()
    check_in_every_days = Integer()
    goals_enc = Bytea()
    starts_on = Date()
    next_check_in_at = Timestamptz(null=True)
    created_at = Timestamptz()
    updated_at = Timestamptz()
    ended_at = Timestamptz(null=True)
    phase = Text()
    sessions_planned = Integer(null=True)
    runway_until = Date(null=True)
    labs_due_on = Date(null=True)
    pdmp_due_on = Date(null=True)
    details_enc = Bytea(null=True)
    attention = SmallInt()
    attention_at = Timestamptz(null=True)
    counted_from = Timestamptz(null=True)
    standing = JSONB(null=True)
    scores = JSONB(null=True)


class TreatmentPlanVersionRow(Table, tablename="treatment_plan_version", db=DB):
    """Each version as it was written."""

    id = UUID(primary_key=True)
    plan_id = UUID()
    version = Integer()
    plan_enc = Bytea()
    author_id = UUID()
    at = Timestamptz()


class CheckInRow(Table, tablename="check_in", db=DB):
    """One set of questions that fell due."""

    id = UUID(primary_key=True)
    plan_id = UUID()
    patient_id = UUID()
    practitioner_id = UUID()
    sequence = Integer()
    status = Text()
    due_at = Timestamptz()
    overdue_at = Timestamptz()
    response_id = UUID(null=True)
    completed_at = Timestamptz(null=True)
    created_at = Timestamptz()
    visit_id = UUID(null=True)
    opens_at = Timestamptz()
    latest_at = Timestamptz()
    step = SmallInt()
    step_at = Timestamptz(null=True)


class SignalRow(Table, tablename="signal", db=DB):
    """Something a check-in raised, in the rule's words of that day."""

    id = UUID(primary_key=True)
    patient_id = UUID()
    practitioner_id = UUID()
    check_in_id = UUID(null=True)
    rule_id = Text()
    rule_version = Text()
    severity = Text()
    words = Text()
    source = Text()
    readings = JSONB()
    raised_at = Timestamptz()
    acknowledged_at = Timestamptz(null=True)
    acknowledged_by = UUID(null=True)
    note_enc = Bytea(null=True)
    reading_id = UUID(null=True)
    anchor = Text()
    about_at = Timestamptz()
    lapsed_at = Timestamptz(null=True)
    is_open = Boolean(null=True)
    escalations = SmallInt()
    escalate_at = Timestamptz(null=True)


class DosingSession(Table, tablename="dosing_session", db=DB):
    """One session as it was reported; a correction replaces it by another."""

    id = UUID(primary_key=True)
    plan_id = UUID()
    patient_id = UUID()
    practitioner_id = UUID()
    appointment_id = UUID(null=True)
    check_in_id = UUID(null=True)
    reported_by = Text()
    held_at = Timestamptz()
    record_enc = Bytea()
    replaces = UUID(null=True)
    author_id = UUID()
    created_at = Timestamptz()


class ReadingRow(Table, tablename="reading", db=DB):
    """What is known of a patient at a time."""

    id = UUID(primary_key=True)
    patient_id = UUID()
    practitioner_id = UUID()
    plan_id = UUID()
    source = Text()
    source_id = UUID()
    taken_at = Timestamptz()
    body_enc = Bytea()
    replaces = UUID(null=True)
    recorded_at = Timestamptz()


class PatientCall(Table, tablename="patient_call", db=DB):
    """A coordinator is asked to call somebody."""

    id = UUID(primary_key=True)
    patient_id = UUID()
    check_in_id = UUID()
    status = Text()
    opened_at = Timestamptz()
    due_at = Timestamptz()
    done_at = Timestamptz(null=True)
    done_by = UUID(null=True)
    note_enc = Bytea(null=True)
    tries = SmallInt()
    tried_at = Timestamptz(null=True)
    late_since = Timestamptz()
