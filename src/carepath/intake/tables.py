"""Intakes and the consents that were given in them."""

from piccolo.columns import JSONB, UUID, Bytea, Text, Timestamptz
from piccolo.table import Table

from carepath.kit.db import DB


class Intake(Table, tablename="intake", db=DB):
    """One application. It belongs to a patient once an address is proved."""

    id = UUID(primary_key=True)
    patient_id = UUID(null=True)
    status = Text()
    email_index = Bytea(null=True)
    email_enc = Bytea(null=True)
    first_name_enc = Bytea(null=True)
    last_name_enc = Bytea(null=True)
    birth_date_enc = Bytea()
    jurisdiction = Text()
    zone = Text()
    created_at = Timestamptz()
    updated_at = Timestamptz()
    submitted_at = Timestamptz(null=True)


class ConsentGiven(Table, tablename="consent_given", db=DB):
    """A consent signed, bound to the exact text by its hash."""

    id = UUID(primary_key=True)
    intake_id = UUID()
    patient_id = UUID()
    consent_id = Text()
    version = Text()
    text_sha256 = Bytea()
    statements = JSONB()
    initials_enc = Bytea()
    signed_name_enc = Bytea()
    address_enc = Bytea()
    signed_at = Timestamptz()
