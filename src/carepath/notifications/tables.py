"""Messages: ids and states only. What they say is read at the moment they leave."""

from piccolo.columns import UUID, Integer, Text, Timestamptz
from piccolo.table import Table

from carepath.kit.db import DB


class MessageRow(Table, tablename="message", db=DB):
    """One message, unique per subject, version, kind and recipient."""

    id = UUID(primary_key=True)
    kind = Text()
    recipient_kind = Text()
    recipient_id = UUID()
    subject = Text()
    subject_id = UUID()
    subject_version = Integer()
    due_at = Timestamptz()
    useful_until = Timestamptz(null=True)
    status = Text()
    reason = Text()
    attempts = Integer()
    next_try_at = Timestamptz()
    lease_until = Timestamptz(null=True)
    sent_at = Timestamptz(null=True)
    created_at = Timestamptz()
    updated_at = Timestamptz()
