"""Practitioners, when they are open, and appointments. What cannot overlap is the schema's business."""

from asyncpg import Range
from piccolo.columns import (
    JSONB,
    UUID,
    Array,
    BigInt,
    Boolean,
    Bytea,
    Column,
    Date,
    Integer,
    SmallInt,
    Text,
    Time,
    Timestamptz,
)
from piccolo.table import Table

from carepath.kit.db import DB


class TimeRange(Column):
    """A tstzrange: what an appointment occupies, buffers included."""

    value_type = Range
    column_type = "TSTZRANGE"


class Practitioner(Table, tablename="practitioner", db=DB):
    """Somebody who can be booked. The name is public."""

    id = UUID(primary_key=True)
    name = Text()
    credential = Text()
    zone = Text()
    is_active = Boolean(default=True)
    created_at = Timestamptz()
    max_per_day = SmallInt(null=True)
    max_per_week = SmallInt(null=True)
    weight = SmallInt(default=100)


class Licence(Table, tablename="licence", db=DB):
    """Where a practitioner may treat patients, between two dates (inclusive)."""

    id = UUID(primary_key=True)
    practitioner_id = UUID()
    jurisdiction = Text()
    valid_from = Date()
    valid_until = Date(null=True)


class OpeningHours(Table, tablename="opening_hours", db=DB):
    """Wall times of the practitioner's zone, every week. 0 is Monday."""

    id = UUID(primary_key=True)
    practitioner_id = UUID()
    weekday = SmallInt()
    opens = Time()
    closes = Time()
    valid_from = Date()
    valid_until = Date(null=True)
    is_break = Boolean(default=False)


class AvailabilityException(Table, tablename="availability_exception", db=DB):
    """Dates on which the week does not hold."""

    id = UUID(primary_key=True)
    practitioner_id = UUID()
    kind = Text()
    first_on = Date()
    last_on = Date()
    opens = Time(null=True)
    closes = Time(null=True)
    created_at = Timestamptz()


class Appointment(Table, tablename="appointment", db=DB):
    """A hold or a visit: the same row changing status, so that confirming never competes again."""

    id = UUID(primary_key=True)
    practitioner_id = UUID()
    patient_id = UUID()
    visit_type = Text()
    status = Text()
    start_at = Timestamptz()
    end_at = Timestamptz()
    occupied = TimeRange()
    version = Integer(default=1)
    jurisdiction = Text()
    patient_zone = Text()
    hold_expires_at = Timestamptz(null=True)
    room = Text()
    attention = Text(null=True)
    overridden = Array(base_column=Text())
    moves = SmallInt(default=0)
    located_in = Text(null=True)
    located_at = Timestamptz(null=True)
    request_id = UUID(null=True)
    late_minutes = SmallInt(null=True)
    created_at = Timestamptz()
    updated_at = Timestamptz()


class BusyFeed(Table, tablename="busy_feed", db=DB):
    """A calendar outside of ours that says when a practitioner is busy. The address is a secret, so it is sealed."""

    id = UUID(primary_key=True)
    practitioner_id = UUID()
    name = Text()
    url_enc = Bytea(null=True)
    etag = Text(null=True)
    due_at = Timestamptz(null=True)
    failures = SmallInt(default=0)
    problem = Text(null=True)
    notes = Array(base_column=Text())
    tried_at = Timestamptz(null=True)
    read_at = Timestamptz(null=True)
    created_at = Timestamptz()


class BusyTime(Table, tablename="busy_time", db=DB):
    """A stretch that a feed calls busy: no title, nobody's name."""

    id = UUID(primary_key=True)
    feed_id = UUID()
    practitioner_id = UUID()
    begins_at = Timestamptz()
    ends_at = Timestamptz()


class Assignment(Table, tablename="assignment", db=DB):
    """Which of several providers was chosen, and from what."""

    appointment_id = UUID(primary_key=True)
    practitioner_id = UUID()
    inputs = JSONB()
    created_at = Timestamptz()


class ConsultRequest(Table, tablename="consult_request", db=DB):
    """A patient who waits for a time: what would suit, and what was offered last."""

    id = UUID(primary_key=True)
    patient_id = UUID()
    visit_type = Text()
    source = Text()
    status = Text()
    practitioner_ids = Array(base_column=UUID())
    jurisdiction = Text()
    zone = Text()
    first_on = Date()
    last_on = Date()
    windows = JSONB()
    instead_of = UUID(null=True)
    offer_id = UUID(null=True)
    missed = SmallInt(default=0)
    look_at = Timestamptz(null=True)
    version = Integer(default=1)
    created_at = Timestamptz()
    updated_at = Timestamptz()


class ConsultOffer(Table, tablename="consult_offer", db=DB):
    """A hold that was offered to somebody who waits, and what became of it."""

    appointment_id = UUID(primary_key=True)
    request_id = UUID()
    practitioner_id = UUID()
    start_at = Timestamptz()
    expires_at = Timestamptz()
    outcome = Text(default="open")
    created_at = Timestamptz()
    ended_at = Timestamptz(null=True)


class FreedTime(Table, tablename="freed_time", db=DB):
    """Time that became free, until the worker has looked whom it suits."""

    id = UUID(primary_key=True)
    practitioner_id = UUID()
    begins_at = Timestamptz()
    ends_at = Timestamptz()
    created_at = Timestamptz()


class Replan(Table, tablename="replan", db=DB):
    """A proposal what to do with the visits of a provider who is away."""

    id = UUID(primary_key=True)
    practitioner_id = UUID()
    first_on = Date()
    last_on = Date()
    status = Text()
    cost = BigInt()
    greedy_cost = BigInt()
    bound = BigInt()
    created_by = UUID()
    created_at = Timestamptz()
    decided_at = Timestamptz(null=True)


class ReplanItem(Table, tablename="replan_item", db=DB):
    """One visit of the proposal: where to, or nowhere."""

    id = UUID(primary_key=True)
    replan_id = UUID()
    appointment_id = UUID()
    appointment_version = Integer()
    patient_id = UUID()
    from_start_at = Timestamptz()
    to_practitioner_id = UUID(null=True)
    to_start_at = Timestamptz(null=True)
    outcome = Text()


class CalendarFeed(Table, tablename="calendar_feed", db=DB):
    """A secret address that a calendar program reads; only the token's hash is kept."""

    id = UUID(primary_key=True)
    practitioner_id = UUID(null=True)
    patient_id = UUID(null=True)
    token_hash = Bytea()
    created_at = Timestamptz()
    read_at = Timestamptz(null=True)
    revoked_at = Timestamptz(null=True)
