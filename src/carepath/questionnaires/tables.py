"""Questionnaire versions, responses and scores. A response's resource is sealed."""

from piccolo.columns import JSONB, UUID, Bytea, Integer, Numeric, Text, Timestamptz
from piccolo.table import Table

from carepath.kit.db import DB


class QuestionnaireVersion(Table, tablename="questionnaire_version", db=DB):
    """One immutable version."""

    id = UUID(primary_key=True)
    url = Text()
    version = Text()
    sha256 = Bytea()
    resource = JSONB()
    created_at = Timestamptz()


class QuestionnaireResponse(Table, tablename="questionnaire_response", db=DB):
    """One person's answers to one version."""

    id = UUID(primary_key=True)
    subject = Text()
    subject_id = UUID()
    patient_id = UUID(null=True)
    url = Text()
    version = Text()
    status = Text()
    revision = Integer()
    resource_enc = Bytea()
    created_at = Timestamptz()
    updated_at = Timestamptz()
    completed_at = Timestamptz(null=True)


class ScoreRow(Table, tablename="score", db=DB):
    """A score, typed, so that no page reads JSON for it."""

    id = UUID(primary_key=True)
    response_id = UUID()
    patient_id = UUID(null=True)
    code = Text()
    value = Numeric(null=True)
    answered = Integer()
    items = Integer()
    band = Text(null=True)
    engine_version = Text()
    taken_at = Timestamptz()
