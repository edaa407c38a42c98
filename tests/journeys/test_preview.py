"""Samples of every message: there is one for each kind, it reads as a true letter does, and it is nobody's."""

import email
import re
from dataclasses import replace
from datetime import UTC, date, datetime
from email.message import EmailMessage
from email.policy import default
from random import Random

import pytest

from carepath import configuration
from carepath.dev import life
from carepath.dev.people import DemoPatient
from carepath.intake import service as intakes
from carepath.journey import apply, preview, tell
from carepath.journey.letters import samples
from carepath.journey.letters.desk import Desk
from carepath.kit import clock, db
from carepath.kit.actor import NOBODY, SYSTEM, Actor, Role
from carepath.kit.errors import NotFound, Refused
from carepath.kit.ids import new_id
from carepath.notifications.queries import COLUMNS, message
from carepath.notifications.rules.kinds import KINDS
from carepath.notifications.service import Letter, Printer
from carepath.questionnaires import service as questionnaires
from carepath.settings import Settings
from carepath.web.message_words import KIND_WORDS
from tests import cast

AT = datetime(2026, 12, 1, 12, tzinfo=UTC)


@pytest.fixture
def desk(app: object, settings: Settings) -> Desk:
    return tell.desk_of(settings.public_base_url, configuration.load(settings.config_dir).clinic)


@pytest.fixture
def printer(app: object, settings: Settings) -> Printer:
    clinic = configuration.load(settings.config_dir).clinic
    return tell.printer_of(settings.public_base_url, clinic, settings.templates_dir, None)


def printed(printer: Printer, letter: Letter) -> EmailMessage:
    found = email.message_from_bytes(printer.print(letter, new_id(), AT), policy=default)
    assert isinstance(found, EmailMessage)
    assert not found.defects
    return found


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_has_a_sample_that_is_a_whole_mail(kind: str, desk: Desk, printer: Printer):
    letter = samples.letter(desk, kind)
    mail = printed(printer, letter)
    assert 0 < len(str(mail["Subject"])) <= 150
    for part in ("plain", "html"):
        body = mail.get_body((part,))
        assert body is not None
        text = body.get_content()
        assert letter.link in text
        assert "Larkspur" in text
        assert "{" not in re.sub(r"<style>.*?</style>", "", text, flags=re.DOTALL), "a word that nobody filled in"
        assert "\n\n\n" not in text, "a hole in the layout"
    assert letter.to_address.endswith("@mail.example")


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_has_words_for_staff(kind: str):
    assert KIND_WORDS[kind]


def test_no_words_for_staff_are_of_a_kind_that_is_gone():
    assert set(KIND_WORDS) == set(KINDS)


STAGES = ("crisis", "booked", "asked", "cancelled", "waiting-for-decision", "maintenance-short", "maintenance-overdue")


async def written(desk: Desk, settings: Settings) -> dict[str, Letter]:
    """What is written to a few people at several stages, by kind."""
    catalogue, rosa = configuration.load(settings.config_dir).intake, await cast.provider()
    assert rosa.practitioner is not None
    now = clock.now()
    await questionnaires.register_all(now)
    draft = await intakes.begin(SYSTEM, date(1980, 1, 1), "CO", "America/Denver", now)
    applicant = Actor(Role.ANONYMOUS, intake_id=draft.id)
    await apply.give_address(applicant, "a@mail.example", "Ada", "Vale", "127.0.0.1", now)
    for number, stage in enumerate(STAGES):
        email = f"person{number}@mail.example"
        one = DemoPatient(number, "Ada", "Vale", email, date(1980, 1, 1), "CO", "America/Denver", stage, 7, "Walk.")
        await life.live(one, {rosa.practitioner.id: rosa.actor}, catalogue, Random(number), now)
        await apply.ask_for_link(NOBODY, email, "127.0.0.1", now)
    rows = await db.records(f"SELECT {COLUMNS} FROM message")
    found = [await desk.letters([message(row)], row["due_at"]) for row in rows]
    return {one.kind: one for letters in found for one in letters.values() if isinstance(one, Letter)}


async def test_a_sample_says_what_a_true_letter_says(database: Settings, desk: Desk):
    seen = await written(desk, database)
    assert len(seen) >= 8, sorted(seen)
    for kind, letter in seen.items():
        sample = samples.letter(desk, kind)
        assert set(sample.context) == set(letter.context), kind
        assert (sample.ics is None, sample.ics_method) == (letter.ics is None, letter.ics_method), kind
        assert bool(sample.stop_link) == bool(letter.stop_link), kind


@pytest.mark.parametrize("kind", ["consult-booked", "consult-moved", "consult-reminder-24h"])
def test_a_visit_at_the_clinic_is_not_said_to_be_by_video(kind: str, desk: Desk, printer: Printer):
    by_video = samples.letter(desk, kind)
    there = printer.words(replace(by_video, context={**by_video.context, "by_video": ""}))
    assert "by video" in printer.words(by_video).html
    for text in (there.text, there.html):
        assert "at the clinic" in text
        assert "video" not in text
        assert "private" not in text


async def test_previews_are_for_admins_and_recorded(database: Settings, desk: Desk, printer: Printer):
    admin = await cast.admin()
    found = await preview.every(admin.actor, printer, desk, AT)
    assert [one.kind.name for one in found] == list(KINDS)
    booked = await preview.one(admin.actor, printer, desk, "consult-booked", AT)
    assert b"METHOD:REQUEST" in booked.files[0]
    assert len((await preview.one(admin.actor, printer, desk, "consults-moved", AT)).files) == 2
    with pytest.raises(NotFound):
        await preview.one(admin.actor, printer, desk, "nothing", AT)
    for member in (await cast.coordinator(), await cast.provider()):
        with pytest.raises(Refused):
            await preview.every(member.actor, printer, desk, AT)
        with pytest.raises(Refused):
            await preview.one(member.actor, printer, desk, "consult-booked", AT)
