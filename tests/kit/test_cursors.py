"""Places in lists, as addresses hold them."""

from hypothesis import given
from hypothesis import strategies as st

from carepath.kit import cursors
from carepath.settings import Settings

PARTS = st.lists(st.text("abc-:+.0123456789é", max_size=12), min_size=1, max_size=6)


@given(parts=PARTS)
def test_what_was_written_is_read_for_its_own_purpose_only(settings: Settings, parts: list[str]):
    text = cursors.write("pending", *parts)
    assert cursors.read("pending", text) == tuple(parts)
    assert cursors.read("pending mine", text) is None


@given(parts=PARTS, data=st.data())
def test_a_text_that_was_changed_anywhere_is_nothing(settings: Settings, parts: list[str], data: st.DataObject):
    text = cursors.write("pending", *parts)
    place = data.draw(st.integers(0, len(text) - 1))
    other = data.draw(st.sampled_from("AZaz09-_.%\x00é"))
    changed = text[:place] + other + text[place + 1 :]
    # The last character of base64 may hold bits that say nothing: then it is the same place still.
    assert changed == text or cursors.read("pending", changed) in {None, tuple(parts)}


@given(text=st.text(max_size=500))
def test_any_text_at_all_is_read_without_a_fault(settings: Settings, text: str):
    assert cursors.read("pending", text) is None


def test_one_too_long_is_not_looked_at(settings: Settings):
    assert cursors.read("pending", cursors.write("pending", "x" * 400)) is None
