"""The words of messages: the product's templates, and a clinic's own in their place, in a sandbox."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from jinja2 import BaseLoader, ChoiceLoader, Environment, FileSystemLoader, StrictUndefined, Template
from jinja2.sandbox import ImmutableSandboxedEnvironment

from carepath.kit.words import _

SUBJECT, TEXT, HTML = PARTS = ("subject.txt", "body.txt", "body.html")


class Wording:
    """Templates of one clinic. `own` is the clinic's folder (config/messages): a file there, named like one of the
    product's (<kind>/subject.txt, body.txt, body.html), takes its place. Only those are rendered in a sandbox: what a
    sandbox asks at every step costs a third of the rendering."""

    def __init__(self, templates: Path, own: Path | None, clinic_name: str, clinic_phone: str) -> None:
        ours, self.own = FileSystemLoader(templates / "emails"), own
        self.shared = {"clinic_name": clinic_name, "clinic_phone": clinic_phone, "_": _}
        self._ours = {escapes: self._made(Environment, ours, escapes) for escapes in (False, True)}
        both = ours if own is None else ChoiceLoader([FileSystemLoader(own), ours])
        self._theirs = {escapes: self._made(ImmutableSandboxedEnvironment, both, escapes) for escapes in (False, True)}
        self._kept: dict[str, tuple[Template, ...]] = {}

    def _made(self, kind: type[Environment], loader: BaseLoader, escapes: bool) -> Environment:
        made = kind(
            loader=loader, undefined=StrictUndefined, autoescape=escapes, trim_blocks=True, auto_reload=False
        )  # fmt: skip
        made.globals.update(self.shared)
        return made

    def render(self, folder: str, words: Mapping[str, str | Sequence[str]]) -> tuple[str, str, str]:
        """Subject (in one line), text and HTML."""
        if folder not in self._kept:
            self._kept[folder] = tuple(self.template(f"{folder}/{part}") for part in PARTS)
        subject, text, html = self._kept[folder]
        return " ".join(subject.render(words).split()), text.render(words), html.render(words)

    def template(self, name: str) -> Template:
        """One part by its name, the clinic's own if it has one."""
        return self.environment(name).get_template(name)

    def environment(self, name: str) -> Environment:
        """Where a part is rendered: marks are escaped in HTML alone, and what is the clinic's own is in the sandbox."""
        is_theirs = self.own is not None and (self.own / name).is_file()
        return (self._theirs if is_theirs else self._ours)[name.endswith(".html")]

    def own_parts(self, folder: str) -> tuple[str, ...]:
        """Which parts of a message are the clinic's own."""
        return tuple(part for part in PARTS if self.own is not None and (self.own / folder / part).is_file())
