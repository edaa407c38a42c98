"""Practitioners, when they are open, and appointments. What cannot overlap is the schema's business."""

from asyncpg import Range
from piccolo.columns import UUID, Boolean, Column, Date, Integer, SmallInt, Text, Time, Timestamptz
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
    created_at = Timestamptz()
    updated_at = Timestamptz()
