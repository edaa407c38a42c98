"""Practitioners, licences, hours, appointments that cannot overlap"""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from carepath.kit.db import script

ID = "2026-11-23T06:00:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "Practitioners, licences, hours, appointments that cannot overlap"

SQL = """
CREATE TABLE practitioner (
    id uuid PRIMARY KEY,
    name text NOT NULL,
    credential text NOT NULL,
    zone text NOT NULL,
    is_active boolean NOT NULL DEFAULT true,
    created_at timestamptz NOT NULL
);
ALTER TABLE account ADD FOREIGN KEY (practitioner_id) REFERENCES practitioner ON DELETE RESTRICT;

CREATE TABLE licence (
    id uuid PRIMARY KEY,
    practitioner_id uuid NOT NULL REFERENCES practitioner ON DELETE RESTRICT,
    jurisdiction text NOT NULL,
    valid_from date NOT NULL,
    valid_until date,
    CHECK (valid_until IS NULL OR valid_until >= valid_from),
    UNIQUE (practitioner_id, jurisdiction, valid_from)
);

CREATE TABLE opening_hours (
    id uuid PRIMARY KEY,
    practitioner_id uuid NOT NULL REFERENCES practitioner ON DELETE RESTRICT,
    weekday smallint NOT NULL CHECK (weekday BETWEEN 0 AND 6),
    opens time NOT NULL,
    closes time NOT NULL,
    valid_from date NOT NULL,
    valid_until date,
    CHECK (closes > opens),
    CHECK (valid_until IS NULL OR valid_until >= valid_from)
);
CREATE INDEX opening_hours_practitioner ON opening_hours (practitioner_id);

CREATE TABLE availability_exception (
    id uuid PRIMARY KEY,
    practitioner_id uuid NOT NULL REFERENCES practitioner ON DELETE RESTRICT,
    kind text NOT NULL CHECK (kind IN ('off', 'extra')),
    first_on date NOT NULL,
    last_on date NOT NULL,
    opens time,
    closes time,
    created_at timestamptz NOT NULL,
    CHECK (last_on >= first_on),
    CHECK ((opens IS NULL) = (closes IS NULL)),
    CHECK (opens IS NULL OR closes > opens),
    CHECK (kind = 'off' OR opens IS NOT NULL)
);
CREATE INDEX availability_exception_practitioner ON availability_exception (practitioner_id, last_on);

CREATE TABLE appointment (
    id uuid PRIMARY KEY,
    practitioner_id uuid NOT NULL REFERENCES practitioner ON DELETE RESTRICT,
    patient_id uuid NOT NULL REFERENCES patient ON DELETE RESTRICT,
    visit_type text NOT NULL,
    status text NOT NULL CHECK (status IN
        ('proposed', 'booked', 'checked-in', 'fulfilled', 'cancelled', 'noshow', 'waitlist')),
    start_at timestamptz NOT NULL,
    end_at timestamptz NOT NULL,
    occupied tstzrange NOT NULL,
    version integer NOT NULL DEFAULT 1 CHECK (version > 0),
    jurisdiction text NOT NULL,
    patient_zone text NOT NULL,
    hold_expires_at timestamptz,
    room text NOT NULL,
    attention text,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    CHECK (end_at > start_at),
    CHECK (NOT isempty(occupied) AND lower_inf(occupied) = false AND upper_inf(occupied) = false),
    CHECK (isfinite(start_at) AND isfinite(end_at) AND isfinite(lower(occupied)) AND isfinite(upper(occupied))),
    CHECK (occupied @> tstzrange(start_at, end_at)),
    CHECK ((status = 'proposed') = (hold_expires_at IS NOT NULL)),
    CONSTRAINT appointment_practitioner_free EXCLUDE USING gist (practitioner_id WITH =, occupied WITH &&)
        WHERE (status IN ('proposed', 'booked', 'checked-in', 'fulfilled', 'noshow')),
    CONSTRAINT appointment_patient_free EXCLUDE USING gist (patient_id WITH =, occupied WITH &&)
        WHERE (status IN ('proposed', 'booked', 'checked-in', 'fulfilled', 'noshow'))
);
CREATE INDEX appointment_practitioner_start ON appointment (practitioner_id, start_at) INCLUDE (end_at);
CREATE INDEX appointment_patient ON appointment (patient_id, start_at);
CREATE INDEX appointment_holds ON appointment (hold_expires_at) WHERE status = 'proposed';
CREATE INDEX appointment_to_end ON appointment (end_at) WHERE status IN ('booked', 'checked-in');
"""


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="carepath", description=DESCRIPTION)

    async def run() -> None:
        await script(SQL)

    manager.add_raw(run)
    return manager
