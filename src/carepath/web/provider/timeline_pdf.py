"""A timeline as a PDF: Letter pages with the drawn course, plan, signals and every number."""

import logging
from collections.abc import Sequence

import fontpkg
from fpdf import FPDF

from carepath.kit.chart import lay_out
from carepath.kit.words import _
from carepath.web.provider.pdf_chart import paint
from carepath.web.provider.pdf_table import Table
from carepath.web.provider.timeline_views import Sheet

_FONT, _MARGIN, _CHART = "sans", 40, 760
# It reports the characters that the font lacks: letters of a patient's name do not belong in a log.
logging.getLogger("fpdf").setLevel(logging.CRITICAL)


class _Paper(FPDF):
    """Pages that say at their foot whose they are, so that a lost one can be put back."""

    def __init__(self, foot: str) -> None:
        super().__init__(orientation="portrait", unit="pt", format="letter")
        self._foot = foot
        self.add_font(_FONT, fname=fontpkg.path("Noto Sans"))
        self.set_margin(_MARGIN)
        self.set_auto_page_break(True, _MARGIN + 10)

    def footer(self) -> None:
        """Whose page this is, and which of how many."""
        self.set_y(-_MARGIN)
        self.set_font(_FONT, size=8)
        self.cell(text=f"{self._foot} · {_('page')} {self.page_no()}/{{nb}}")


def pdf(sheet: Sheet) -> bytes:
    """The file."""
    shown = sheet.shown
    paper = _Paper(f"{sheet.clinic} · {shown.name} · {_('born')} {shown.birth}")
    paper.set_title(f"{_('Course')} · {shown.name}")
    paper.set_lang("en")
    paper.set_creation_date(sheet.at)
    paper.add_page()
    _heading(paper, shown.name, 16)
    head = ((_("Born"), shown.birth), (_("Clinic"), f"{sheet.clinic}, {sheet.phone}"), (_("For"), sheet.to_whom), (_("Made"), sheet.made))  # fmt: skip
    _pairs(paper, (*head, (_("Time"), shown.chart.title)))
    _pairs(paper, ((_("Now"), " · ".join(f"{name} {value}" for name, value in shown.facts)),))
    _picture(paper, sheet)
    if shown.plan:
        _heading(paper, _("Treatment plan"), 12)
        _pairs(paper, shown.plan)
    if shown.signals:
        _heading(paper, _("Signals"), 12)
        _table(paper, (_("Raised"), _("Tone"), _("Signal"), _("What was done")), shown.signals, (14, 8, 50, 40))
    _heading(paper, shown.caption, 12)
    _table(paper, shown.columns, [row.cells for row in shown.rows], (13, 7, 9, 9, 6, 7, 9, 10, 7, 9, 34))
    return bytes(paper.output())


def _heading(paper: FPDF, words: str, size: int) -> None:
    """Kept with what follows it."""
    if paper.get_y() + size * 5 > paper.eph + _MARGIN:
        paper.add_page()
    paper.set_font(_FONT, size=size)
    paper.multi_cell(0, size * 1.5, words, new_x="LMARGIN", new_y="NEXT")


def _pairs(paper: FPDF, found: Sequence[tuple[str, str]]) -> None:
    paper.set_font(_FONT, size=9)
    for name, words in found:
        paper.set_text_color(90)
        paper.cell(90, 13, name)
        paper.set_text_color(0)
        paper.multi_cell(0, 13, words, new_x="LMARGIN", new_y="NEXT")
    paper.ln(4)


def _picture(paper: FPDF, sheet: Sheet) -> None:
    """As wide as the page and never in two parts: on the next page where this one has no room."""
    drawing = lay_out(sheet.shown.chart, _CHART)
    scale = min(paper.epw / drawing.width, paper.eph / drawing.height)
    if paper.get_y() + drawing.height * scale > paper.eph + _MARGIN:
        paper.add_page()
    top = paper.get_y()
    paint(paper, drawing, _FONT, _MARGIN, top, scale)
    paper.set_xy(_MARGIN, top + drawing.height * scale + 6)


def _table(paper: FPDF, head: Sequence[str], rows: Sequence[Sequence[str]], shares: tuple[int, ...]) -> None:
    Table(paper, _FONT, head, shares, paper.eph + _MARGIN).write(rows)
    paper.ln(6)
