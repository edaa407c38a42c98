"""The forms on the page of an evaluation beside the decision: checklist, overrides, notes; and the one before the record
of somebody whom one does not look after."""

from datetime import timedelta

from carepath.journey import evaluate
from carepath.kit import clock
from carepath.kit.ids import new_id
from tests.web.hostile import Field
from tests.web.hostile_world import Form, Reach, Stand, World, enter, newest

EVALUATION = "/provider/evaluations/{evaluation_id}"


async def _page(world: World, stage: str = "waiting-for-decision") -> str:
    return f"/provider/evaluations/{await newest('evaluation', await world.patient(stage), world)}"


def _day(name: str) -> Field:
    today = clock.now().date()
    never = ("1000-01-01", "2999-12-31", (today + timedelta(days=3)).isoformat())
    return enter(name, (today - timedelta(days=1)).isoformat(), kind="day", most=10, also=never)


def check(item: str) -> Reach:
    """One item of the checklist."""

    async def reach(world: World) -> Stand:
        numbers = (("systolic", "124"), ("diastolic", "79"), ("heart_rate", "72"))
        fields: dict[str, tuple[Field, ...]] = {
            "identity": (enter("document", "photo-id", kind="choice"),),
            "location": (enter("state", "CO", kind="choice", also=("NY", "XX", "Colorado")),),
            "pdmp": (_day("pdmp_on"),),
            "blood-pressure": (
                *(enter(name, value, kind="whole", most=12, also=("19", "301")) for name, value in numbers),
                _day("pressure_on"),
            ),
            "in-person": (
                enter("basis", "exam", kind="choice"), _day("exam_on"),
                enter("basis_note", "Seen in the other office.", most=500, is_needed=False),
            ),
        }  # fmt: skip
        return Stand(world.desks["provider"], f"{await _page(world)}/checks/{item}", fields[item])

    return reach


async def override(world: World) -> Stand:
    patient = await world.patient("stopped-by-rule")
    found = await newest("evaluation", patient, world)
    await evaluate.claim(world.rosa.actor, found, world.now)
    gone = ("lamotrigine", "age-under-18")
    fields = (
        enter("rule", "heart-stop", kind="choice", shape="hidden", gone=gone),
        enter("why_heart-stop", "The cardiologist agrees.", most=1000),
    )
    return Stand(world.desks["provider"], f"/provider/evaluations/{found}/override", fields)


async def note(world: World) -> Stand:
    """Over a draft that is there, so that the number of a first one is wrong."""
    desk, path = world.desks["provider"], await _page(world)
    await desk.post(f"{path}/notes", {"note_text": "Begun.", "note_version": "0", "act": "save"})
    fields = (
        enter("note_text", "Seen today; went on.", most=8000),
        enter("note_version", "1", kind="whole", most=12, shape="hidden", gone=("99",)),
        Field("note_addends", ("",), "uuid", 36, "hidden", is_needed=False, gone=(str(new_id()),)),
        enter("act", "save", kind="choice", shape="button"),
    )
    return Stand(desk, f"{path}/notes", fields)


async def in_an_emergency(world: World) -> Stand:
    """Somebody of Rosa's; and a colleague."""
    found = await world.patient("waiting-for-decision")
    reason = enter("reason", "She cannot be woken.", most=500, also=("Urgent!!!", " short "))
    return Stand(world.desks["colleague"], f"/provider/patients/{found}/emergency", (reason,))


async def discard(world: World) -> Stand:
    desk, path = world.desks["provider"], await _page(world)
    await desk.post(f"{path}/notes", {"note_text": "Begun.", "note_version": "0", "act": "save"})
    fields = (
        enter("note_version", "1", kind="whole", most=12, shape="hidden", gone=("99",)),
        Field("note_addends", ("",), "uuid", 36, "hidden", is_needed=False, gone=(str(new_id()),)),
    )
    return Stand(desk, f"{path}/notes/discard", fields)


REVIEW = (
    *(
        Form(f"check {item}", f"{EVALUATION}/checks/{{item}}", "provider", check(item))
        for item in ("identity", "location", "pdmp", "blood-pressure", "in-person")
    ),
    Form("override a finding", f"{EVALUATION}/override", "provider", override),
    Form("write a note", f"{EVALUATION}/notes", "provider", note),
    Form(
        "read in an emergency",
        "/provider/patients/{patient_id}/emergency",
        "colleague",
        in_an_emergency,
        roles_too=frozenset({"provider"}),
    ),
    Form("discard a note", f"{EVALUATION}/notes/discard", "provider", discard),
)
