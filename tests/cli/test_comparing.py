"""`report compare` tells by its exit status whether anything got worse."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from assisters_verify.catalogue import load_catalogue
from assisters_verify.content import content_root
from assisters_verify.results import Outcome, Run, build_results
from assisters_verify.verdicts import Verdict

Call = Callable[..., Any]
CLAUSES = load_catalogue(content_root() / "spec" / "clauses.yaml").select(clause_ids=["CHAT-05", "AUTH-01"])


def write(folder: Path, name: str, verdict: Verdict) -> str:
    run = Run(
        base_url="http://127.0.0.1:1",
        started_at="2026-11-23T00:00:00+00:00",
        duration_s=1.0,
        requests=1,
        suite={"name": "assisters-verify", "version": "1.0"},
        options={},
        usage={},
    )
    reason = "" if verdict is Verdict.PASS else "expected 404, received 200"
    outcomes = [
        Outcome(check="test_a.py::test_a", clause="AUTH-01", verdict=Verdict.PASS),
        Outcome(check="test_b.py::test_b", clause="CHAT-05", verdict=verdict, reason=reason),
    ]
    (folder / name).mkdir()
    (folder / name / "results.json").write_text(json.dumps(build_results(run, CLAUSES, outcomes)), encoding="utf-8")
    return name


@pytest.mark.parametrize(
    ("old", "new", "status"),
    [
        (Verdict.PASS, Verdict.PASS, 0),
        (Verdict.PASS, Verdict.FAIL, 1),
        (Verdict.FAIL, Verdict.PASS, 0),
        (Verdict.PASS, Verdict.INCONCLUSIVE, 1),
    ],
)
def test_exit_status_says_whether_anything_got_worse(
    call: Call, tmp_path: Path, old: Verdict, new: Verdict, status: int
) -> None:
    assert call("report", "compare", write(tmp_path, "old", old), write(tmp_path, "new", new)).status == status


def test_file_may_be_named_instead_of_its_folder(call: Call, tmp_path: Path) -> None:
    old, new = write(tmp_path, "old", Verdict.PASS), write(tmp_path, "new", Verdict.FAIL)

    assert call("report", "compare", f"{old}/results.json", f"{new}/results.json").status == 1


def test_json_is_one_document(call: Call, tmp_path: Path) -> None:
    old, new = write(tmp_path, "old", Verdict.PASS), write(tmp_path, "new", Verdict.FAIL)

    document = json.loads(call("report", "compare", old, new, "--format", "json").stdout)

    assert [(change["id"], change["direction"]) for change in document["clauses"]] == [("CHAT-05", "worse")]


@pytest.mark.parametrize("content", [None, "no JSON", "[]", "{}", '{"format": "somebody/else"}'])
def test_what_is_no_result_is_refused_in_a_line(call: Call, tmp_path: Path, content: str | None) -> None:
    old = write(tmp_path, "old", Verdict.PASS)
    if content is not None:
        (tmp_path / "other.json").write_text(content, encoding="utf-8")

    called = call("report", "compare", old, "other.json")

    assert (called.status, "Name the --report-dir of a run" in called.complaint) == (2, True)
