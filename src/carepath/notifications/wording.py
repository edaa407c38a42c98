"""The words of messages: the product's templates, and a clinic's own in their place, in a sandbox."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from jinja2 import ChoiceLoader, FileSystemLoader, StrictUndefined, Template
from jinja2.sandbox import ImmutableSandboxedEnvironment

from carepath.kit.words import _

PARTS = ("subject.txt", "body.txt", "body.html")


class Wording:
    """Templates of one clinic. `own` is the clinic's folder (config/messages): a file there, named like one of the
    product's (<kind>/subject.txt, body.txt, body.html), takes its place."""

    def __init__(self, templates: Path, own: Path | None, clinic_name: str, clinic_phone: str) -> None:
        folders = [FileSystemLoader(folder) for folder in (own, templates / "emails") if folder is not None]
        shared = {"clinic_name": clinic_name, "clinic_phone": clinic_phone, "_": _}
        self._environments = [
            ImmutableSandboxedEnvironment(
                loader=ChoiceLoader(folders), undefined=StrictUndefined, autoescape=escapes, trim_blocks=True,
                auto_reload=False,
            )
            for escapes in (False, True)
        ]  # fmt: skip
        for environment in self._environments:
            environment.globals.update(shared)
        self._kept: dict[str, tuple[Template, Template, Template]] = {}

    def render(self, folder: str, words: Mapping[str, str | Sequence[str]]) -> tuple[str, str, str]:
        """Subject (in one line), text and HTML."""
        subject, text, html = self._kept.get(folder) or self._load(folder)
        return " ".join(subject.render(words).split()), text.render(words), html.render(words)

    def _load(self, folder: str) -> tuple[Template, Template, Template]:
        plain, marked = self._environments
        subject, text, html = (f"{folder}/{part}" for part in PARTS)
        found = plain.get_template(subject), plain.get_template(text), marked.get_template(html)
        self._kept[folder] = found
        return found
