"""The evaluation desk: order, escalation, checklist, overrides, notes"""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from carepath.kit.db import script

ID = "2026-11-24T16:00:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "The evaluation desk: order, escalation, checklist, overrides, notes"

SQL = """
-- rank: the order of the list. escalations: so many times somebody was told that the due time has passed.
ALTER TABLE evaluation
    ADD rank smallint NOT NULL GENERATED ALWAYS AS (CASE priority WHEN 'stat' THEN 0 WHEN 'urgent' THEN 1 ELSE 2 END) STORED,
    ADD escalations smallint NOT NULL DEFAULT 0,
    ADD escalate_at timestamptz,
    DROP CONSTRAINT evaluation_outcome_check,
    ADD CONSTRAINT evaluation_outcome_check CHECK (outcome IN ('suitable', 'not-suitable', 'refer-elsewhere'));
UPDATE evaluation SET escalate_at = due_at WHERE status IN ('requested', 'in-progress', 'on-hold');
DROP INDEX evaluation_pending;
-- One scan for what is a provider's, one for what is nobody's, each in the order of the list.
CREATE INDEX evaluation_pending ON evaluation (practitioner_id, rank, due_at, opened_at, id)
    WHERE status IN ('requested', 'in-progress', 'on-hold');
CREATE INDEX evaluation_to_escalate ON evaluation (escalate_at) WHERE status IN ('requested', 'in-progress', 'on-hold');

ALTER TABLE decision
    DROP CONSTRAINT decision_outcome_check,
    ADD CONSTRAINT decision_outcome_check
        CHECK (outcome IN ('suitable', 'not-suitable', 'refer-elsewhere', 'more-information'));

-- What a provider has seen to before approving. The newest row of an item counts; detail is sealed JSON.
CREATE TABLE evaluation_check (
    id uuid PRIMARY KEY,
    evaluation_id uuid NOT NULL REFERENCES evaluation ON DELETE RESTRICT,
    item text NOT NULL,
    is_done boolean NOT NULL,
    on_date date,
    detail_enc bytea,
    author_id uuid NOT NULL,
    at timestamptz NOT NULL
);
CREATE INDEX evaluation_check_of ON evaluation_check (evaluation_id, item, at DESC);
CREATE TRIGGER evaluation_check_append_only BEFORE UPDATE OR DELETE ON evaluation_check
    FOR EACH ROW EXECUTE FUNCTION forbid_change();

-- A provider sees a finding and goes on, with a reason.
CREATE TABLE finding_override (
    id uuid PRIMARY KEY,
    evaluation_id uuid NOT NULL REFERENCES evaluation ON DELETE RESTRICT,
    rule_id text NOT NULL,
    rule_version text NOT NULL,
    reason_enc bytea NOT NULL,
    author_id uuid NOT NULL,
    at timestamptz NOT NULL,
    UNIQUE (evaluation_id, rule_id)
);
CREATE TRIGGER finding_override_append_only BEFORE UPDATE OR DELETE ON finding_override
    FOR EACH ROW EXECUTE FUNCTION forbid_change();

-- A note is a draft until it is signed, and then stays as it is; what is to be added is a note that addends it.
CREATE TABLE clinical_note (
    id uuid PRIMARY KEY,
    patient_id uuid NOT NULL REFERENCES patient ON DELETE RESTRICT,
    practitioner_id uuid NOT NULL REFERENCES practitioner ON DELETE RESTRICT,
    evaluation_id uuid REFERENCES evaluation ON DELETE RESTRICT,
    addends uuid REFERENCES clinical_note ON DELETE RESTRICT,
    text_enc bytea NOT NULL,
    author_id uuid NOT NULL,
    version integer NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    signed_at timestamptz
);
CREATE INDEX clinical_note_patient ON clinical_note (patient_id, created_at);
CREATE TRIGGER clinical_note_signed BEFORE UPDATE OR DELETE ON clinical_note
    FOR EACH ROW WHEN (OLD.signed_at IS NOT NULL) EXECUTE FUNCTION forbid_change();
"""


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="carepath", description=DESCRIPTION)

    async def run() -> None:
        await script(SQL)

    manager.add_raw(run)
    return manager
