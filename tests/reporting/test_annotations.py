"""Annotations say what is broken, one command a line, and no text of a target becomes a command."""

import re
from collections.abc import Callable
from typing import Any

from assisters_verify.reporting.annotations import draw_annotations
from assisters_verify.verdicts import Verdict

Results = dict[str, Any]
_COMMAND = re.compile(r"::(error|warning|notice) title=([^:,]*)::([^\r\n]*)")


def _lines(results: Results) -> list[str]:
    return draw_annotations(results, []).decode("utf-8").splitlines()


def _of_kind(results: Results, kind: str) -> list[str]:
    return [line for line in _lines(results) if line.startswith(f"::{kind} ")]


def test_every_line_is_one_command_of_ours(results: Results) -> None:
    assert [line for line in _lines(results) if not _COMMAND.fullmatch(line)] == []


def test_what_is_broken_is_an_error_that_says_how_to_repeat_it(results: Results) -> None:
    (line,) = [line for line in _of_kind(results, "error") if "METRIC-01" in line]
    assert line == (
        "::error title=METRIC-01%2C METRIC-02%3A not implemented::GET /v1/metrics is not there (section Chat "
        "Completions)%0Aassisters-verify conformance --base-url http://127.0.0.1:8000 --seed 7 --clause METRIC-01"
    )


def test_what_is_open_or_warned_about_is_a_warning(results: Results) -> None:
    titles = [line.partition("=")[2].partition("%3A")[0] for line in _of_kind(results, "warning")]
    assert titles == ["STREAM-01", "STREAM-02", "STREAM-03", "CHAT-03"]


def test_the_whole_is_a_notice(results: Results) -> None:
    (line,) = _of_kind(results, "notice")
    assert line.startswith("::notice title=assisters-verify::nonconformant: 1 of 9 promises kept")


def test_no_more_are_written_than_are_shown(make_results: Callable[..., Results]) -> None:
    results = make_results(40, verdict=Verdict.FAIL)
    for number, clause in enumerate(results["clauses"]):
        clause["checks"][0]["reason"] = f"reason {number}"
    errors = _of_kind(results, "error")
    assert (len(errors), errors[-1].startswith("::error title=and 31 more::CHAT-09, CHAT-10")) == (10, True)


def test_a_percent_sign_stays_one(make_results: Callable[..., Results]) -> None:
    (line,) = _of_kind(make_results(1, text="50%0A"), "error")
    assert "50%250A" in line
