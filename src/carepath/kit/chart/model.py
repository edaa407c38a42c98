"""What a chart over time shows. Words are finished: translated, with their dates in the reader's zone."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Value:
    """A number at a time. `words` say all of it, for whoever points at the mark."""

    at: datetime
    value: float
    words: str


@dataclass(frozen=True, slots=True)
class Series:
    """Values that belong together. `look`: "main" or "second", told apart by shape as well as by colour."""

    name: str
    values: tuple[Value, ...]
    look: str = "main"


@dataclass(frozen=True, slots=True)
class Step:
    """From `at` until the next step this holds; None: nothing does."""

    at: datetime
    value: float | None
    words: str


@dataclass(frozen=True, slots=True)
class Span:
    """Two numbers of one moment, such as a blood pressure."""

    at: datetime
    low: float
    high: float
    words: str


@dataclass(frozen=True, slots=True)
class Level:
    """A named height. `look`: "guide", "base", "best", or "band", which reaches up to the next band. `short` is for phones."""

    value: float
    name: str
    short: str
    look: str = "guide"


@dataclass(frozen=True, slots=True)
class Track:
    """A strip with a scale of its own. `best` is drawn as a star."""

    name: str
    low: float
    high: float
    ticks: tuple[float, ...]
    height: int = 100
    series: tuple[Series, ...] = ()
    bars: tuple[Value, ...] = ()
    steps: tuple[Step, ...] = ()
    spans: tuple[Span, ...] = ()
    levels: tuple[Level, ...] = ()
    best: Value | None = None


@dataclass(frozen=True, slots=True)
class Stretch:
    """From `at` until the next stretch this holds; without a label, nothing does."""

    at: datetime
    label: str
    words: str


@dataclass(frozen=True, slots=True)
class Lane:
    """A strip of stretches without a scale."""

    name: str
    stretches: tuple[Stretch, ...]


@dataclass(frozen=True, slots=True)
class Sign:
    """Something that called for attention. `tone`: red, amber, green or another word."""

    at: datetime
    tone: str
    words: str


@dataclass(frozen=True, slots=True)
class Event:
    """Something that changed: a vertical through all tracks, with a label at its head."""

    at: datetime
    label: str
    words: str


@dataclass(frozen=True, slots=True)
class Chart:
    """All of it, between two instants, read in `zone`.

    A line is not drawn across a moment of `breaks`: something was asked then and nothing came. `signs_name` None: no
    strip of signs. `tones` names the tones that the strip explains.
    """

    title: str
    description: str
    start: datetime
    end: datetime
    zone: str
    tracks: tuple[Track, ...] = ()
    lanes: tuple[Lane, ...] = ()
    events: tuple[Event, ...] = ()
    signs: tuple[Sign, ...] = ()
    signs_name: str | None = None
    tones: tuple[tuple[str, str], ...] = ()
    breaks: tuple[datetime, ...] = ()
