"""Audit rows and status history. Both are append-only: triggers refuse changes."""

from piccolo.columns import JSONB, UUID, BigInt, Bytea, Text, Timestamptz
from piccolo.table import Table

from carepath.kit.db import DB


class AuditEvent(Table, tablename="audit_event", db=DB):
    """One act or one read. `mac` is keyed outside the database."""

    id = UUID(primary_key=True)
    seq = BigInt()
    at = Timestamptz()
    actor_role = Text()
    actor_id = UUID(null=True)
    action = Text()
    subject = Text()
    subject_id = UUID(null=True)
    patient_id = UUID(null=True)
    request_id = Text()
    detail = JSONB()
    mac = Bytea()


class StatusChange(Table, tablename="status_change", db=DB):
    """One step of one thing through its states, with its author."""

    id = UUID(primary_key=True)
    subject = Text()
    subject_id = UUID()
    from_status = Text(null=True)
    to_status = Text()
    action = Text()
    author_role = Text()
    author_id = UUID(null=True)
    reason_enc = Bytea(null=True)
    at = Timestamptz()
    request_id = Text()
