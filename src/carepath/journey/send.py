"""Consent, sending the answers, the verdict, and the patient's home."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from carepath.accounts import rules as account_rules
from carepath.audit import service as audit
from carepath.evaluations import service as evaluations
from carepath.intake import service as intakes
from carepath.intake.catalogue import Catalogue, slug_of
from carepath.intake.consents import Consent
from carepath.intake.queries import Intake
from carepath.journey import answer, evaluate, phone
from carepath.kit import db, when
from carepath.kit.actor import SYSTEM, Actor
from carepath.kit.errors import Conflict, Invalid, NotFound
from carepath.kit.words import _
from carepath.notifications import service as notifications
from carepath.questionnaires import service as questionnaires
from carepath.screening import service as screening
from carepath.screening.service import Verdict

_SUBJECT = "intake"


@dataclass(frozen=True, slots=True)
class Row:
    """One thing to do: a section or a consent. `state` is done, started or todo."""

    title: str
    href: str
    state: str
    words: str
    tone: str


@dataclass(frozen=True, slots=True)
class Overview:
    """How far the intake is."""

    rows: tuple[Row, ...]
    is_sent: bool

    @property
    def is_ready(self) -> bool:
        """Everything is answered and signed, and not sent yet."""
        return not self.is_sent and all(row.state == "done" for row in self.rows)

    @property
    def all_answered(self) -> bool:
        """Every section is complete; consents may be open."""
        return all(row.state == "done" for row in self.rows if row.href.startswith("/intake/"))

    @property
    def next_href(self) -> str | None:
        """The first thing that is still open."""
        return next((row.href for row in self.rows if row.state != "done"), None)


@dataclass(frozen=True, slots=True)
class ConsentPage:
    """A consent text, and when it was signed if it was."""

    consent: Consent
    signed_words: str | None


@dataclass(frozen=True, slots=True)
class VerdictPage:
    """The verdict in the patient's words."""

    title: str
    words: str
    findings: tuple[str, ...]
    may_book: bool
    is_urgent: bool


_STATES = {"done": (_("Done"), "green"), "started": (_("Started"), "amber"), "todo": (_("To do"), "grey")}


async def overview(actor: Actor, catalogue: Catalogue, now: datetime) -> Overview:
    """Every section and consent with its state."""
    intake = await answer.open_intake(actor)
    responses = await answer.answers_of(actor, intake.id)
    rows = []
    for url in catalogue.sections:
        response = responses.get(url)
        form = response.questionnaire if response else questionnaires.current(url)
        state = "todo"
        if response and response.answers:
            state = "started" if questionnaires.problems(form, response.answers) else "done"
        rows.append(Row(form.title, f"/intake/{slug_of(url)}", state, *_STATES[state]))
    unsigned = {c.id for c in await intakes.unsigned(actor, intake.id, catalogue.consents)}
    for consent in catalogue.consents:
        state = "todo" if consent.id in unsigned else "done"
        rows.append(Row(consent.title, f"/consents/{consent.id}", state, *_STATES[state]))
    return Overview(tuple(rows), intake.status != "in-progress")


def _text(catalogue: Catalogue, consent_id: str) -> Consent:
    found = next((c for c in catalogue.consents if c.id == consent_id), None)
    if found is None:
        raise NotFound
    return found


async def consent(actor: Actor, catalogue: Catalogue, consent_id: str, now: datetime) -> ConsentPage:
    """One text, with the signature if there is one of exactly this wording."""
    text, intake = _text(catalogue, consent_id), await answer.open_intake(actor)
    given = await intakes.consents_of(actor, intake.id)
    signed = next((g for g in given if (g.consent_id, g.text_sha256) == (text.id, text.sha256)), None)
    words = _("You signed this on {day}.").format(day=when.say_day(signed.signed_at, intake.zone)) if signed else None
    return ConsentPage(text, words)


async def sign(
    actor: Actor, catalogue: Catalogue, consent_id: str, initials: Mapping[str, str], name: str, address: str,
    now: datetime,
) -> str:  # fmt: skip
    """Sign one text; answers the page to go on with."""
    text, intake = _text(catalogue, consent_id), await answer.open_intake(actor)
    async with db.transaction():
        await intakes.sign(actor, intake.id, text, initials, name, address, now)
        await audit.record(
            actor, "sign", "consent", intake.id, now, patient_id=actor.patient_id, consent=text.id, version=text.version
        )
    left = await intakes.unsigned(actor, intake.id, catalogue.consents)
    if left:
        return f"/consents/{left[0].id}"
    return "/send" if intake.status == "in-progress" else "/home"


async def submit(actor: Actor, catalogue: Catalogue, now: datetime, number: str = "") -> Verdict:
    """Send the intake: scores, verdict, the provider's evaluation, all or nothing. Invalid names what is open. `number`
    is where the patient can be called, if they say so: whoever reads of danger in the answers has a telephone to use."""
    async with db.transaction():
        if number:
            await phone.say(actor, number, now)
        intake = await answer.open_intake(actor)
        if intake.status != "in-progress":
            raise Conflict(_("Your answers were sent already."), intake.status)
        open_rows = [row for row in (await overview(actor, catalogue, now)).rows if row.state != "done"]
        if open_rows:
            raise Invalid({"open": _("Still open: {titles}").format(titles=", ".join(r.title for r in open_rows))})
        verdict = await _screen(actor, intake, now)
        intake = await intakes.step(actor, intake.id, "submit", now)
        await _pass_on(actor, intake, verdict, now)
        await notifications.supersede(_SUBJECT, intake.id, int(now.timestamp()), now)
        await audit.record(
            actor, "submit", _SUBJECT, intake.id, now, patient_id=actor.patient_id, outcome=verdict.outcome
        )
        return verdict


async def _screen(actor: Actor, intake: Intake, now: datetime) -> Verdict:
    """Complete every response, then hold all answers and scores against the rules."""
    responses = await answer.answers_of(actor, intake.id)
    scores = {}
    for response in responses.values():
        if response.status == "in-progress":
            for score in await questionnaires.complete(actor.scope, response.id, now):
                scores[score.code] = score
    answers = [(response.questionnaire, response.answers) for response in responses.values()]
    age = account_rules.age_on(intake.birth_date, now.date())
    facts = screening.facts(answers, {code: s.value for code, s in scores.items()}, age)
    return await screening.run(actor.scope, intake.id, intake.patient_id, "intake", facts, now)


async def _pass_on(actor: Actor, intake: Intake, verdict: Verdict, now: datetime) -> None:
    """Give the provider their work. A stop is looked at by a person too; only booking is closed."""
    assert intake.patient_id is not None  # a submitted intake has one by the table's own check
    priority = "stat" if verdict.is_urgent else "urgent" if verdict.outcome == "stop" else "routine"
    await evaluations.open_for(SYSTEM, intake.patient_id, intake.id, priority, now)
    findings = [one for one in verdict.findings if one.outcome == "urgent"]
    await evaluate.raise_urgent(actor, intake.patient_id, None, _SUBJECT, intake.id, findings, now)


async def verdict(actor: Actor, now: datetime) -> VerdictPage | None:
    """The verdict on the submitted intake, or None before it is sent."""
    intake = await answer.open_intake(actor)
    if intake.status != "completed":
        return None
    found = await screening.verdict_of(actor.scope, intake.id)
    if found is None:
        return None
    async with db.transaction():
        await audit.record(actor, "read", "screening-result", intake.id, now, patient_id=actor.patient_id)
    told = tuple(f.patient_words for f in found.findings if f.outcome != "urgent" and f.patient_words)
    title, words = _VERDICTS[found.outcome]
    return VerdictPage(title, words, told, found.outcome != "stop", found.is_urgent)


_VERDICTS = {
    "eligible": (
        _("You can choose a time for your visit"),
        _("Nothing in your answers speaks against a visit. Your provider reads them before you meet."),
    ),
    "review": (
        _("You can choose a time; some points need a closer look"),
        _(
            "A provider will look at the points below with you. They may still decide that this treatment is not for you."
        ),
    ),
    "stop": (
        _("A visit with us is not the safe next step now"),
        _("Something in your answers makes ketamine unsafe for now. A provider will look at it and write to you."),
    ),
}
