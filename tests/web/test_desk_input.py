"""What no page of the desk sends: addresses with anything in them, many values where one is meant, times that no clock
showed, notes without end. Refused in words, nothing stored, no fault of ours."""

from itertools import cycle, islice
from urllib.parse import urlencode

import pytest

from carepath.kit.ids import new_id
from tests.web.desk_course import Course
from tests.web.hostile import CONTROL, send, stored
from tests.web.test_desk_access import ROWS, SESSION, filled
from tests.web.test_tampering import check_pages, spelt

NUMBERS = ("9" * 400, "1e999", "-0", "+5", "0x1F", "٣", "1_000", "1.0", " ", "\x00", "NaN", "-1", "Infinity")
# Anybody's own words: any of it may be meant.
FREE = frozenset(
    [
        "dose_words",
        "reason",
        "signal_note",
        "to_whom",
        "why",
        "note",
        "note_text",
        "dose",
        "goals",
        "turn_reason",
        "taper_how",
        "taper_reason",
        "release_reason",
        "hand_over_reason",
        "words_not-suitable",
        "why_heart-stop",
    ]
)
# Read as what they are: zero is a right number here, and blank is nothing.
RIGHT = {("note_version", "-0"), ("note_addends", " ")}
VERSIONED = ("/decide", "/release", "/hand-over", "/plan", "/turn", "/taper", "/labs", "/pdmp", "/renew", "/late")
MOMENTS = ("9999-12-31", "0001-01-01", "2026-02-29", "2026-11-31", "-2026-01-01", "2026-11-20T00:00", "20261120")


async def test_addresses_that_no_page_of_ours_wrote(course: Course):
    patient = f"/provider/patients/{course.ids['patient_id']}"
    evaluation = f"/provider/evaluations/{course.ids['open_evaluation_id']}"
    at = "track=pain&" * 300
    await check_pages(
        course.desks["owner"],
        [
            *spelt("/provider/evaluations", "show", "at"), *spelt("/provider/follow-ups", "show", "after"),
            *spelt("/provider/patients", "after"), *spelt("/provider/day", "on"), *spelt(f"{patient}/timeline", "range", "track"),
            *spelt(evaluation, "addend"), *spelt(f"{patient}/sessions/new", "visit"), *spelt("/provider/hours/week", "from_on"),
            f"{patient}/timeline?{at}", "/provider/day?on=2026-11-20&on=2026-11-21", "/provider/evaluations?at=a&at=b&show=all&show=mine",
            "/provider/follow-ups?after=a&after=b", "/provider/day?on=2028-02-29", "/provider/day?on=1999-12-31",
        ],
    )  # fmt: skip


async def test_many_values_and_odd_ones_in_every_field_of_the_desk(course: Course):
    """One field at a time, all others as the page sends them."""
    desk, before, wrong = course.desks["owner"], await stored(), list[str]()
    odd = cycle([*NUMBERS, *MOMENTS])
    for row in (one for one in ROWS if one.method == "POST"):
        path, fields = filled(row, course.ids)
        is_versioned = path.endswith(VERSIONED)
        for name in (one for one in fields if one not in FREE and (one != "version" or is_versioned)):
            given = [[text] for text in islice(odd, 3)] + [
                [str(new_id()) for _each in range(500)],
                ["\ud800"],
                ["x"] * 2,
            ]
            for values in (one for one in given if (name, one[0]) not in RIGHT):
                body = urlencode({**fields, name: values, "_csrf": desk.token}, doseq=True, errors="surrogatepass")
                answer = await send(desk, path, body.encode())
                if answer.status_code not in {400, 404, 409, 413, 422}:
                    wrong.append(f"{path} {name}={str(values)[:60]}: {answer.status_code}")
                elif CONTROL.search(answer.text):
                    wrong.append(f"{path} {name}: a control character on the page")
    after = await stored()
    changed = [name for name in after if after[name] != before[name]]
    assert (wrong, changed) == ([], []), "\n".join(wrong)


@pytest.mark.parametrize(("on", "at"), [("2026-03-08", "02:30"), ("9999-12-31", "23:59"), ("1000-01-01", "00:00")])
async def test_a_time_that_no_clock_showed_is_said_beside_its_field(course: Course, on: str, at: str):
    desk, before = course.desks["owner"], await stored()
    path = f"/provider/patients/{course.ids['patient_id']}"
    reading = {"reading_entry": str(new_id()), "reading_on": on, "reading_at": at, "reading_nrs": "4"}
    answer = await desk.post(f"{path}/readings", reading)
    assert answer.status_code == 422
    assert 'id="reading_at-error"' in answer.text or 'id="reading_on-error"' in answer.text
    answer = await desk.post(f"{path}/sessions/new", {**SESSION, "held_on": on, "held_time": at})
    assert answer.status_code == 422
    assert 'id="held_on-error"' in answer.text
    assert await stored() == before


async def test_a_note_without_end_is_refused_and_one_too_long_comes_back_whole(course: Course):
    desk, before = course.desks["owner"], await stored()
    path = f"/provider/evaluations/{course.ids['open_evaluation_id']}/notes"
    form = {"note_version": "0", "act": "sign", "_csrf": desk.token}
    for size, status in ((2_000_000, 413), (250_000, 422), (20_001, 422)):
        answer = await send(
            desk, path, urlencode({**form, "note_text": "é" * (size // 6 if size > 20_001 else size)}).encode()
        )
        assert answer.status_code == status, size
    assert "é" * 20_001 in answer.text
    assert await stored() == before
