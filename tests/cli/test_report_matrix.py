"""`report matrix` and `report badge` read results as they lie, and write only where they are told to."""

import json
import stat
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from assisters_verify.catalogue import Clause
from assisters_verify.reporting import write_reports
from assisters_verify.results import Outcome, Run, build_results
from assisters_verify.verdicts import Basis, Level, Verdict

if TYPE_CHECKING:
    from tests.cli.conftest import Call


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a folder with the reports of a run."""
    run = Run(
        base_url="http://127.0.0.1:1",
        started_at="2026-01-02T03:04:05+00:00",
        duration_s=1.0,
        requests=1,
        suite={"name": "assisters-verify", "version": "0"},
        options={"profile": "core"},
        usage={},
    )
    clauses = [
        Clause(id="MODEL-01", area="models", level=Level.MUST, basis=Basis.DOCUMENTED, section="Models", title="It is.")
    ]
    outcome = Outcome(check="test_models.py::test_x", clause="MODEL-01", verdict=Verdict.PASS)
    write_reports(tmp_path / "staging", build_results(run, clauses, [outcome]), (), formats=("json",))
    return tmp_path / "staging"


def test_folders_and_files_are_taken(call: "Call", folder: Path) -> None:
    called = call("report", "matrix", str(folder), str(folder / "results.json"), "--format", "markdown")
    lines = [line.partition(" (")[2].partition(":")[0] for line in called.stdout.splitlines() if line[:2] in "1.2."]
    assert (called.status, called.stderr, lines[1:3]) == (0, "", ["`staging`", "`staging`"])


def test_a_page_is_the_default(call: "Call", folder: Path) -> None:
    called = call("report", "matrix", str(folder))
    assert (called.status, "<!doctype html>" in called.stdout) == (0, True)


@pytest.mark.parametrize("command", ["matrix", "badge"])
def test_a_file_is_written_for_its_owner(call: "Call", folder: Path, tmp_path: Path, command: str) -> None:
    out = tmp_path / "new" / "drawn"
    called = call("report", command, str(folder), "--out", str(out))
    assert (called.status, called.stdout, stat.S_IMODE(out.stat().st_mode)) == (0, "", 0o600)
    assert out.stat().st_size > 100


def test_a_badge_names_verdict_and_profile(call: "Call", folder: Path) -> None:
    called = call("report", "badge", str(folder / "results.json"))
    assert ("core profile" in called.stdout, "conformant: 1 of 1 kept" in called.stdout) == (True, True)


def test_results_of_the_first_form_are_taken(call: "Call", folder: Path) -> None:
    results = json.loads((folder / "results.json").read_text())
    for key in ("recording", "replay"):
        del results[key]
    (folder / "results.json").write_text(json.dumps(results))
    assert [call("report", command, str(folder)).status for command in ("matrix", "badge")] == [0, 0]


@pytest.mark.parametrize("command", ["matrix", "badge"])
@pytest.mark.parametrize("text", ["", "{}", "[]", '{"format": "assisters-verify/load", "version": 1}', "[" * 100_000])
def test_what_is_none_of_ours_is_told(call: "Call", tmp_path: Path, command: str, text: str) -> None:
    (tmp_path / "load.json").write_text(text)
    called = call("report", command, str(tmp_path / "load.json"))
    assert (called.status, called.stdout, "load.json" in called.complaint) == (2, "", True)


@pytest.mark.parametrize("command", ["matrix", "badge"])
def test_a_run_that_is_not_there_is_told(call: "Call", command: str) -> None:
    called = call("report", command, "nowhere")
    assert (called.status, called.complaint.startswith("assisters-verify: cannot read nowhere")) == (2, True)


def test_a_matrix_of_nothing_is_wrong_usage(call: "Call") -> None:
    assert call("report", "matrix").status == 2


def test_a_file_that_cannot_be_written_is_told(call: "Call", folder: Path) -> None:
    called = call("report", "matrix", str(folder), "--out", str(folder / "results.json" / "x.html"))
    assert (called.status, "cannot write" in called.complaint) == (4, True)
