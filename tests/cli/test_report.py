"""Reports can be drawn again from what a run left, and nothing else is taken for it."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from assisters_verify.catalogue import Clause
from assisters_verify.reporting import write_reports
from assisters_verify.results import Outcome, Run, build_results
from assisters_verify.verdicts import Basis, Level, Verdict

if TYPE_CHECKING:
    from tests.cli.conftest import Call

DRAWN = {"junit.xml", "report.html", "summary.md"}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a folder with the reports of a run."""
    run = Run(
        base_url="http://127.0.0.1:1",
        started_at="2026-01-02T03:04:05+00:00",
        duration_s=1.0,
        requests=1,
        suite={"name": "assisters-verify", "version": "0"},
        options={},
        usage={"bytes_sent": 0, "bytes_received": 0},
    )
    clauses = [
        Clause(id="MODEL-01", area="models", level=Level.MUST, basis=Basis.DOCUMENTED, section="Models", title="It is.")
    ]
    outcome = Outcome(check="test_models.py::test_x", clause="MODEL-01", verdict=Verdict.PASS)
    write_reports(tmp_path / "reports", build_results(run, clauses, [outcome]), ())
    return tmp_path / "reports"


def test_reports_are_drawn_again_as_they_were(call: "Call", folder: Path) -> None:
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    for name in DRAWN:
        (folder / name).unlink()
    called = call("report", "draw", str(folder))
    assert (called.status, called.stderr) == (0, "")
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before


def test_folder_that_is_not_there_is_told(call: "Call") -> None:
    called = call("report", "draw", "nowhere")
    assert (called.status, "does not exist" in called.stderr) == (2, True)


def test_folder_without_results_is_told(call: "Call", tmp_path: Path) -> None:
    called = call("report", "draw", str(tmp_path))
    cause = f"cannot read {tmp_path / 'results.json'}: No such file or directory."
    assert (called.status, called.complaint) == (2, f"assisters-verify: {cause} Name the --report-dir of a run.")


NONE_OF_OURS = {
    "empty": "",
    "torn": "{",
    "list": "[]",
    "object": "{}",
    "number": "7",
    "null": "null",
    "text": '"x"',
    "odd_clauses": '{"clauses": [7]}',
    "odd_entries": '{"log": {"entries": [7]}}',
    "deep": "[" * 100_000,
    "no_json": "\ufffe",
}


@pytest.mark.parametrize("name", ["results.json", "evidence.har"])
@pytest.mark.parametrize("text", NONE_OF_OURS.values(), ids=NONE_OF_OURS)
def test_file_that_is_none_of_ours_is_told_and_nothing_is_drawn(
    call: "Call", folder: Path, name: str, text: str
) -> None:
    (folder / name).write_text(text)
    (folder / "summary.md").unlink()
    called = call("report", "draw", str(folder))
    assert (called.status, name in called.complaint, (folder / "summary.md").exists()) == (2, True, False)


def test_results_of_another_version_are_told(call: "Call", folder: Path) -> None:
    results: dict[str, Any] = json.loads((folder / "results.json").read_text())
    (folder / "results.json").write_text(json.dumps({**results, "version": 99}))
    called = call("report", "draw", str(folder))
    assert (called.status, "$.version" in called.complaint) == (2, True)
