from collections import Counter
from collections.abc import Callable
from typing import Any
from xml.etree import ElementTree as ET

import pytest

from assisters_verify.reporting.junit import draw_junit
from assisters_verify.verdicts import Verdict

Results = dict[str, Any]


def _parsed(results: Results) -> ET.Element:
    return ET.fromstring(draw_junit(results, []))  # noqa: S314 - our own document


def _cases(results: Results) -> dict[str, ET.Element]:
    root = _parsed(results)
    return {case.get("name", "").split()[0]: case for case in root.iter("testcase")}


def _part(results: Results, clause_id: str) -> ET.Element:
    return next(iter(_cases(results)[clause_id]))


def test_there_is_a_suite_for_each_area_and_a_case_for_each_clause(results: Results) -> None:
    root = _parsed(results)
    counted = {suite.get("name"): len(suite.findall("testcase")) for suite in root}
    assert counted == {
        "assisters-verify.chat": 3,
        "assisters-verify.streaming": 3,
        "assisters-verify.metrics": 2,
        "assisters-verify.transport": 1,
    }


def test_names_are_unique_and_begin_with_the_id(results: Results) -> None:
    root = _parsed(results)
    names = Counter((case.get("classname"), case.get("name")) for case in root.iter("testcase"))
    assert (max(names.values()), ("assisters-verify.chat", "CHAT-01 `x` holds.") in names) == (1, True)


@pytest.mark.parametrize(
    ("clause_id", "tag"),
    [
        ("CHAT-02", "failure"),
        ("METRIC-01", "failure"),
        ("STREAM-02", "error"),
        ("STREAM-01", "skipped"),
        ("STREAM-03", "skipped"),
        ("TLS-01", "skipped"),
        ("CHAT-03", "system-out"),
    ],
)
def test_each_verdict_has_its_part(results: Results, clause_id: str, tag: str) -> None:
    assert [part.tag for part in _cases(results)[clause_id]] == [tag]


def test_a_pass_has_no_part(results: Results) -> None:
    assert list(_cases(results)["CHAT-01"]) == []


def test_a_broken_convention_fails_no_case(make_results: Callable[..., Results]) -> None:
    results = make_results(1)
    results["clauses"][0]["level"] = "should"
    assert _part(results, "CHAT-00").tag == "system-out"


def test_a_failure_says_what_was_expected_and_received_and_where(results: Results) -> None:
    text = _part(results, "CHAT-02").text or ""
    assert [word in text for word in ("expected: 200 with `choices`", "received: ", "evidence: x2 x99")] == [True] * 3


def test_a_skipped_case_says_why(results: Results) -> None:
    assert _part(results, "STREAM-03").get("message") == "skipped: left out by --max-requests"


def test_the_counts_are_those_of_the_cases(results: Results) -> None:
    root = _parsed(results)
    tags = {"tests": "testcase", "failures": "failure", "errors": "error", "skipped": "skipped"}
    counted = [{name: str(len(list(node.iter(tag)))) for name, tag in tags.items()} for node in (root, *root)]
    assert [{name: node.get(name) for name in tags} for node in (root, *root)] == counted


def test_a_run_without_a_clause_is_a_document_too(empty_results: Results) -> None:
    root = _parsed(empty_results)
    assert (root.tag, root.get("tests"), len(root)) == ("testsuites", "0", 0)


def test_hostile_text_is_legal_xml_and_no_markup(results: Results, hostile: str) -> None:
    root = _parsed(results)
    texts = [part.text or "" for part in root.iter("failure")]
    assert root.find(".//script") is None
    assert any(r"<script>alert(1)</script>" in text and r"nul \x00 lone \ud800" in text for text in texts)
    assert "\x00" in hostile


def test_no_line_is_a_workflow_command(results: Results) -> None:
    lines = draw_junit(results, []).decode().splitlines()
    assert [line for line in lines if line.lstrip().startswith("::") or "##[" in line or "##vso[" in line] == []


def test_the_file_is_bounded(make_results: Callable[..., Results]) -> None:
    results = make_results(200, verdict=Verdict.FAIL, text="\x1b" * 1_000_000)
    assert len(draw_junit(results, [])) < 20_000_000
