"""Everything in config/, read and checked as a whole before anything is served."""

import dataclasses
from dataclasses import dataclass
from pathlib import Path

from carepath.evaluations import catalogue as evaluations
from carepath.evaluations import page_catalogue as evaluation_page
from carepath.followups import catalogue as followups
from carepath.followups.signal_catalogue import check_baseline, check_reads
from carepath.followups.timing import SessionReads
from carepath.intake import catalogue as intake
from carepath.kit.errors import ConfigProblem
from carepath.notifications import catalogue as notifications
from carepath.notifications import own_wording as clinic_words
from carepath.notifications.rules.kinds import KINDS
from carepath.notifications.wording import Wording
from carepath.questionnaires import service as questionnaires
from carepath.questionnaires.service import Library, Questionnaire
from carepath.scheduling import catalogue as scheduling
from carepath.scheduling.rules.model import Clinic
from carepath.screening import catalogue as screening
from carepath.screening.rules import Rule
from carepath.settings import ROOT


@dataclass(frozen=True, slots=True)
class Configuration:
    """The checked content."""

    clinic: Clinic
    intake: intake.Catalogue
    library: Library
    rules: tuple[Rule, ...]


def load(config_dir: Path) -> Configuration:
    """Read, check, and make it what this process works by. ConfigProblem names file, key and reason."""
    clinic = scheduling.load(config_dir)
    library = questionnaires.load_files(config_dir)
    catalogue = intake.load(config_dir)
    for url in (catalogue.eligibility, *catalogue.sections, *catalogue.check_ins.urls):
        if url not in library.forms:
            raise ConfigProblem("intake.toml", "sections", f"there is no questionnaire {url}")
    if any(item.is_repeated_group for item in library.forms[catalogue.eligibility].by_id.values()):
        # That page stores nothing before it is sent, so it has no place to keep a changed number of instances.
        raise ConfigProblem("intake.toml", "eligibility", "the first questions cannot have a group that repeats")
    rules = screening.load(config_dir, _answers(library), frozenset(i.code for i in library.instruments))
    desk = evaluations.load(config_dir)
    every_score = frozenset(i.code for i in library.instruments)
    judged_by = evaluation_page.load(config_dir, _answers(library), every_score, frozenset(rule.id for rule in rules))
    signals = followups.load(config_dir)
    times = notifications.load(config_dir)
    asked = [library.forms[url] for url in catalogue.check_ins.urls]
    scores = {one.code for one in library.instruments if one.questionnaire in catalogue.check_ins.urls}
    check_reads(signals.reads, signals.signals, asked, scores)
    check_baseline(signals.baseline, library.forms)
    _check_session(signals.session.reads, library.forms.get(catalogue.check_ins.after_session))
    if signals.review.visit_type not in clinic.visit_types:
        raise ConfigProblem("followups.toml", "review.visit_type", f"there is no visit {signals.review.visit_type!r}")
    if not catalogue.check_ins.after_session and any(one.after_session_check for one in clinic.visit_types.values()):
        raise ConfigProblem("intake.toml", "check_ins.after_session", "a kind of visit in clinic.toml is asked after")
    _check_wording(own_wording(config_dir), clinic)
    scheduling.configure(clinic)
    notifications.configure(times)
    questionnaires.configure(library)
    screening.configure(rules)
    evaluations.configure(desk)
    followups.configure(signals)
    evaluation_page.configure(judged_by)
    intake.configure(catalogue)
    return Configuration(clinic, catalogue, library, rules)


def own_wording(config_dir: Path) -> Path | None:
    """The clinic's own words for messages, if it has any."""
    folder = config_dir / "messages"
    return folder if folder.is_dir() else None


def _check_wording(own: Path | None, clinic: Clinic) -> None:
    """A clinic's own words are tried with letters to nobody before anybody is written to."""
    if own is None:
        return
    # Whoever writes letters knows half the product: commands about forms alone need not wait for it to be read.
    from carepath.journey import tell
    from carepath.journey.letters import samples

    mine, product = (Wording(ROOT / "templates", one, clinic.name, clinic.phone) for one in (own, None))
    desk = tell.desk_of("https://clinic.example", clinic)
    clinic_words.check(own, mine, product, {kind: samples.letter(desk, kind) for kind in KINDS})


def _answers(library: Library) -> dict[str, frozenset[str]]:
    """Every item that a rule may name, with the codes it can have."""
    known: dict[str, frozenset[str]] = {}
    for form in library.forms.values():
        for link_id, item in form.by_id.items():
            codes = {option.code for option in item.options}
            codes |= {"yes", "no"} if item.type == "boolean" else set()
            # The same question may stand in several forms; a rule on it holds in all of them.
            known[link_id] = known.get(link_id, frozenset()) | codes
    return known


def _check_session(reads: SessionReads, form: Questionnaire | None) -> None:
    """A misspelled item would be lost from every patient's report of a session."""
    for key, link_id in dataclasses.asdict(reads).items():
        if form is not None and link_id not in form.by_id:
            raise ConfigProblem("followups.toml", f"session.reads.{key}", f"nothing asks {link_id} after a session")
