"""All SQL over sessions, sign-in secrets and mailed links. Reached before anybody is known, so by the system's scope."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from carepath.accounts.people import Link
from carepath.kit import crypto, db
from carepath.kit.actor import Scope


@dataclass(frozen=True, slots=True)
class SignInSecrets:
    """What is needed to check a password and a code."""

    account_id: UUID
    password_hash: str
    totp_secret: str
    totp_last_step: int
    is_active: bool


@dataclass(frozen=True, slots=True)
class SessionRow:
    """A session as stored, with what its owner's account says now."""

    id: UUID
    account_id: UUID | None
    patient_id: UUID | None
    intake_id: UUID | None
    limited_kind: str | None
    limited_id: UUID | None
    has_second_factor: bool
    created_at: datetime
    last_seen_at: datetime
    expires_at: datetime
    role: str | None
    practitioner_id: UUID | None
    zone: str | None
    name: str


async def secrets_by_email(scope: Scope, email: str) -> SignInSecrets | None:
    """Sign-in secrets of an active account."""
    found = await db.row("SELECT * FROM account WHERE email_index = {} AND is_active", crypto.blind_index(email))
    return _secrets(found) if found else None


async def secrets_of(scope: Scope, account_id: UUID) -> SignInSecrets | None:
    """The same by id, with the row locked: a code can be used once only."""
    found = await db.row("SELECT * FROM account WHERE id = {} AND is_active FOR UPDATE", account_id)
    return _secrets(found) if found else None


def _secrets(r: dict[str, object]) -> SignInSecrets:
    totp = crypto.unseal(bytes(r["totp_enc"]), f"account.totp_enc:{r['id']}")  # type: ignore[call-overload]
    return SignInSecrets(
        UUID(str(r["id"])), str(r["password_hash"]), totp, int(str(r["totp_last_step"])), bool(r["is_active"])
    )


async def use_step(scope: Scope, account_id: UUID, step: int) -> None:
    """Remember the newest one-time code's step."""
    await db.execute("UPDATE account SET totp_last_step = {} WHERE id = {}", step, account_id)


async def insert_session(scope: Scope, session_id: UUID, token_hash: bytes, row: SessionRow, device: str) -> None:
    """Store a session. Only the token's hash is kept."""
    await db.execute(
        """INSERT INTO session (id, token_hash, account_id, patient_id, intake_id, limited_kind, limited_id,
           second_factor_at, created_at, last_seen_at, expires_at, device)
           VALUES ({}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {})""",
        session_id, token_hash, row.account_id, row.patient_id, row.intake_id, row.limited_kind, row.limited_id,
        row.created_at if row.has_second_factor else None, row.created_at, row.last_seen_at, row.expires_at,
        device[:200],
    )  # fmt: skip


async def session_by_token(scope: Scope, token_hash: bytes) -> SessionRow | None:
    """A session that was not revoked and whose owner is not disabled. Lifetimes are a rule's business."""
    r = await db.row(
        """SELECT s.*, a.role, a.practitioner_id, coalesce(a.zone, p.zone) AS zone, a.name_enc, p.first_name_enc
           FROM session s LEFT JOIN account a ON a.id = s.account_id LEFT JOIN patient p ON p.id = s.patient_id
           WHERE s.token_hash = {} AND s.revoked_at IS NULL AND (s.account_id IS NULL OR a.is_active)""",
        token_hash,
    )
    if r is None:
        return None
    name = crypto.unseal_optional(r["name_enc"], f"account.name_enc:{r['account_id']}")
    first = crypto.unseal_optional(r["first_name_enc"], f"patient.first_name_enc:{r['patient_id']}")
    return SessionRow(
        r["id"], r["account_id"], r["patient_id"], r["intake_id"], r["limited_kind"], r["limited_id"],
        r["second_factor_at"] is not None, r["created_at"], r["last_seen_at"], r["expires_at"], r["role"],
        r["practitioner_id"], r["zone"], name or first or "",
    )  # fmt: skip


async def touch(scope: Scope, session_id: UUID, now: datetime) -> None:
    """The session was used just now."""
    await db.execute("UPDATE session SET last_seen_at = greatest(last_seen_at, {}) WHERE id = {}", now, session_id)


async def revoke(scope: Scope, session_id: UUID, now: datetime) -> None:
    """End one session."""
    await db.execute("UPDATE session SET revoked_at = {} WHERE id = {} AND revoked_at IS NULL", now, session_id)


async def revoke_of_account(scope: Scope, account_id: UUID, now: datetime) -> None:
    """End every session of a member of staff."""
    await db.execute("UPDATE session SET revoked_at = {} WHERE account_id = {} AND revoked_at IS NULL", now, account_id)


async def insert_links(scope: Scope, links: Sequence[tuple[Link, bytes, bool, datetime]], now: datetime) -> None:
    """Store links: (link, hash of its token, works once, until). The same token again (a mail sent twice) only
    lengthens the life of an unused one."""
    if not links:
        return
    await db.execute(
        """INSERT INTO login_link (id, token_hash, purpose, patient_id, intake_id, subject_id, is_single_use,
           created_at, expires_at)
           SELECT id, hash, purpose, patient, intake, subject, once, {}, until
           FROM unnest({}::uuid[], {}::bytea[], {}::text[], {}::uuid[], {}::uuid[], {}::uuid[], {}::bool[],
               {}::timestamptz[]) l (id, hash, purpose, patient, intake, subject, once, until)
           ON CONFLICT (token_hash) DO UPDATE SET expires_at = excluded.expires_at
           WHERE login_link.used_at IS NULL""",
        now, *_columns(links),
    )  # fmt: skip


def _columns(links: Sequence[tuple[Link, bytes, bool, datetime]]) -> list[list[object]]:
    return [
        [link.id for link, _h, _o, _u in links], [token_hash for _l, token_hash, _o, _u in links],
        [link.purpose for link, _h, _o, _u in links], [link.patient_id for link, _h, _o, _u in links],
        [link.intake_id for link, _h, _o, _u in links], [link.subject_id for link, _h, _o, _u in links],
        [once for _l, _h, once, _u in links], [until for _l, _h, _o, until in links],
    ]  # fmt: skip


async def link_by_token(scope: Scope, token_hash: bytes, now: datetime) -> Link | None:
    """A link that is still good."""
    r = await db.row(
        """SELECT * FROM login_link WHERE token_hash = {} AND expires_at > {}
           AND (used_at IS NULL OR NOT is_single_use)""",
        token_hash, now,
    )  # fmt: skip
    return Link(r["id"], r["purpose"], r["patient_id"], r["intake_id"], r["subject_id"]) if r else None


async def use_link(scope: Scope, token_hash: bytes, now: datetime) -> Link | None:
    """Use a link up, in one statement: of two that come at once, one finds it used."""
    r = await db.row(
        """UPDATE login_link SET used_at = {} WHERE token_hash = {} AND expires_at > {}
           AND (used_at IS NULL OR NOT is_single_use) RETURNING *""",
        now, token_hash, now,
    )  # fmt: skip
    return Link(r["id"], r["purpose"], r["patient_id"], r["intake_id"], r["subject_id"]) if r else None
