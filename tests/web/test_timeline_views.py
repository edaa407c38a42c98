"""What is drawn of a course, and what its numbers say: from made-up courses, without a database."""

import io
import re
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from uuid import UUID

import pytest
from pypdf import PdfReader

from carepath import configuration
from carepath.accounts.people import Patient
from carepath.followups.rules.history import Dose, PlanPoint, Reading
from carepath.followups.service import Readings, Signal
from carepath.journey.timeline import Best, Happening, Sample, Timeline, TimelineFile, merged
from carepath.kit import when
from carepath.kit.chart import Box, Chart, Line, Mark, Words, lay_out
from carepath.kit.chart import Path as DrawnPath
from carepath.kit.ids import new_id
from carepath.questionnaires.service import Reading as Score
from carepath.web.provider import timeline_chart, timeline_pdf, timeline_table, timeline_views
from carepath.web.provider.timeline_chart import TRACKS, View
from carepath.web.provider.timeline_views import Asked, Sheet

START = datetime(2026, 1, 5, 18, 0, tzinfo=UTC)
DAY = timedelta(days=1)
NOW = START + 300 * DAY
MG = "mg"


@pytest.fixture(autouse=True)
def bands() -> None:
    configuration.load(Path(__file__).parents[2] / "config")


def course(**more: object) -> Timeline:
    """Ten months: a PEG every month, sessions with doses, two changes of the plan, a pause."""
    pegs = ["8.0", "6.0", "4.0", "4.0", "5.0", "5.5"]
    samples = (
        *(Sample(START + 30 * n * DAY, peg=Decimal(peg)) for n, peg in enumerate(pegs)),
        *(Sample(START + (31 + 30 * n) * DAY, dose=Dose(Decimal(20 + n), MG)) for n in range(5)),
        Sample(START + 33 * DAY, dose=Dose(Decimal("0.5"), "mg/kg"), systolic=150, diastolic=90),
        Sample(START + DAY, mme=Decimal(60)), Sample(START + 90 * DAY, mme=Decimal(45), phq9=Decimal(12)),
    )  # fmt: skip
    made = Timeline(
        tuple(sorted(samples, key=lambda one: one.at)),
        (
            PlanPoint(START + 30 * DAY, 1, "induction", 3, Dose(Decimal(20), MG)),
            PlanPoint(START + 50 * DAY, 2, "maintenance", 28, Dose(Decimal(24), MG)),
            PlanPoint(START + 200 * DAY, 3, "taper", 42, Dose(Decimal(12), MG)),
        ),
        (
            Happening(START + 30 * DAY, "write", None), Happening(START + 140 * DAY, "pause", "A journey."),
            Happening(START + 160 * DAY, "resume", "Back."), Happening(START + 290 * DAY, "end", "Over."),
        ),
        (), (START + 75 * DAY,), Sample(START, Decimal("8.0"), None, Decimal(12), Decimal(60)), Best(START + 90 * DAY, Decimal("4.0")),
    )  # fmt: skip
    return replace(made, **more)  # type: ignore[arg-type]


def view(found: Timeline, days: int | None = None, zone: str = "America/Denver", tracks: frozenset[str] = frozenset(TRACKS)) -> View:  # fmt: skip
    return View(*timeline_chart.window(found, days, NOW), zone, tracks)


def drawn(found: Timeline, **asked: object) -> Chart:
    return timeline_chart.chart(found, view(found, **asked))  # type: ignore[arg-type]


def test_tracks_are_those_that_are_asked_for_and_have_something_to_say():
    names = [one.name for one in drawn(course()).tracks]
    assert names == [
        "Pain, 0 to 10", "PHQ-9, 0 to 27", "Dose in mg: bars given, line planned",
        "Dose in mg/kg: bars given, line planned", "Opioids, MME in mg a day", "Blood pressure in mmHg",
    ]  # fmt: skip
    assert [one.name for one in drawn(course(), tracks=frozenset({"mood"})).tracks] == ["PHQ-9, 0 to 27"]


def test_guides_stand_at_30_and_50_percent_below_the_baseline_and_the_best_is_a_star():
    pain = drawn(course()).tracks[0]
    assert {one.name: one.value for one in pain.levels} == {
        "baseline 8.0": 8.0, "30 % relief": pytest.approx(5.6), "50 % relief": 4.0, "best 4.0": 4.0,
    }  # fmt: skip
    stars = [one for one in lay_out(drawn(course()), 1080).shapes if isinstance(one, Mark) and one.figure == "star"]
    assert [one.title for one in stars] == ["Apr 5, 2026: best, mean of two PEGs in a row 4.0"]
    assert "30 % relief" not in str(drawn(course(baseline=Sample(START))).tracks[0].levels)


def test_given_amounts_are_bars_and_the_planned_one_is_a_line_that_ends_with_the_plan():
    shapes = lay_out(drawn(course(), tracks=frozenset({"dose"})), 1080).shapes
    bars = [one.title for one in shapes if isinstance(one, Box) and one.look == "chart-bar"]
    assert bars[:2] == ["Feb 5, 2026: given 20 mg", "Mar 7, 2026: given 21 mg"]
    steps = [one for one in shapes if isinstance(one, Line) and one.look == "chart-step" and one.title]
    assert [one.title.partition(": ")[2] for one in steps] == ["planned 20 mg", "planned 24 mg", "planned 12 mg"]
    assert steps[-1].x2 < max(one.x2 for one in shapes if isinstance(one, Line) and one.look == "chart-axis")


def test_what_the_plan_went_through_are_verticals_and_its_intervals_a_lane():
    chart = drawn(course())
    assert [one.label for one in chart.events] == [
        "Plan begins", "Paused", "Resumed", "Plan ended", "Induction", "Maintenance", "Taper",
    ]  # fmt: skip
    (lane,) = chart.lanes
    assert [one.label for one in lane.stretches] == ["3 d", "28 d", "42 d", ""]


def test_a_missed_check_in_parts_the_line_of_pegs():
    def runs(found: Timeline) -> list[int]:
        shapes = lay_out(drawn(found, tracks=frozenset({"pain"})), 680).shapes
        return [len(one.points) for one in shapes if isinstance(one, DrawnPath)]

    assert runs(course()) == [3, 3]
    assert runs(course(missed=())) == [6]


@pytest.mark.parametrize("width", [358, 680, 1080])
def test_labels_fit(width: int):
    for shape in lay_out(drawn(course()), width).shapes:
        if isinstance(shape, Words) and shape.anchor == "start":
            assert shape.x + len(shape.text) * 6.6 <= width + 0.1, shape


def test_a_row_says_relief_against_baseline_and_best_and_the_trend_of_opioids():
    rows = {one.cells[0]: one.cells[1:] for one in timeline_table.table(course(), view(course()))}
    assert rows["Jun 4, 2026"][:3] == ("5.5", "31 %", "−38 %")
    assert rows["Apr 5, 2026"][:3] == ("4.0", "50 %", "0 %")
    assert rows["Apr 5, 2026"][4] == "12"
    assert rows["Apr 5, 2026"][7:9] == ("45", "−25 %")
    assert rows["Feb 7, 2026"][5:7] == ("0.5 mg/kg", "150/90")
    assert rows["Feb 4, 2026"][-1] == "Plan begins; Induction; Plan v1: every 3 days, 20 mg"
    assert rows["May 25, 2026"][-1] == "Paused: A journey."
    assert rows["Mar 21, 2026"][-1] == "A check-in was not answered."


def test_a_date_is_that_of_the_readers_zone():
    late = (Sample(datetime(2026, 3, 2, 5, 30, tzinfo=UTC), peg=Decimal(5)),)
    found = course(samples=late, points=(), happenings=(), missed=())
    for zone, day in (("America/Denver", "Mar 1, 2026"), ("UTC", "Mar 2, 2026")):
        assert [one.cells[0] for one in timeline_table.table(found, view(found, zone=zone))] == [day]
        (value,) = timeline_chart.chart(found, view(found, zone=zone)).tracks[0].series[0].values
        assert value.words.startswith(day)


def test_nothing_known_is_a_page_as_well():
    found = course(samples=(), points=(), happenings=(), missed=(), baseline=Sample(NOW), best=None)
    assert timeline_table.table(found, view(found)) == ()
    assert {words for _name, words in timeline_table.facts(found)} == {"–"}
    assert lay_out(drawn(found), 358).shapes


def paper(found: Timeline) -> list[str]:
    """The words of each page."""
    one = Patient(new_id(), "", "Łucja", "Ωmega", None, date(1980, 4, 2), "CO", "UTC", START)
    shown = timeline_views.shown(TimelineFile(one, None, found), Asked.of("all"), "UTC", NOW)
    made = timeline_pdf.pdf(Sheet(NOW, "Clinic", "1", "Dr. Lang", "today by Rosa", shown))
    return [page.extract_text() for page in PdfReader(io.BytesIO(made)).pages]


def test_a_long_course_fills_pages_that_each_name_the_patient_and_the_columns():
    weekly = tuple(Sample(START - n * 7 * DAY, peg=Decimal(n) / 60) for n in range(600))
    pages = paper(course(samples=weekly))
    assert len(pages) > 8
    assert all("Łucja Ωmega" in page and f"page {n}/{len(pages)}" in page for n, page in enumerate(pages, 1))
    assert all("Blood" in page and "Date" in page for page in pages[2:])
    dates = {when.say_on(one.at.date()) for one in weekly}
    assert dates <= set(re.findall(r"[A-Z][a-z]{2} \d+, \d{4}", " ".join(pages)))


def test_a_long_reason_is_on_paper_in_full():
    words = " ".join(f"word{n}" for n in range(120)) + " " + "x" * 150
    text = "".join(paper(course(happenings=(Happening(START + 30 * DAY, "pause", words),)))).replace("\n", "")
    assert all(f"word{n}" in text for n in range(120))
    assert text.count("x") >= 150


def score(at: datetime, value: str, subject: UUID, code: str = "peg") -> Score:
    return Score(code, Decimal(value), 3, 3, None, at, subject)


def test_scores_and_readings_of_the_same_answers_are_told_by_their_origin():
    check_in, intake = new_id(), new_id()
    scores = [score(START, "8", intake), score(START + 30 * DAY, "5", check_in), score(START, "12", intake, "wpi")]
    corrected = Reading(new_id(), START + 29 * DAY, "check-in", peg=Decimal(4))
    found = merged(scores, Readings((corrected,), frozenset({check_in})))
    assert [(one.at, one.peg) for one in found] == [(START, Decimal(8)), (START + 29 * DAY, Decimal(4))]


def test_the_same_number_at_the_same_time_from_two_sources_is_two():
    staff = Reading(new_id(), START, "staff", peg=Decimal(8))
    found = merged([score(START, "8", new_id())], Readings((staff,), frozenset({new_id()})))
    assert len(found) == 2
    assert merged([], Readings((Reading(new_id(), START, "staff", change=3),), frozenset())) == ()


def test_what_is_about_today_is_told_and_drawn_in_the_morning_too():
    morning = NOW.replace(hour=8)
    noon = morning.replace(hour=12)
    labs = Signal(
        UUID(int=1), UUID(int=2), None, "labs-due", "1", "amber", "Labs are due.", "us", {}, morning, None, None, None,
        "plan:x:labs", noon, None, True,
    )  # fmt: skip
    found = replace(course(), signals=(labs, replace(labs, about_at=noon + DAY, words="Labs will be due.")))
    view = View(START, morning, "America/Denver", frozenset(TRACKS))
    (row,) = [one for one in timeline_table.table(found, view) if "Labs" in one.cells[-1]]
    assert (row.on, row.cells[-1]) == (morning.date(), "look soon: Labs are due.")
    assert [(one.at, one.tone) for one in timeline_chart.chart(found, view).signs] == [(morning, "amber")]
