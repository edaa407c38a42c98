"""`carepath questionnaires`: take in a form that others wrote, and judge answers to one, from the command line."""

import json
import sys
from collections.abc import Callable, Mapping
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any, TextIO

from carepath import configuration
from carepath.configuration import Configuration
from carepath.kit.errors import CarepathError
from carepath.kit.words import _
from carepath.questionnaires import evaluation, importing
from carepath.screening import service as screening

Load = Callable[[], Configuration]
_LONGEST_LINE = 4 * importing.MOST_BYTES


class BadFile(CarepathError):
    """A file that cannot be used; the words name it."""


def take_in(file: Path, into: Path | None) -> int:
    """Print the grade of a form as JSON; 1 when it is refused. With `into`, write the cleaned form there.

    A file that exists already is never overwritten with other content: a version once used does not change.
    """
    found = importing.take(_text(file))
    answer = evaluation.report(found)
    if found.form is not None and into is not None:
        answer["file"] = str(_write(found, into))
    print(json.dumps(answer, ensure_ascii=False, indent=2))
    return int(found.form is None)


def _write(found: importing.Imported, into: Path) -> Path:
    assert found.form is not None
    if not into.is_dir():
        raise BadFile(_("{into}: there is no such directory").format(into=into))
    target = into / f"{importing.file_name(found.form)}.json"
    if target.exists() and target.read_text(encoding="utf-8") != found.text:
        raise BadFile(_("{file} exists with other content; remove it or rename the form").format(file=target))
    target.write_text(found.text, encoding="utf-8")
    return target


def judge(config: Load, questionnaire: str, response: Path) -> int:
    """Print what follows from a response, as JSON. `questionnaire` is a file, or the canonical of a configured form."""
    answers = _json(_text(response), response.name)
    print(json.dumps(_judged(config, _named(config, questionnaire), answers), ensure_ascii=False, indent=2))
    return 0


def judge_lines(config: Load, lines: TextIO) -> int:
    """A pair `{id, questionnaire, response}` a line in, an answer a line out, in the same order. A line that cannot
    be used is answered with `error`, and the next one goes on; 1 when there was one."""
    worst = 0
    for answer in (_answered(config, line) for line in lines if line.strip()):
        worst |= "error" in answer
        print(evaluation.dump(answer), flush=True)
    return int(worst)


def _answered(config: Load, line: str) -> dict[str, Any]:
    try:
        pair = _json(line, _("this line")) if len(line) <= _LONGEST_LINE else None
        if not isinstance(pair, dict) or not {"questionnaire", "response"} <= set(pair):
            raise BadFile(_("a line is an object with questionnaire and response"))
    except BadFile as problem:
        return {"error": str(problem)}
    name = {"id": pair["id"]} if "id" in pair else {}
    try:
        wanted = pair["questionnaire"]
        form = _named(config, wanted) if isinstance(wanted, str) else wanted
        return name | _judged(config, form, pair["response"])
    except CarepathError as problem:
        return name | {"error": str(problem)}


def _judged(config: Load, form: object, response: object) -> dict[str, Any]:
    """Scores by config/questionnaires/instruments.toml, and beside them every rule of config/screening.toml that fires
    on this one form; rules that need other forms too are silent."""
    if not isinstance(form, Mapping) or not isinstance(response, Mapping):
        raise BadFile(_("a questionnaire and a response are JSON objects"))
    found = evaluation.judge_text(form, response, config().library.instruments)
    if "error" in found:
        return found
    return found | {"flags": found["flags"] + _fired(config(), form, response, found["scores"])}


def _fired(
    config: Configuration, form: Mapping[str, Any], response: Mapping[str, Any], scores: Mapping[str, float | None]
) -> list[dict[str, str]]:
    own = config.library.forms.get(str(form.get("url")))
    if own is None:
        return []
    facts = screening.facts(
        [(own, evaluation.answers_of(own, response))],
        {code: None if value is None else Decimal(str(value)) for code, value in scores.items()},
        None,
    )
    return [
        {
            "code": one.rule_id, "version": one.rule_version, "outcome": one.outcome, "message": one.provider_words,
            "source": one.source,
        }
        for one in screening.fired(config.rules, facts)
    ]  # fmt: skip


def _named(config: Load, wanted: str) -> object:
    if "://" not in wanted:
        return _json(_text(Path(wanted)), wanted)
    url, _bar, version = wanted.partition("|")
    form = config().library.forms.get(url)
    if form is None or version not in {"", form.version}:
        raise BadFile(_("{wanted}: no such questionnaire is configured").format(wanted=wanted))
    return form.resource


def _json(text: str, name: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as problem:
        reason = str(problem) if isinstance(problem, ValueError) else "nested too deeply"
        raise BadFile(_("{name} is not JSON: {why}").format(name=name, why=reason)) from None


def _text(file: Path) -> str:
    try:
        if file.stat().st_size > importing.MOST_BYTES:
            raise BadFile(_("{file}: larger than {n} bytes").format(file=file, n=importing.MOST_BYTES))
        return file.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        raise BadFile(_("{file}: not UTF-8 text").format(file=file)) from None
    except OSError as problem:
        raise BadFile(_("{file}: cannot be read ({why})").format(file=file, why=problem.strerror)) from None


def loader(config_dir: Path) -> Load:
    """The configuration, read and checked once, and only when it is needed."""
    return cache(lambda: configuration.load(config_dir))


def standard_input() -> TextIO:
    """Lines as UTF-8, whatever the locale of this machine."""
    sys.stdin.reconfigure(encoding="utf-8", errors="replace")  # type: ignore[union-attr]
    return sys.stdin
