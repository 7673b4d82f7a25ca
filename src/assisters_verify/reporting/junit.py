"""Draw junit.xml, which GitLab, Jenkins and GitHub's report actions read: a suite an area, a case a clause."""

from collections.abc import Callable, Sequence
from datetime import datetime
from xml.etree import ElementTree as ET

from assisters_verify.evidence import Exchange
from assisters_verify.reporting.findings import Entry, Results, complaints
from assisters_verify.reporting.inert import clip, defuse, visible, visible_line
from assisters_verify.verdicts import Level, Verdict, breaks

# GitLab refuses a file past 30 MB; 200 clauses with three texts of this length stay far below.
_LONGEST_TEXT = 4000
_LONGEST_LINE = 500


def draw_junit(results: Results, _exchanges: Sequence[Exchange]) -> bytes:
    """Return junit.xml."""
    suites = [_suite(area, results) for area in results["areas"]] + _list_of_known_failures(results)
    root = ET.Element("testsuites", {"name": "assisters-verify", **_totals(suites)})
    root.extend(suites)
    ET.indent(root)
    return bytes(ET.tostring(root, encoding="utf-8", xml_declaration=True)) + b"\n"


def _suite(area: str, results: Results) -> ET.Element:
    clauses = [clause for clause in results["clauses"] if clause["area"] == area]
    cases = [_case(clause) for clause in clauses]
    counts = {kind: str(sum(case.find(tag) is not None for case in cases)) for kind, tag in _COUNTED.items()}
    suite = ET.Element(
        "testsuite",
        {
            "name": f"assisters-verify.{_line(area)}",
            "tests": str(len(cases)),
            **counts,
            "time": _seconds(sum(_duration_s(clause) for clause in clauses)),
            "timestamp": _timestamp(results["started_at"]),
        },
    )
    properties = ET.SubElement(suite, "properties")
    for name, value in {"target": results["target"]["base_url"], "verdict": results["verdict"]}.items():
        ET.SubElement(properties, "property", {"name": name, "value": _line(value)})
    suite.extend(cases)
    return suite


def _list_of_known_failures(results: Results) -> list[ET.Element]:
    """Return a suite of what is wrong with the list, of which each makes the run fail."""
    wrong = complaints(results)
    if not wrong:
        return []
    name = "assisters-verify.known_failures"
    counts = {"tests": str(len(wrong)), "failures": str(len(wrong)), "errors": "0", "skipped": "0", "time": "0.000"}
    suite = ET.Element("testsuite", {"name": name, **counts, "timestamp": _timestamp(results["started_at"])})
    for text in wrong:
        case = ET.SubElement(suite, "testcase", {"classname": name, "name": _line(text), "time": "0.000"})
        ET.SubElement(case, "failure", {"message": _line(text), "type": "known_failure"}).text = _line(text)
    return [suite]


_COUNTED = {"failures": "failure", "errors": "error", "skipped": "skipped"}


def _totals(suites: Sequence[ET.Element]) -> dict[str, str]:
    counts = {name: str(sum(int(suite.get(name, "0")) for suite in suites)) for name in ("tests", *_COUNTED)}
    return {**counts, "time": _seconds(sum(float(suite.get("time", "0")) for suite in suites))}


def _case(clause: Entry) -> ET.Element:
    case = ET.Element(
        "testcase",
        {
            "classname": f"assisters-verify.{_line(clause['area'])}",
            "name": _line(f"{clause['id']} {clause['title']}"),
            "time": _seconds(_duration_s(clause)),
        },
    )
    verdict, listed = Verdict(clause["verdict"]), clause.get("known_failure")
    if listed is not None:
        message = _line(f"known to fail until {listed['expires']}: {listed['reason']}; {clause['reason']}")
        ET.SubElement(case, "skipped", {"message": message})
    elif breaks(verdict, Level(clause["level"])):
        _add_problem(case, "failure", clause)
    else:
        _PART_OF[verdict](case, clause)
    return case


def _add_problem(case: ET.Element, tag: str, clause: Entry) -> None:
    problem = ET.SubElement(case, tag, {"message": _message(clause), "type": clause["verdict"]})
    problem.text = _details(clause)


def _add_error(case: ET.Element, clause: Entry) -> None:
    _add_problem(case, "error", clause)


def _add_skipped(case: ET.Element, clause: Entry) -> None:
    ET.SubElement(case, "skipped", {"message": _message(clause)})


def _add_output(case: ET.Element, clause: Entry) -> None:
    ET.SubElement(case, "system-out").text = f"{_message(clause)}\n{_details(clause)}"


def _add_nothing(_case: ET.Element, _clause: Entry) -> None:
    pass


_PART_OF: dict[Verdict, Callable[[ET.Element, Entry], None]] = {
    Verdict.FAIL: _add_output,  # of a should or may: a must's failure is told apart before
    Verdict.NOT_IMPLEMENTED: _add_output,
    Verdict.WARN: _add_output,
    Verdict.ERROR: _add_error,
    Verdict.INCONCLUSIVE: _add_skipped,
    Verdict.SKIPPED: _add_skipped,
    Verdict.NOT_APPLICABLE: _add_skipped,
    Verdict.PASS: _add_nothing,
}


def _message(clause: Entry) -> str:
    reason = clause["reason"] or "no reason was given"
    return f"{clause['verdict']}: {_line(reason)}"


def _details(clause: Entry) -> str:
    shown = {"clause": clause["title"], "section": clause["section"]}
    shown |= {key: clause[key] for key in ("reason", "expected", "received") if clause[key]}
    if clause["evidence"]:
        shown["evidence"] = f"{' '.join(clause['evidence'])} (in evidence.har)"
    return defuse("\n".join(f"{key}: {visible(clip(value, _LONGEST_TEXT))}" for key, value in shown.items()))


def _line(text: str) -> str:
    return defuse(visible_line(text, _LONGEST_LINE))


def _duration_s(clause: Entry) -> float:
    return float(sum(check["duration_s"] for check in clause["checks"]))


def _seconds(duration_s: float) -> str:
    return f"{duration_s:.3f}"


def _timestamp(started_at: str) -> str:
    # The schema that Jenkins publishes knows no time zone; times are UTC throughout.
    return datetime.fromisoformat(started_at).strftime("%Y-%m-%dT%H:%M:%S")
