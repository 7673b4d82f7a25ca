from collections.abc import Callable
from pathlib import Path
from typing import Any

from assisters_verify.reporting.terminal import closing_summary
from assisters_verify.verdicts import Verdict

Results = dict[str, Any]

_WIDTH = 100


def _closing(results: Results, *, width: int = _WIDTH, is_coloured: bool = False) -> str:
    return closing_summary(results, report_dir=Path("out"), width=width, is_coloured=is_coloured)


def test_the_last_line_is_the_verdict_and_where_the_report_is(results: Results) -> None:
    assert _closing(results).splitlines()[-1] == (
        "nonconformant: 1 of 9 promises kept, 3 broken, 3 undecided, 1 warned about. Report: out/report.html"
    )


def test_a_green_run_is_one_line(green_results: Results) -> None:
    green_results["leftovers"] = []
    assert _closing(green_results) == "conformant: 1 of 1 promises kept. Report: out/report.html"


def test_a_broken_promise_is_told_in_full(make_results: Callable[..., Results]) -> None:
    results = make_results(1, text="401", evidence=("x1", "x2"))
    results["clauses"][0]["checks"][0]["reason"] = "expected 401, received 401 (GET /v1/models)"
    assert _closing(results).splitlines()[:8] == [
        "Broken promises (1)",
        "",
        "FAIL CHAT-00 Promise 0.",
        "  expected  401",
        "  received  401",
        "  where     GET /v1/models",
        "  see       section Chat Completions (must, documented), test_of_CHAT-00, exchanges x1, x2",
        "  repeat    assisters-verify conformance --base-url http://127.0.0.1:8000 --seed 7 --clause CHAT-00",
    ]


def test_one_missing_route_is_said_once(results: Results) -> None:
    assert _closing(results).count("GET /v1/metrics is not there") == 1


def test_undecided_musts_stand_by_reason(results: Results) -> None:
    assert "  SKIPPED: left out by --max-requests (STREAM-03)" in _closing(results).splitlines()


def test_a_warning_is_one_line(results: Results) -> None:
    lines = [line for line in _closing(results).splitlines() if line.startswith("  WARN CHAT-03")]
    assert [len(line) <= _WIDTH for line in lines] == [True]


def test_an_early_end_and_leftovers_are_told(empty_results: Results) -> None:
    assert _closing(empty_results).splitlines()[:2] == [
        "  ended     early: Ctrl-C",
        "  left over key k_1 (DELETE answered 500)",
    ]


def test_only_commands_and_the_last_line_are_wider_than_the_terminal(make_results: Callable[..., Results]) -> None:
    lines = _closing(make_results(3, text="word " * 100 + "x" * 100), width=60).splitlines()[:-1]
    wide = [line for line in lines if len(line) > 60 and not line.startswith("  repeat")]
    assert wide == []


def test_many_broken_promises_do_not_flood_the_terminal(make_results: Callable[..., Results]) -> None:
    results = make_results(200)
    for n, clause in enumerate(results["clauses"]):
        clause["checks"][0]["reason"] = str(n)
    text = _closing(results)
    assert (len(text.splitlines()) < 250, "CHAT-199" in text) == (True, True)


def test_nothing_of_the_target_acts_on_the_terminal(results: Results) -> None:
    text = _closing(results)
    assert [character for character in "\x1b\x00\x07\r\u202e\u2028\ud800" if character in text] == []


def test_no_line_is_a_workflow_command_however_it_is_wrapped(make_results: Callable[..., Results]) -> None:
    for width in range(40, 80):
        text = _closing(make_results(1, text="word " * 9 + "::error::x ##[error]y"), width=width)
        assert [line for line in text.splitlines() if line.lstrip().startswith("::") or "##[" in line] == []


def test_colour_is_there_only_when_asked_for(make_results: Callable[..., Results]) -> None:
    results = make_results(1, verdict=Verdict.FAIL)
    assert ("\x1b[31m" in _closing(results, is_coloured=True), "\x1b" in _closing(results)) == (True, False)


def test_the_usual_cause_of_what_is_broken_is_named(results: Results) -> None:
    assert "  often     `content` is a list of parts, null, or empty" in _closing(results)
