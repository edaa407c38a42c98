"""The summary at the top of a page that came back, as somebody reads it, and what is amiss with it."""

from collections import Counter
from collections.abc import Iterator
from html.parser import HTMLParser

CONTROLS = {"input", "select", "textarea"}


class Summary(HTMLParser):
    """`lines`: (where it leads, words). `labels`: the label, and the legend around it, by a control's id."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.lines: list[tuple[str, str]] = []
        self.labels: dict[str, list[str]] = {}
        self.controls = set[str]()
        self._legends: list[list[str]] = []
        self._of: dict[str, list[str]] = {}
        self._read: list[str] | None = None
        self._in = False
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        at = {name: value or "" for name, value in attrs}
        if at.get("class") == "error-summary":
            self._in = True
        elif tag == "a" and self._in:
            self._read = []
            self.lines.append((at["href"].removeprefix("#"), ""))
        elif tag == "fieldset":
            self._legends.append([])
        elif tag == "legend" and self._legends:
            self._read = self._legends[-1]
        elif tag == "label" and "for" in at:
            self._read = self.labels.setdefault(at["for"], [])
        elif tag in CONTROLS and at.get("type") != "hidden" and at.get("id"):
            self.controls.add(at["id"])
            if self._legends:
                self._of[at["id"]] = self._legends[-1]

    def handle_endtag(self, tag: str) -> None:
        if tag == "a" and self._in and self._read is not None:
            self.lines[-1] = (self.lines[-1][0], spaced(self._read))
        elif tag == "div":
            self._in = False
        elif tag == "fieldset" and self._legends:
            self._legends.pop()
        if tag in {"a", "legend", "label"}:
            self._read = None

    def handle_data(self, data: str) -> None:
        if self._read is not None:
            self._read.append(data)

    def called(self, name: str) -> set[str]:
        """Label and legend of a control."""
        return {spaced(words) for words in (self.labels.get(name, []), self._of.get(name, []))} - {""}


def spaced(words: list[str]) -> str:
    """As it is read, without what says only that a field may be left empty."""
    return " ".join("".join(words).replace("(optional)", "").split())


def amiss(text: str) -> Iterator[str]:
    """Lines that are equal; lines that do not say which field they lead to."""
    page = Summary(text)
    for words, times in Counter(words for _name, words in page.lines).items():
        if times > 1:
            yield f"{times} lines of the summary say {words!r}"
    for name, words in page.lines:
        called = page.called(name)
        if name in page.controls and not any(one in words for one in called):
            yield f"the summary says {words!r} of a field that is called {sorted(called)}"
