"""The shipped files load, and every mistake is named by file, key and reason."""

import shutil
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pytest

from carepath.kit import config
from carepath.kit.errors import ConfigProblem
from carepath.scheduling import catalogue
from carepath.scheduling.rules.prescribing import prescribing_note

from .conftest import CONFIG


def test_the_shipped_clinic_is_whole() -> None:
    clinic = catalogue.load(CONFIG)
    assert len(clinic.jurisdictions) == 51
    assert clinic.visit_types["evaluation"].minutes == 45
    assert clinic.visit_types["follow-up"].minutes == 20
    assert clinic.jurisdictions["AZ"].zone == "America/Phoenix"
    assert clinic.rules.max_open_holds == 1


@pytest.mark.parametrize(
    ("file", "old", "new", "key"),
    [
        ("clinic.toml", 'zone = "America/Denver"', 'zone = "Denver"', "zone"),
        ("clinic.toml", 'zone = "America/Denver"', "zone = 7", "zone"),
        ("clinic.toml", "grid_minutes = 15", "grid_minutes = 0", "booking.grid_minutes"),
        ("clinic.toml", "grid_minutes = 15", "grid_minuets = 15", "booking.grid_minutes"),
        ("clinic.toml", "grid_minutes = 15", "grid_minutes = 15\nspeed = 1", "booking.speed"),
        ("clinic.toml", "minutes = 45", "minutes = 0", "visit_types.evaluation.minutes"),
        ("clinic.toml", "/{room}", "/room", "room_template"),
        ("clinic.toml", "/{room}", "/{room.x}", "room_template"),
        ("clinic.toml", "[booking]", "[booking", ""),
        ("jurisdictions.toml", 'code = "AK"', 'code = "AL"', "jurisdictions[1].code"),
        ("jurisdictions.toml", 'code = "AK"', 'code = "ak"', "jurisdictions[1].code"),
        ("jurisdictions.toml", '"America/Anchorage"', '"America/Anchor"', "jurisdictions[1].zone"),
        ("jurisdictions.toml", "until = 2026-12-31", 'until = "soon"', "federal.until"),
    ],
)
def test_a_mistake_is_named(tmp_path: Path, file: str, old: str, new: str, key: str) -> None:
    for name in ("clinic.toml", "jurisdictions.toml"):
        shutil.copy(CONFIG / name, tmp_path)
    text = (tmp_path / file).read_text()
    assert old in text
    (tmp_path / file).write_text(text.replace(old, new, 1))
    with pytest.raises(ConfigProblem) as problem:
        catalogue.load(tmp_path)
    assert (problem.value.file, problem.value.key) == (file, key)
    assert problem.value.reason


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigProblem, match=r"clinic\.toml: there is no such file"):
        catalogue.load(tmp_path)
    (tmp_path / "clinic.toml").write_bytes(b"\xff")
    with pytest.raises(ConfigProblem, match="UTF-8"):
        catalogue.load(tmp_path)


@dataclass(frozen=True, slots=True)
class _Dose:
    names: list[str]
    on: date = date(2026, 1, 1)


def test_any_file_can_be_read_into_a_shape() -> None:
    assert config.read("x.toml", 'names = ["a"]\non = 2026-02-03', _Dose) == _Dose(["a"], date(2026, 2, 3))
    with pytest.raises(ConfigProblem) as problem:
        config.read("x.toml", 'names = ["a", 7]', _Dose)
    assert (problem.value.file, problem.value.key) == ("x.toml", "names[1]")


def test_prescribing_without_an_exam_is_dated_and_fails_closed() -> None:
    clinic = catalogue.load(CONFIG)
    florida, utah = clinic.jurisdictions["FL"], clinic.jurisdictions["UT"]
    today, later = date(2026, 11, 23), date(2027, 1, 1)
    assert not prescribing_note(clinic.federal, florida, today).needs_review
    assert prescribing_note(clinic.federal, florida, later).needs_review
    assert prescribing_note(clinic.federal, florida, date(2022, 6, 30)).needs_review
    assert prescribing_note(clinic.federal, utah, today).needs_review
    assert "2025-24123" in prescribing_note(clinic.federal, utah, later).source
