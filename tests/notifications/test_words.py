"""The templates of every kind: all three parts are there, and none says what nobody else may know."""

import re
from pathlib import Path

import pytest

from carepath.journey.tell import WRITERS
from carepath.notifications.rules.kinds import KINDS
from carepath.notifications.wording import PARTS
from tests.letters import TELLING

EMAILS = Path(__file__).parents[2] / "templates" / "emails"
# What a letter may be given: names of times, counts and links, whether a visit is by video, and the words every letter
# has; and the macro that shows one of them at a glance, with its arguments.
KNOWN = {
    "by_video", "clinic_name", "clinic_phone", "day", "fact", "first_name", "kind", "lines", "link", "more", "n", "one",
    "provider", "stop_link", "times", "until", "until_short", "time", "visits", "waits", "when", "words",
}  # fmt: skip


@pytest.mark.parametrize("kind", KINDS.values(), ids=lambda kind: kind.name)
def test_every_kind_has_its_parts_and_somebody_who_writes_it(kind):
    assert {kind.name, kind.subject} & set(WRITERS)
    for part in PARTS:
        assert (EMAILS / kind.folder / part).read_text().strip()
    if kind.optional:
        assert "stop_link" in (EMAILS / kind.folder / "body.txt").read_text()


def test_no_folder_is_left_over():
    assert {path.name for path in EMAILS.iterdir() if path.is_dir()} == {kind.folder for kind in KINDS.values()}


@pytest.mark.parametrize("path", sorted(EMAILS.rglob("*.*")), ids=lambda path: str(path.relative_to(EMAILS)))
def test_no_template_names_a_drug_a_condition_or_what_was_asked(path: Path):
    text = path.read_text()
    said = " ".join(re.findall(r'_\("([^"]*)"\)', text))
    assert not TELLING.search(said), TELLING.search(said)
    if path.name == "subject.txt":
        assert "clinic" not in text
    placed = set(re.findall(r"{{ (\w+)|=(\w+)[,)]|% (?:if|for \w+ in) (\w+)", text))
    assert {name for group in placed for name in group if name and name != "_"} <= KNOWN
