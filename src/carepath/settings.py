"""The environment, read once and checked. A missing or bad value names itself."""

import base64
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Self
from urllib.parse import urlsplit

from carepath.kit import crypto
from carepath.kit.db import connection_options

ROOT = Path(__file__).resolve().parents[2]
DEVELOPMENT_SECRET = "development only, refused in production"  # noqa: S105 - refused in production


class BadSetting(Exception):
    """One sentence that begins with the variable's name."""


def config_dir_of(env: Mapping[str, str]) -> Path:
    """Where the clinic's files are; also for commands that need neither database nor secrets."""
    return Path(env.get("CAREPATH_CONFIG_DIR") or ROOT / "config").resolve()


@dataclass(frozen=True, slots=True)
class Settings:
    """Every public seam of the environment, checked. Secrets are kept out of repr."""

    environment: str
    port: int
    database_url: str
    redis_url: str
    smtp_url: str
    public_base_url: str
    allowed_hosts: tuple[str, ...]
    trusted_proxies: tuple[str, ...]
    secret_key: str
    phi_keys: str
    config_dir: Path
    data_dir: Path
    templates_dir: Path = ROOT / "templates"

    def __repr__(self) -> str:
        return f"Settings(environment={self.environment!r}, public_base_url={self.public_base_url!r})"

    @property
    def is_production(self) -> bool:
        """True where real people are served."""
        return self.environment == "production"

    @property
    def is_https(self) -> bool:
        """True when browsers reach us by TLS, so that cookies can be Secure and `__Host-`."""
        return self.public_base_url.startswith("https://")

    @classmethod
    def from_environment(cls, env: Mapping[str, str]) -> Self:
        """Read and check. BadSetting names the first variable that is missing or wrong."""
        environment = env.get("CAREPATH_ENV", "development")
        if environment not in {"development", "production"}:
            raise BadSetting("CAREPATH_ENV is development or production")
        port = _port(env.get("PORT", "8000"))
        base = env.get("PUBLIC_BASE_URL", "").rstrip("/") or f"http://localhost:{port}"
        settings = cls(
            environment=environment,
            port=port,
            database_url=_needed(env, "DATABASE_URL"),
            redis_url=_needed(env, "REDIS_URL"),
            smtp_url=_needed(env, "SMTP_URL"),
            public_base_url=_web_address(base),
            allowed_hosts=_list(env.get("ALLOWED_HOSTS", "")) or _default_hosts(environment, base),
            trusted_proxies=_list(env.get("TRUSTED_PROXIES", "")),
            secret_key=env.get("SECRET_KEY") or DEVELOPMENT_SECRET,
            phi_keys=env.get("PHI_KEYS") or _development_keys(),
            config_dir=config_dir_of(env),
            data_dir=Path(env.get("CAREPATH_DATA_DIR") or ROOT / ".carepath").resolve(),
        )
        settings.check()
        return settings

    def check(self) -> None:
        """What no single variable shows: shapes, and what production must not run with."""
        try:
            crypto.parse_keys(self.phi_keys)
        except ValueError as problem:
            raise BadSetting(f"PHI_KEYS: {problem}") from None
        try:
            connection_options(self.database_url)
        except ValueError as problem:
            raise BadSetting(str(problem)) from None
        if urlsplit(self.redis_url).scheme not in {"redis", "rediss", "unix"}:
            raise BadSetting("REDIS_URL is written redis://host:port/0")
        if urlsplit(self.smtp_url).scheme not in {"smtp", "smtps"}:
            raise BadSetting("SMTP_URL is written smtp://host:port or smtps://name:password@host:port")
        if self.is_production:
            self._check_production()

    def _check_production(self) -> None:
        if self.secret_key == DEVELOPMENT_SECRET or len(self.secret_key) < 32:
            raise BadSetting("SECRET_KEY needs a random value of at least 32 characters in production")
        if self.phi_keys == _development_keys():
            raise BadSetting("PHI_KEYS needs keys of your own in production")
        if not self.is_https:
            raise BadSetting("PUBLIC_BASE_URL begins with https:// in production")


def _needed(env: Mapping[str, str], name: str) -> str:
    value = env.get(name, "")
    if not value:
        raise BadSetting(f"{name} is not set (`carepath up` sets it for a development machine)")
    return value


def _port(text: str) -> int:
    if not text.isascii() or not text.isdigit() or not 0 < int(text) < 65536:
        raise BadSetting("PORT is a number from 1 to 65535")
    return int(text)


def _web_address(text: str) -> str:
    parts = urlsplit(text)
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.path or parts.query:
        raise BadSetting("PUBLIC_BASE_URL is written https://host, without a path")
    return text


def _list(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split(",") if part.strip())


def _default_hosts(environment: str, base: str) -> tuple[str, ...]:
    host = urlsplit(base).hostname or "localhost"
    return (host,) if environment == "production" else tuple(dict.fromkeys((host, "localhost", "127.0.0.1", "[::1]")))


def _development_keys() -> str:
    """A key that everybody knows, so that a development database opens on every machine."""
    return "1:" + base64.b64encode(hashlib.sha256(b"carepath development key").digest()).decode()
