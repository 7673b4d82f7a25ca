"""A recorded run is judged again by one command; what cannot be used ends it with status 2 and one line."""

import gzip
import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from click.testing import CliRunner

from assisters_verify.cli import main
from assisters_verify.content import content_root
from assisters_verify.recording.file import NAME

Call = Callable[..., Any]


@pytest.fixture(scope="module")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the report directory of a run of two clauses against the embedded server."""
    folder = tmp_path_factory.mktemp("recorded") / "run"
    options = ["--clause", "CHAT-05", "--clause", "STREAM-02", "--report-dir", str(folder), "--quiet"]
    result = CliRunner().invoke(main, ["conformance", *options], prog_name="assisters-verify")
    assert result.exit_code == 0, result.output
    return folder


@pytest.fixture(scope="module")
def again(recorded: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the report directory of its replay, which was given no key."""
    folder = tmp_path_factory.mktemp("replayed") / "again"
    options = ["--replay", str(recorded), "--report-dir", str(folder), "--quiet"]
    environ = {"ASSISTERS_API_KEY": None, "ASSISTERS_SECOND_API_KEY": None}
    result = CliRunner(env=environ).invoke(main, ["conformance", *options], prog_name="assisters-verify")
    assert result.exit_code == 0, result.output
    return folder


def results_of(directory: Path) -> dict[str, Any]:
    results: dict[str, Any] = json.loads((directory / "results.json").read_text(encoding="utf-8"))
    return results


def copy_of(recorded: Path, folder: Path) -> Path:
    return Path(shutil.copytree(recorded, folder / "copy"))


def test_replay_finds_what_the_run_found(recorded: Path, again: Path) -> None:
    runs = [{each["id"]: each["verdict"] for each in results_of(folder)["clauses"]} for folder in (again, recorded)]

    assert runs[0] == runs[1]


def test_results_say_that_they_are_of_a_replay_and_of_what(recorded: Path, again: Path) -> None:
    replay, run = results_of(again)["replay"], results_of(recorded)

    assert (replay["sha256"], replay["started_at"]) == (run["recording"]["sha256"], run["started_at"])


def test_results_are_as_their_schema_has_them(recorded: Path, again: Path) -> None:
    schema = json.loads((content_root() / "reports" / "results.schema.json").read_text(encoding="utf-8"))

    for folder in (recorded, again):
        jsonschema.validate(results_of(folder), schema)


def test_evidence_of_a_replay_is_that_of_the_run(recorded: Path, again: Path) -> None:
    entries = [
        json.loads((folder / "evidence.har").read_text(encoding="utf-8"))["log"]["entries"]
        for folder in (recorded, again)
    ]

    told = [sorted((each["_check"], each["response"]["status"]) for each in found) for found in entries]
    assert told[0] == told[1]


def test_replay_may_keep_to_some_clauses(recorded: Path, call: Call, tmp_path: Path) -> None:
    call("conformance", "--replay", str(recorded), "--clause", "CHAT-05", "--report-dir", "again", "--quiet")

    assert [each["id"] for each in results_of(tmp_path / "again")["clauses"]] == ["CHAT-05"]


def test_clause_that_was_not_recorded_is_undecided(recorded: Path, call: Call, tmp_path: Path) -> None:
    call("conformance", "--replay", str(recorded), "--clause", "EMBED-01", "--report-dir", "again", "--quiet")

    (clause,) = results_of(tmp_path / "again")["clauses"]
    assert (clause["verdict"], "not in the recording" in clause["reason"]) == ("inconclusive", True)


def test_replay_is_not_written_over_its_run(recorded: Path, call: Call) -> None:
    called = call("conformance", "--replay", str(recorded), "--report-dir", str(recorded))

    assert (called.status, "Give another --report-dir" in called.complaint) == (2, True)


@pytest.mark.parametrize("option", [("--base-url", "http://127.0.0.1:1"), ("--seed", "1"), ("--target", "target.yaml")])
def test_what_only_a_target_can_be_asked_for_is_refused(recorded: Path, call: Call, option: tuple[str, str]) -> None:
    called = call("conformance", "--replay", str(recorded), *option)

    assert (called.status, f"leave out {option[0]}" in called.complaint) == (2, True)


def test_folder_without_a_recording_is_refused(call: Call, tmp_path: Path) -> None:
    called = call("conformance", "--replay", str(tmp_path))

    assert (called.status, "No such file" in called.complaint) == (2, True)


def test_recording_that_was_changed_is_refused(recorded: Path, call: Call, tmp_path: Path) -> None:
    path = copy_of(recorded, tmp_path) / NAME
    path.write_bytes(gzip.compress(gzip.decompress(path.read_bytes()).replace(b'"status": 200', b'"status": 201', 1)))

    called = call("conformance", "--replay", str(path.parent))

    assert (called.status, "was changed or cut short" in called.complaint) == (2, True)


def test_recording_of_another_run_is_refused(recorded: Path, call: Call, tmp_path: Path) -> None:
    path = copy_of(recorded, tmp_path) / NAME
    path.write_bytes(gzip.compress(gzip.decompress(path.read_bytes())))  # as good as new, and not the same file

    called = call("conformance", "--replay", str(path.parent))

    assert (called.status, "its SHA-256 is another" in called.complaint) == (2, True)


def test_recording_is_its_owners_alone(recorded: Path) -> None:
    assert (recorded / NAME).stat().st_mode & 0o777 == 0o600
