"""The questionnaires of the product: the first questions, the sections of the intake, the check-in."""

import re
from random import Random

from carepath.dev import answers as demo
from carepath.kit import db
from carepath.kit.actor import SYSTEM
from carepath.questionnaires import service as questionnaires
from tests.web.client import Browser
from tests.web.hostile import Field
from tests.web.hostile_world import Reach, Stand, World, alike, enter, newest, with_token

URL = "https://carepath.example/Questionnaire/"
SECTIONS = (
    "pain-history", "peg", "fibromyalgia", "phq-9", "gad-7", "sleep-and-mood", "audit-c", "medical-history", "bladder",
    "medicines", "expectations",
)  # fmt: skip


def questions(slug: str, given: demo.Plain) -> tuple[Field, ...]:
    """The fields of a questionnaire with right answers, and the list of those that the page shows."""
    form = questionnaires.current(URL + slug)
    given = demo.filled(form, given)
    sent = demo.fields(form, given)
    found = [_question(form, link_id, sent[demo.field_of(form, link_id)]) for link_id in given]
    shown = questionnaires.view(form, questionnaires.parse(form, sent)[0], {}).shown
    return (*alike(found), Field("shown", (shown,), "unchecked", shape="hidden"))


def _hangs_on(form: questionnaires.Questionnaire, link_id: str, question: str) -> bool:
    """Is an item, or a group around it, asked only after an answer to this question?"""
    while link_id:
        if any(question == condition.question for condition in form.by_id[link_id].conditions):
            return True
        link_id = form.parents[link_id]
    return False


def _question(form: questionnaires.Questionnaire, link_id: str, good: list[str]) -> Field:
    item, name = form.by_id[link_id], demo.field_of(form, link_id)
    opens = tuple(demo.field_of(form, one) for one in form.by_id if _hangs_on(form, one, link_id))
    if item.is_choice:
        return Field(
            name,
            tuple(good),
            "choice",
            is_needed=item.required,
            also=(str(len(item.options)), "9999"),
            opens=opens,
        )
    if item.type == "boolean":
        return Field(name, tuple(good), "choice", is_needed=item.required, also=("yes", "1"), opens=opens)
    if item.type in {"integer", "decimal", "quantity"}:
        high = (str(int(str(item.high)) + 1),) if item.high is not None else ()
        kind = "number" if item.type == "integer" else "exact"
        return Field(name, tuple(good), kind, is_needed=item.required, also=high)
    return Field(name, tuple(good), "words", item.max_length, is_needed=item.required)


async def eligibility(world: World) -> Stand:
    browser = world.fresh()
    await browser.get("/eligibility")
    born = [
        enter("birth_month", "5", kind="whole", also=("13",)), enter("birth_day", "17", kind="whole", also=("32",)),
        enter("birth_year", "1980", kind="whole", also=("0001", "9999", "80", "1899")),
    ]  # fmt: skip
    place = [
        enter("jurisdiction", "CO", kind="choice"),
        enter("zone", "America/Denver", kind="choice", is_needed=False, most=64, also=("../../etc/passwd", "America")),
    ]
    return Stand(with_token(browser), "/eligibility", (*born, *place, *questions("eligibility", demo.eligibility())))


def section(slug: str, is_autosave: bool = False) -> Reach:
    """A section of the intake, filled in and saved, so that its right answers are what is stored before and after."""

    async def reach(world: World) -> Stand:
        one = await world.person("half-filled")
        fields = questions(slug, _full(slug, one.person))
        browser = await world.signed_in(await world.ready(is_sent=False))
        page = await browser.get(f"/intake/{slug}")
        revision = re.findall(r'name="revision" value="(\d+)"', page.text)[0]
        sent = {f.name: list(f.good) for f in fields} | {"revision": revision}
        page = await browser.post(f"/intake/{slug}", sent)
        assert page.status_code == 200, page.text
        return _answered(browser, f"/intake/{slug}" + ("/autosave" if is_autosave else ""), slug, fields)

    return reach


def _full(slug: str, person: demo.DemoPatient) -> demo.Plain:
    """Right answers, with every question asked."""
    given = dict(demo.sections(person, Random(7))[slug])
    extra: dict[str, dict[str, object]] = {
        "pain-history": {"pain.condition": "other", "pain.condition-words": "Shingles"},
        "medicines": {"medicines.classes": ["opioid"], "medicines.allergies": "Penicillin"},
        "phq-9": {"phq9.difficulty": "LA6572-7"},
        "audit-c": {"audit.q1": "LA18926-8"},
    }
    return given | extra.get(slug, {})


def _answered(browser: Browser, path: str, slug: str, fields: tuple[Field, ...]) -> Stand:
    form = questionnaires.current(URL + slug)
    right = questionnaires.parse(form, {f.name: list(f.good) for f in fields})[0]
    newest = "SELECT id, revision, status FROM questionnaire_response WHERE url = {} ORDER BY created_at DESC, id DESC LIMIT 1"

    async def held() -> questionnaires.Answers | None:
        row = await db.row(newest, URL + slug)
        assert row is not None
        return (await questionnaires.load(SYSTEM.scope, row["id"])).answers if row["status"] == "in-progress" else None

    async def renew() -> tuple[Field, ...]:
        row = await db.row(newest, URL + slug)
        assert row is not None
        return (*fields, Field("revision", (str(row["revision"]),), "revision", 12, shape="hidden"))

    return Stand(browser, path, fields, (), frozenset({"questionnaire_response"}), right, held, renew)


async def check_in(world: World) -> Stand:
    patient = await world.patient("maintenance-overdue")
    path = f"/check-ins/{await newest('check_in', patient, world)}"
    other = f"/check-ins/{await newest('check_in', await world.patient('maintenance-overdue'), world)}"
    given = {**demo.check_in(4.0, Random(1)), "checkin.effects": ["nausea"], "checkin.words": "All well."}
    browser = await world.signed_in(patient)
    await browser.get(path)
    begun = await db.row(
        "SELECT url FROM questionnaire_response WHERE patient_id = {} ORDER BY id DESC LIMIT 1", patient
    )
    assert begun is not None
    slug = str(begun["url"]).removeprefix(URL)
    fields = questions(slug, given)
    stand = _answered(browser, path, slug, fields)
    return Stand(browser, path, fields, (other,), stand.loose, stand.right, stand.held)
