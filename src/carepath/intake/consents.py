"""Consent texts from config/consents: versioned, with statements that are initialled one by one."""

import hashlib
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from carepath.kit.errors import ConfigProblem


@dataclass(frozen=True, slots=True)
class Block:
    """A paragraph, or the points of a list."""

    kind: str
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Statement:
    """One sentence to initial."""

    id: str
    text: str


@dataclass(frozen=True, slots=True)
class Consent:
    """One text. `sha256` is over the whole file, so any change shows."""

    id: str
    version: str
    title: str
    statements: tuple[Statement, ...]
    blocks: tuple[Block, ...]
    sha256: bytes


def load(folder: Path, names: Sequence[str]) -> tuple[Consent, ...]:
    """The named consents, in order. ConfigProblem says which file and why."""
    return tuple(_load(folder / f"{name}.md") for name in names)


def _load(path: Path) -> Consent:
    where = f"consents/{path.name}"
    try:
        raw = path.read_bytes()
        _, front, body = raw.decode().split("+++\n", 2)
        head = tomllib.loads(front)
    except FileNotFoundError:
        raise ConfigProblem(where, "", "there is no such file") from None
    except (ValueError, UnicodeDecodeError) as problem:
        raise ConfigProblem(where, "", f"it begins with TOML between two lines of +++: {problem}") from None
    for key in ("id", "version", "title"):
        if not isinstance(head.get(key), str) or not head[key]:
            raise ConfigProblem(where, key, "a text is needed")
    if head["id"] != path.stem:
        raise ConfigProblem(where, "id", f"it must be {path.stem}, like the file")
    return Consent(
        head["id"], head["version"], head["title"], _statements(where, head.get("statements")),
        tuple(_blocks(body)), hashlib.sha256(raw).digest(),
    )  # fmt: skip


def _statements(where: str, given: object) -> tuple[Statement, ...]:
    if not isinstance(given, list) or not given:
        raise ConfigProblem(where, "statements", "at least one statement is needed")
    found = []
    for one in given:
        if not (isinstance(one, dict) and isinstance(one.get("id"), str) and isinstance(one.get("text"), str)):
            raise ConfigProblem(where, "statements", "each statement has an id and a text")
        found.append(Statement(one["id"], one["text"]))
    if len({s.id for s in found}) != len(found):
        raise ConfigProblem(where, "statements", "each id is used once")
    return tuple(found)


def _blocks(body: str) -> list[Block]:
    blocks = []
    for chunk in filter(None, (part.strip() for part in body.split("\n\n"))):
        lines = [line.strip() for line in chunk.splitlines()]
        if all(line.startswith("- ") for line in lines):
            blocks.append(Block("list", tuple(line[2:] for line in lines)))
        elif lines[0].startswith("#"):
            blocks.append(Block("heading", (lines[0].lstrip("# "),)))
        else:
            blocks.append(Block("paragraph", (" ".join(lines),)))
    return blocks
