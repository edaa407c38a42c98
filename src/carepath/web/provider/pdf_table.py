"""A table on PDF pages: its head on every page, no row in two parts, every word in full.

The library's own tables measure every cell again and again: six hundred rows took fifteen seconds.
"""

from collections.abc import Iterator, Sequence

from fpdf import FPDF

_PAD, _LINE, _SIZE = 3, 9.5, 7


class Table:
    """Columns as wide as their shares of the page. `low`: where a page ends."""

    def __init__(self, paper: FPDF, font: str, head: Sequence[str], shares: Sequence[float], low: float) -> None:
        self._paper, self._font, self._head, self._low = paper, font, head, low
        self._widths = [share * paper.epw / sum(shares) for share in shares]
        self._known: dict[str, float] = {}

    def write(self, rows: Sequence[Sequence[str]]) -> None:
        """Head and rows, from where the paper stands."""
        self._paper.set_draw_color(190)
        self._paper.set_line_width(0.5)
        self._row(self._head)
        for cells in rows:
            self._row(cells)

    def _row(self, cells: Sequence[str]) -> None:
        lines = [list(self._lines(text, width - 2 * _PAD)) for text, width in zip(cells, self._widths, strict=True)]
        height = _LINE * max(1, *map(len, lines)) + 2 * _PAD
        if self._paper.get_y() + height > self._low:
            self._paper.add_page()
            if cells is not self._head:
                self._row(self._head)
        top = self._paper.get_y()
        if cells is self._head:
            self._paper.set_fill_color(235, 240, 238)
            self._paper.rect(self._paper.l_margin, top, sum(self._widths), height, style="F")
        self._write(lines, top)
        bottom = top + height
        self._paper.line(self._paper.l_margin, bottom, self._paper.l_margin + sum(self._widths), bottom)
        self._paper.set_xy(self._paper.l_margin, bottom)

    def _write(self, lines: list[list[str]], top: float) -> None:
        self._paper.set_font(self._font, size=_SIZE)
        left = self._paper.l_margin
        for found, width in zip(lines, self._widths, strict=True):
            for number, text in enumerate(found):
                self._paper.text(left + _PAD, top + _PAD + _SIZE + _LINE * number, text)
            left += width

    def _lines(self, text: str, room: float) -> Iterator[str]:
        """Broken between words; a word that is wider than its cell, wherever it must be."""
        self._paper.set_font(self._font, size=_SIZE)
        line = ""
        for word in (part for whole in text.split() for part in self._parts(whole, room)):
            longer = f"{line} {word}" if line else word
            if line and self._wide(longer) > room:
                yield line
                longer = word
            line = longer
        if line:
            yield line

    def _parts(self, word: str, room: float) -> Iterator[str]:
        while len(word) > 1 and self._wide(word) > room:
            fitting = next((n for n in range(len(word) - 1, 1, -1) if self._wide(word[:n]) <= room), 1)
            yield word[:fitting]
            word = word[fitting:]
        yield word

    def _wide(self, text: str) -> float:
        if text not in self._known:
            self._known[text] = self._paper.get_string_width(text)
        return self._known[text]
