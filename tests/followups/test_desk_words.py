"""What a line of the desk says of open signals."""

import json
from datetime import timedelta
from typing import Any

from carepath.followups import service
from carepath.followups.service import Reading
from carepath.kit import db
from carepath.kit.actor import SYSTEM
from carepath.kit.ids import new_id
from tests.cast import NOW

from .conftest import Course

DAY = timedelta(days=1)


async def test_a_line_says_the_newest_of_what_is_worst_each_once_and_three_at_most(course: Course):
    async def take(day: int, **said: Any) -> str:
        reading = Reading(new_id(), NOW + day * DAY, "staff", **said)
        await service.take_reading(SYSTEM, course.plan, reading, new_id(), None, reading.at)
        (line,) = await db.rows("SELECT standing FROM treatment_plan WHERE id = {}", course.plan.id)
        return str(json.loads(line["standing"])["words"])

    blood, pressure = (
        "Blood in the urine was reported: stop or hold? Urinalysis, urology.",
        "Blood pressure above 180/110",
    )
    assert await take(0, has_new_medicine=True) == "Medicines have changed: check interactions before the next dose."
    assert await take(1, systolic=185, diastolic=90) == f"{pressure}.", "amber gives way to red"
    assert await take(8, bladder=frozenset({"blood"})) == f"{blood.removesuffix('.')} · {pressure}."
    assert await take(9, systolic=190, diastolic=90) == f"{pressure} · {blood}", "said once"
    await take(10, is_pregnant=True)
    assert await take(11, mind=frozenset({"voices"})) == (
        f"Signs of mania or psychosis · Pregnant, trying, or breastfeeding: hold and review · {pressure}."
    )
    (plan,) = await db.rows("SELECT attention, attention_at FROM treatment_plan WHERE id = {}", course.plan.id)
    assert (plan["attention"], plan["attention_at"]) == (0, NOW + DAY), "the longest wait gives the rank"
