"""The questionnaires of this clinic, for admins: what is in use, and what a form that others wrote would become."""

from dataclasses import dataclass, field
from datetime import datetime

from carepath.audit import service as audit
from carepath.intake.catalogue import Catalogue
from carepath.journey.administer import check_admin
from carepath.kit import db
from carepath.kit.actor import Actor
from carepath.kit.words import _
from carepath.questionnaires import service as questionnaires
from carepath.questionnaires.service import Imported, SectionView


@dataclass(frozen=True, slots=True)
class Line:
    """One questionnaire in use. `place` says where it is asked, "" when nowhere."""

    title: str
    canonical: str
    questions: int
    rights: str
    place: str


@dataclass(frozen=True, slots=True)
class Trial:
    """What an import would give. `page` is how a patient would see it; `clash` why it cannot be used beside what is
    stored; `file` is the name that it would have in config/questionnaires."""

    taken: Imported
    page: SectionView | None = None
    clash: str = ""
    file: str = ""
    errors: dict[str, str] = field(default_factory=dict)


async def in_use(actor: Actor, catalogue: Catalogue, now: datetime) -> list[Line]:
    """Every configured questionnaire, in the order in which they are asked."""
    check_admin(actor)
    places = {catalogue.eligibility: _("first questions")}
    places |= {url: _("intake, page {n}").format(n=n) for n, url in enumerate(catalogue.sections, 1)}
    sets = catalogue.check_ins
    places |= {sets.weekly: _("weekly"), sets.monthly: _("monthly"), sets.quarterly: _("three-monthly")}
    places |= {sets.after_session: _("after a visit")}
    forms = questionnaires.all_forms()
    order = [url for url in places if url in forms] + [url for url in forms if url not in places]
    async with db.transaction():
        await audit.record(actor, "read", "questionnaire-list", None, now)
    return [
        Line(
            forms[url].title, forms[url].canonical, sum(item.is_question for item in forms[url].by_id.values()),
            str(forms[url].resource.get("copyright", "")), places.get(url, ""),
        )
        for url in order
    ]  # fmt: skip


async def try_import(actor: Actor, text: str, now: datetime) -> Trial:
    """Grade a form and show what it would be. Nothing is stored: files in config/ are what a clinic asks."""
    check_admin(actor)
    taken = questionnaires.take(text)
    async with db.transaction():
        await audit.record(actor, "try", "questionnaire-import", None, now, grade=taken.grade)
    if taken.form is None:
        return Trial(taken)
    clash = await questionnaires.clash(taken.form)
    page = questionnaires.view(taken.form, questionnaires.starting(taken.form), {})
    return Trial(taken, page, clash, f"{questionnaires.file_name(taken.form)}.json")
