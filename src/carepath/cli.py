"""`carepath`: the one command. Every mistake of an operator is a sentence, never a traceback."""

import argparse
import asyncio
import os
import re
import sys
from collections.abc import Callable
from datetime import timedelta

from carepath.dev import runtime
from carepath.kit.errors import CarepathError
from carepath.settings import BadSetting, Settings, config_dir_of

_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}


def _settings() -> Settings:
    """The environment, completed on a development machine from what `carepath up` runs there."""
    return Settings.from_environment(runtime.complete(os.environ))


def _up(options: argparse.Namespace) -> int:
    from carepath.dev.up import Up

    def prepare(environment: dict[str, str]) -> list[runtime.SignIn]:
        # Imports the whole product, so it is done while the web process starts.
        from carepath.dev import start

        return start.prepare(environment)

    if os.environ.get("CAREPATH_ENV", "development") != "development":
        raise BadSetting("CAREPATH_ENV: `carepath up` is for development; in production start web, worker and beat")
    port = os.environ.get("PORT", "8000")
    if not port.isdigit() or not 0 < int(port) < 65536:
        raise BadSetting("PORT is a number from 1 to 65535")
    return Up(dict(os.environ), int(port), prepare).run()


def _web(options: argparse.Namespace) -> int:
    import uvicorn

    from carepath.app import create_app

    settings = _settings()
    uvicorn.run(
        create_app(settings, is_fixed=not options.fresh),
        host="127.0.0.1" if not settings.is_production else "0.0.0.0",  # noqa: S104 - a container's own network
        port=settings.port, loop="uvloop", http="httptools", server_header=False, access_log=False,
        proxy_headers=bool(settings.trusted_proxies), forwarded_allow_ips=list(settings.trusted_proxies),
        timeout_graceful_shutdown=5, log_level="warning",
    )  # fmt: skip
    return 0


def _celery(*arguments: str) -> Callable[[argparse.Namespace], int]:
    """Become Celery. The settings are checked first, so that a mistake is a sentence."""

    def run(options: argparse.Namespace) -> int:
        _settings()
        environment = runtime.complete(os.environ)
        environment["PYTHONPATH"] = runtime.own_python_path()
        os.execve(  # noqa: S606 - our own command
            sys.executable, [sys.executable, "-m", "celery", "-A", "workers.app", *arguments], environment
        )

    return run


def _catcher(options: argparse.Namespace) -> int:
    from carepath.dev import catcher

    catcher.serve(runtime.data_dir_of(os.environ) / "mail", options.host, options.port)
    return 0


def _migrate(options: argparse.Namespace) -> int:
    from carepath.migrations import run

    asyncio.run(run.forwards(_settings().database_url))
    return 0


def _seed(options: argparse.Namespace) -> int:
    from carepath.dev import start

    if not options.demo:
        raise BadSetting("seed: say --demo; only the fictitious clinic can be seeded")
    asyncio.run(start.seed(_settings(), options.patients, options.seed))
    return 0


def _doctor(options: argparse.Namespace) -> int:
    from carepath import doctor

    return asyncio.run(doctor.examine(runtime.complete(os.environ)))


def _audit(options: argparse.Namespace) -> int:
    from carepath import doctor

    return asyncio.run(doctor.verify_audit(_settings()))


def _questionnaires(options: argparse.Namespace) -> int:
    from pathlib import Path

    from carepath import forms

    if options.act == "import":
        if options.file is None:
            raise BadSetting("questionnaires import: name the FILE")
        return forms.take_in(Path(options.file), Path(options.into) if options.into else None)
    config = forms.loader(config_dir_of(os.environ))
    if options.jsonl:
        return forms.judge_lines(config, forms.standard_input())
    if not options.questionnaire or not options.response:
        raise BadSetting("questionnaires evaluate: give --questionnaire and --response, or --jsonl")
    return forms.judge(config, options.questionnaire, Path(options.response))


def _clock(options: argparse.Namespace) -> int:
    from carepath.kit import clock

    environment = runtime.complete(os.environ)
    if environment.get("CAREPATH_ENV", "development") != "development":
        raise BadSetting("CAREPATH_ENV: time travel exists in development only")
    clock.follow(runtime.data_dir_of(environment))
    if options.act == "travel":
        clock.travel(_duration(options.by))
    elif options.act == "reset":
        clock.reset()
    print(f"now {clock.now().isoformat(timespec='seconds')}, {clock.offset()} from true time")
    return 0


def _duration(text: str | None) -> timedelta:
    found = re.fullmatch(r"([+-]?)(\d{1,6})([smhd])", text or "")
    if found is None:
        raise BadSetting("clock travel: say how far, for example +26h, -30m or +7d")
    size = timedelta(**{_UNITS[found[3]]: int(found[2])})
    return -size if found[1] == "-" else size


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="carepath", description="From intake to safe maintenance.")
    commands = parser.add_subparsers(dest="command", required=True, metavar="command")

    def add(name: str, run: Callable[[argparse.Namespace], int], words: str) -> argparse.ArgumentParser:
        command = commands.add_parser(name, help=words, description=words)
        command.set_defaults(run=run)
        return command

    add("up", _up, "run everything on this machine, with a fictitious clinic")
    web = add("web", _web, "serve the pages")
    web.add_argument("--fresh", action="store_true", help="read a template again when its file has changed")
    add("worker", _celery("worker", "--pool", "prefork", "-c", "2", "--without-gossip", "--without-mingle",
                          "--loglevel", "WARNING"), "do background work")  # fmt: skip
    add("beat", _celery("beat", "--loglevel", "WARNING"), "tick, so that workers look for due work")
    add("migrate", _migrate, "bring the database to the newest schema")
    add("doctor", _doctor, "say in plain words what is wrong")
    catcher = add("catcher", _catcher, "catch all mail on a development machine")
    catcher.add_argument("--host", default="127.0.0.1")
    catcher.add_argument("--port", type=int, default=1025)
    seed = add("seed", _seed, "fill an empty database with a fictitious clinic")
    seed.add_argument("--demo", action="store_true")
    seed.add_argument("--patients", type=int, default=40)
    seed.add_argument("--seed", type=int, default=1)
    clock = add("clock", _clock, "move the clock of a development machine")
    clock.add_argument("act", choices=("travel", "show", "reset"))
    clock.add_argument("by", nargs="?")
    form = add("questionnaires", _questionnaires, "take in a form that others wrote, or judge answers to one")
    form.add_argument("act", choices=("import", "evaluate"))
    form.add_argument("file", nargs="?", help="import: a FHIR R4 Questionnaire")
    form.add_argument("--into", help="import: write the cleaned form into this directory")
    form.add_argument("--questionnaire", help="evaluate: a file, or the canonical of a configured form")
    form.add_argument("--response", help="evaluate: a FHIR R4 QuestionnaireResponse")
    form.add_argument("--jsonl", action="store_true", help="evaluate: pairs on standard input, an answer a line")
    add("audit", _audit, "check the audit trail").add_argument("act", choices=("verify",))
    return parser


def main(arguments: list[str] | None = None) -> int:
    """Run one command; the exit code is 0 only when it did what was asked."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    # argparse would take a leading minus for an option.
    if given[:2] == ["clock", "travel"] and len(given) == 3 and given[2].startswith("-"):
        given.insert(2, "--")
    options = _parser().parse_args(given)
    try:
        return int(options.run(options))
    except (BadSetting, CarepathError) as problem:
        print(f"carepath {options.command}: {problem}", file=sys.stderr)
    except OSError as problem:
        print(f"carepath {options.command}: cannot reach what it needs ({type(problem).__name__})", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main())
