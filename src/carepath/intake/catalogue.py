"""config/intake.toml: what is asked, in which order."""

from dataclasses import dataclass
from pathlib import Path

from carepath.intake import consents
from carepath.intake.consents import Consent
from carepath.kit import config


@dataclass(frozen=True, slots=True)
class CheckIns:
    """Canonicals of the three sets that are asked in maintenance; the numbers are days. `after_session` is asked after
    a visit whose kind says so; empty where none does."""

    weekly: str
    monthly: str
    monthly_from_days: int
    quarterly: str
    quarterly_after_days: int
    source: str
    after_session: str = ""

    def choose(self, every_days: int, since_quarterly: int) -> str:
        """The set of one check-in: `every_days` is the plan's cadence, `since_quarterly` how many days ago the last
        three-monthly set was answered (or, when none was, the plan began)."""
        if since_quarterly >= self.quarterly_after_days:
            return self.quarterly
        return self.monthly if every_days >= self.monthly_from_days else self.weekly

    @property
    def urls(self) -> tuple[str, ...]:
        """All of them."""
        return tuple(url for url in (self.weekly, self.monthly, self.quarterly, self.after_session) if url)


@dataclass(frozen=True, slots=True)
class IntakeFile:
    """The file as written."""

    eligibility: str
    sections: list[str]
    consents: list[str]
    check_ins: CheckIns


@dataclass(frozen=True, slots=True)
class Catalogue:
    """The canonicals of the questionnaires and the consent texts, in the order they are asked."""

    eligibility: str
    sections: tuple[str, ...]
    check_ins: CheckIns
    consents: tuple[Consent, ...]

    def section(self, slug: str) -> str | None:
        """The canonical of the page with this address, or None."""
        return next((url for url in self.sections if slug_of(url) == slug), None)


class _Kept:
    consents: tuple[Consent, ...] | None = None


def configure(found: Catalogue) -> None:
    """Make these the texts that this process asks to be signed."""
    _Kept.consents = found.consents


def wanted_consents() -> tuple[Consent, ...]:
    """Every text that is to be signed, in its wording of today. RuntimeError before `configure`."""
    if _Kept.consents is None:
        raise RuntimeError("intake.catalogue.configure was not called")
    return _Kept.consents


def slug_of(url: str) -> str:
    """The last word of a canonical: the address of its page."""
    return url.rsplit("/", 1)[-1]


def load(config_dir: Path) -> Catalogue:
    """Read and check. ConfigProblem names file, key and reason."""
    found = config.load(config_dir / "intake.toml", IntakeFile)
    if len({slug_of(url) for url in found.sections}) != len(found.sections):
        raise config.ConfigProblem("intake.toml", "sections", "two sections end in the same word")
    if not 0 < found.check_ins.monthly_from_days < found.check_ins.quarterly_after_days <= 366:
        raise config.ConfigProblem("intake.toml", "check_ins", "the two numbers of days rise from 1 to 366")
    texts = consents.load(config_dir / "consents", found.consents)
    return Catalogue(found.eligibility, tuple(found.sections), found.check_ins, texts)
