"""Messages: ids and states only. What they say is read at the moment they leave."""

from piccolo.columns import UUID, Bytea, Integer, SmallInt, Text, Timestamptz
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
    useful_until = Timestamptz()
    status = Text()
    reason = Text()
    attempts = Integer()
    next_try_at = Timestamptz()
    lease_until = Timestamptz(null=True)
    sent_at = Timestamptz(null=True)
    bounced_at = Timestamptz(null=True)
    created_at = Timestamptz()
    updated_at = Timestamptz()
    urgency = SmallInt()
    copy = SmallInt()
    losses = SmallInt()
    lane = Bytea(null=True)


class SlowMail(Table, tablename="slow_mail", db=DB):
    """A mail domain that is served apart from the others, by a digest of its name."""

    lane = Bytea(primary_key=True)
    slow_until = Timestamptz()
    served_at = Timestamptz()


class UnwantedMail(Table, tablename="unwanted_mail", db=DB):
    """A kind of message that somebody said no to."""

    id = UUID(primary_key=True)
    recipient_kind = Text()
    recipient_id = UUID()
    kind = Text()
    created_at = Timestamptz()
