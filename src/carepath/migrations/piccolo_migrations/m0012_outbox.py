"""The outbox: urgency, copies, slow mail domains apart, what recipients do not want"""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from carepath.kit.db import script

ID = "2026-11-24T12:00:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "The outbox: urgency, copies, slow mail domains apart, what recipients do not want"

SQL = """
-- urgency: 0 answers what somebody has just done, 1 fell due by the clock. copy: staff sent it again, so many times.
-- losses: workers that were lost over it. lane: a keyed digest of the mail domain, where that is served apart.
ALTER TABLE message
    ADD urgency smallint NOT NULL DEFAULT 1 CHECK (urgency IN (0, 1)),
    ADD copy smallint NOT NULL DEFAULT 0,
    ADD losses smallint NOT NULL DEFAULT 0,
    ADD lane bytea,
    ADD bounced_at timestamptz,
    DROP CONSTRAINT message_subject_subject_id_subject_version_kind_recipient_i_key,
    DROP CONSTRAINT message_check,
    ADD CONSTRAINT message_once UNIQUE (subject, subject_id, subject_version, kind, recipient_id, copy),
    ADD CONSTRAINT message_sent CHECK ((sent_at IS NOT NULL) = (status = 'sent' OR bounced_at IS NOT NULL));
UPDATE message SET useful_until = due_at + interval '7 days' WHERE useful_until IS NULL;
ALTER TABLE message ALTER useful_until SET NOT NULL;

-- By due_at, so that the oldest leave first; rows that wait for another try are few and are passed over.
DROP INDEX message_due;
CREATE INDEX message_due ON message (urgency, due_at, id) WHERE status = 'queued' AND lane IS NULL;
CREATE INDEX message_lane ON message (lane, due_at, id) WHERE status = 'queued' AND lane IS NOT NULL;

-- The coordinators' list, newest first, whole and by state; what is sent is most of it and needs no index of its own.
-- Messages to staff are not in it. Counts of what is open or failed are read from these, so they are small.
DROP INDEX message_recent;
DROP INDEX message_recipient;
CREATE INDEX message_recent ON message (created_at, id) WHERE recipient_kind <> 'account';
CREATE INDEX message_recipient ON message (recipient_id, created_at, id);
CREATE INDEX message_waiting ON message (created_at, id)
    WHERE status = 'queued' AND attempts = 0 AND recipient_kind <> 'account';
CREATE INDEX message_retrying ON message (created_at, id)
    WHERE status = 'queued' AND attempts > 0 AND recipient_kind <> 'account';
CREATE INDEX message_failed ON message (created_at, id) WHERE status = 'failed' AND recipient_kind <> 'account';
CREATE INDEX message_skipped ON message (created_at, id) WHERE status = 'skipped' AND recipient_kind <> 'account';
CREATE INDEX message_superseded ON message (created_at, id) WHERE status = 'superseded' AND recipient_kind <> 'account';

-- Mail domains that are served apart. No row names one: `lane` is a keyed digest.
CREATE TABLE slow_mail (
    lane bytea PRIMARY KEY,
    slow_until timestamptz NOT NULL,
    served_at timestamptz NOT NULL
);

-- What a recipient said no to.
CREATE TABLE unwanted_mail (
    id uuid PRIMARY KEY,
    recipient_kind text NOT NULL,
    recipient_id uuid NOT NULL,
    kind text NOT NULL,
    created_at timestamptz NOT NULL,
    UNIQUE (recipient_id, kind)
);
"""


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="carepath", description=DESCRIPTION)

    async def run() -> None:
        await script(SQL)

    manager.add_raw(run)
    return manager
