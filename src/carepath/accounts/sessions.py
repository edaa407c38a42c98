"""Signing in and out. Tokens are rotated whenever what they open grows."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from carepath.accounts import rules, secrets, session_queries
from carepath.accounts.people import Link, Visitor
from carepath.accounts.session_queries import SessionRow
from carepath.kit import clock, crypto, db, limits
from carepath.kit.actor import SYSTEM, Actor, Role
from carepath.kit.errors import NotFound, Refused
from carepath.kit.ids import new_id, new_token, token_hash
from carepath.kit.words import _

_SCOPE = SYSTEM.scope
_TOUCH_EVERY = timedelta(minutes=1)
_ONCE = frozenset({"apply", "sign-in", "check-in"})


async def visitor(token: str, request_id: str, now: datetime) -> Visitor | None:
    """Whoever this cookie belongs to, or None when it is unknown, ended or too old."""
    row = await session_queries.session_by_token(_SCOPE, token_hash(token))
    if row is None:
        return None
    life = rules.STAFF if row.account_id else rules.PATIENT
    if not rules.is_live(row.created_at, row.last_seen_at, row.expires_at, life, now):
        return None
    if now - row.last_seen_at > _TOUCH_EVERY:
        await session_queries.touch(_SCOPE, row.id, now)
    awaits_code = row.account_id is not None and not row.has_second_factor
    return Visitor(_actor(row, request_id, awaits_code), row.id, awaits_code, row.zone, row.name)


def _actor(row: SessionRow, request_id: str, awaits_code: bool) -> Actor:
    if awaits_code:
        return Actor(Role.ANONYMOUS, session_id=row.id, request_id=request_id)
    if row.account_id:
        return Actor(
            Role(row.role or ""), row.account_id, None, row.practitioner_id, session_id=row.id, request_id=request_id
        )
    limited = (row.limited_kind, row.limited_id) if row.limited_kind and row.limited_id else None
    role = Role.PATIENT if row.patient_id else Role.ANONYMOUS
    return Actor(role, None, row.patient_id, None, row.intake_id, row.id, request_id, limited)


async def _open(row: SessionRow, device: str) -> str:
    token = new_token()
    await session_queries.insert_session(_SCOPE, row.id, token_hash(token), row, device)
    return token


def _row(now: datetime, life: rules.Lifetime, **owner: UUID | str | bool | None) -> SessionRow:
    empty: dict[str, UUID | str | bool | None] = {
        "account_id": None, "patient_id": None, "intake_id": None, "limited_kind": None, "limited_id": None,
        "has_second_factor": False,
    }  # fmt: skip
    return SessionRow(
        id=new_id(), created_at=now, last_seen_at=now, expires_at=now + life.absolute, role=None,
        practitioner_id=None, zone=None, name="", **(empty | owner),  # type: ignore[arg-type]
    )  # fmt: skip


async def check_password(email: str, password: str, address: str, device: str, now: datetime) -> str:
    """First step for staff: a token that opens nothing but the second step. Refused without saying which was wrong."""
    await limits.count(rules.ADDRESS_TRIES, address)
    await limits.count(rules.PASSWORD_TRIES, email.strip().casefold())
    found = await session_queries.secrets_by_email(_SCOPE, email)
    if not await secrets.password_matches(password, found.password_hash if found else None) or found is None:
        raise Refused(_("That e-mail address and password do not match."))
    return await _open(_row(now, rules.STAFF, account_id=found.account_id), device)


async def check_code(session_id: UUID, account_id: UUID, code: str, device: str, now: datetime) -> str:
    """Second step for staff: a new token for a full session; the first one ends. Refused for a wrong or used code."""
    await limits.count(rules.CODE_TRIES, str(account_id))
    async with db.transaction():
        found = await session_queries.secrets_of(_SCOPE, account_id)
        # Authenticator apps know true time only, so a travelled clock does not count here.
        step = found and secrets.code_step(found.totp_secret, code, found.totp_last_step, clock.wall())
        if not step:
            raise Refused(_("That code is not right, or was used already. Wait for the next one."))
        await session_queries.use_step(_SCOPE, account_id, step)
        await session_queries.revoke(_SCOPE, session_id, now)
        return await _open(_row(now, rules.STAFF, account_id=account_id, has_second_factor=True), device)


async def waiting_account(session_token: str, now: datetime) -> tuple[UUID, UUID] | None:
    """(session id, account id) of a session that still awaits its code."""
    row = await session_queries.session_by_token(_SCOPE, token_hash(session_token))
    if row is None or row.account_id is None or row.has_second_factor or now >= row.expires_at:
        return None
    return row.id, row.account_id


async def open_for_applicant(intake_id: UUID, device: str, now: datetime) -> str:
    """A session for somebody who has proved no address yet: it reaches one intake."""
    return await _open(_row(now, rules.PATIENT, intake_id=intake_id), device)


async def open_for_patient(
    patient_id: UUID, device: str, now: datetime, limited_to: tuple[str, UUID] | None = None
) -> str:
    """A session for a patient; `limited_to` keeps it to one appointment or check-in."""
    kind, subject_id = limited_to or (None, None)
    row = _row(now, rules.PATIENT, patient_id=patient_id, limited_kind=kind, limited_id=subject_id)
    return await _open(row, device)


async def end(session_id: UUID, now: datetime) -> None:
    """Sign out."""
    await session_queries.revoke(_SCOPE, session_id, now)


def link_token(purpose: str, message_id: UUID) -> str:
    """The token in a mail, derived from the message's row, so that a mail sent twice carries the same link."""
    return crypto.sign("link", purpose, str(message_id))


async def store_link(link: Link, token: str, now: datetime, until: datetime) -> None:
    """One of `store_links`."""
    await store_links([(link, token, until)], now)


async def store_links(links: Sequence[tuple[Link, str, datetime]], now: datetime) -> None:
    """Make each token open what its link says until then: (link, token, until). Links of visits are looked at more
    often than once; every other works once."""
    rows = [(link, token_hash(token), link.purpose in _ONCE, until) for link, token, until in links]
    await session_queries.insert_links(_SCOPE, rows, now)


async def look_at_link(token: str, now: datetime) -> Link:
    """What a link would open; looking changes nothing, so mail scanners cannot burn it. NotFound when it is stale."""
    found = await session_queries.link_by_token(_SCOPE, token_hash(token), now)
    if found is None:
        raise NotFound(_("This link has been used or is too old. You can ask for a new one."))
    return found


async def use_link(token: str, now: datetime) -> Link:
    """Use a link, once if it works once. NotFound when somebody was faster or it is stale."""
    found = await session_queries.use_link(_SCOPE, token_hash(token), now)
    if found is None:
        raise NotFound(_("This link has been used or is too old. You can ask for a new one."))
    return found
