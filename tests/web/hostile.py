"""What hostile input looks like for each kind of field, how a page answers it, and whether anything was stored."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from html.parser import HTMLParser
from urllib.parse import urlencode

import httpx

from carepath.kit import db
from tests.web.client import Browser

FORM = {"content-type": "application/x-www-form-urlencoded"}
HUGE = "x" * 1_000_000
CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufffe\uffff]")
NUMBERS = ("many", "NaN", "Infinity", "1e400", "-1", "1.5", "0x10", "٣", "９", "99999999999999999999")
SORTS = ("missing", "not UTF-8", "twice", "with '\\x00'", "over its length")
EMPTY = ("missing", "empty", "blank")
WRONG: dict[str, tuple[str, ...]] = {
    "text": (),
    "words": (),
    "number": NUMBERS,
    "exact": tuple(one for one in NUMBERS if one != "1.5"),
    "revision": NUMBERS,
    "secret": ("not the right one", "\x00", "é" * 200),
    "email": ("no-at-sign", "a@b", "a b@c.example", "a@b..example", "x@y.example\r\nBcc: z@y.example", "é@b.example"),
    "phone": ("call me", "555", "5550142x12", "+1 555 0142; 555 0143", "٥٥٥٠١٤٢٠", "()()()()", "1" * 16, "++15550142"),
    "choice": ("not-offered", "-1", "NaN", "٣"),
    "whole": (*NUMBERS, "0"),
    "day": ("tomorrow", "2026-02-30", "2026-13-01", "0001-01-01", "9999-12-31", "20261201", "2026-W01-1", "-1", "1e400"),
    "time": ("nine", "25:00", "09:60", "9:00", "09:30:00", "-1", "NaN", "٠٩:٠٠"),
    "uuid": ("x", "-1", "{0190c000-0000-7000-8000-000000000001}", "' OR 1=1 --"),
    "slot": ("x", "@", "0190c000-0000-7000-8000-000000000001@NaN", "0190c000-0000-7000-8000-000000000001@2026-02-30T09:00:00+00:00"),
    "json": ("{}", "[]", "null", '{"resourceType": "Patient"}', "[" * 50_000, '{"resourceType": "Questionnaire"}'),
    "mail": ("no mail", "Content-Type: multipart/report; boundary=x\n\n--x\nContent-Type: multipart/mixed\n\n" * 50),
    "code": ("letters", "-1", "１２３４５６", "NaN", "1e400", "12345", "000000"),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Field:
    """A field with a right value. `most`: characters it can have. `shape`: typed, hidden (or a button), or unseen: a
    secret, which no page shows again. `also`: further wrong values; `gone`: right in form, but there is no such thing.
    """

    name: str
    good: tuple[str, ...]
    kind: str = "text"
    most: int = 200
    shape: str = "typed"
    is_needed: bool = True
    is_brief: bool = False
    also: tuple[str, ...] = ()
    gone: tuple[str, ...] = ()
    opens: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Fault:
    """One wrong way to fill in a field: the values sent (already quoted when raw), and the statuses that are right."""

    label: str
    sent: tuple[str, ...]
    statuses: frozenset[int] = frozenset({422})
    is_raw: bool = False
    kept: str | None = None


def faults(field: Field) -> list[Fault]:
    """Every wrong way to fill in `field`; one of each sort when a field like it met them all."""
    every = list(_faults(field))
    return [one for one in every if one.label in SORTS] + every[-1:] if field.is_brief else every


def _faults(field: Field) -> Iterator[Fault]:
    good = field.good[0]
    if field.is_needed:
        yield Fault("missing", ())
        yield Fault("empty", ("",))
        yield Fault("blank", ("  \n",))
    yield Fault("1 MB", (HUGE,), frozenset({413}))
    yield Fault("not UTF-8", ("%ff%fe",), frozenset({400}), is_raw=True)
    yield Fault("lone surrogate", ("%ED%A0%80",), frozenset({400}), is_raw=True)
    yield Fault("bytes beyond ASCII", ("é",), frozenset({400}), is_raw=True)
    if field.kind == "secret":
        yield Fault("twice", (good, good))
    else:
        yield Fault("twice", (good, good))
        yield Fault("two", (good, "x"))
    for mark in ("\x00", "\x1b", "\ufffe"):
        yield Fault(f"with {mark!r}", (f"{good}{mark}",) if field.kind != "secret" else (f"wrong{mark}",))
    long = good + "x" * (field.most + 1 - len(good))
    yield Fault("over its length", (long,), kept=long[: field.most] if field.kind in {"text", "words"} else None)
    for text in (*WRONG[field.kind], *field.also):
        yield Fault(repr(text), (text,))
    for text in field.gone:
        yield Fault(f"gone: {text}", (text,), frozenset({404, 409, 422}))


def body(fields: list[Field], token: str | None, instead: tuple[Field, Fault] | None = None, extra: str = "") -> bytes:
    """The form as it is sent, with one field filled in wrongly."""
    parts = [urlencode({"_csrf": token})] if token is not None else []
    for field in fields:
        if instead is None or field.name != instead[0].name:
            parts.append(urlencode([(field.name, value) for value in field.good]))
        elif instead[1].is_raw:
            parts += [f"{field.name}={value}" for value in instead[1].sent]
        else:
            parts.append(urlencode([(field.name, value) for value in instead[1].sent], errors="surrogatepass"))
    return "&".join(part for part in (*parts, extra) if part).encode()


async def send(browser: Browser, path: str, content: bytes, headers: dict[str, str] | None = None) -> httpx.Response:
    """Post, following nothing: the first answer counts."""
    return await browser.http.post(
        path, content=content, headers=FORM if headers is None else headers, follow_redirects=False
    )


class Page(HTMLParser):
    """What a page shows: the chosen values by field, errors by id, which ids describe a field, the summary's words."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.chosen: dict[str, list[str]] = {}
        self.described: dict[str, set[str]] = {}
        self.errors: dict[str, str] = {}
        self.summary, self.ids, self.links = "", set[str](), set[str]()
        self._sets: list[set[str]] = []
        self._error = self._select = self._area = None  # type: ignore[var-annotated]
        self._depth = 0
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        at = {name: value or "" for name, value in attrs}
        self.ids.add(at.get("id", ""))
        about = set(at.get("aria-describedby", "").split())
        if tag == "fieldset":
            self._sets.append(about)
        elif tag in {"input", "select", "textarea"} and "name" in at:
            self._control(tag, at, about)
        elif tag == "option" and self._select is not None and "selected" in at:
            self.chosen[self._select].append(at.get("value", ""))
        elif tag == "span" and at.get("class") == "error":
            self._error = at.get("id", "")
            self.errors[self._error] = ""
        elif tag == "div" and (self._depth or at.get("class") == "error-summary"):
            self._depth += 1
        elif tag == "a" and self._depth:
            self.links.add(at.get("href", "").removeprefix("#"))

    def _control(self, tag: str, at: dict[str, str], about: set[str]) -> None:
        name = at["name"]
        self.described.setdefault(name, set()).update(about, *self._sets)
        chosen = self.chosen.setdefault(name, [])
        if tag == "select":
            self._select = name
        elif tag == "textarea":
            self._area = name
            chosen.append("")
        elif at.get("type") not in {"radio", "checkbox"} or "checked" in at:
            chosen.append(at.get("value", ""))

    def handle_endtag(self, tag: str) -> None:
        if tag == "fieldset" and self._sets:
            self._sets.pop()
        elif tag == "textarea":
            self._area = None
        elif tag == "select":
            self._select = None
        elif tag == "div" and self._depth:
            self._depth -= 1
        elif tag in {"div", "label", "input"}:
            self._error = None

    def handle_data(self, data: str) -> None:
        if self._area is not None:
            self.chosen[self._area][-1] += data
        if self._error is not None:
            self.errors[self._error] += data.strip()
        if self._depth:
            self.summary += data.strip()


def look(text: str, fields: list[Field], wrong: Field, fault: Fault) -> Iterator[str]:
    """What is amiss with a page that comes back: no error beside the field, or something typed is lost."""
    page = Page(text)
    if not page.summary:
        yield "no summary of what is wrong"
    if wrong.shape == "typed" and not any(page.errors.get(one) for one in page.described.get(wrong.name, ())):
        yield f"no error is tied to the field (errors: {page.errors})"
    if wrong.shape == "unseen" and not page.errors:
        yield "no error beside any field"
    if fault.kept is not None and not any(
        one.strip().startswith(fault.kept) for one in page.chosen.get(wrong.name, [])
    ):
        yield "what was typed is lost"
    for other in fields:
        if other.shape != "typed" or other.name in (wrong.name, *wrong.opens):
            continue
        if not set(other.good) <= {one.strip() for one in page.chosen.get(other.name, [])}:
            yield f"{other.name} is lost: {page.chosen.get(other.name)} instead of {other.good}"
    for name in page.links - page.ids:
        if wrong.shape == "typed" and name == wrong.name:
            yield f"the summary leads nowhere: #{name}"


async def stored(but: frozenset[str] = frozenset()) -> dict[str, tuple[int, int]]:
    """(rows, digest) by table. Audit reads and the moment a session was last seen are no storing."""
    tables = await db.rows("SELECT tablename FROM pg_tables WHERE schemaname = current_schema()")
    skipped = {"audit_event", "heartbeat", "migration", *but}
    parts = []
    for name in sorted(row["tablename"] for row in tables if row["tablename"] not in skipped):
        what = "(t.id, t.revoked_at)" if name == "session" else "t"
        parts.append(
            f"SELECT '{name}' AS name, count(*) AS n, sum(hashtextextended({what}::text, 0)) AS d FROM \"{name}\" t"
        )
    return {row["name"]: (row["n"], int(row["d"] or 0)) for row in await db.rows(" UNION ALL ".join(parts))}
