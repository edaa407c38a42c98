"""`carepath questionnaires`, as an operator or a script uses it."""

import io
import json
from pathlib import Path
from typing import Any

import pytest

from carepath import cli
from tests.questionnaires.forms import BASE, item, text

RESPONSE = {"resourceType": "QuestionnaireResponse", "status": "completed"}


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    code = cli.main(["questionnaires", *arguments])
    out, err = capsys.readouterr()
    return code, out, err


def phq9(*points: int) -> dict[str, Any]:
    codes = ("LA6568-5", "LA6569-3", "LA6570-1", "LA6571-9")
    return RESPONSE | {
        "item": [
            {"linkId": f"phq9.q{n}", "answer": [{"valueCoding": {"code": codes[p]}}]} for n, p in enumerate(points, 1)
        ]
    }


def test_a_form_is_graded_and_written_cleaned(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "form.json"
    file.write_text(text(item("a"), item("f", "attachment")))
    (tmp_path / "out").mkdir()
    code, out, _err = run(capsys, "import", str(file), "--into", str(tmp_path / "out"))
    found = json.loads(out)
    assert (code, found["grade"]) == (0, "degraded")
    assert [one["item"] for one in found["warnings"]] == ["f"]
    assert json.loads((tmp_path / "out" / "test.json").read_text())["url"] == BASE + "test"
    file.write_text(text(item("b")))
    code, _out, err = run(capsys, "import", str(file), "--into", str(tmp_path / "out"))
    assert code == 1
    assert "exists with other content" in err


@pytest.mark.parametrize("content", [b"", b"\xff\xfe", b"[" * 99999, b'{"resourceType": "Questionnaire"}', b"null"])
def test_a_file_that_is_no_form_is_refused_in_words(
    content: bytes, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "form.json"
    file.write_bytes(content)
    code, out, err = run(capsys, "import", str(file))
    assert code == 1
    assert "Traceback" not in out + err
    assert json.loads(out)["reasons"] if out else err


def test_a_response_is_judged_by_canonical(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "response.json"
    file.write_text(json.dumps(phq9(1, 1, 1, 1, 1, 1, 1, 1, 2)))
    code, out, _err = run(capsys, "evaluate", "--questionnaire", f"{BASE}phq-9", "--response", str(file))
    found = json.loads(out)
    assert code == 0
    assert {"enabled", "calculated", "scores", "bands", "flags", "errors"} <= set(found)
    assert (found["scores"]["phq-9"], found["bands"]["phq-9"]) == (10, "moderate")
    assert {"code": "phq9-item9", "outcome": "urgent"}.items() <= next(
        f for f in found["flags"] if f["code"] == "phq9-item9"
    ).items()
    assert {e["item"] for e in found["errors"]} == {"phq9.cssrs.q1", "phq9.cssrs.q2", "phq9.cssrs.q6"}


def test_pairs_are_answered_line_by_line_and_a_bad_one_stops_nothing(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    own = json.loads(
        text(item("a"), item("b", "integer", enableWhen=[{"question": "a", "operator": "=", "answerBoolean": True}]))
    )
    given = RESPONSE | {
        "item": [{"linkId": "a", "answer": [{"valueBoolean": True}]}, {"linkId": "b", "answer": [{"valueString": "x"}]}]
    }
    lines = [
        json.dumps({"id": "one", "questionnaire": own, "response": given}), "nonsense", "[]",
        json.dumps({"id": 2, "questionnaire": {"resourceType": "Questionnaire"}, "response": {}}),
        json.dumps({"id": 3, "questionnaire": f"{BASE}phq-9", "response": phq9(*[0] * 9)}),
        json.dumps({"id": 4, "questionnaire": f"{BASE}none", "response": {}}),
    ]  # fmt: skip
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO("\n".join(lines).encode() + b"\n\n")))
    code, out, _err = run(capsys, "evaluate", "--jsonl")
    found = [json.loads(line) for line in out.splitlines()]
    assert code == 1
    assert [one.get("id") for one in found] == ["one", None, None, 2, 3, 4]
    assert found[0]["enabled"] == ["a", "b"]
    assert [e["item"] for e in found[0]["errors"]] == ["b"]
    assert all("error" in found[n] for n in (1, 2, 3, 5))
    assert (found[4]["scores"]["phq-9"], found[4]["errors"]) == (0, [])


def test_what_is_missing_on_the_line_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    for arguments in (("import",), ("evaluate",), ("import", "/nowhere/x.json")):
        code, _out, err = run(capsys, *arguments)
        assert code == 1
        assert err.startswith("carepath questionnaires:")
