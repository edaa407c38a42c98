"""What counts as a phone number."""

import pytest

from carepath.accounts.rules import phone_problem


@pytest.mark.parametrize(
    "text", ["", "555 0142", "+1 (555) 010-0199", "555.010.0199", "+49 30 901820", "123456789012345"]
)
def test_numbers_as_people_write_them(text: str):
    assert phone_problem(text) is None


@pytest.mark.parametrize(
    "text", ["555 014", "()()()()", "-------", "call me", "555 0142 ext 3", "+1+5550142", "5" * 16, "٥٥٥٠١٤٢"]
)
def test_what_nobody_could_dial_is_refused(text: str):
    assert phone_problem(text) is not None
