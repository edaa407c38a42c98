"""A re-plan as a drawing: a line for each provider, and from each old time an arrow to the new one."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from markupsafe import Markup

from carepath.kit import when
from carepath.kit.words import _
from carepath.scheduling.service import Replan, ReplanItem

_WIDTH, _LEFT, _RIGHT, _ROW, _TOP = 720, 150, 20, 44, 30
_MOST_LABELS = 8


def picture(plan: Replan, zone: str) -> str:
    """An SVG with its words; the table on the page says the same, visit by visit. Empty without a new time."""
    moves = [item for item in plan.items if item.to_start_at is not None]
    if not moves:
        return ""
    rows = _rows(plan, moves)
    times = [item.from_start_at for item in moves] + [item.to_start_at for item in moves if item.to_start_at]
    axis = _Axis(times, zone)
    height = _TOP + _ROW * len(rows) + 10
    title = _("Old and new times by provider")
    words = _("{n} visits of {name}, each with a line from its old time to its new one. Days in {zone}.").format(
        n=len(moves), name=plan.practitioner_name, zone=when.zone_words(moves[0].from_start_at, zone)
    )
    head = Markup(
        '<svg class="chart replan-picture" viewBox="0 0 {w} {h}" role="img" aria-labelledby="picture-title picture-words">'
        '<title id="picture-title">{t}</title><desc id="picture-words">{d}</desc>'
    ).format(w=_WIDTH, h=height, t=title, d=words)
    parts = [head, *axis.days(height), *_lines(rows), *_moves(plan, moves, rows, axis), Markup("</svg>")]
    return Markup("").join(parts)


def _rows(plan: Replan, moves: list[ReplanItem]) -> dict[str, int]:
    """The one who is away on top, colleagues by name."""
    names = sorted({item.to_practitioner_name or "" for item in moves} - {plan.practitioner_name})
    return {name: _TOP + _ROW * n + _ROW // 2 for n, name in enumerate([plan.practitioner_name, *names])}


class _Axis:
    """Time from left to right: whole days of a zone."""

    def __init__(self, times: list[datetime], zone: str) -> None:
        self.zone = when.zone(zone)
        self.first = min(times).astimezone(self.zone).replace(hour=0, minute=0, second=0, microsecond=0)
        self.past = max(times).astimezone(self.zone).replace(hour=0, minute=0) + timedelta(days=1)

    def x(self, at: datetime) -> float:
        """Where a moment is."""
        share = (at - self.first).total_seconds() / (self.past - self.first).total_seconds()
        return _LEFT + share * (_WIDTH - _LEFT - _RIGHT)

    def days(self, height: int) -> Iterator[Markup]:
        """A line at each midnight; a date at as many as have room."""
        count = max(1, (self.past.date() - self.first.date()).days)
        every = -(-count // _MOST_LABELS)
        for number in range(count + 1):
            x = self.x(self.first + timedelta(days=number))
            yield Markup('<line class="chart-grid" x1="{x}" x2="{x}" y1="{top}" y2="{bottom}"/>').format(
                x=f"{x:.1f}", top=_TOP - 6, bottom=height - 6
            )
            if number < count and number % every == 0:
                on = self.first + timedelta(days=number)
                yield Markup('<text class="chart-label" x="{x}" y="16">{words}</text>').format(
                    x=f"{x + 3:.1f}", words=f"{on:%b} {on.day}"
                )


def _lines(rows: dict[str, int]) -> Iterator[Markup]:
    for name, y in rows.items():
        short = name if len(name) <= 20 else f"{name[:19]}…"
        yield Markup(
            '<line class="chart-grid" x1="{left}" x2="{right}" y1="{y}" y2="{y}"/>'
            '<text class="chart-label" x="4" y="{base}">{name}</text>'
        ).format(left=_LEFT, right=_WIDTH - _RIGHT, y=y, base=y + 4, name=short)


def _moves(plan: Replan, moves: list[ReplanItem], rows: dict[str, int], axis: _Axis) -> Iterator[Markup]:
    """A hollow ring is the old time, a full dot the new one. On one line the way between them is an arch."""
    top = rows[plan.practitioner_name]
    for item in moves:
        assert item.to_start_at is not None
        x1, x2 = axis.x(item.from_start_at), axis.x(item.to_start_at)
        y2 = rows[item.to_practitioner_name or plan.practitioner_name]
        by = (top + y2) // 2 - (_ROW // 2 if y2 == top else 0)
        yield Markup(
            '<path class="replan-line" d="M{x1} {y1} Q{xm} {ym} {x2} {y2}"/>'
            '<circle class="chart-point" cx="{x1}" cy="{y1}" r="4"/><circle class="replan-new" cx="{x2}" cy="{y2}" r="4"/>'
        ).format(x1=f"{x1:.1f}", y1=top, xm=f"{(x1 + x2) / 2:.1f}", ym=by, x2=f"{x2:.1f}", y2=y2)
