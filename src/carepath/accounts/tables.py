"""Identity is sealed; it is found again by blind index. Tokens are stored as hashes."""

from piccolo.columns import UUID, BigInt, Boolean, Bytea, Text, Timestamptz
from piccolo.table import Table

from carepath.kit.db import DB


class Account(Table, tablename="account", db=DB):
    """A member of staff."""

    id = UUID(primary_key=True)
    role = Text()
    practitioner_id = UUID(null=True)
    email_index = Bytea(unique=True)
    email_enc = Bytea()
    name_enc = Bytea()
    zone = Text()
    password_hash = Text(secret=True)
    totp_enc = Bytea(secret=True)
    totp_last_step = BigInt()
    is_active = Boolean()
    created_at = Timestamptz()


class Patient(Table, tablename="patient", db=DB):
    """A person who has proved an e-mail address."""

    id = UUID(primary_key=True)
    email_index = Bytea(unique=True)
    email_enc = Bytea()
    first_name_enc = Bytea()
    last_name_enc = Bytea()
    phone_enc = Bytea(null=True)
    birth_date_enc = Bytea()
    jurisdiction = Text()
    zone = Text()
    email_proved_at = Timestamptz()
    created_at = Timestamptz()
    person_index = Bytea(null=True)
    phone_index = Bytea(null=True)


class Session(Table, tablename="session", db=DB):
    """A signed-in browser: a member of staff, a patient, or an applicant with an intake."""

    id = UUID(primary_key=True)
    token_hash = Bytea(unique=True)
    account_id = UUID(null=True)
    patient_id = UUID(null=True)
    intake_id = UUID(null=True)
    limited_kind = Text(null=True)
    limited_id = UUID(null=True)
    second_factor_at = Timestamptz(null=True)
    created_at = Timestamptz()
    last_seen_at = Timestamptz()
    expires_at = Timestamptz()
    revoked_at = Timestamptz(null=True)
    device = Text()


class LoginLink(Table, tablename="login_link", db=DB):
    """A link that was mailed. `purpose` says what it opens."""

    id = UUID(primary_key=True)
    token_hash = Bytea(unique=True)
    purpose = Text()
    patient_id = UUID(null=True)
    intake_id = UUID(null=True)
    subject_id = UUID(null=True)
    is_single_use = Boolean()
    created_at = Timestamptz()
    expires_at = Timestamptz()
    used_at = Timestamptz(null=True)


class EmergencyAccess(Table, tablename="emergency_access", db=DB):
    """A provider opened the record of somebody whom they do not look after. Only its end may change, to come sooner."""

    id = UUID(primary_key=True)
    account_id = UUID()
    patient_id = UUID()
    reason_enc = Bytea()
    opened_at = Timestamptz()
    ends_at = Timestamptz()
    request_id = Text()
