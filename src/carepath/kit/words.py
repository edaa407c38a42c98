"""The one door for visible words. Another language is a catalogue behind this function."""


def _(text: str) -> str:
    """`text` in the reader's language; English is the source language."""
    return text
