"""runtime.json: what is running on a development machine, for people, scripts and tests."""

import base64
import os
import secrets
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from carepath.dev.processes import read_json, write_private

_FROM_RUNTIME = {
    "DATABASE_URL": "database_url",
    "REDIS_URL": "redis_url",
    "SMTP_URL": "smtp_url",
    "PUBLIC_BASE_URL": "base_url",
}


@dataclass(frozen=True, slots=True)
class SignIn:
    """A demo account. The one-time codes come from `totp_secret`."""

    role: str
    name: str
    email: str
    password: str
    totp_secret: str


def secrets_of(data_dir: Path) -> dict[str, str]:
    """SECRET_KEY and PHI_KEYS of this development machine, made once and kept private."""
    path = data_dir / "secrets.json"
    found = {name: str(value) for name, value in read_json(path).items()}
    if not found:
        key = base64.b64encode(secrets.token_bytes(32)).decode()
        found = {"SECRET_KEY": secrets.token_urlsafe(48), "PHI_KEYS": f"1:{key}"}
        write_private(path, found)
    return found


def write(data_dir: Path, urls: Mapping[str, str], pids: Mapping[str, int], sign_ins: list[SignIn]) -> None:
    """Publish what runs. `urls` has base_url, database_url, redis_url, smtp_url, mail_dir."""
    write_private(
        data_dir / "runtime.json", {**urls, "pids": dict(pids), "sign_ins": [asdict(one) for one in sign_ins]}
    )


def data_dir_of(environment: Mapping[str, str]) -> Path:
    """CAREPATH_DATA_DIR, or .carepath beside the code."""
    return Path(environment.get("CAREPATH_DATA_DIR") or Path(__file__).resolve().parents[3] / ".carepath").resolve()


def complete(environment: Mapping[str, str]) -> dict[str, str]:
    """The environment for a command typed beside a running `carepath up`: what is unset comes from runtime.json."""
    filled = dict(environment)
    if filled.get("CAREPATH_ENV", "development") != "development":
        return filled
    data_dir = data_dir_of(filled)
    running = read_json(data_dir / "runtime.json")
    for name, key in _FROM_RUNTIME.items():
        if not filled.get(name) and running.get(key):
            filled[name] = str(running[key])
    if running:
        for name, value in secrets_of(data_dir).items():
            filled.setdefault(name, value)
    filled.setdefault("CAREPATH_DATA_DIR", str(data_dir))
    return filled


def own_python_path() -> str:
    """So that children find the same code, installed or not."""
    root = Path(__file__).resolve().parents[3]
    return os.pathsep.join([str(root / "src"), str(root), os.environ.get("PYTHONPATH", "")]).rstrip(os.pathsep)
