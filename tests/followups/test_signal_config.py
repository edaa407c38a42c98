"""config/followups.toml as a clinic changes its signals: what is broken stops the start and is named."""

import shutil
import tomllib
from pathlib import Path

import pytest

from carepath import configuration
from carepath.followups.rules.signals import KINDS, due
from carepath.kit.errors import ConfigProblem
from carepath.settings import Settings
from tests.questionnaires.forms import CONFIG

FILE = "followups.toml"
BROKEN = [
    ('id = "relief-moderate"', 'id = "relief-substantial"', ["relief-substantial", "twice"]),
    ('kind = "non-responder"', 'kind = "no-responder"', ["non-responder", "kind is one of"]),
    ('tone = "green"', 'tone = "greenish"', ["relief-substantial", "tone"]),
    ("{ percent = 50 }", "{ per_cent = 50 }", ["relief-substantial", "numbers are percent"]),
    ("numbers = { percent = 50 }\n", "", ["relief-substantial", "numbers are percent"]),
    ("percent = 50", "percent = nan", ["relief-substantial", "percent"]),
    ("percent = 50", "percent = -1", ["relief-substantial", "percent"]),
    ('percent = 50', 'percent = "50"', ["signals[0].numbers", "float"]),
    ("readings = 2 }", "readings = 1.5 }", ["waning-peg", "readings", "whole"]),
    ("readings = 2 }", "readings = 0 }", ["waning-peg", "readings", "whole"]),
    ("from_days = 21", "from_days = 43", ["non-responder", "from_days is at most to_days"]),
    ("times = 2, of = 3", "times = 4, of = 3", ["blood-pressure-repeated", "times is at most of"]),
    ('codes = ["high-mood", "voices"]\n', "", ["mind", "codes are answers of mind"]),
    ('codes = ["high-mood", "voices"]', 'codes = ["high-mood", "voice"]', ["mind", "no answer voice"]),
    ('codes = ["pain", "frequency"]', 'codes = ["pain"]', ["bladder-pain", "codes are one, and"]),
    ('kind = "pregnancy"', 'kind = "pregnancy"\ncodes = ["yes"]', ["pregnancy", "takes no codes"]),
    ('kind = "labs"\ntone = "amber"', 'kind = "labs"\ntone = "red"', ["labs-due", "amber at most"]),
    ('kind = "pdmp"', 'kind = "labs"', ["labs", "two signals"]),
    ("numbers = { step = 3 }", "numbers = { step = 1 }", ["overdue", "two signals"]),
    ("numbers = { step = 3 }", "numbers = { step = 4 }", ["check-in-hold", "step", "1 to 3"]),
    ('source = "IMMPACT: at least 50 % is substantial"', 'source = " "', ["relief-substantial", "source"]),
    ('peg = "peg"', 'peg = "pegg"', ["reads.scores.peg", "pegg"]),
    ('peg = "peg"', 'pegs = "peg"', ["reads.scores", "exactly", "peg"]),
    ('nights = ["checkin.nights"]', 'nigths = ["checkin.nights"]', ["reads.items", "exactly", "nigths"]),
    ('nights = ["checkin.nights"]', 'nights = ["checkin.night"]', ["reads.items.nights", "checkin.night"]),
    ('field = "misuse"', 'field = "misuses"', ["reads.also", "field"]),
    ('item = "checkin.drug-use"', 'item = "checkin.drugs"', ["reads.also", "checkin.drugs"]),
    ('any_of = ["no"]', 'any_of = ["nay"]', ["reads.also", "nay"]),
    ("at_least = 1\n\n[[reads.also]]", "\n[[reads.also]]", ["reads.also", "either any_of or at_least"]),
    ('always = "often"', 'always = "alwais"', ["baseline.always", "alwais"]),
    ('nights = "bladder.nights"', 'nights = "bladder.night"', ["baseline.nights", "bladder.night"]),
    ("Questionnaire/medicines", "Questionnaire/medicine", ["baseline.medicines", "no questionnaire"]),
]  # fmt: skip


@pytest.fixture
def folder(tmp_path: Path, database: Settings):
    shutil.copytree(CONFIG, tmp_path / "config")
    yield tmp_path / "config"
    configuration.load(CONFIG)


@pytest.mark.parametrize(("old", "new", "words"), BROKEN, ids=[one[1][:30].strip() for one in BROKEN])
def test_what_is_broken_is_named(old: str, new: str, words: list[str], folder: Path):
    content = (folder / FILE).read_text(encoding="utf-8")
    assert old in content
    (folder / FILE).write_text(content.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(ConfigProblem) as problem:
        configuration.load(folder)
    for word in (FILE, *words):
        assert word in str(problem.value), str(problem.value)


def test_every_kind_is_used_and_said_in_the_file():
    text = (CONFIG / FILE).read_text(encoding="utf-8")
    used = {one["kind"] for one in tomllib.loads(text)["signals"]}
    assert used == {*KINDS, *due.KINDS}
    comment = "\n".join(line for line in text.splitlines() if line.startswith("#"))
    for kind, numbers in {**{name: kind.numbers for name, kind in KINDS.items()}, **due.KINDS}.items():
        assert all(word in comment for word in (kind, *numbers)), kind


def test_a_number_without_a_published_source_says_that_it_needs_a_signature():
    published = ("IMMPACT", "PEG minimal", "NRS", "PGIC", "PHQ-9 item 9", "C-SSRS", "Esketamine", "CDC: at least")
    for one in tomllib.loads((CONFIG / FILE).read_text(encoding="utf-8"))["signals"]:
        assert one["source"].startswith(published) or "needs medical sign-off" in one["source"], one["id"]
