import json
import stat
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from assisters_verify.evidence import Exchange
from assisters_verify.reporting import writing
from assisters_verify.reporting.writing import REPORTERS, ReportError, write_reports

Results = dict[str, Any]


def _mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_every_report_is_written(tmp_path: Path, results: Results, exchanges: list[Exchange]) -> None:
    written = write_reports(tmp_path / "run", results, exchanges)
    assert sorted(path.name for path in written) == sorted(path.name for path in (tmp_path / "run").iterdir())
    assert {path.name for path in written} == set(REPORTERS)


def test_a_run_that_ended_before_its_first_check_has_all_reports(tmp_path: Path, empty_results: Results) -> None:
    written = write_reports(tmp_path / "run", empty_results, [])
    assert len(written) == len(REPORTERS)


def test_only_the_owner_may_read_what_was_written(tmp_path: Path, results: Results) -> None:
    written = write_reports(tmp_path / "run", results, [])
    assert (_mode(tmp_path / "run"), {_mode(path) for path in written}) == (0o700, {0o600})


def test_a_directory_that_was_there_keeps_its_mode(tmp_path: Path, results: Results) -> None:
    (tmp_path / "run").mkdir(mode=0o755)
    write_reports(tmp_path / "run", results, [])
    assert _mode(tmp_path / "run") == 0o755


def test_a_planted_link_is_replaced_not_followed(tmp_path: Path, results: Results) -> None:
    (tmp_path / "victim").write_text("mine")
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "results.json").symlink_to(tmp_path / "victim")
    write_reports(tmp_path / "run", results, [])
    assert (tmp_path / "victim").read_text() == "mine"


def test_a_failing_reporter_keeps_no_other_from_being_written(
    tmp_path: Path,
    results: Results,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def fail(_results: Results, _exchanges: Sequence[Exchange]) -> bytes:
        raise RuntimeError("broken reporter")

    monkeypatch.setitem(writing.REPORTERS, "junit.xml", fail)
    with pytest.raises(ReportError, match=r"junit\.xml.*broken reporter"):
        write_reports(tmp_path / "run", results, [])
    assert {path.name for path in (tmp_path / "run").iterdir()} == set(REPORTERS) - {"junit.xml"}


def test_a_file_that_cannot_be_put_in_place_leaves_nothing_behind(tmp_path: Path, results: Results) -> None:
    (tmp_path / "results.json").mkdir()
    with pytest.raises(ReportError, match=r"results\.json"):
        write_reports(tmp_path, results, [])
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".")] == []


def test_results_json_holds_the_result(tmp_path: Path, results: Results) -> None:
    write_reports(tmp_path, results, [])
    assert json.loads((tmp_path / "results.json").read_bytes()) == json.loads(json.dumps(results))


def test_results_json_does_nothing_to_a_terminal(tmp_path: Path, results: Results) -> None:
    write_reports(tmp_path, results, [])
    content = (tmp_path / "results.json").read_bytes()
    assert set(content) - set(range(0x20, 0x7F)) == {0x0A}
