"""What people wrote stays text, also where a list escapes all its lines at once."""

from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st
from jinja2 import Environment
from markupsafe import escape

from carepath.web import pages
from carepath.web.escaping import escape_all
from carepath.web.provider.desk_rows import DeskRow, ready

ROOT = Path(__file__).parents[2]
HOSTILE = """<script>alert('x')</script> & "quoted" \x1f {{ 7 * 7 }}"""
ANY_TEXT = st.text(alphabet=st.sampled_from("<>&\"'\x1f a{}é"), max_size=12)


@given(st.lists(ANY_TEXT, max_size=8))
def test_many_at_once_is_as_one_by_one(texts: list[str]):
    assert escape_all(texts) == [str(escape(text)) for text in texts]


@given(st.lists(st.lists(ANY_TEXT, min_size=6, max_size=6), max_size=4), ANY_TEXT)
def test_every_text_of_a_line_stays_in_its_place(lines: list[list[str]], badge: str):
    rows = [
        DeskRow("/x", name, why, ((badge, "red"), (why, "grey")), due, "red", "", numbers, plan, under)
        for name, why, due, numbers, plan, under in lines
    ]
    for row, safe in zip(rows, ready(rows), strict=True):
        assert (safe.href, safe.rail) == ("/x", "red")
        assert safe.badges == ((str(escape(badge)), "red"), (str(escape(row.why)), "grey"))
        for name in ("name", "why", "due", "numbers", "plan", "under"):
            assert getattr(safe, name) == str(escape(getattr(row, name)))


def test_a_line_prints_no_markup_but_its_own():
    env: Environment = pages.environment(ROOT / "templates", is_fixed=True)
    row = DeskRow("/x", HOSTILE, HOSTILE, ((HOSTILE, "red"),), HOSTILE, "red", "", HOSTILE, HOSTILE, HOSTILE)
    module = env.get_template("provider/rows.html").make_module()
    printed = str(module.rows(ready([row])))  # type: ignore[attr-defined]
    assert printed.count("&lt;script&gt;") == 7
    assert "<script" not in printed
    assert "{{ 7 * 7 }}" in printed


def test_every_other_template_escapes_by_itself():
    """Where nothing is escaped there is one kind of line, whose type says that it is safe."""
    found = [
        str(path.relative_to(ROOT / "templates"))
        for path in (ROOT / "templates").rglob("*.html")
        if "autoescape" in path.read_text() or "|safe" in path.read_text().replace(" ", "")
    ]
    assert found == ["provider/rows.html"]
