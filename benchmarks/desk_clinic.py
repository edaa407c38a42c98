"""A clinic in its years: patients in treatment with their check-ins, scores and signals, and evaluations to decide."""

import hashlib
import sys
import time
from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from benchmarks import database
from benchmarks.database import NOW, Place
from carepath.accounts import service as accounts
from carepath.followups import standing_queries
from carepath.kit import crypto
from carepath.kit.actor import SYSTEM, Role
from carepath.kit.ids import new_id, new_token, token_hash
from carepath.migrations.piccolo_migrations.m0021_standing import SCORES

_PROVIDERS = 100
_LOOKS = 2_800  # patients of the measured provider who need a look, and evaluations that wait for them
_STEP = 20_000

_PATIENTS = """
INSERT INTO patient (id, email_index, email_enc, first_name_enc, last_name_enc, birth_date_enc, jurisdiction, zone,
    email_proved_at, created_at)
SELECT md5('q' || n)::uuid, decode(md5('q' || n), 'hex'), '', '', '', '', 'CO', 'America/Denver', $3, $3
FROM generate_series($1::int, $2::int) n
"""
# The plans: the first ones are the measured provider's, the rest are shared among the others. One in five needs a look.
_PLANS = """
INSERT INTO treatment_plan (id, patient_id, practitioner_id, status, route, setting, dose_enc, interval_days,
    check_in_every_days, goals_enc, starts_on, next_check_in_at, created_at, updated_at, phase, labs_due_on)
SELECT md5('t' || n)::uuid, md5('q' || n)::uuid, md5('p' || CASE WHEN n <= $3 THEN 1 ELSE 2 + n % 99 END)::uuid,
    'active', 'iv', 'clinic', '', 28, 14, '', $1::date - 120, $1::timestamptz + (n % 28) * interval '1 day', $1, $1,
    'maintenance', $1::date + (n % 90) - 20
FROM generate_series(1, $2::int) n
"""
# Eight answered check-ins, and an open one for those who need a look without a signal.
_CHECK_INS = """
INSERT INTO check_in (id, plan_id, patient_id, practitioner_id, sequence, status, due_at, overdue_at, completed_at,
    created_at, opens_at, latest_at)
SELECT md5('c' || n || '-' || k)::uuid, t.id, t.patient_id, t.practitioner_id, k,
    CASE WHEN k < 9 THEN 'completed' WHEN n % 2 = 0 THEN 'overdue' ELSE 'due' END, at, at + interval '3 days',
    CASE WHEN k < 9 THEN at END, at, at, at + interval '3 days'
FROM generate_series($3::int, $4::int) n JOIN treatment_plan t ON t.id = md5('t' || n)::uuid,
    generate_series(1, CASE WHEN n <= $2 OR n % 5 = 0 THEN 9 ELSE 8 END) k,
    LATERAL (SELECT $1::timestamptz - (9 - k) * interval '14 days' - n % 997 * interval '1 minute' AS at) a
"""
# The intake's PEG and one with each check-in; the PHQ-9 every other time.
_SCORES = """
INSERT INTO score (id, response_id, patient_id, code, value, answered, items, engine_version, taken_at)
SELECT md5('s' || n || '-' || k || code)::uuid, md5('r' || n)::uuid, md5('q' || n)::uuid, code, (n * 7 + k * 3) % 10, 3, 3,
    '1', $1::timestamptz - (9 - k) * interval '14 days'
FROM generate_series($2::int, $3::int) n, generate_series(0, 8) k, unnest(ARRAY['peg', 'phq-9']) code
WHERE code = 'peg' OR k % 2 = 0
"""
_SIGNALS = """
INSERT INTO signal (id, patient_id, practitioner_id, check_in_id, rule_id, rule_version, severity, words, source, readings,
    raised_at, anchor, about_at)
SELECT md5('g' || n || '-' || k)::uuid, t.patient_id, t.practitioner_id, md5('c' || n || '-8')::uuid, 'rule-' || k, '1',
    CASE WHEN (n + k) % 5 = 0 THEN 'red' ELSE 'amber' END, 'The benefit is waning: look at the course of the PEG.', 'bench',
    '{"peg": "6", "best": "4"}', at, 'g' || n, at
FROM generate_series(1, $2::int) n JOIN treatment_plan t ON t.id = md5('t' || n)::uuid, generate_series(1, 2) k,
    LATERAL (SELECT $1::timestamptz - n % 9973 * interval '7 minutes' AS at) a
WHERE n % 2 = 0 AND (n <= $3 OR n % 5 = 0)
"""
_VISITS = """
INSERT INTO appointment (id, practitioner_id, patient_id, visit_type, status, start_at, end_at, occupied, jurisdiction,
    patient_zone, room, created_at, updated_at)
SELECT md5('v' || n)::uuid, t.practitioner_id, t.patient_id, 'follow-up', 'booked', at, at + interval '25 minutes',
    tstzrange(at, at + interval '30 minutes'), 'CO', 'America/Denver', '', $1, $1
FROM generate_series(1, $2::int) n JOIN treatment_plan t ON t.id = md5('t' || n)::uuid,
    LATERAL (SELECT $1::timestamptz + n * interval '30 minutes' AS at) a
WHERE n % 4 < 2  -- of those with signals (even numbers) as of those without: a page is like another
"""
# Evaluations of patients without a plan: the measured provider's, and as many again that are nobody's.
_EVALUATIONS = """
WITH found AS (
    INSERT INTO evaluation (id, patient_id, intake_id, practitioner_id, status, priority, due_at, opened_at)
    SELECT md5('e' || n)::uuid, md5('q' || n)::uuid, md5('i' || n)::uuid,
        CASE WHEN n % 2 = 0 THEN md5('p1')::uuid END, CASE WHEN n % 2 = 0 THEN 'in-progress' ELSE 'requested' END,
        (ARRAY['stat', 'urgent', 'routine', 'routine'])[1 + n % 4], $1::timestamptz + n % 4000 * interval '3 minutes',
        $1::timestamptz - n * interval '1 minute'
    FROM generate_series($2::int, $3::int) n RETURNING intake_id, patient_id),
screened AS (
    INSERT INTO screening_result (id, intake_id, patient_id, stage, outcome, is_urgent, created_at, stops, reviews)
    SELECT intake_id, intake_id, patient_id, 'intake', 'review', false, $1, 1, 2 FROM found RETURNING id)
INSERT INTO finding (id, result_id, rule_id, rule_version, outcome, source, patient_words, provider_words, answers_enc)
SELECT gen_random_uuid(), id, 'rule-' || k, '1', CASE k WHEN 1 THEN 'stop' ELSE 'review' END, 'bench', '', 'Look.', ''
FROM screened, generate_series(1, 3) k
"""


def _md5(text: str) -> UUID:
    """As the SQL makes its ids."""
    return UUID(hashlib.md5(text.encode(), usedforsecurity=False).hexdigest())


WHO = _md5("p1")


async def seed(where: Place, patients: int) -> None:
    """Everybody. Triggers and foreign keys sleep; figures of the indexes are fresh at the end."""
    begun, raw = time.perf_counter(), where.raw
    plans = patients // 5

    def say(what: str) -> None:
        print(f"  {time.perf_counter() - begun:5.0f} s  {what}", file=sys.stderr, flush=True)

    await database.people(where, _PROVIDERS)
    for first in range(1, patients + 1, 10 * _STEP):
        last = min(first + 10 * _STEP - 1, patients)
        await raw.execute(_PATIENTS, first, last, NOW)
    say(f"{patients:,} patients")
    await raw.execute(_PLANS, NOW, plans, _LOOKS)
    say(f"{plans:,} running plans")
    for first in range(1, plans + 1, _STEP):
        last = min(first + _STEP - 1, plans)
        await raw.execute(_CHECK_INS, NOW, _LOOKS, first, last)
        await raw.execute(_SCORES, NOW, first, last)
        say(f"check-ins and scores of {last:,}")
    await raw.execute(SCORES)
    await raw.execute(_SIGNALS, NOW, plans, _LOOKS)
    await raw.execute(_VISITS, NOW, _LOOKS)
    first = plans + 1
    await raw.execute(_EVALUATIONS, NOW, first, first + 2 * _LOOKS - 1)
    await _named(where, [*range(1, _LOOKS + 1), *range(first, first + 2 * _LOOKS)])
    say("signals, visits, evaluations, names")
    for begin in range(1, plans + 1, _STEP):
        of = await raw.fetch(
            "SELECT md5('q' || n)::uuid AS id FROM generate_series($1::int, $2::int) n", begin, begin + _STEP - 1
        )
        await standing_queries.refresh(SYSTEM.scope, [r["id"] for r in of])
    await raw.execute("VACUUM ANALYZE")
    say("everybody stands where they stand")


async def _named(where: Place, numbers: Sequence[int]) -> None:
    """Names, sealed, for those whom the measured provider's lists show."""
    ids = [_md5(f"q{n}") for n in numbers]
    await where.raw.execute(
        """UPDATE patient p SET first_name_enc = s.first, last_name_enc = s.last
           FROM unnest($1::uuid[], $2::bytea[], $3::bytea[]) s (id, first, last) WHERE p.id = s.id""",
        ids, [crypto.seal("Magdalena", f"patient.first_name_enc:{one}") for one in ids],
        [crypto.seal("Winterbottom", f"patient.last_name_enc:{one}") for one in ids],
    )  # fmt: skip


async def session_of(where: Place, now: datetime) -> str:
    """The token of the measured provider, signed in with both factors."""
    account = await accounts.create_account(
        SYSTEM, Role.PROVIDER, "bench@clinic.example", "Provider 001", "America/Denver", "correct horse battery staple",
        "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP", now, WHO,
    )  # fmt: skip
    token = new_token()
    await where.raw.execute(
        """INSERT INTO session (id, token_hash, account_id, second_factor_at, created_at, last_seen_at, expires_at, device)
           VALUES ($1, $2, $3, $4, $4, $4, $5, 'bench')""",
        new_id(), token_hash(token), account.id, now, now + timedelta(hours=8),
    )  # fmt: skip
    return token
