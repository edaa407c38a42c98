"""Places in lists, as addresses hold them."""

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from carepath.kit import cursors
from carepath.kit.errors import Invalid
from carepath.settings import Settings

PARTS = st.lists(st.text("abc-:+.0123456789é", max_size=12) | st.integers(), min_size=1, max_size=6)


def read(text: str, place: str = "pending") -> list[str | int] | None:
    """The key, or None when the text is refused."""
    try:
        return cursors.read(place, text)
    except Invalid:
        return None


@given(parts=PARTS)
def test_what_was_written_is_read_for_its_own_place_only(settings: Settings, parts: list[str | int]):
    text = cursors.write("pending", parts)
    assert read(text) == parts
    assert read(text, "pending mine") is None


@given(parts=PARTS, data=st.data())
def test_a_text_that_was_changed_anywhere_is_nothing(settings: Settings, parts: list[str | int], data: st.DataObject):
    text = cursors.write("pending", parts)
    place = data.draw(st.integers(0, len(text) - 1))
    other = data.draw(st.sampled_from("AZaz09-_.%\x00é"))
    changed = text[:place] + other + text[place + 1 :]
    # The last character of base64 may hold bits that say nothing: then it is the same place still.
    assert changed == text or read(changed) in (None, parts)


@given(text=st.text(max_size=700))
def test_any_text_at_all_is_read_without_a_fault(settings: Settings, text: str):
    assert read(text) is None


def test_one_too_long_is_not_looked_at(settings: Settings):
    assert read(cursors.write("pending", ["x" * 600])) is None


@pytest.mark.parametrize("secret", ["2026-12-01T15:00:00+00:00", "0190c000-0000-7000-8000-000000000001"])
def test_nothing_of_a_row_can_be_read_from_an_address(settings: Settings, secret: str):
    text = cursors.write("pending", ["after", 0, secret])
    raw = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    assert secret.encode() not in raw
    assert cursors.write("pending", ["after", 0, secret]) != text, (
        "two addresses of one place do not tell that they are one"
    )
