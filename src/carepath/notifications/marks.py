"""What the HTML of a mail may hold. Named is what may be there, as nobody can name all that may not."""

import re
from html.parser import HTMLParser

_TAGS = frozenset(
    [
        "a",
        "abbr",
        "b",
        "blockquote",
        "body",
        "br",
        "center",
        "code",
        "dd",
        "div",
        "dl",
        "dt",
        "em",
        "font",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "head",
        "hr",
        "html",
        "i",
        "li",
        "meta",
        "ol",
        "p",
        "pre",
        "s",
        "small",
        "span",
        "strong",
        "style",
        "sub",
        "sup",
        "table",
        "tbody",
        "td",
        "tfoot",
        "th",
        "thead",
        "title",
        "tr",
        "u",
        "ul",
    ]
)
_ATTRIBUTES = frozenset(
    [
        "align",
        "bgcolor",
        "border",
        "cellpadding",
        "cellspacing",
        "charset",
        "class",
        "color",
        "colspan",
        "content",
        "dir",
        "face",
        "height",
        "href",
        "id",
        "lang",
        "name",
        "rel",
        "role",
        "rowspan",
        "scope",
        "size",
        "style",
        "summary",
        "target",
        "title",
        "type",
        "valign",
        "width",
    ]
)
_HARMLESS = ("mailto:", "tel:", "#")
_CSS = re.compile(r"url\s*\(|@import|expression\s*\(|\\", re.IGNORECASE)
_ADDRESS = re.compile(r"\bhttps?:", re.IGNORECASE)


def fault(html: str, links: set[str]) -> str | None:
    """What must not be in it, or None. `links` are the addresses that it may lead to."""
    reader = _Reader(links)
    reader.feed(html)
    reader.close()
    return reader.fault


class _Reader(HTMLParser):
    """Keeps the first thing that is wrong."""

    def __init__(self, links: set[str]) -> None:
        super().__init__()
        self.links, self._in_style = links, False
        self.fault: str | None = None

    def _note(self, words: str) -> None:
        self.fault = self.fault or words

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in _TAGS:
            why = "; a picture from elsewhere tells others that the mail was read" if tag == "img" else ""
            self._note(f"<{tag}> may not be in a mail{why}")
        self._in_style = tag == "style"
        for name, value in attrs:
            self._attribute(tag, name, value or "")

    def _attribute(self, tag: str, name: str, value: str) -> None:
        if name not in _ATTRIBUTES and not name.startswith("aria-"):
            self._note(f"<{tag} {name}> may not be in a mail")
        elif name == "href" and value and value not in self.links and not value.lower().startswith(_HARMLESS):
            self._note("the only links are {{ link }} and {{ stop_link }}; this one leads elsewhere: " + value[:80])
        elif name == "style" and _CSS.search(value):
            self._note("a style may not load anything")

    def handle_endtag(self, tag: str) -> None:
        self._in_style = False

    def handle_data(self, data: str) -> None:
        if self._in_style and _CSS.search(data):
            self._note("a style may not load anything")
        if _ADDRESS.search(self._without_links(data)):
            self._note("the only links are {{ link }} and {{ stop_link }}; take out the address")

    def handle_comment(self, data: str) -> None:
        if "<" in data or _ADDRESS.search(data):
            self._note("a comment may hold words only: some mail programs read what else is in it")

    def _without_links(self, text: str) -> str:
        for link in self.links:
            text = text.replace(link, "")
        return text
