"""What a row of the desk says of scores: worked out from the readings, and at the migration from the scores there are."""

import json
from datetime import timedelta
from decimal import Decimal
from random import Random

import pytest

from carepath.followups.rules.history import Baseline, History, Reading
from carepath.followups.rules.scores import scores
from carepath.kit import db
from carepath.kit.actor import SYSTEM
from carepath.kit.ids import new_id
from carepath.migrations.piccolo_migrations.m0021_standing import SCORES
from carepath.questionnaires import queries as stored
from carepath.questionnaires import service as questionnaires
from carepath.questionnaires.service import Score
from tests.cast import NOW

from .conftest import Course

DAY = timedelta(days=1)


def history(baseline: str | None, *pegs: str) -> History:
    """One reading a day."""
    known = Baseline(None if baseline is None else Decimal(baseline), phq9=11)
    readings = (Reading(new_id(), NOW + (n + 1) * DAY, "staff", Decimal(peg)) for n, peg in enumerate(pegs))
    return History(known, tuple(readings), ())


def test_all_of_it():
    found = history("8", "5.00", "4.0", "6.5")
    last = Reading(new_id(), NOW + 9 * DAY, "check-in", phq9=7, change=2)
    earlier = Reading(new_id(), NOW + 8 * DAY, "check-in", phq9=9, change=6)
    assert scores(History(found.baseline, (last, *found.readings, earlier), ())) == {
        "line": [8.0, 5.0, 4.0, 6.5], "baseline": "8", "best": "4.5", "now": "6.5", "relief": 18, "phq9": 7, "pgic": 2,
    }  # fmt: skip


def test_what_was_never_answered_is_left_out():
    assert scores(History(Baseline(), (), ())) == {}
    assert scores(history(None, "5")) == {"line": [5.0], "now": "5", "phq9": 11}
    assert scores(history("0", "5"))["now"] == "5", "no percent of nothing"
    assert "relief" not in scores(history("0", "5"))


def test_a_long_line_keeps_its_beginning_and_its_end():
    found = scores(history("9", *(str(n % 10) for n in range(100))))["line"]
    assert isinstance(found, list)
    assert (len(found), found[0], found[-1]) == (25, 9.0, 9.0)


async def scored(course: Course, code: str, value: str, day: int) -> None:
    response = await questionnaires.open_response(
        SYSTEM.scope, "check-in", new_id(), course.paula.id, course.questions, NOW
    )
    await stored.insert_score(
        SYSTEM.scope, response, course.paula.id, Score(code, Decimal(value), 3, 3, None), NOW + day * DAY
    )


@pytest.mark.parametrize("count", [1, 2, 3, 9, 24, 25, 26, 40])
async def test_the_migration_says_the_same(course: Course, count: int):
    rng = Random(count)
    pegs = [str(round(Decimal(rng.randint(0, 30)) / 3, 2)) for _n in range(count)]
    for number, peg in enumerate(pegs):
        await scored(course, "peg", peg, number)
        await scored(course, "phq-9", "11", number)
    await db.execute(SCORES)
    (kept,) = await db.rows("SELECT scores FROM treatment_plan")
    assert json.loads(kept["scores"]) == scores(history(*pegs))
