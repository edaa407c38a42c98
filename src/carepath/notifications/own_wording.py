"""A clinic's own words for messages (config/messages), checked whole at start: a mail must not be lost at night because
of a slip in a template, and none may lack its link, carry another's, or tell a stranger that it was read."""

import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from jinja2 import TemplateError, TemplateSyntaxError, nodes
from jinja2.meta import find_undeclared_variables

from carepath.kit.errors import ConfigProblem
from carepath.notifications import marks
from carepath.notifications.mail import Letter
from carepath.notifications.rules.kinds import KINDS
from carepath.notifications.wording import HTML, PARTS, SUBJECT, Wording

Words = Mapping[str, str | Sequence[str]]
_LONGEST_SUBJECT = 150
_MOST = 100_000  # characters: of more, some mail programs show the beginning only
_ADDRESS = re.compile(r"\bhttps?:", re.IGNORECASE)


def check(own: Path, wording: Wording, product: Wording, letters: Mapping[str, Letter]) -> None:
    """ConfigProblem names the first file that cannot be used, and why. `letters` are samples, by kind; `product` has
    the words that these take the place of."""
    for folder, part in _files(own):
        for letter in letters.values():
            if KINDS[letter.kind].folder == folder:
                _Part(folder, part, wording, product, words_of(letter)).check()


def words_of(letter: Letter) -> Words:
    """What the templates of a letter may say."""
    more = {"first_name": letter.first_name, "link": letter.link, "kind": letter.kind, "stop_link": letter.stop_link}
    return {**letter.context, **more}


def _files(own: Path) -> Iterator[tuple[str, str]]:
    """(folder, part) of every file. What starts with a dot is the file system's or an editor's."""
    folders = {kind.folder for kind in KINDS.values()}
    for folder in _seen(own):
        if folder.name not in folders or not folder.is_dir():
            raise ConfigProblem(f"messages/{folder.name}", "", f"no message is called so; there are {_list(folders)}")
        for file in _seen(folder):
            if file.name not in PARTS or not file.is_file():
                name = f"messages/{folder.name}/{file.name}"
                raise ConfigProblem(name, "", f"a message has no such part; there are {_list(PARTS)}")
            yield folder.name, file.name


def _seen(folder: Path) -> list[Path]:
    return sorted(one for one in folder.iterdir() if not one.name.startswith("."))


def _list(names: Sequence[str] | set[str]) -> str:
    return ", ".join(sorted(names))


def _made_there(tree: nodes.Template) -> set[str]:
    """Names that a file gives itself at its top; blocks below see them, which Jinja's own look does not know."""
    taken = [name for one in tree.find_all(nodes.FromImport) for name in one.names]
    named = {name[-1] if isinstance(name, tuple) else name for name in taken}
    named |= {one.name for one in tree.find_all(nodes.Macro)} | {one.target for one in tree.find_all(nodes.Import)}
    return named | {one.name for one in tree.find_all(nodes.Name) if one.ctx == "store"}


class _Part:
    """One file with the sample of one kind that it is for."""

    def __init__(self, folder: str, part: str, wording: Wording, product: Wording, words: Words) -> None:
        self.name, self.part, self.words = f"{folder}/{part}", part, words
        self.environment, self.product = wording.environment(self.name), product

    def check(self) -> None:
        """Everything about it, the plainest mistakes first."""
        tree, unknown = self._parsed()
        self._check_names(tree, unknown - set(self.words) - set(self.environment.globals))
        self._check_written(tree)
        said = self._rendered()
        if len(said) > _MOST:
            self._refuse(f"it comes to more than {_MOST:,} characters")
        self._check_links(said)
        if self.part == SUBJECT:
            self._check_subject(" ".join(said.split()))

    def _refuse(self, reason: str, line: int = 0) -> None:
        raise ConfigProblem(f"messages/{self.name}", f"line {line}" if line else "", reason) from None

    def _parsed(self) -> tuple[nodes.Template, set[str]]:
        """The file as Jinja reads it, and the names that it does not explain itself."""
        assert self.environment.loader is not None
        try:
            source, _path, _fresh = self.environment.loader.get_source(self.environment, self.name)
            tree = self.environment.parse(source)
            return tree, find_undeclared_variables(tree) - _made_there(tree)
        except UnicodeDecodeError:
            raise ConfigProblem(f"messages/{self.name}", "", "it is not UTF-8 text") from None
        except TemplateSyntaxError as problem:
            raise ConfigProblem(f"messages/{self.name}", f"line {problem.lineno}", problem.message or "") from None

    def _check_names(self, tree: nodes.Template, unknown: set[str]) -> None:
        """In branches that no sample reaches, too."""
        for one in tree.find_all(nodes.Name):
            if one.name in unknown:
                known = _list({*self.words, "clinic_name", "clinic_phone"})
                self._refuse(f"there is no {{{{ {one.name} }}}} here; there are {known}", one.lineno)
        for reach in tree.find_all((nodes.Getattr, nodes.Getitem)):
            name = getattr(reach, "attr", "") or getattr(getattr(reach, "arg", None), "value", "")
            if str(name).startswith("_"):
                self._refuse(f"templates may not use {name}", reach.lineno)

    def _check_written(self, tree: nodes.Template) -> None:
        """What stands in the file itself, reached or not."""
        for piece in tree.find_all((nodes.TemplateData, nodes.Const)):
            text = piece.data if isinstance(piece, nodes.TemplateData) else str(getattr(piece, "value", ""))
            if _ADDRESS.search(text):
                self._refuse("the only links are {{ link }} and {{ stop_link }}; take out the address", piece.lineno)
        written = "".join(piece.data for piece in tree.find_all(nodes.TemplateData))
        if self.part == HTML and (fault := marks.fault(written, set())):
            self._refuse(fault)

    def _rendered(self) -> str:
        try:
            return self.environment.get_template(self.name).render(self.words)
        except TemplateError as problem:  # an unknown name inside of another, a missing file, a way out of the sandbox
            self._refuse(str(problem))
        except (
            Exception
        ) as problem:  # whatever the file makes Python do: its author reads it here, not a patient's night
            self._refuse(f"it cannot be written out: {type(problem).__name__}: {problem}")
        raise AssertionError("refused above")

    def _check_links(self, said: str) -> None:
        theirs = self.product.template(self.name).render(self.words)
        for name in ("link", "stop_link"):
            link = str(self.words[name])
            if link and link in theirs and link not in said:
                self._refuse(f"{{{{ {name} }}}} is missing")
            said = said.replace(link, "") if link and self.part != HTML else said
        links = {str(self.words[name]) for name in ("link", "stop_link")} - {""}
        fault = marks.fault(said, links) if self.part == HTML else None
        if fault or (self.part != HTML and _ADDRESS.search(said)):
            self._refuse(fault or "the only links are {{ link }} and {{ stop_link }}; take out the address")

    def _check_subject(self, subject: str) -> None:
        if not subject:
            self._refuse("the subject is empty")
        if len(subject) > _LONGEST_SUBJECT:
            self._refuse(f"the subject comes to {len(subject)} characters; {_LONGEST_SUBJECT} is the most")
