"""Draw junit.xml of a load run: a case for each threshold, for each promise, and one for the generator itself."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any
from xml.etree import ElementTree as ET

from assisters_verify.reporting.inert import clip, defuse, visible, visible_line
from assisters_verify.reporting.load.sentences import threshold_line
from assisters_verify.reporting.load.words import of_threshold
from assisters_verify.verdicts import Level, Verdict, breaks

Document = Mapping[str, Any]
_LONGEST_LINE, _LONGEST_TEXT = 500, 4000
_COUNTED = {"failures": "failure", "errors": "error", "skipped": "skipped"}


def draw_junit(document: Document) -> bytes:
    """Return junit.xml."""
    suites = [
        _suite("generator", [_generator_case(document)], document),
        _suite("thresholds", [_threshold_case(each, document) for each in document["thresholds"]], document),
        _suite("promises", [_clause_case(each) for each in document["clauses"]], document),
        _suite("run", list(_run_cases(document)), document),
    ]
    there = [suite for suite in suites if len(suite.findall("testcase"))]
    counts = {name: str(sum(int(suite.get(name, "0")) for suite in there)) for name in ("tests", *_COUNTED)}
    root = ET.Element(
        "testsuites", {"name": "assisters-verify load", **counts, "time": f"{document['duration_s']:.3f}"}
    )
    root.extend(there)
    ET.indent(root)
    return bytes(ET.tostring(root, encoding="utf-8", xml_declaration=True)) + b"\n"


def _suite(name: str, cases: list[ET.Element], document: Document) -> ET.Element:
    counts = {kind: str(sum(case.find(tag) is not None for case in cases)) for kind, tag in _COUNTED.items()}
    started = datetime.fromisoformat(document["started_at"]).strftime("%Y-%m-%dT%H:%M:%S")
    suite = ET.Element(
        "testsuite",
        {
            "name": f"assisters-verify.load.{_line(document['scenario'])}.{name}",
            "tests": str(len(cases)),
            **counts,
            "time": "0.000",
            "timestamp": started,
        },
    )
    properties = ET.SubElement(suite, "properties")
    for key, value in {"target": document["target"]["base_url"], "verdict": document["verdict"]}.items():
        ET.SubElement(properties, "property", {"name": key, "value": _line(value)})
    suite.extend(cases)
    return suite


def _case(group: str, name: str) -> ET.Element:
    return ET.Element("testcase", {"classname": f"assisters-verify.load.{group}", "name": _line(name), "time": "0.000"})


def _generator_case(document: Document) -> ET.Element:
    generator = document["generator"]
    case = _case("generator", "the generator was not the limit")
    broken = [rule for rule in generator["rules"] if rule["verdict"] == "fail"]
    if broken:
        names = "; ".join(rule["name"] for rule in broken)
        _add(case, "error", "void", f"void: {names}", generator["advice"])
    return case


def _threshold_case(threshold: Mapping[str, Any], document: Document) -> ET.Element:
    case = _case("thresholds", f"{threshold['measure']} {of_threshold(threshold['measure'])}")
    said = f"{threshold_line(threshold)} {threshold['reason']}".strip()
    if document["generator"]["saturated"]:
        ET.SubElement(case, "skipped", {"message": _line(f"void: the generator was the limit ({said})")})
    elif threshold["verdict"] == "fail":
        _add(case, "failure", "threshold", said, "")
    else:
        ET.SubElement(case, "system-out").text = defuse(visible(said))
    return case


def _clause_case(clause: Mapping[str, Any]) -> ET.Element:
    case = _case(clause["area"], f"{clause['id']} {clause['title']}")
    verdict = Verdict(clause["verdict"])
    said = f"{verdict}: {clause['reason'] or 'no reason was given'}"
    figures = ", ".join(f"{name} {value:g}" for name, value in clause["figures"].items())
    if breaks(verdict, Level(clause["level"])):
        _add(case, "failure", verdict, said, figures)
    elif verdict is Verdict.ERROR:
        _add(case, "error", verdict, said, figures)
    elif verdict in {Verdict.INCONCLUSIVE, Verdict.SKIPPED, Verdict.NOT_APPLICABLE}:
        ET.SubElement(case, "skipped", {"message": _line(said)})
    else:
        ET.SubElement(case, "system-out").text = defuse(visible(clip(figures, _LONGEST_TEXT)))
    return case


def _run_cases(document: Document) -> Iterator[ET.Element]:
    for reason in document["reasons"]:
        case = _case("run", "requests were answered")
        _add(case, "failure", "run", reason, "")
        yield case
    for tag, name in {"failure": "the generator ran to its end", "interrupted": "the run was not ended early"}.items():
        if document[tag]:
            case = _case("run", name)
            _add(case, "error", tag, document[tag], "")
            yield case


def _add(case: ET.Element, tag: str, kind: str, message: str, details: str) -> None:
    problem = ET.SubElement(case, tag, {"message": _line(message), "type": kind})
    problem.text = defuse(visible(clip(f"{message}\n{details}".strip(), _LONGEST_TEXT)))


def _line(text: str) -> str:
    return defuse(visible_line(text, _LONGEST_LINE))
