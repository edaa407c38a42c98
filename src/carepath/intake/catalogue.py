"""config/intake.toml: what is asked, in which order."""

from dataclasses import dataclass
from pathlib import Path

from carepath.intake import consents
from carepath.intake.consents import Consent
from carepath.kit import config


@dataclass(frozen=True, slots=True)
class IntakeFile:
    """The file as written."""

    eligibility: str
    sections: list[str]
    check_in: str
    consents: list[str]


@dataclass(frozen=True, slots=True)
class Catalogue:
    """The canonicals of the questionnaires and the consent texts, in the order they are asked."""

    eligibility: str
    sections: tuple[str, ...]
    check_in: str
    consents: tuple[Consent, ...]

    def section(self, slug: str) -> str | None:
        """The canonical of the page with this address, or None."""
        return next((url for url in self.sections if slug_of(url) == slug), None)


def slug_of(url: str) -> str:
    """The last word of a canonical: the address of its page."""
    return url.rsplit("/", 1)[-1]


def load(config_dir: Path) -> Catalogue:
    """Read and check. ConfigProblem names file, key and reason."""
    found = config.load(config_dir / "intake.toml", IntakeFile)
    if len({slug_of(url) for url in found.sections}) != len(found.sections):
        raise config.ConfigProblem("intake.toml", "sections", "two sections end in the same word")
    texts = consents.load(config_dir / "consents", found.consents)
    return Catalogue(found.eligibility, tuple(found.sections), found.check_in, texts)
