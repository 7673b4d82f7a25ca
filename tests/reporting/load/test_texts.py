"""JUnit, Markdown, CSV and terminal: whole, inert, and in agreement with load.json."""

import csv
import io
from pathlib import Path
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

from assisters_verify.reporting.load.junit import draw_junit
from assisters_verify.reporting.load.measures_file import draw_measures
from assisters_verify.reporting.load.seconds_file import draw_seconds
from assisters_verify.reporting.load.sentences import headline
from assisters_verify.reporting.load.summary import draw_summary
from assisters_verify.reporting.load.terminal import closing_lines

if TYPE_CHECKING:
    from tests.reporting.load.conftest import Document, MakeDocument

HARMFUL = ("\x1b", "\u202e", "\x00")


def cases(document: "Document") -> dict[str, str]:
    """Return the tag inside each case, by its name."""
    root = ET.fromstring(draw_junit(document))  # noqa: S314 - our own file
    found = {}
    for case in root.iter("testcase"):
        inside = [child.tag for child in case if child.tag != "system-out"]
        found[str(case.get("name")).split()[0]] = inside[0] if inside else ""
    return found


def test_junit_has_a_case_for_each_threshold_and_promise(limited_document: "Document") -> None:
    assert cases(limited_document) == {
        "the": "",
        "ttft_s.p95": "",
        "streaming.gap_s.p99": "",
        "error_rate": "failure",
        "goodput": "",
        "LOAD-00": "",
        "LOAD-01": "failure",
        "LOAD-02": "skipped",
    }


def test_junit_counts_what_it_holds(limited_document: "Document") -> None:
    root = ET.fromstring(draw_junit(limited_document))  # noqa: S314 - our own file
    assert (root.get("tests"), root.get("failures"), root.get("errors"), root.get("skipped")) == ("8", "2", "0", "1")


def test_junit_of_a_void_run_is_an_error_and_no_threshold_counts(make: "MakeDocument") -> None:
    document = make(seconds=2, verdict="void")
    document["generator"] |= {"saturated": True, "advice": "Take more processes."}
    document["generator"]["rules"][0]["verdict"] = "fail"
    found = cases(document)
    assert (found.pop("the"), set(found.values())) == ("error", {"skipped"})


def test_broken_promise_of_a_late_generator_is_a_failure_and_no_threshold_counts(make: "MakeDocument") -> None:
    document = make(seconds=2, verdict="fail")
    document["generator"] |= {"saturated": True, "advice": "Take more processes."}
    document["generator"]["rules"][0]["verdict"] = "fail"
    found = cases(document)
    assert (found.pop("the"), set(found.values())) == ("error", {"skipped"})
    assert "the figures are void, what is broken is not" in headline(document)


def test_junit_tells_that_the_run_ended_early(make: "MakeDocument") -> None:
    root = ET.fromstring(draw_junit(make(seconds=2, interrupted="interrupted by SIGINT")))  # noqa: S314 - our own
    assert [error.get("message") for error in root.iter("error")] == ["interrupted by SIGINT"]


def test_no_text_acts_in_a_terminal_or_a_ci_system(limited_document: "Document") -> None:
    summary, junit = draw_summary(limited_document).decode(), draw_junit(limited_document).decode()
    lines = closing_lines(limited_document, report_dir=Path("x"))
    for text in (summary, junit, lines):
        assert [sign for sign in HARMFUL if sign in text] == []
        assert [line for line in text.splitlines() if line.lstrip().startswith("::") or "##vso[" in line] == []


def test_the_summary_begins_with_the_verdict(document: "Document", limited_document: "Document") -> None:
    first = [draw_summary(each).decode().splitlines()[0] for each in (document, limited_document)]
    assert [line.split(" ", 2)[2].partition(":")[0] for line in first] == ["pass", "fail"]


def test_the_summary_of_a_void_run_says_what_to_do(make: "MakeDocument") -> None:
    document = make(seconds=2, verdict="void")
    document["generator"] |= {"saturated": True, "advice": "Take more processes."}
    assert "Void: these figures are the generator's" in draw_summary(document).decode()


def test_the_terminal_shows_both_clocks_and_each_threshold(document: "Document") -> None:
    lines = closing_lines(document, report_dir=Path("out")).splitlines()
    heads = [line.split("  ")[0] for line in lines]
    assert [head for head in heads if head.startswith("First token, from")] == [
        "First token, from due",
        "First token, from sent",
    ]
    assert (sum(line.startswith("held") for line in lines), lines[-1].endswith("Report: out/report.html")) == (4, True)


def test_the_headline_counts_what_was_held(limited_document: "Document") -> None:
    assert headline(limited_document).startswith("fail: 3 of 4 thresholds held, 1 of 3 promises kept under load, ")


def test_seconds_are_lines_of_a_table(document: "Document") -> None:
    rows = list(csv.DictReader(io.StringIO(draw_seconds(document).decode())))
    assert (len(rows), rows[3]["t_s"], float(rows[3]["ok"])) == (60, "3", document["series"]["ok"][3])


def test_measures_are_lines_of_a_table_for_all_and_each_kind(document: "Document") -> None:
    rows = list(csv.DictReader(io.StringIO(draw_measures(document).decode())))
    assert {row["kind"] for row in rows} == {"all", "streaming"}
    assert float(rows[0]["p95"]) == round(document["measures"][rows[0]["measure"]]["p95"], 6)


def test_a_search_tells_the_highest_rate_that_holds(ramp_document: "Document") -> None:
    assert headline(ramp_document).startswith("pass: holds up to 20 requests a second, 1 of 1 thresholds held")


def test_a_search_that_no_rate_held_says_so(ramp_document: "Document") -> None:
    document = {**ramp_document, "highest_rate_per_s": None, "verdict": "fail"}
    assert headline(document).startswith("fail: not even 10 requests a second are held")


def test_a_search_that_ended_at_its_top_says_so(ramp_document: "Document") -> None:
    assert "40 requests a second, the highest that was tried" in headline({**ramp_document, "highest_rate_per_s": 40.0})


def test_each_rate_of_a_search_is_shown(ramp_document: "Document") -> None:
    lines = closing_lines(ramp_document, report_dir=Path("x")).splitlines()
    summary = draw_summary(ramp_document).decode()
    told = [line.split(":")[0] for line in lines if "a second: " in line]
    assert told == ["held          10 a second", "held          20 a second", "NOT HELD      40 a second"]
    assert [rate for rate in (10, 20, 40) if f"| {rate} a second |" not in summary] == []
