from collections.abc import Callable
from typing import Any

from markdown_it import MarkdownIt

from assisters_verify.evidence import Exchange
from assisters_verify.reporting.summary import draw_summary
from assisters_verify.verdicts import Verdict

Results = dict[str, Any]


def _summary(results: Results, exchanges: list[Exchange] | None = None) -> str:
    return draw_summary(results, exchanges or []).decode("utf-8")


def _rendered(markdown: str) -> str:
    rendered: str = MarkdownIt("commonmark").enable("table").enable("strikethrough").render(markdown)
    return rendered


def test_the_verdict_comes_first(results: Results) -> None:
    first = _summary(results).splitlines()[0]
    assert first == "# ❌ nonconformant: 1 of 9 promises kept, 3 broken, 3 undecided, 1 warned about"


def test_a_green_run_is_a_verdict_and_a_table(green_results: Results) -> None:
    assert "<h2>" not in _rendered(_summary(green_results))


def test_the_table_has_a_row_for_each_area(results: Results) -> None:
    rendered = _rendered(_summary(results))
    assert (rendered.count("<tr>"), "<td>chat</td>" in rendered) == (5, True)


def test_a_broken_clause_says_how_to_repeat_its_check(results: Results) -> None:
    assert "\nassisters-verify conformance --base-url http://127.0.0.1:8000 --seed 7 --clause CHAT-02\n" in _summary(
        results,
    )


def test_a_broken_clause_shows_its_evidence(results: Results, exchanges: list[Exchange]) -> None:
    assert "\nHTTP/1.1 404 No\n" in _summary(results, exchanges)


def test_one_missing_route_is_explained_once(results: Results) -> None:
    assert _summary(results).count("GET /v1/metrics is not there") == 1


def test_undecided_musts_are_listed_by_reason(results: Results) -> None:
    assert "- **skipped**: `left out by --max-requests`: STREAM-03" in _summary(results)


def test_an_early_end_and_leftovers_are_told(empty_results: Results) -> None:
    text = _summary(empty_results)
    assert ("**The run ended early:** `Ctrl-C`" in text, "- `key k_1 (DELETE answered 500)`" in text) == (True, True)


def test_code_in_a_title_stays_code(results: Results) -> None:
    assert "<h3>CHAT-02 <code>temperature</code> is taken: from 0 to 1.</h3>" in _rendered(_summary(results))


def test_no_text_of_the_target_becomes_markup(results: Results, exchanges: list[Exchange]) -> None:
    rendered = _rendered(_summary(results, exchanges))
    tags = {"<script", "<img", "<a ", "<del", "<blockquote", "<h4", "<em>"}
    assert {tag for tag in tags if tag in rendered} == set()


def test_text_of_the_target_stands_in_code_only(results: Results, exchanges: list[Exchange]) -> None:
    rendered = _rendered(_summary(results, exchanges))
    outside = "".join(part.rpartition("</code>")[2] for part in rendered.split("<code"))
    assert "@everyone" not in outside


def test_nothing_reaches_a_terminal_or_a_workflow(results: Results, exchanges: list[Exchange]) -> None:
    text = _summary(results, exchanges)
    commands = [line for line in text.splitlines() if line.lstrip().startswith("::") or "##[" in line]
    assert (commands, [c for c in "\x1b\x00\u202e\u2028\r" if c in text]) == ([], [])


def test_the_page_stays_under_a_megabyte(make_results: Callable[..., Results], exchanges: list[Exchange]) -> None:
    results = make_results(2_000, verdict=Verdict.FAIL, text="\U000e0001" * 100_000, evidence=("x2",))
    for n, clause in enumerate(results["clauses"]):
        clause["checks"][0]["reason"] += str(n)
    content = _summary(results, exchanges)
    assert len(content.encode()) < 1_000_000


def test_what_was_left_out_is_told(make_results: Callable[..., Results]) -> None:
    results = make_results(5_000, text="x" * 1_000)
    for n, clause in enumerate(results["clauses"]):
        clause["checks"][0]["reason"] = str(n) + "x" * 1_000
    assert _summary(results).endswith("*The rest is left out to keep this page small; report.html has it.*\n")


def test_the_usual_cause_of_what_is_broken_is_named(results: Results) -> None:
    line = "- usual cause: `content` is a list of parts, null, or empty since the answer was cut or filtered: join"
    assert line in _summary(results)
