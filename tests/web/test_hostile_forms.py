"""Every form against hostile input: a 4xx with values kept and errors beside the fields, and nothing stored.

The forms are those of the application itself: a new POST route without an entry fails here by its name.
"""

import re
from collections.abc import AsyncIterator, Callable

import pytest
from litestar.routes import HTTPRoute

from carepath.app import Application
from carepath.kit import limits
from carepath.kit.ids import new_id
from carepath.questionnaires.service import Answers
from carepath.settings import Settings
from carepath.web.gate import UPLOADS
from tests.web import hostile
from tests.web.client import Browser
from tests.web.desks import main_of
from tests.web.hostile import CONTROL, EMPTY, FORM, Fault, Field, body, faults, send, stored
from tests.web.hostile_desks import DESKS
from tests.web.hostile_forms import PATIENTS
from tests.web.hostile_messages import MESSAGES
from tests.web.hostile_review import REVIEW
from tests.web.hostile_sessions import SESSIONS
from tests.web.hostile_waiting import WAITING
from tests.web.hostile_world import Form, Stand, World, open_world

MATRIX = (*PATIENTS, *DESKS, *WAITING, *MESSAGES, *SESSIONS, *REVIEW)
ROLES = ("patient", "provider", "colleague", "coordinator", "admin", "nobody")
SAFE = {"GET", "HEAD", "OPTIONS"}
UUID_PART = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
BOUNDARY = b'--x\r\ncontent-disposition: form-data; name="_csrf"\r\n\r\nbroken'


def test_every_unsafe_route_is_in_the_matrix(app: Application):
    routes = [r for r in app.litestar.routes if isinstance(r, HTTPRoute)]
    unsafe = {r.path_format for r in routes if set(r.methods) - SAFE}
    assert unsafe == {form.route for form in MATRIX}
    assert all(set(r.methods) <= SAFE | {"POST"} for r in routes)


@pytest.fixture(scope="module")
async def world(clinic: Callable[[], Browser], migrated: Settings) -> AsyncIterator[World]:
    """One clinic for all forms. Limits on guessing are not what is looked at here."""

    async def no_limit(*_args: object) -> None: ...

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(limits, "count", no_limit)
        yield await open_world(migrated, clinic)


class Attack:
    """One form under attack: sends, and gathers everything that went wrong by its name."""

    def __init__(self, form: Form, stand: Stand, world: World) -> None:
        self.form, self.stand, self.world = form, stand, world
        self.fields, self.wrong = list(stand.fields), list[str]()
        self.before: dict[str, tuple[int, int]] = {}
        self.held = set[str]()

    async def begin(self) -> None:
        """Remember what is stored."""
        await self.renew()
        self.before = await stored(self.stand.loose)
        if self.stand.held is not None:
            self.held = set(await self.stand.held() or {})

    async def renew(self) -> None:
        if self.stand.renew is not None:
            self.fields = list(await self.stand.renew())

    async def expect(self, what: str, content: bytes, statuses: frozenset[int], **sent: object) -> str:
        """Send to the form; the answer's text. A wrong status, a fault of ours or a change of the database is noted."""
        browser, path = sent.get("browser", self.stand.browser), sent.get("path", self.stand.path)
        answer = await send(browser, str(path), content, sent.get("headers"))  # type: ignore[arg-type]
        self.note(what, answer.status_code in statuses, f"{answer.status_code} instead of {sorted(statuses)}")
        self.note(what, not CONTROL.search(answer.text), "the page holds a control character")
        await self.same(what)
        return answer.text if answer.status_code == 422 else ""

    async def same(self, what: str) -> None:
        after = await stored(self.stand.loose)
        changed = [name for name, digest in after.items() if digest != self.before[name]]
        self.note(what, not changed, f"stored in {changed}")
        self.before = after
        if self.stand.held is not None:
            self.compare(what, await self.stand.held())
        await self.renew()

    def compare(self, what: str, held: Answers | None) -> None:
        """Valid answers may be kept beside a wrong one: only those, and the wrong one takes none away."""
        self.note(what, held is not None, "it was completed")
        now, emptied = dict(held or {}), what.endswith(EMPTY)
        self.note(what, all(self.stand.right.get(k) == v for k, v in now.items()), f"stored: {now}")
        lost = [] if emptied else sorted(self.held - set(now))
        self.note(what, not lost, f"what was stored before is lost: {lost}")
        self.held = set(now)

    def note(self, what: str, is_right: bool, words: str) -> None:
        if not is_right:
            self.wrong.append(f"{what}: {words}")

    def right(self, token: str | None = None, extra: str = "") -> bytes:
        return body(self.fields, self.stand.browser.token if token is None else token, extra=extra)


async def wrong_fields(attack: Attack) -> None:
    """Every field filled in wrongly in every way; a page that comes back says where and keeps the rest."""
    for field in [one for one in attack.fields if one.kind != "unchecked"]:
        for fault in faults(field):
            await one_fault(attack, field, fault)


async def one_fault(attack: Attack, field: Field, fault: Fault) -> None:
    what = f"{field.name} {fault.label[:60]}"
    statuses = fault.statuses | ({400, 409} if field.shape == "hidden" else set())
    if attack.form.ends == 200 and "autosave" in attack.stand.path:
        statuses |= {200}
    content = body(
        attack.fields, attack.stand.browser.token, (field, fault), extra="surplus=1&__proto__=x&is_admin=yes"
    )
    text = await attack.expect(what, content, statuses)
    if text:
        for words in hostile.look(text, attack.fields, field, fault):
            attack.note(what, False, words)


async def wrong_bodies(attack: Attack) -> None:
    """Other kinds of body, too much of it, none at all."""
    token = {"x-csrf-token": attack.stand.browser.token}
    in_parts = 400 if attack.form.route in UPLOADS else 415
    for what, content, headers, status in (
        ("JSON", b'{"active": "no"}', {"content-type": "application/json"}, 415),
        ("plain text", attack.right(), {"content-type": "text/plain"}, 415),
        ("no content type", attack.right(), {}, 415),
        ("broken multipart", BOUNDARY, {"content-type": "multipart/form-data; boundary=x"}, in_parts),
        ("another charset", attack.right(), {"content-type": f"{FORM['content-type']}; charset=utf-16"}, 415),
        ("too many fields", attack.right(extra="&".join(f"f{n}=" for n in range(700))), FORM, 413),
        ("not UTF-8", attack.right(extra="%ff=%fe"), FORM, 400),
    ):
        await attack.expect(what, content, frozenset({status}), headers={**headers, **token})
    if any(field.is_needed for field in attack.fields) and attack.form.name != "autosave":
        await attack.expect("an empty body", b"", frozenset({400, 422}), headers={**FORM, **token})


async def wrong_paths(attack: Attack) -> None:
    """Ids that are none, of nothing, and of somebody else."""
    path = attack.stand.path
    for found in {m.span() for m in UUID_PART.finditer(path)}:
        for text in (
            "x",
            "1",
            "%00",
            "%ff",
            "..",
            "'--",
            str(new_id()),
            "00000000-0000-0000-0000-000000000000",
            "a" * 3000,
        ):
            other = path[: found[0]] + text + path[found[1] :]
            await attack.expect(f"path {text[:40]}", attack.right(), frozenset({404, 405}), path=other)
    if re.search(r"\{(slug|token|consent_id)\}", attack.form.route):
        last = path.removesuffix("/autosave").rpartition("/")[2]
        for text in ("x", "%00", "%ff", "%ED%A0%80", "a" * 3000, "..%2fprivacy", "é", last.upper() + "."):
            await attack.expect(
                f"path {text[:40]}", attack.right(), frozenset({404, 405}), path=path.replace(last, text)
            )
    for other in attack.stand.others:
        await attack.expect(f"another's: {other}", attack.right(), frozenset({404}), path=other)


async def forged(attack: Attack) -> None:
    """Without the token, with somebody else's, from another site."""
    for what, token in (
        ("no token", None),
        ("an empty token", ""),
        ("another's token", attack.world.desks["patient"].token),
    ):
        content = body(attack.fields, token)
        await attack.expect(what, content, frozenset({403}))
    headers = {**FORM, "origin": "https://evil.example"}
    await attack.expect("another site", attack.right(), frozenset({403}), headers=headers)


async def wrong_roles(attack: Attack) -> None:
    """Everybody else, with a token of their own. Who is signed in nowhere is led to the sign-in."""
    if attack.form.role is None:
        return
    for role in ROLES:
        browser = attack.world.desks[role]
        if role == attack.form.role or role in attack.form.roles_too:
            continue
        allowed = {303} if role == "nobody" or attack.form.role == "applicant" else {403, 404}
        await attack.expect(f"as {role}", attack.right(browser.token), frozenset(allowed), browser=browser)


async def right_at_last(attack: Attack) -> None:
    """What was refused was refused for its fault: the same form without one is taken, surplus fields and all."""
    content = attack.right(extra="surplus=1&__proto__=x&is_admin=yes")
    answer = await send(attack.stand.browser, attack.stand.path, content)
    words = main_of(answer.text)[:700] if "<main" in answer.text else ""
    attack.note("all right", answer.status_code == attack.form.ends, f"{answer.status_code} {words}")
    is_new = (await stored()) != attack.before
    attack.note("all right", is_new or attack.form.name in {"clock", "questionnaire"}, "nothing was stored")


@pytest.mark.parametrize("form", MATRIX, ids=lambda form: form.name.replace(" ", "-"))
async def test_hostile_input_is_refused_and_stores_nothing(form: Form, world: World):
    attack = Attack(form, await form.reach(world), world)
    await attack.begin()
    for part in (wrong_fields, wrong_bodies, wrong_paths, forged, wrong_roles, right_at_last):
        await part(attack)
    assert not attack.wrong, "\n" + "\n".join(attack.wrong)
