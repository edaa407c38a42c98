"""A provider of the demo clinic sees to everything that an approval asks for, by the same verbs as a real one."""

from datetime import datetime
from uuid import UUID

from carepath.journey import review
from carepath.kit.actor import Actor

_READING = {"systolic": "122", "diastolic": "78", "heart_rate": "71"}


async def begin(provider: Actor, evaluation_id: UUID, state: str, at: datetime) -> None:
    """What is seen to in the first minutes of a visit; the rest waits."""
    await review.enter(provider, evaluation_id, "identity", True, None, {"document": "photo-id"}, at)
    await review.enter(provider, evaluation_id, "location", True, None, {"state": state}, at)


async def see_to(provider: Actor, evaluation_id: UUID, state: str, at: datetime) -> None:
    """Every item of the checklist, for a patient who says they are in `state`. Stops are not overridden."""
    entries: dict[str, dict[str, str]] = {
        "identity": {"document": "photo-id"}, "location": {"state": state}, "pdmp": {}, "blood-pressure": _READING,
        "in-person": {"basis": "exam"},
    }  # fmt: skip
    for item, detail in entries.items():
        await review.enter(provider, evaluation_id, item, True, None, detail, at)
