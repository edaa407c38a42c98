"""Limits a day and a week, breaks, shortened days, weights, and what other calendars say is busy"""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from carepath.kit.db import script

ID = "2026-11-24T01:00:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "Limits a day and a week, breaks, shortened days, weights, and what other calendars say is busy"

SQL = """
ALTER TABLE practitioner
    ADD max_per_day smallint CHECK (max_per_day BETWEEN 1 AND 200),
    ADD max_per_week smallint CHECK (max_per_week BETWEEN 1 AND 1000),
    ADD weight smallint NOT NULL DEFAULT 100 CHECK (weight BETWEEN 1 AND 1000);

ALTER TABLE opening_hours ADD is_break boolean NOT NULL DEFAULT false;

ALTER TABLE availability_exception DROP CONSTRAINT availability_exception_kind_check;
ALTER TABLE availability_exception ADD CHECK (kind IN ('off', 'extra', 'shortened'));

CREATE TABLE busy_feed (
    id uuid PRIMARY KEY,
    practitioner_id uuid NOT NULL REFERENCES practitioner ON DELETE RESTRICT,
    name text NOT NULL,
    url_enc bytea,
    etag text,
    due_at timestamptz,
    failures smallint NOT NULL DEFAULT 0,
    problem text,
    notes text[] NOT NULL DEFAULT '{}',
    tried_at timestamptz,
    read_at timestamptz,
    created_at timestamptz NOT NULL,
    CHECK ((url_enc IS NULL) = (due_at IS NULL))
);
CREATE INDEX busy_feed_practitioner ON busy_feed (practitioner_id);
CREATE INDEX busy_feed_due ON busy_feed (due_at) WHERE due_at IS NOT NULL;

CREATE TABLE busy_time (
    id uuid PRIMARY KEY,
    feed_id uuid NOT NULL REFERENCES busy_feed ON DELETE CASCADE,
    practitioner_id uuid NOT NULL REFERENCES practitioner ON DELETE RESTRICT,
    begins_at timestamptz NOT NULL,
    ends_at timestamptz NOT NULL,
    CHECK (ends_at > begins_at AND isfinite(begins_at) AND isfinite(ends_at))
);
CREATE INDEX busy_time_practitioner ON busy_time (practitioner_id, ends_at) INCLUDE (begins_at);
CREATE INDEX busy_time_feed ON busy_time (feed_id);

-- Which of several providers was chosen, and from what: immutable, a row an appointment.
CREATE TABLE assignment (
    appointment_id uuid PRIMARY KEY REFERENCES appointment ON DELETE RESTRICT,
    practitioner_id uuid NOT NULL REFERENCES practitioner ON DELETE RESTRICT,
    inputs jsonb NOT NULL,
    created_at timestamptz NOT NULL
);
"""


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="carepath", description=DESCRIPTION)

    async def run() -> None:
        await script(SQL)

    manager.add_raw(run)
    return manager
