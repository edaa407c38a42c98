"""Maintenance: phases and due dates of plans, dosing sessions, readings, windows of check-ins"""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from carepath.kit.db import script

ID = "2026-11-24T16:10:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "Maintenance: phases and due dates of plans, dosing sessions, readings, windows of check-ins"

SQL = """
-- attention and attention_at: the place of a patient on their provider's desk. 0 red, 1 amber, 2 overdue, 3 due, 9 nothing.
ALTER TABLE treatment_plan
    DROP CONSTRAINT treatment_plan_route_check,
    ADD CONSTRAINT treatment_plan_route_check
        CHECK (route IN ('iv', 'im', 'sc', 'nasal', 'sublingual', 'troche', 'other')),
    ADD phase text NOT NULL DEFAULT 'maintenance'
        CHECK (phase IN ('test-dose', 'induction', 'maintenance', 'taper', 'ended')),
    ADD sessions_planned integer CHECK (sessions_planned BETWEEN 1 AND 365),
    ADD runway_until date,
    ADD labs_due_on date,
    ADD pdmp_due_on date,
    ADD details_enc bytea,
    ADD attention smallint NOT NULL DEFAULT 9 CHECK (attention IN (0, 1, 2, 3, 9)),
    ADD attention_at timestamptz;
UPDATE treatment_plan SET phase = 'ended' WHERE status = 'completed';
ALTER TABLE treatment_plan ADD CONSTRAINT treatment_plan_phase CHECK ((phase = 'ended') = (status = 'completed'));

-- One dosing session as it was reported. A correction is a new row that replaces the earlier one; nothing is edited.
CREATE TABLE dosing_session (
    id uuid PRIMARY KEY,
    plan_id uuid NOT NULL REFERENCES treatment_plan ON DELETE RESTRICT,
    patient_id uuid NOT NULL REFERENCES patient ON DELETE RESTRICT,
    practitioner_id uuid NOT NULL REFERENCES practitioner ON DELETE RESTRICT,
    appointment_id uuid REFERENCES appointment ON DELETE RESTRICT,
    check_in_id uuid REFERENCES check_in ON DELETE RESTRICT,
    reported_by text NOT NULL CHECK (reported_by IN ('provider', 'patient')),
    held_at timestamptz NOT NULL,
    record_enc bytea NOT NULL,
    replaces uuid UNIQUE REFERENCES dosing_session ON DELETE RESTRICT,
    author_id uuid NOT NULL,
    created_at timestamptz NOT NULL
);
CREATE INDEX dosing_session_plan ON dosing_session (plan_id, held_at);
CREATE INDEX dosing_session_patient ON dosing_session (patient_id, held_at);
CREATE TRIGGER dosing_session_append_only BEFORE UPDATE OR DELETE ON dosing_session
    FOR EACH ROW EXECUTE FUNCTION forbid_change();

-- What is known of a patient at a time, whatever said so. Signals are worked out from these alone.
CREATE TABLE reading (
    id uuid PRIMARY KEY,
    patient_id uuid NOT NULL REFERENCES patient ON DELETE RESTRICT,
    practitioner_id uuid NOT NULL REFERENCES practitioner ON DELETE RESTRICT,
    plan_id uuid NOT NULL REFERENCES treatment_plan ON DELETE RESTRICT,
    source text NOT NULL CHECK (source IN ('check-in', 'session', 'staff')),
    source_id uuid NOT NULL,
    taken_at timestamptz NOT NULL,
    body_enc bytea NOT NULL,
    replaces uuid UNIQUE REFERENCES reading ON DELETE RESTRICT,
    recorded_at timestamptz NOT NULL,
    UNIQUE (source, source_id)
);
CREATE INDEX reading_patient ON reading (patient_id, taken_at);
CREATE TRIGGER reading_append_only BEFORE UPDATE OR DELETE ON reading FOR EACH ROW EXECUTE FUNCTION forbid_change();

-- anchor: what the signal is about, once a rule: reading:<id>, or plan:<id>:<what>:<date> for what fell due.
ALTER TABLE signal
    ALTER check_in_id DROP NOT NULL,
    ADD reading_id uuid REFERENCES reading ON DELETE RESTRICT,
    ADD anchor text,
    ADD about_at timestamptz;
UPDATE signal SET anchor = 'check-in:' || check_in_id, about_at = raised_at;
ALTER TABLE signal
    ALTER anchor SET NOT NULL,
    ALTER about_at SET NOT NULL,
    DROP CONSTRAINT signal_check_in_id_rule_id_key,
    ADD CONSTRAINT signal_once UNIQUE (anchor, rule_id);

-- A check-in is asked from opens_at on, best by due_at, at the latest by latest_at; step counts up the ladder of a late one.
ALTER TABLE check_in
    ADD opens_at timestamptz,
    ADD latest_at timestamptz,
    ADD step smallint NOT NULL DEFAULT 0 CHECK (step BETWEEN 0 AND 3),
    ADD step_at timestamptz;
UPDATE check_in SET opens_at = least(due_at, created_at), latest_at = overdue_at, step_at = overdue_at,
    step = (status = 'overdue')::integer;
ALTER TABLE check_in ALTER opens_at SET NOT NULL, ALTER latest_at SET NOT NULL;
CREATE INDEX check_in_step ON check_in (step_at) WHERE status IN ('due', 'overdue');

-- A coordinator is asked to call somebody. It says nothing of why but that a check-in waits.
CREATE TABLE patient_call (
    id uuid PRIMARY KEY,
    patient_id uuid NOT NULL REFERENCES patient ON DELETE RESTRICT,
    check_in_id uuid NOT NULL UNIQUE REFERENCES check_in ON DELETE RESTRICT,
    status text NOT NULL CHECK (status IN ('requested', 'completed', 'cancelled')),
    opened_at timestamptz NOT NULL,
    due_at timestamptz NOT NULL,
    done_at timestamptz,
    done_by uuid,
    note_enc bytea,
    CHECK ((status = 'completed') = (done_at IS NOT NULL AND done_by IS NOT NULL AND note_enc IS NOT NULL))
);
CREATE INDEX patient_call_open ON patient_call (due_at, id) WHERE status = 'requested';
"""


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="carepath", description=DESCRIPTION)

    async def run() -> None:
        await script(SQL)

    manager.add_raw(run)
    return manager
