"""What a page calls its fields, read from the page itself: a summary of errors then says it as the field does, and no
form has to repeat its labels for it."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from html.parser import HTMLParser

_FRAMES = frozenset({"fieldset", "details", "form", "section"})
_TITLES = frozenset({"legend", "summary", "h2", "h3", "h4"})
_CONTROLS = frozenset({"input", "select", "textarea"})
_ASIDE = frozenset({"optional", "badge", "hint", "prefix"})  # beside a label's words, and none of them
_ENDS = ("?", ".", "!", ":", "…")


@dataclass(slots=True)
class _Frame:
    """What stands around fields: a group, a fold, a form. A fieldset that is no group is one question."""

    tag: str
    is_question: bool
    title: str = ""


@dataclass(frozen=True, slots=True)
class _Field:
    id: str
    tag: str
    said: str
    around: tuple[_Frame, ...]

    @property
    def question(self) -> int:
        """The question that it is a part of; 0 if it stands for itself."""
        return id(self.around[-1]) if self.tag == "input" and self.around and self.around[-1].is_question else 0


@dataclass(slots=True)
class _Words:
    """Text that is being read: the tag that ends it, whose it is, what was read."""

    tag: str
    of: str
    frame: _Frame | None
    read: list[str] = field(default_factory=list)


class _Reader(HTMLParser):
    def __init__(self, text: str) -> None:
        super().__init__()
        self.fields: list[_Field] = []
        self.labels: dict[str, str] = {}
        self._frames: list[_Frame] = []
        self._open: list[_Words] = []
        self._spans: list[bool] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        at = {name: value or "" for name, value in attrs}
        classes = set(at.get("class", "").split())
        if tag in _FRAMES:
            self._frames.append(_Frame(tag, tag == "fieldset" and "question-group" not in classes))
        elif tag == "label" or tag in _TITLES:
            self._begin(tag, at)
        elif tag == "span":
            self._spans.append(bool(classes & _ASIDE))
        if at.get("id") and at.get("type") != "hidden":
            self.fields.append(_Field(at["id"], tag, at.get("aria-label", ""), tuple(self._frames)))

    def _begin(self, tag: str, at: Mapping[str, str]) -> None:
        frame = self._frames[-1] if self._frames and tag != "label" else None
        self._open.append(_Words(tag, at.get("for" if tag == "label" else "id", ""), frame))

    def handle_endtag(self, tag: str) -> None:
        if tag in _FRAMES and self._frames:
            self._frames.pop()
        elif tag == "span" and self._spans:
            self._spans.pop()
        elif self._open and self._open[-1].tag == tag:
            words = self._open.pop()
            said = " ".join("".join(words.read).split())
            self.labels.setdefault(words.of, said)
            if words.frame is not None:
                words.frame.title = words.frame.title or said

    def handle_data(self, data: str) -> None:
        if self._open and not any(self._spans):
            self._open[-1].read.append(data)


def _ways(one: _Field, labels: Mapping[str, str]) -> list[str]:
    """What a field can be called, the shortest first; each further one also says what it stands in."""
    own, around = one.said or labels.get(one.id, ""), list(one.around)
    found = [own] if own else []
    if around and around[-1].is_question and one.tag not in {"select", "textarea"}:
        legend = around.pop().title  # it asks; an input in it is an option, or a part of the answer
        found = [legend, _joined(legend, own)] if one.tag == "input" else [legend]
    for frame in reversed(around if found else []):
        if frame.title:
            found.append(_joined(frame.title, found[-1]))
    return found


def _ways_by_id(page: str, wanted: Mapping[str, str]) -> dict[str, list[str]]:
    """The ways of each wanted field that tell it from every other field of the page; the longest if none does."""
    reader = _Reader(page)
    fields = {one.id: one for one in reader.fields if one.tag in _CONTROLS or one.id in wanted}
    ways = {name: _ways(one, reader.labels) for name, one in fields.items()}
    # What is asked in one question is one field, whatever its options and parts.
    asked = {(one.question or name, way) for name, one in fields.items() for way in ways[name]}
    often = Counter(way for _whose, way in asked)
    return {
        name: [way for way in ways[name] if often[way] == 1] or ways[name][-1:] for name in wanted if ways.get(name)
    }


def lines(page: str, errors: Mapping[str, str]) -> list[tuple[str, str]]:
    """(field, its label and what is wrong with it) for the summary of a page that came back. What has no label on the
    page is no field of it, and its words stand alone."""
    ways = _ways_by_id(page, errors)
    said = Counter((one[0], errors[name]) for name, one in ways.items())
    found: dict[str, str] = {}
    for name, words in errors.items():
        one = ways.get(name, [""])
        # Questions that are not asked any more have no label: what is wrong with several of them is said once.
        found.setdefault(_joined(one[-1] if said[one[0], words] > 1 else one[0], words, ": "), name)
    return [(name, line) for line, name in found.items()]


def _joined(first: str, second: str, mark: str = ", ") -> str:
    if not first or not second:
        return first or second
    return f"{first} {second}" if first.endswith(_ENDS) else f"{first}{mark}{second}"
