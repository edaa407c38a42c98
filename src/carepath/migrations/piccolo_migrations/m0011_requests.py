"""Consult requests and offers, re-plans, calendar feeds, answers by Idempotency-Key, rules set aside"""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from carepath.kit.db import script

ID = "2026-11-24T08:00:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "Consult requests and offers, re-plans, calendar feeds, answers by Idempotency-Key, rules set aside"

SQL = """
-- overridden: codes of the rules that staff set aside for this visit; the reason is in its history.
-- moves: how often the patient moved it. located_*: where the patient says they are, asked just before the visit.
ALTER TABLE appointment
    ADD overridden text[] NOT NULL DEFAULT '{}',
    ADD moves smallint NOT NULL DEFAULT 0,
    ADD located_in text,
    ADD located_at timestamptz,
    ADD request_id uuid,
    ADD CHECK ((located_in IS NULL) = (located_at IS NULL));

-- A patient who waits. windows: [weekday (0 = Monday), from, to] in wall minutes of `zone`; none is any time.
CREATE TABLE consult_request (
    id uuid PRIMARY KEY,
    patient_id uuid NOT NULL REFERENCES patient ON DELETE RESTRICT,
    visit_type text NOT NULL,
    source text NOT NULL CHECK (source IN ('patient', 'coordinator', 'plan')),
    status text NOT NULL CHECK (status IN ('waiting', 'offered', 'fulfilled', 'withdrawn', 'lapsed')),
    practitioner_ids uuid[] NOT NULL DEFAULT '{}',
    jurisdiction text NOT NULL,
    zone text NOT NULL,
    first_on date NOT NULL,
    last_on date NOT NULL,
    windows jsonb NOT NULL,
    instead_of uuid REFERENCES appointment ON DELETE RESTRICT,
    offer_id uuid REFERENCES appointment ON DELETE RESTRICT,
    missed smallint NOT NULL DEFAULT 0,
    look_at timestamptz,
    version integer NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    CHECK (last_on >= first_on),
    CHECK ((status = 'waiting') = (look_at IS NOT NULL)),
    CHECK (status <> 'offered' OR offer_id IS NOT NULL)
);
CREATE UNIQUE INDEX consult_request_one_open ON consult_request (patient_id, visit_type)
    WHERE status IN ('waiting', 'offered');
CREATE INDEX consult_request_due ON consult_request (look_at) WHERE status = 'waiting';
CREATE INDEX consult_request_offer ON consult_request (offer_id);
CREATE INDEX consult_request_patient ON consult_request (patient_id, created_at);
ALTER TABLE appointment ADD FOREIGN KEY (request_id) REFERENCES consult_request ON DELETE RESTRICT;

-- Every hold that was offered to somebody who waits; nobody is offered the same time twice.
CREATE TABLE consult_offer (
    appointment_id uuid PRIMARY KEY REFERENCES appointment ON DELETE RESTRICT,
    request_id uuid NOT NULL REFERENCES consult_request ON DELETE RESTRICT,
    practitioner_id uuid NOT NULL REFERENCES practitioner ON DELETE RESTRICT,
    start_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    outcome text NOT NULL DEFAULT 'open' CHECK (outcome IN ('open', 'accepted', 'declined', 'expired', 'withdrawn')),
    created_at timestamptz NOT NULL,
    ended_at timestamptz,
    CHECK ((outcome = 'open') = (ended_at IS NULL)),
    UNIQUE (request_id, practitioner_id, start_at)
);
CREATE INDEX consult_offer_open ON consult_offer (expires_at) WHERE outcome = 'open';

-- Time that became free: written beside what freed it, read by the worker that matches requests.
CREATE TABLE freed_time (
    id uuid PRIMARY KEY,
    practitioner_id uuid NOT NULL REFERENCES practitioner ON DELETE RESTRICT,
    begins_at timestamptz NOT NULL,
    ends_at timestamptz NOT NULL,
    created_at timestamptz NOT NULL
);

-- A provider's absence: where each of their visits could go, for a coordinator to accept whole or in part.
-- cost, greedy_cost: points of displacement, of this plan and of the one made visit by visit; bound: no plan has fewer.
CREATE TABLE replan (
    id uuid PRIMARY KEY,
    practitioner_id uuid NOT NULL REFERENCES practitioner ON DELETE RESTRICT,
    first_on date NOT NULL,
    last_on date NOT NULL,
    status text NOT NULL CHECK (status IN ('proposed', 'carried-out', 'dismissed')),
    cost bigint NOT NULL,
    greedy_cost bigint NOT NULL,
    bound bigint NOT NULL,
    created_by uuid NOT NULL,
    created_at timestamptz NOT NULL,
    decided_at timestamptz,
    CHECK (last_on >= first_on),
    CHECK (bound <= cost AND cost <= greedy_cost),
    CHECK ((status = 'proposed') = (decided_at IS NULL))
);
CREATE INDEX replan_practitioner ON replan (practitioner_id, created_at);

CREATE TABLE replan_item (
    id uuid PRIMARY KEY,
    replan_id uuid NOT NULL REFERENCES replan ON DELETE RESTRICT,
    appointment_id uuid NOT NULL REFERENCES appointment ON DELETE RESTRICT,
    appointment_version integer NOT NULL,
    patient_id uuid NOT NULL REFERENCES patient ON DELETE RESTRICT,
    from_start_at timestamptz NOT NULL,
    to_practitioner_id uuid REFERENCES practitioner ON DELETE RESTRICT,
    to_start_at timestamptz,
    outcome text NOT NULL CHECK (outcome IN ('proposed', 'unplaced', 'moved', 'kept')),
    UNIQUE (replan_id, appointment_id),
    CHECK ((to_practitioner_id IS NULL) = (to_start_at IS NULL)),
    CHECK (outcome <> 'unplaced' OR to_start_at IS NULL),
    CHECK (outcome NOT IN ('proposed', 'moved') OR to_start_at IS NOT NULL)
);

-- A secret address that a calendar program reads. Only the token's hash is kept.
CREATE TABLE calendar_feed (
    id uuid PRIMARY KEY,
    practitioner_id uuid REFERENCES practitioner ON DELETE RESTRICT,
    patient_id uuid REFERENCES patient ON DELETE RESTRICT,
    token_hash bytea NOT NULL UNIQUE,
    created_at timestamptz NOT NULL,
    read_at timestamptz,
    revoked_at timestamptz,
    CHECK ((practitioner_id IS NULL) <> (patient_id IS NULL))
);
CREATE UNIQUE INDEX calendar_feed_one_provider ON calendar_feed (practitioner_id) WHERE revoked_at IS NULL;
CREATE UNIQUE INDEX calendar_feed_one_patient ON calendar_feed (patient_id) WHERE revoked_at IS NULL;

-- What was answered to a write that carried an Idempotency-Key: written in that write's own transaction.
CREATE TABLE idempotent_answer (
    key_hash bytea PRIMARY KEY,
    request_hash bytea NOT NULL,
    status smallint NOT NULL,
    answer_enc bytea NOT NULL,
    created_at timestamptz NOT NULL
);
CREATE INDEX idempotent_answer_age ON idempotent_answer (created_at);
"""


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="carepath", description=DESCRIPTION)

    async def run() -> None:
        await script(SQL)

    manager.add_raw(run)
    return manager
