"""Screening results and findings. The answers that fired are sealed."""

from piccolo.columns import UUID, Boolean, Bytea, SmallInt, Text, Timestamptz
from piccolo.table import Table

from carepath.kit.db import DB


class ScreeningResult(Table, tablename="screening_result", db=DB):
    """One run of the rules."""

    id = UUID(primary_key=True)
    intake_id = UUID()
    patient_id = UUID(null=True)
    stage = Text()
    outcome = Text()
    is_urgent = Boolean()
    created_at = Timestamptz()
    stops = SmallInt()
    reviews = SmallInt()
    urgent_words = Text(null=True)


class FindingRow(Table, tablename="finding", db=DB):
    """One rule that fired, in the words of that day."""

    id = UUID(primary_key=True)
    result_id = UUID()
    rule_id = Text()
    rule_version = Text()
    outcome = Text()
    source = Text()
    patient_words = Text()
    provider_words = Text()
    answers_enc = Bytea()
