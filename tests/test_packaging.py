"""The shape of production, and what a fresh machine is told to install."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest
import yaml

from carepath.settings import BadSetting, Settings

ROOT = Path(__file__).parents[1]
COMPOSE = yaml.safe_load((ROOT / "compose.yaml").read_text())
SECRETS = {
    "POSTGRES_PASSWORD": "x", "VALKEY_PASSWORD": "y", "SMTP_URL": "smtps://a:b@mail.example:465",
    "PUBLIC_BASE_URL": "https://clinic.example", "SECRET_KEY": "s" * 40,
    "PHI_KEYS": "1:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=",
}  # fmt: skip


def test_every_part_of_production_is_there_and_mail_catching_is_a_profile():
    services = COMPOSE["services"]
    assert set(services) == {"migrate", "web", "worker", "beat", "postgres", "valkey", "catcher"}
    assert services["catcher"]["profiles"] == ["mail"]
    for name in ("web", "postgres", "valkey"):
        assert "healthcheck" in services[name], name


def test_no_secret_is_inside_and_each_is_demanded():
    text = (ROOT / "compose.yaml").read_text()
    for name in ("POSTGRES_PASSWORD", "VALKEY_PASSWORD", "SECRET_KEY", "PHI_KEYS"):
        assert f"${{{name}:?" in text, f"{name} must be demanded"
        assert f"${{{name}:-" not in text


def test_the_image_does_not_run_as_root():
    lines = (ROOT / "Dockerfile").read_text().splitlines()
    assert "USER carepath" in lines
    assert lines.index("USER carepath") < next(n for n, line in enumerate(lines) if line.startswith("ENTRYPOINT"))


def test_docker_agrees_where_it_is_installed():
    docker = shutil.which("docker")
    if docker is None or subprocess.run([docker, "compose", "version"], capture_output=True).returncode != 0:
        pytest.skip("docker compose is not installed: compose.yaml is checked by its own reader only")
    done = subprocess.run(
        [docker, "compose", "config", "--quiet"],
        cwd=ROOT,
        env={"PATH": "/usr/bin:/usr/local/bin:/bin", "HOME": "/tmp", **SECRETS},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("name", ["base", "run", "test"])
def test_requirements_are_pinned_with_hashes_and_name_no_host(name: str):
    text = (ROOT / "requirements" / f"{name}.txt").read_text()
    pins = re.findall(r"^[A-Za-z0-9].*$", text, re.MULTILINE)
    assert pins
    assert all(re.match(r"[A-Za-z0-9._-]+==\S+ \\$", pin) for pin in pins)
    assert len(re.findall(r"--hash=sha256:", text)) >= len(pins)
    assert "://" not in text


PRODUCTION = {
    **SECRETS, "CAREPATH_ENV": "production", "DATABASE_URL": "postgresql://a:b@db:5432/carepath", "REDIS_URL": "redis://v:6379/0",
}  # fmt: skip


def test_production_starts_with_secrets_of_its_own():
    assert Settings.from_environment(PRODUCTION).is_production


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("SECRET_KEY", ""), ("SECRET_KEY", "short"), ("PHI_KEYS", ""), ("PHI_KEYS", "1:abc"),
        ("PUBLIC_BASE_URL", "http://clinic.example"), ("DATABASE_URL", ""), ("REDIS_URL", "http://x"), ("SMTP_URL", "mail"),
        ("PORT", "99999"), ("CAREPATH_ENV", "staging"),
    ],
)  # fmt: skip
def test_a_bad_setting_names_itself(name: str, value: str):
    with pytest.raises(BadSetting, match=name):
        Settings.from_environment({**PRODUCTION, name: value})


def test_secrets_are_not_shown():
    assert "s" * 40 not in repr(Settings.from_environment(PRODUCTION))
