"""A badge says verdict, counts and profile, to eyes and to screen readers, and is harmless wherever it is shown."""

from typing import Any
from xml.etree import ElementTree as ET

import pytest

from assisters_verify.reporting.badge import draw_badge

Results = dict[str, Any]
_SVG = "{http://www.w3.org/2000/svg}"


def _drawn(results: Results) -> ET.Element:
    return ET.fromstring(draw_badge(results))  # noqa: S314 - our own file


def _texts(results: Results) -> list[str]:
    return [each.text or "" for each in _drawn(results).iter(f"{_SVG}text")]


def _incomplete(results: Results) -> Results:
    clauses = [each for each in results["clauses"] if each["verdict"] not in {"fail", "not_implemented"}]
    return {**results, "clauses": clauses, "verdict": "incomplete"}


def test_what_is_broken_is_counted(results: Results) -> None:
    told = "nonconformant: 3 broken, 3 undecided, 1 of 9 kept"
    assert _texts(results) == ["Assisters API, full profile", told]


def test_what_is_undecided_is_counted(results: Results) -> None:
    assert _texts(_incomplete(results))[1] == "incomplete: 3 undecided, 1 of 6 kept"


def test_what_was_kept_is_counted(green_results: Results) -> None:
    assert _texts(green_results)[1] == "conformant: 1 of 1 kept"


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({}, "no profile named"),
        ({"profile": "core"}, "core profile"),
        ({"profile": "full", "areas": ["chat", "models"]}, "full profile, only chat models"),
        ({"profile": "full", "clauses": list("abcd")}, "full profile, 4 clauses only"),
        ({"profile": "full", "embedded": True}, "full profile, reference server"),
        ({"profile": "full", "extra_checks": "mine"}, "full profile, checks of one's own"),
    ],
)
def test_what_was_asked_for_is_named(green_results: Results, options: dict[str, Any], told: str) -> None:
    assert _texts({**green_results, "options": options})[0] == f"Assisters API, {told}"


def test_a_run_that_ended_early_is_told(empty_results: Results) -> None:
    assert _texts(empty_results) == ["Assisters API, full profile, ended early", "incomplete: 0 of 0 kept"]


def test_the_title_says_all_of_it_and_the_target(green_results: Results) -> None:
    badge = _drawn(green_results)
    title = badge.findtext(f"{_SVG}title")
    told = "conformant: 1 of 1 promises kept. full profile, target http://127.0.0.1:8000, 2026-11-22"
    assert (badge.get("role"), badge.get("aria-label"), title) == ("img", told, told)


def test_no_text_of_the_target_becomes_an_element(green_results: Results) -> None:
    hostile = {"base_url": 'http://x/"><script>alert(1)</script>\x1b\u202e'}
    badge = _drawn({**green_results, "target": hostile, "options": {"profile": "</text><script>"}})
    names = {each.tag.removeprefix(_SVG) for each in badge.iter()}
    assert names == {"svg", "title", "rect", "path", "g", "text"}
