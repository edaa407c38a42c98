"""The body map: every place that a form can name is drawn, and nothing else."""

import re
import tomllib
from pathlib import Path
from xml.etree import ElementTree

import pytest

from carepath.kit import body_map

ROOT = Path(__file__).parents[2]
TABLE = tomllib.loads((ROOT / "config" / "evaluations.toml").read_text())["body_map"]["places"]


def marked(svg: str) -> set[str]:
    return set(re.findall(r'class="body-part body-pain" data-place="([^"]+)"', svg))


@pytest.mark.parametrize("place", sorted(body_map.PLACES))
def test_every_place_can_be_marked_alone(place: str):
    assert marked(body_map.draw("Map", place, [place])) == {place}


@pytest.mark.parametrize("code", sorted(TABLE))
def test_every_answer_is_drawn_where_the_table_says(code: str):
    assert marked(body_map.draw("Map", code, TABLE[code])) == set(TABLE[code])


def test_all_of_the_body_is_everywhere():
    assert set(TABLE["everywhere"]) == body_map.PLACES


def test_an_unknown_place_is_no_picture():
    with pytest.raises(ValueError, match="tail"):
        body_map.draw("Map", "", ["tail"])


def test_the_picture_is_named_and_described_and_escapes_words():
    svg = body_map.draw("Where <it> hurts", "neck & <b>", ["neck"])
    root = ElementTree.fromstring(svg)
    assert (root.get("role"), root.get("aria-labelledby")) == ("img", "body-map-title body-map-desc")
    assert [one.text for one in root[:2]] == ["Where <it> hurts", "neck & <b>"]
    assert "style" not in svg
    assert "http" not in svg


def test_left_and_right_are_the_persons_own():
    """Seen from the front their left is on the reader's right; from behind on the reader's left."""
    front, back = re.findall(r'data-place="hand-left" d="M(\d+)', body_map.draw("Map", "", ["hand-left"]))
    assert int(front) > 60 > int(back)
