"""A file in config/ becomes a checked, typed value, or a ConfigProblem that names file, key and reason."""

import re
import tomllib
from pathlib import Path
from typing import TypeVar

import msgspec

from carepath.kit.errors import ConfigProblem

__all__ = ["ConfigProblem", "load", "read"]

Shape = TypeVar("Shape")

_AT_PATH = re.compile(r"^(?P<reason>.*) - at `(?P<path>[^`]*)`$", re.DOTALL)
_MISSING = re.compile(r"^Object missing required field `(?P<key>[^`]*)`")


def load(path: Path, shape: type[Shape]) -> Shape:
    """The TOML file at `path` as a `shape` (a dataclass or msgspec.Struct).

    A missing file, broken TOML, a wrong type, a missing key and a key that `shape` does not know are
    each a ConfigProblem: a misspelled setting must not fall back to its default in silence.
    """
    return read(path.name, _text(path), shape)


def read(file: str, text: str, shape: type[Shape]) -> Shape:
    """`text` as a `shape`; `file` is what an error names."""
    try:
        raw = tomllib.loads(text)
    except tomllib.TOMLDecodeError as problem:
        raise ConfigProblem(file, "", f"this is not TOML: {problem}") from None
    try:
        found = msgspec.convert(raw, shape)
    except msgspec.ValidationError as problem:
        raise _problem(file, str(problem)) from None
    unknown = _unknown(raw, msgspec.to_builtins(found), "")
    if unknown is not None:
        raise ConfigProblem(file, unknown, "nothing reads this key; is it misspelled?")
    return found


def _text(path: Path) -> str:
    try:
        return path.read_bytes().decode("utf-8")
    except FileNotFoundError:
        raise ConfigProblem(path.name, "", "there is no such file") from None
    except OSError as problem:
        raise ConfigProblem(path.name, "", f"it cannot be read: {problem.strerror}") from None
    except UnicodeDecodeError:
        raise ConfigProblem(path.name, "", "it is not UTF-8 text") from None


def _problem(file: str, message: str) -> ConfigProblem:
    """msgspec writes "Expected `int`, got `str` - at `$.visits[0].minutes`"; the path is our key."""
    found = _AT_PATH.match(message)
    reason = found["reason"] if found else message
    path = found["path"].removeprefix("$").removeprefix(".") if found else ""
    missing = _MISSING.match(reason)
    if missing is None:
        return ConfigProblem(file, path, reason)
    return ConfigProblem(file, f"{path}.{missing['key']}".removeprefix("."), "this key is missing")


def _unknown(raw: object, known: object, where: str) -> str | None:
    """The path of the first key that is in the file but not in the typed value, or None."""
    if isinstance(raw, dict) and isinstance(known, dict):
        for key, value in raw.items():
            path = f"{where}.{key}" if where else str(key)
            if key not in known:
                return path
            deeper = _unknown(value, known[key], path)
            if deeper is not None:
                return deeper
    if isinstance(raw, list) and isinstance(known, list):
        for place, (value, kept) in enumerate(zip(raw, known, strict=False)):
            deeper = _unknown(value, kept, f"{where}[{place}]")
            if deeper is not None:
                return deeper
    return None
