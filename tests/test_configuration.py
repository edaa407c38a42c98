"""config/ as a clinic changes it: what is broken stops the start and is named; a new form needs no Python."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from carepath import cli, configuration
from carepath.kit.errors import ConfigProblem
from carepath.settings import ROOT, Settings
from tests.questionnaires.forms import BASE, CONFIG, item, option, text

PHQ = "questionnaires/phq-9.json"
BROKEN = [
    ("intake.toml", "sections = [", "sections = [[", ["intake.toml", "not TOML"]),
    ("intake.toml", "Questionnaire/peg", "Questionnaire/pegg", ["intake.toml", "sections", "pegg"]),
    ("intake.toml", "monthly_from_days = 21", "monthly_from_days = 90", ["intake.toml", "check_ins", "days"]),
    ("intake.toml", "monthly_from_days = 21", "monthly_form_days = 21", ["intake.toml", "monthly_from_days"]),
    ("screening.toml", 'item = "phq9.q9"', 'item = "phq9.q10"', ["screening.toml", "phq9-item9", "phq9.q10"]),
    ("screening.toml", 'any_of = ["aneurysm"]', 'any_of = ["anurism"]', ["screening.toml", "eligibility-aneurysm", "anurism"]),
    ("screening.toml", 'outcome = "stop"', 'outcome = "halt"', ["screening.toml", "age-under-18", "outcome"]),
    ("screening.toml", 'score = "phq-9"', 'score = "phq-99"', ["screening.toml", "phq9-severe", "phq-99"]),
    ("screening.toml", "age = true, below = 18", "age = true, below = nan", ["screening.toml", "age-under-18", "number"]),
    ("followups.toml", "remind_after_days = 3", "remind_after_days = 30", ["followups.toml", "cadence", "rise"]),
    ("followups.toml", "call_again_hours = 20", "call_again_hours = 0", ["followups.toml", "cadence.call_again_hours", "1"]),
    ("followups.toml", "\nafter_hours = 24", "\nafter_hours = 0", ["followups.toml", "red_again.after_hours", "720"]),
    ("followups.toml", "\nagain_hours = 24", "\nagain_hours = 721", ["followups.toml", "red_again.again_hours", "720"]),
    ("followups.toml", "close_after_days = 10", "close_after_days = 3", ["followups.toml", "close_after_days", "4"]),
    ("followups.toml", "before_runway_days = 7", "before_runway_days = 61", ["followups.toml", "before_runway_days", "60"]),
    ("followups.toml", "[windows.phases.taper]", "[windows.phases.tapper]", ["followups.toml", "windows.phases", "taper"]),
    ("followups.toml", "not_before_days = 24", "not_before_days = 31", ["followups.toml", "phases.maintenance", "rise"]),
    ("followups.toml", "most_days_back = 366", "most_days_back = 0", ["followups.toml", "session.most_days_back", "1"]),
    ("followups.toml", '"session.home"', '"session.hom"', ["followups.toml", "session.reads.home", "session.hom"]),
    ("evaluations.toml", "pdmp_days = 7", "pdmp_days = 0", ["evaluations.toml", "checklist.pdmp_days", "from 1"]),
    ("evaluations.toml", "pdmp_again_days = 90", "pdmp_again_days = 6", ["evaluations.toml", "pdmp_again_days", "less"]),
    ("evaluations.toml", 'goal = "pain.goal"', 'goal = "pain.gaol"', ["evaluations.toml", "summary.goal", "pain.gaol"]),
    ("evaluations.toml", 'helped = "helped"', 'helped = "cured"', ["evaluations.toml", "summary.tried", "cured"]),
    ("evaluations.toml", '"audit-c"]', '"audit-d"]', ["evaluations.toml", "summary.scores", "audit-d"]),
    ("evaluations.toml", '"theophylline",', '"theofylline",', ["evaluations.toml", "interactions.rules", "theofylline"]),
    ("evaluations.toml", 'neck = ["neck"]', 'neck = ["tail"]', ["evaluations.toml", "body_map.places.neck", "tail"]),
    ("evaluations.toml", 'neck = ["neck"]', "", ["evaluations.toml", "body_map.places", "neck"]),
    ("evaluations.toml", "identity = ", "identify = ", ["evaluations.toml", "checklist.sources", "identity"]),
    ("evaluations.toml", "urgent_hours = 24", "urgent_hours = 100", ["evaluations.toml", "due", "rise"]),
    ("evaluations.toml", "stat_hours = 4", "stat_hours = 0", ["evaluations.toml", "due", "from 1"]),
    ("evaluations.toml", "task_hours = 4", "task_hours = 9000", ["evaluations.toml", "due.task_hours", "720"]),
    ("evaluations.toml", "after_hours = 24", "after_hours = 0", ["evaluations.toml", "escalation.steps[1].after_hours", "rise"]),
    ("evaluations.toml", 'to = ["owner"]', 'to = ["everybody"]', ["evaluations.toml", "escalation.steps[0].to", "owner"]),
    ("evaluations.toml", "\nagain_hours = 24", "\nagain_hours = 0", ["evaluations.toml", "task_escalation.again_hours", "720"]),
    ("evaluations.toml", "after_hours = 4", "after_hours = 0", ["evaluations.toml", "task_escalation.steps[1].after_hours", "rise"]),
    ("evaluations.toml", '"coordinators", "admins"]', '"everybody"]', ["evaluations.toml", "task_escalation.steps[1].to", "admins"]),
    ("evaluations.toml", "[decisions.suitable]", "[decisions.sutable]", ["evaluations.toml", "decisions", "suitable"]),
    ("evaluations.toml", "Hello {first_name}", "Hello {name}", ["evaluations.toml", "decisions.suitable.words", "{name}", "first_name"]),
    ("evaluations.toml", "Hello {first_name}", "Hello {first_name.__class__}", ["evaluations.toml", "decisions.suitable.words", "clinic"]),
    ("evaluations.toml", "Hello {first_name}", "Hello {first_name", ["evaluations.toml", "decisions.suitable.words", "brace"]),
    ("evaluations.toml", 'label = "Suitable"', 'label = " "', ["evaluations.toml", "decisions.suitable.label", "60"]),
    ("evaluations.toml", "must_change = true", "must_chagne = true", ["evaluations.toml", "must_chagne"]),
    ("followups.toml", "labs_due_after_days = 90", "labs_due_after_days = 0", ["followups.toml", "plan.labs_due_after_days"]),
    ("followups.toml", "pdmp_due_after_days = 90", "pdmp_due_after_days = 367", ["followups.toml", "plan.pdmp_due_after_days"]),
    ("followups.toml", 'pdmp_source = "CDC', 'pdmp_source = " "\n# "CDC', ["followups.toml", "plan.pdmp_source"]),
    ("followups.toml", "enabled = false", 'enabled = "no"', ["followups.toml", "home.enabled", "bool"]),
    ("followups.toml", "systolic = 160", "systolic = 1600", ["followups.toml", "home.systolic", "80 to 250"]),
    ("followups.toml", "heart_rate = 100\n", "", ["followups.toml", "home.heart_rate", "missing"]),
    ("followups.toml", "most_sessions = 6", "most_sesions = 6", ["followups.toml", "home"]),
    *(("followups.toml", "# From which answers", f"[[limits]]\n{entry}\n# From which answers", ["followups.toml", "limits[0]", word]) for entry, word in (
        ('route = "ear"\nsource = "us"\nshortest_interval_days = 7', "route is one of"),
        ('route = "iv"\nsource = "us"', "no number"),
        ('route = "iv"\nsource = "us"\nshortest_interval_days = 0', "above 0"),
        ('route = "iv"\nsource = "us"\nmost_a_session = nan\nunit = "mg"', "above 0"),
        ('route = "iv"\nsource = "us"\nmost_a_session = 5', "goes with a unit"),
        ('route = "iv"\nsource = "us"\nmost_in_30_days = 5\nunit = "mg"', "goes with a unit"),
        ('route = "iv"\nsource = "us"\nmost_a_session = 5\nunit = "g"', "goes with a unit"),
        ('route = "iv"\nsource = " "\nmost_in_30_days = 5', "source"),
    )),
    ("followups.toml", "# From which answers", 2 * '[[limits]]\nroute = "iv"\nsource = "us"\nmost_in_30_days = 5\n' + "# From which answers", ["followups.toml", "limits[1]", "twice"]),
    ("followups.toml", "# From which answers", '[[limits]]\nroute = "iv"\nmost_in_30_days = 5\n# Which answers', ["followups.toml", "limits[0].source", "missing"]),
    ("followups.toml", '"checkin.phq.q9"', '"checkin.phq.q99"', ["followups.toml", "reads.items.item9", "checkin.phq.q99"]),
    ("followups.toml", '"chest-pain"', '"chest-pane"', ["followups.toml", "severe-side-effect", "chest-pane"]),
    ("questionnaires/instruments.toml", '"phq9.q3"', '"phq9.q33"', ["instruments.toml", "phq-9", "phq9.q33"]),
    ("questionnaires/instruments.toml", "low = 10", "low = 1", ["instruments.toml", "phq-9", "rise"]),
    (PHQ, '"linkId": "phq9.q3"', '"linkId": "phq9.q2"', [PHQ, "phq9.q2", "twice"]),
    (PHQ, ".weight().sum()", ".weight().sum(", [PHQ, "phq9.total", "character"]),
    (PHQ, '"question": "phq9.q9"', '"question": "phq9.q99"', [PHQ, "phq9.cssrs", "phq9.q99"]),
    (PHQ, '"type": "choice"', '"type": "choise"', [PHQ, "phq9.q1", "choise"]),
    (PHQ, "{", "", [PHQ, "JSON"]),
]  # fmt: skip


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    shutil.copytree(CONFIG, tmp_path / "config")
    return tmp_path / "config"


@pytest.fixture(autouse=True)
def _as_it_was(database: Settings):
    yield
    configuration.load(CONFIG)


def spoil(folder: Path, file: str, old: str, new: str) -> None:
    content = (folder / file).read_text(encoding="utf-8")
    assert old in content
    (folder / file).write_text(content.replace(old, new, 1), encoding="utf-8")


@pytest.mark.parametrize(
    ("file", "old", "new", "words"), BROKEN, ids=[f"{one[0]}: {one[2][:24]} {one[3][-1]}" for one in BROKEN]
)
def test_a_broken_file_is_named_with_key_and_reason(
    file: str, old: str, new: str, words: list[str], folder: Path
) -> None:
    spoil(folder, file, old, new)
    with pytest.raises(ConfigProblem) as problem:
        configuration.load(folder)
    for word in words:
        assert word in str(problem.value), str(problem.value)


@pytest.mark.parametrize(("file", "content"), [("screening.toml", None), ("intake.toml", b"\xff\xfe"), (PHQ, b"")])
def test_a_file_that_is_missing_empty_or_no_text_is_named(file: str, content: bytes | None, folder: Path) -> None:
    if content is None:
        (folder / file).unlink()
    else:
        (folder / file).write_bytes(content)
    with pytest.raises(ConfigProblem, match=file.rpartition("/")[2].replace(".", r"\.")):
        configuration.load(folder)


def command(name: str, folder: Path, database: Settings) -> "subprocess.CompletedProcess[str]":
    """`carepath NAME` with this configuration."""
    environment = {
        "CAREPATH_CONFIG_DIR": str(folder), "DATABASE_URL": database.database_url, "REDIS_URL": database.redis_url,
        "SMTP_URL": database.smtp_url, "PUBLIC_BASE_URL": database.public_base_url, "PATH": os.environ["PATH"],
        "PYTHONPATH": str(ROOT / "src"), "CAREPATH_DATA_DIR": str(folder.parent / "data"), "PORT": "8999",
    }  # fmt: skip
    return subprocess.run(
        [sys.executable, "-m", "carepath.cli", name], env=environment, capture_output=True, text=True, timeout=60
    )


def _spoil_a_rule(folder: Path) -> None:
    spoil(folder, "screening.toml", 'item = "phq9.q9"', 'item = "phq9.q10"')


def _spoil_a_mail(folder: Path) -> None:
    (folder / "messages" / "sign-in").mkdir(parents=True)
    (folder / "messages" / "sign-in" / "body.txt").write_text("Here is your {{ linkk }}.")


@pytest.mark.parametrize("break_it", [_spoil_a_rule, _spoil_a_mail])
def test_the_doctor_says_the_same(break_it: Callable[[Path], None], folder: Path, database: Settings) -> None:
    break_it(folder)
    with pytest.raises(ConfigProblem) as problem:
        configuration.load(folder)
    done = command("doctor", folder, database)
    assert done.returncode == 1, done.stderr
    assert str(problem.value) in done.stdout
    assert next(line for line in done.stdout.splitlines() if line.startswith("✗")).startswith("✗ config")


def test_the_web_process_says_the_same_and_does_not_start(folder: Path, database: Settings) -> None:
    spoil(folder, "intake.toml", "Questionnaire/peg", "Questionnaire/pegg")
    done = command("web", folder, database)
    assert done.returncode == 1
    assert "intake.toml: sections" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_licensed_questionnaire_with_its_score_and_two_rules_needs_no_python(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The recipe of CONTRIBUTING, step by step."""
    weigh = "http://hl7.org/fhir/StructureDefinition/itemWeight"
    answers = [option(code, url=weigh, valueDecimal=n) for n, code in enumerate(("never", "some", "often"))]
    expression = "%resource.item.where(linkId.startsWith('tired.q')).answer.value.weight().sum()"
    total = item("tired.total", "integer", readOnly=True, extension=[
        {"url": "http://hl7.org/fhir/StructureDefinition/questionnaire-hidden", "valueBoolean": True},
        {"url": "http://hl7.org/fhir/uv/sdc/StructureDefinition/sdc-questionnaire-calculatedExpression",
         "valueExpression": {"language": "text/fhirpath", "expression": expression}},
    ])  # fmt: skip
    asked = [item(f"tired.q{n}", "choice", required=True, answerOption=answers) for n in (1, 2)]
    theirs = tmp_path / "theirs.json"
    theirs.write_text(text(*asked, total, url=BASE + "tired", copyright="Licensed to the clinic."))
    assert cli.main(["questionnaires", "import", str(theirs), "--into", str(folder / "questionnaires")]) == 0
    spoil(folder, "intake.toml", "sections = [", f'sections = [\n    "{BASE}tired",')
    with (folder / "questionnaires/instruments.toml").open("a") as file:
        file.write(f'\n[[instruments]]\ncode = "tired"\ntitle = "Tired"\nquestionnaire = "{BASE}tired"\n'
                   'total = "tired.total"\nitems = ["tired.q1", "tired.q2"]\ndecimals = 0\nlowest = 0\nhighest = 4\n'
                   'source = "Licence"\nbands = [{ low = 0, words = "rested" }, { low = 3, words = "tired" }]\n')  # fmt: skip
    with (folder / "screening.toml").open("a") as file:
        for name, when in (
            ("a", '{ score = "tired", at_least = 3 }'),
            ("b", '{ item = "tired.q1", any_of = ["often"] }'),
        ):
            file.write(f'\n[[rules]]\nid = "tired-{name}"\nversion = "1"\nstage = "intake"\noutcome = "review"\n'
                       f'when = {when}\npatient = "Rest."\nprovider = "Tired."\nsource = "Licence"\n')  # fmt: skip
    response = tmp_path / "response.json"
    given = [
        {"linkId": f"tired.q{n}", "answer": [{"valueCoding": {"code": c}}]} for n, c in ((1, "often"), (2, "some"))
    ]
    response.write_text(json.dumps({"resourceType": "QuestionnaireResponse", "item": given}))
    monkeypatch.setenv("CAREPATH_CONFIG_DIR", str(folder))
    capsys.readouterr()
    assert cli.main(["questionnaires", "evaluate", "--questionnaire", BASE + "tired", "--response", str(response)]) == 0
    found = json.loads(capsys.readouterr().out)
    assert (found["scores"], found["bands"], found["errors"]) == ({"tired": 3}, {"tired": "tired"}, [])
    assert [flag["code"] for flag in found["flags"]] == ["tired-a", "tired-b"]
