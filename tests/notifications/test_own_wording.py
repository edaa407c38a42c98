"""A clinic's own words: taken when they are whole, refused at start with file and reason when they are not."""

import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from carepath import configuration
from carepath.journey import tell
from carepath.journey.letters import samples
from carepath.kit.errors import ConfigProblem
from carepath.notifications import own_wording
from carepath.notifications.rules.kinds import KINDS
from carepath.notifications.wording import PARTS, Wording
from carepath.settings import ROOT, Settings
from tests.questionnaires.forms import CONFIG

TEMPLATES = ROOT / "templates"
FOLDER, BODY, MARKED, SUBJECT = "consult-booked", "consult-booked/body.txt", "consult-booked/body.html", "consult-booked/subject.txt"  # fmt: skip
LINK = "{{ link }}"


@pytest.fixture
def config(tmp_path: Path, database: Settings) -> Iterator[Path]:
    """A clinic's configuration, with a folder for words of its own."""
    shutil.copytree(CONFIG, tmp_path / "config")
    (tmp_path / "config" / "messages").mkdir()
    yield tmp_path / "config"
    configuration.load(CONFIG)


def write(config: Path, name: str, content: str | bytes) -> None:
    path = config / "messages" / name
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(content if isinstance(content, bytes) else content.encode())


def refusal(config: Path, name: str, content: str | bytes) -> ConfigProblem:
    write(config, name, content)
    with pytest.raises(ConfigProblem) as refused:
        configuration.load(config)
    return refused.value


def test_the_products_own_words_pass(config: Path):
    """Every part of every message, taken over as it is."""
    for folder in {kind.folder for kind in KINDS.values()}:
        for part in PARTS:
            write(config, f"{folder}/{part}", (TEMPLATES / "emails" / folder / part).read_bytes())
    configuration.load(config)


def test_a_clinics_words_take_the_place_of_the_products(config: Path):
    write(config, SUBJECT, "See you on {{ day }}, {{ first_name }}")
    write(config, BODY, "Dear {{ first_name }},\n{{ when }}.\n{{ link }}\n{{ clinic_name }} {{ clinic_phone }}")
    clinic = configuration.load(config).clinic
    printer = tell.printer_of("https://clinic.example", clinic, TEMPLATES, configuration.own_wording(config))
    said = printer.words(samples.letter(tell.desk_of("https://clinic.example", clinic), FOLDER))
    assert said.subject == "See you on Tuesday, March 9, 2027, Jordan"
    assert said.text.startswith("Dear Jordan,")
    assert "Your visit is booked:" in said.html, "what is not replaced stays"
    assert printer.wording.own_parts(FOLDER) == ("subject.txt", "body.txt")


GOOD = f'<p style="color:red">Hello {{{{ first_name }}}}, <a href="{LINK}">here</a>.</p>'
TAKEN = {
    "a body of one's own": (MARKED, GOOD),
    "the product's frame": (
        MARKED,
        '{% extends "base.html" %}{% block words %}<p>{{ when }}</p>{% endblock %}{% block label %}Go{% endblock %}',
    ),
    "an address to write or call": (MARKED, GOOD + '<a href="mailto:us@clinic.example">us</a><a href="tel:+1555">call</a>'),
    "an aside with an address": (MARKED, GOOD + "{# see https://clinic.example #}"),
    "a loop": (BODY, "{% for n in range(3) %}{{ n }}{% endfor %} {{ link }}"),
    "a word of one's own": (MARKED, '{% set say = "Come" %}{% block x %}{{ say }}{% endblock %}' + GOOD),
    "the product's macro": (MARKED, '{% from "fact.html" import fact as f %}{% block x %}{{ f(when) }}{% endblock %}' + GOOD),
    "a turn of the visit": (BODY, "{% if by_video %}Video{% else %}Here{% endif %} {{ link }}"),
    "other letters": (BODY, "Grüße, 你好 {{ link }}"),
}  # fmt: skip


@pytest.mark.parametrize("name", TAKEN)
def test_what_a_clinic_may_write(name: str, config: Path):
    write(config, *TAKEN[name])
    configuration.load(config)


REFUSED = {
    "an unknown message": ("consult-boked/body.txt", LINK, ["messages/consult-boked", "consult-booked"]),
    "a kind that shares its words": ("consult-reminder-24h/body.txt", LINK, ["messages/consult-reminder-24h"]),
    "an unknown part": ("consult-booked/body.htm", LINK, ["consult-booked/body.htm", "body.html"]),
    "a backup of an editor": ("consult-booked/body.txt~", LINK, ["body.txt~"]),
    "a slip in the syntax": (BODY, f"a\n{{{{ link }}\n{LINK}", ["line 2"]),
    "an end that never comes": (BODY, f"{LINK}\n{{% if when %}}", ["line 2"]),
    "an unknown word": (BODY, f"{LINK}\n{{{{ fist_name }}}}", ["line 2", "fist_name", "first_name"]),
    "an unknown word that no sample reaches": (BODY, f"{{% if not when %}}{{{{ x }}}}{{% endif %}}{LINK}", ["x"]),
    "another message's word": (BODY, f"{LINK}{{{{ until }}}}", ["until"]),
    "a word inside a word": (BODY, f"{LINK}{{{{ when.nothing }}}}", ["nothing"]),
    "an unknown filter": (BODY, f"{LINK}{{{{ when|shout }}}}", ["shout"]),
    "an unknown file": (BODY, f'{{% include "nothing.txt" %}}{LINK}', ["nothing.txt"]),
    "a file outside": (BODY, f'{{% include "../clinic.toml" %}}{LINK}', ["../clinic.toml"]),
    "a division by nothing": (BODY, f"{LINK}{{{{ 1 // 0 }}}}", ["ZeroDivisionError"]),
    "a class": (BODY, f"{LINK}{{{{ ''.__class__ }}}}", ["__class__"]),
    "a class that no sample reaches": (BODY, f"{LINK}{{% if not when %}}{{{{ ''['__class__'] }}}}{{% endif %}}", ["__class__"]),
    "a class by a filter": (BODY, f"{LINK}{{{{ ''|attr('__cla' ~ 'ss__') }}}}", ["__class__"]),
    "the globals of a function": (BODY, f"{LINK}{{{{ _.__globals__ }}}}", ["__globals__"]),
    "a change of what is shared": (BODY, f"{LINK}{{{{ range.x }}}}{{% set _x = {{}}.update(a=1) %}}", ["x"]),
    "a long row of numbers": (BODY, f"{LINK}{{% for n in range(10 ** 9) %}}x{{% endfor %}}", ["Range too big"]),
    "very much of it": (BODY, f"{LINK}{{{{ 'x' * 200000 }}}}", ["100,000"]),
    "no link in the text": (BODY, "Come.", ["{{ link }} is missing"]),
    "no link in the HTML": (MARKED, "<p>Come.</p>", ["{{ link }} is missing"]),
    "a link only where no sample comes": (BODY, "{% if not when %}{{ link }}{% endif %}", ["{{ link }} is missing"]),
    "another address in the text": (BODY, f"{LINK} https://clinic.example", ["address"]),
    "another address in the HTML": (MARKED, f"{GOOD}<p>http://clinic.example</p>", ["address"]),
    "another link": (MARKED, f'{GOOD}<a href="https://clinic.example">x</a>', ["address"]),
    "another link without its scheme": (MARKED, f'{GOOD}<a href="//clinic.example">x</a>', ["leads elsewhere"]),
    "a link put together": (MARKED, GOOD + "<a href=\"{{ 'ht' ~ 'tps:/' ~ '/clinic.example' }}\">x</a>", ["leads elsewhere"]),
    "a link in other letters": (MARKED, f'{GOOD}<a href="&#104;ttps://clinic.example">x</a>', ["leads elsewhere"]),
    "a link that runs": (MARKED, f'{GOOD}<a href="javascript:alert(1)">x</a>', ["leads elsewhere"]),
    "a link that no sample reaches": (MARKED, f'{GOOD}{{% if not when %}}<a href="//x.example">x</a>{{% endif %}}', ["elsewhere"]),
    "a picture": (MARKED, f'{GOOD}<img src="//x.example/a.png">', ["<img>", "picture"]),
    "a picture behind a line": (MARKED, f'{GOOD}<table background="//x.example/a.png">', ["background"]),
    "a picture by style": (MARKED, f'{GOOD}<p style="background:url(//x.example/a.png)">', ["style"]),
    "a picture by style in other letters": (MARKED, f'{GOOD}<p style="background:u\\72l(//x.example/a.png)">', ["style"]),
    "a style sheet": (MARKED, f"{GOOD}<style>@import '//x.example/a.css'</style>", ["style"]),
    "a style sheet elsewhere": (MARKED, f'{GOOD}<link rel="stylesheet" href="a.css">', ["<link>"]),
    "a script": (MARKED, f"{GOOD}<script>alert(1)</script>", ["<script>"]),
    "a script in other letters": (MARKED, f"{GOOD}<SCRIPT>alert(1)</SCRIPT>", ["<script>"]),
    "a script that no sample reaches": (MARKED, f"{GOOD}{{% if not when %}}<script></script>{{% endif %}}", ["<script>"]),
    "an act on a mark": (MARKED, f'{GOOD}<p onclick="x()">', ["onclick"]),
    "a frame": (MARKED, f'{GOOD}<iframe srcdoc="x"></iframe>', ["<iframe>"]),
    "a form": (MARKED, f"{GOOD}<form><input></form>", ["<form>"]),
    "a page that leads on": (MARKED, f'{GOOD}<meta http-equiv="refresh" content="0">', ["http-equiv"]),
    "marks in a comment": (MARKED, f"{GOOD}<!--[if mso]><img src=x><![endif]-->", ["comment"]),
    "an empty subject": (SUBJECT, " \n ", ["empty"]),
    "a subject that may be empty": (SUBJECT, "{% if not when %}x{% endif %}", ["empty"]),
    "a long subject": (SUBJECT, "x" * 151, ["151", "150"]),
    "an address in the subject": (SUBJECT, "See https://clinic.example", ["address"]),
    "no text": (BODY, b"\xff\xfe", ["UTF-8"]),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
def test_what_cannot_be_used_is_named_with_its_reason(name: str, config: Path):
    file, content, words = REFUSED[name]
    problem = refusal(config, file, content)
    assert problem.file.startswith("messages/")
    for word in words:
        assert word in str(problem), str(problem)


def test_a_file_where_a_message_belongs_is_named(config: Path):
    (config / "messages" / "notes.md").write_text("Do not forget.")
    with pytest.raises(ConfigProblem, match=r"messages/notes\.md"):
        configuration.load(config)


def test_what_a_file_system_leaves_behind_is_passed_over(config: Path):
    write(config, "consult-booked/.DS_Store", b"\x00")
    (config / "messages" / ".gitkeep").write_text("")
    configuration.load(config)


def test_a_mail_that_can_be_refused_keeps_the_way_to_refuse_it(config: Path):
    """By a kind of that sort, whichever there is."""
    clinic = configuration.load(config).clinic
    desk = tell.desk_of("https://clinic.example", clinic)
    product = Wording(TEMPLATES, None, clinic.name, clinic.phone)
    letter = samples.letter(desk, "check-in-due")
    with_stop = replace(letter, stop_link="https://clinic.example/stop/sample")
    write(config, "check-in-due/body.html", '<p><a href="{{ link }}">Answer</a></p>')
    mine = Wording(TEMPLATES, config / "messages", clinic.name, clinic.phone)
    with pytest.raises(ConfigProblem, match="stop_link"):
        own_wording.check(config / "messages", mine, product, {"check-in-due": with_stop})
    write(
        config, "check-in-due/body.html", '<p><a href="{{ link }}">Answer</a> <a href="{{ stop_link }}">No more</a></p>'
    )
    mine = Wording(TEMPLATES, config / "messages", clinic.name, clinic.phone)
    own_wording.check(config / "messages", mine, product, {"check-in-due": with_stop})
