"""What becomes of an evaluation when two act at the same moment, at two deployed processes over one database: one
outcome, the other reads why not, and nothing is half-written."""

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from uuid import UUID

import httpx
import pytest

from carepath import configuration
from carepath.accounts.people import Patient
from carepath.evaluations import service as evaluations
from carepath.evaluations.service import Evaluation
from carepath.intake import service as intakes
from carepath.kit import clock
from carepath.kit.actor import SYSTEM
from carepath.settings import Settings
from tests import cast
from tests.checklist import see_to
from tests.evaluations.conftest import sign_all
from tests.web.client import Browser
from tests.web.deployed import Web, elsewhere
from tests.web.desks import count, main_of, sign_in
from tests.web.test_offers import as_patient

Fresh = Callable[[], Browser]
ROUNDS = 4
GONE = "You do not have this evaluation"
REASONS = (
    GONE, "was decided already", "has changed since you opened it", "has taken this evaluation", "has withdrawn meanwhile",
    "has decided already", "has decided meanwhile", "nothing to withdraw", "Take this evaluation first",
)  # fmt: skip


@dataclass
class Scene:
    """Two providers and two processes. Everybody acts at both."""

    rosa: cast.Staff
    ivo: cast.Staff
    webs: list[Web]
    desks: dict[str, Browser]
    fresh: Fresh
    made: int = 0
    open: list[Browser] = field(default_factory=list)

    async def evaluation(self, claimed: bool = True) -> tuple[Patient, Evaluation]:
        """Of somebody new; Rosa's."""
        self.made += 1
        patient = await cast.patient(f"Pat{self.made}")
        intake = await intakes.newest(SYSTEM, patient.id)
        assert intake is not None
        found = await evaluations.open_for(SYSTEM, patient.id, intake.id, "routine", clock.now())
        await sign_all(found)
        if not claimed:
            return patient, found
        await evaluations.claim(self.rosa.actor, found.id, clock.now())
        await see_to(self.rosa.actor, found.id, "CO", clock.now())
        return patient, await evaluations.get(self.rosa.actor.scope, found.id)

    async def send(self, who: Browser, web: int, path: str, fields: dict[str, str]) -> httpx.Response:
        mine = elsewhere(who, self.webs[web])
        self.open.append(mine)
        return await mine.post(path, fields)

    def act(self, who: str, web: int, found: Evaluation, verb: str, **fields: str) -> "asyncio.Task[httpx.Response]":
        path = f"/provider/evaluations/{found.id}/{verb}"
        sent = {"version": str(found.version), **fields}
        return asyncio.ensure_future(self.send(self.desks[who], web, path, sent))

    def decide(
        self, who: str, web: int, found: Evaluation, outcome: str = "suitable"
    ) -> "asyncio.Task[httpx.Response]":
        words = {f"words_{outcome}": "These words.", "reason": "Talked it over."}
        return self.act(who, web, found, "decide", outcome=outcome, **words)


@pytest.fixture
async def scene(browser: Fresh, settings: Settings, two_webs: list[Web]) -> AsyncIterator[Scene]:
    configuration.load(settings.config_dir)
    rosa, ivo = await cast.provider(), await cast.provider("Ivo Brandt", "America/New_York", ("CO", "NY"))
    desks = {"rosa": await sign_in(browser(), rosa), "ivo": await sign_in(browser(), ivo)}
    made = Scene(rosa, ivo, two_webs, desks, browser)
    yield made
    for one in made.open:
        await one.http.aclose()


def split(answers: list[httpx.Response]) -> tuple[list[httpx.Response], list[httpx.Response]]:
    """(those that did it, those that read why not). Anything else is a fault."""
    done = [one for one in answers if one.status_code == 303]
    refused = [one for one in answers if one.status_code in {404, 409}]
    assert len(done) + len(refused) == len(answers), [(one.status_code, main_of(one.text)) for one in answers]
    for one in refused:
        words = main_of(one.text)
        assert any(reason in words for reason in REASONS), words
    return done, refused


async def rows_of(found: Evaluation) -> dict[str, int]:
    """How often each thing was written about it."""
    one = f"subject_id = '{found.id}'"
    return {
        "decided": await count("decision", f"evaluation_id = '{found.id}' AND outcome <> 'more-information'"),
        "asked": await count("information_request", f"evaluation_id = '{found.id}'"),
        "told": await count("message", f"{one} AND kind = 'decision-ready'"),
        "handed": await count("message", f"{one} AND kind = 'evaluation-handed-over'"),
        "withdrawn": await count("message", f"{one} AND kind = 'evaluation-withdrawn'"),
        "steps": await count(
            "status_change", f"{one} AND action NOT IN ('open', 'claim', 'ask') AND action NOT LIKE 'check-%'"
        ),
    }


async def state(found: Evaluation) -> str:
    return (await evaluations.get(SYSTEM.scope, found.id)).status


async def test_many_decisions_at_once_leave_one_and_a_colleague_learns_nothing(scene: Scene):
    for _round in range(ROUNDS):
        _patient, found = await scene.evaluation()
        outcomes = ("suitable", "not-suitable", "refer-elsewhere", "suitable")
        mine = [scene.decide("rosa", n % 2, found, outcome) for n, outcome in enumerate(outcomes)]
        theirs = [scene.decide("ivo", web, found) for web in (0, 1)]
        done, refused = split(list(await asyncio.gather(*mine)))
        assert (len(done), len(refused)) == (1, 3)
        for answer in await asyncio.gather(*theirs):
            assert answer.status_code == 404
            assert GONE in main_of(answer.text)
        wrote = await rows_of(found)
        assert (wrote["decided"], wrote["told"], wrote["steps"], await state(found)) == (1, 1, 1, "completed")


async def test_of_two_who_take_it_at_once_one_has_it(scene: Scene):
    for _round in range(ROUNDS):
        _patient, found = await scene.evaluation(claimed=False)
        both = [scene.act("rosa", 0, found, "claim"), scene.act("ivo", 1, found, "claim")]
        done, refused = split(list(await asyncio.gather(*both)))
        assert (len(done), len(refused)) == (1, 1)
        assert await count("status_change", f"subject_id = '{found.id}' AND action = 'claim'") == 1


async def test_a_decision_and_the_patients_withdrawal_leave_one_of_them(scene: Scene):
    for number in range(2 * ROUNDS):
        patient, found = await scene.evaluation()
        me = await as_patient(scene.fresh(), patient)
        acts = [
            scene.decide("rosa", number % 2, found),
            scene.send(me, (number + 1) % 2, "/application/withdraw", {"visit": "keep"}),
        ]
        decided, withdrawn = await asyncio.gather(*acts)
        done, refused = split([decided, withdrawn])
        assert (len(done), len(refused)) == (1, 1)
        wrote, intake = await rows_of(found), await intakes.get(SYSTEM, found.intake_id)
        end = (await state(found), intake.status, wrote["decided"], wrote["told"], wrote["withdrawn"], wrote["steps"])
        expected = (
            ("completed", "completed", 1, 1, 0, 1) if done == [decided] else ("cancelled", "withdrawn", 0, 0, 1, 1)
        )
        assert end == expected
        late = await scene.decide("rosa", 0, found)
        assert late.status_code == 409
        assert ("decided already" if end[0] == "completed" else "has withdrawn") in main_of(late.text)


async def test_an_answer_and_a_decision_leave_one_of_them(scene: Scene):
    for number in range(2 * ROUNDS):
        patient, found = await scene.evaluation()
        asked = await evaluations.ask(scene.rosa.actor, found.id, "Which dose?", clock.now())
        seen = await evaluations.get(SYSTEM.scope, found.id)
        me = await as_patient(scene.fresh(), patient)
        acts = [
            scene.send(me, number % 2, f"/questions/{asked.id}", {"answer": "60 mg"}),
            scene.decide("rosa", (number + 1) % 2, seen),
        ]
        answered, decided = await asyncio.gather(*acts)
        done, refused = split([answered, decided])
        assert (len(done), len(refused)) == (1, 1)
        assert await evaluations.is_answered(SYSTEM.scope, asked.id) is (done == [answered])
        wrote = await rows_of(found)
        assert (await state(found), wrote["decided"], wrote["told"]) == (
            ("in-progress", 0, 0) if done == [answered] else ("completed", 1, 1)
        )


@pytest.mark.parametrize("verb", ["hand-over", "release"])
async def test_what_is_passed_on_and_decided_at_once_is_one_of_them(scene: Scene, verb: str):
    assert scene.ivo.practitioner is not None
    fields = {
        "hand-over": {"colleague": str(scene.ivo.practitioner.id), "hand_over_reason": "Away."},
        "release": {"release_reason": "Away."},
    }[verb]
    for number in range(2 * ROUNDS):
        _patient, found = await scene.evaluation()
        passed, decided = await asyncio.gather(
            scene.act("rosa", number % 2, found, verb, **fields), scene.decide("rosa", (number + 1) % 2, found)
        )
        done, refused = split([passed, decided])
        assert (len(done), len(refused)) == (1, 1)
        wrote, after = await rows_of(found), await evaluations.get(SYSTEM.scope, found.id)
        if done == [decided]:
            assert after.practitioner_id == found.practitioner_id
            assert (after.status, wrote["decided"], wrote["told"], wrote["handed"], wrote["steps"]) == (
                "completed", 1, 1, 0, 1,
            )  # fmt: skip
            continue
        owner: UUID | None = scene.ivo.practitioner.id if verb == "hand-over" else None
        assert after.practitioner_id == owner
        assert (wrote["decided"], wrote["told"], wrote["handed"], wrote["steps"]) == (
            0, 0, 1 if verb == "hand-over" else 0, 1,
        )  # fmt: skip


async def test_handed_over_twice_at_once_it_is_one_colleagues(scene: Scene):
    mia = (await cast.provider("Mia Lang")).practitioner
    assert mia is not None
    assert scene.ivo.practitioner is not None
    for _round in range(ROUNDS):
        _patient, found = await scene.evaluation()
        acts = [
            scene.act("rosa", n, found, "hand-over", colleague=str(who.id), hand_over_reason="Away.")
            for n, who in enumerate((mia, scene.ivo.practitioner))
        ]
        done, refused = split(list(await asyncio.gather(*acts)))
        assert (len(done), len(refused)) == (1, 1)
        wrote = await rows_of(found)
        assert (wrote["handed"], wrote["steps"]) == (1, 1)
