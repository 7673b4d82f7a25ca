"""What must hold for a run against any server at all: in time, small, silent about secrets, and with sound reports."""

import gzip
import json
import re
import stat
from collections.abc import Collection, Iterator, Sequence
from datetime import datetime
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import jsonschema_rs
from tests.hostile.harness import Ran
from tests.hostile.secrecy import find_secrets, find_split_secrets

MOST_MB = 300
_MOST_REPORT_BYTES = 30 * 1024 * 1024
# Besides the deadline: to take back what was made, on a machine with other work. To start and to draw the reports takes
# as long as the machine makes it, so it is not judged here; a run that hangs is ended by the harness.
_BESIDE_S = 30.0
_REPORTS = ("results.json", "report.html", "junit.xml", "summary.md", "evidence.har")
_ACTS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]")
_COMMANDS = re.compile(r"^\s*::|##\[|##vso\[|##teamcity\[", re.MULTILINE | re.IGNORECASE)
_ROOT = Path(__file__).parents[2]


# A hostile server is never green.
NEVER_GREEN = frozenset({1, 3})


def faults_of(
    ran: Ran, *, deadline_s: float, secrets: Sequence[str], statuses: Collection[int] = NEVER_GREEN
) -> list[str]:
    """Return all that is wrong with a run, each in a line; none is as it should be."""
    return [
        *([] if ran.status in statuses else [f"ended with status {ran.status}: {ran.stderr[-600:]!r}"]),
        *_faults_of_ending(ran, deadline_s),
        *faults_of_text("standard output", ran.stdout.decode("utf-8", "replace")),
        *faults_of_text("standard error", ran.stderr.decode("utf-8", "replace")),
        *_faults_of_secrecy(ran, secrets),
        *(_faults_of_reports(ran) if ran.status != 3 or ran.reports.exists() else []),
    ]


def faults_of_load(ran: Ran, *, secrets: Sequence[str], statuses: Collection[int]) -> list[str]:
    """Return all that is wrong with a run that puts load on a server."""
    return [
        *([] if ran.status in statuses else [f"ended with status {ran.status}: {ran.stderr[-600:]!r}"]),
        *([f"took {ran.peak_mb:.0f} MB: {', '.join(ran.peak_parts)}"] if ran.peak_mb > MOST_MB else []),
        *faults_of_text("standard output", ran.stdout.decode("utf-8", "replace")),
        *faults_of_text("standard error", ran.stderr.decode("utf-8", "replace")),
        *_faults_of_secrecy(ran, secrets),
        *(_faults_of_load_reports(ran) if ran.reports.exists() else []),
    ]


def _faults_of_load_reports(ran: Ran) -> Iterator[str]:
    for path in ran.reports.iterdir():
        if stat.S_IMODE(path.stat().st_mode) != 0o600:
            yield f"{path.name} can be read by others"
        if path.stat().st_size > _MOST_REPORT_BYTES:
            yield f"{path.name} has {path.stat().st_size} bytes"
    _against_schema(ran.reports / "load.json", _ROOT / "reports" / "load.schema.json")
    yield from _faults_of_page(ran.reports / "report.html")
    yield from _faults_of_junit(ran.reports / "junit.xml")
    yield from _faults_of_summary(ran.reports / "summary.md")


def _faults_of_ending(ran: Ran, deadline_s: float) -> Iterator[str]:
    asked_s = _asked_s(ran.reports / "evidence.har")
    if asked_s > deadline_s + _BESIDE_S:
        yield f"asked the target for {asked_s:.0f} s, with a deadline of {deadline_s:g} s"
    if ran.peak_mb > MOST_MB:
        yield f"took {ran.peak_mb:.0f} MB: {', '.join(ran.peak_parts)}"
    left = [str(path) for path in (ran.folder / "tmp").rglob("*")]
    if left:
        yield f"left temporary files: {left[:3]}"


def _asked_s(evidence: Path) -> float:
    """Return the seconds from the first request to the end of the last exchange."""
    if not evidence.exists():
        return 0.0
    entries = json.loads(evidence.read_bytes())["log"]["entries"]
    began = [datetime.fromisoformat(entry["startedDateTime"]).timestamp() for entry in entries]
    ended = [at + entry["time"] / 1000 for at, entry in zip(began, entries, strict=True)]
    return max(ended) - min(began) if entries else 0.0


def faults_of_text(name: str, text: str) -> Iterator[str]:
    """Say what in a text that somebody shows would act there."""
    if "Traceback (most recent" in text:
        yield f"{name} holds a traceback"
    if found := _ACTS.search(text):
        yield f"{name} holds {found.group()!r}: {text[max(0, found.start() - 80) : found.end() + 40]!r}"
    if found := _COMMANDS.search(text):
        yield f"{name} holds a command: {text[found.start() : found.end() + 40]!r}"


def _faults_of_secrecy(ran: Ran, secrets: Sequence[str]) -> Iterator[str]:
    written = {"standard output": ran.stdout, "standard error": ran.stderr}
    for path in (path for path in ran.folder.rglob("*") if path.is_file()):
        data = path.read_bytes()
        written[str(path.relative_to(ran.folder))] = gzip.decompress(data) if path.suffix == ".gz" else data
    for name, data in written.items():
        yield from (f"{name} holds a secret, {found}" for found in find_secrets(data, secrets))
    for arguments in ran.arguments:
        yield from (f"the process list shows a secret, {found}" for found in find_secrets(arguments, secrets))
    yield from (f"evidence.har holds a secret {found}" for found in find_split_secrets(ran.reports, secrets))


def _faults_of_reports(ran: Ran) -> Iterator[str]:
    missing = [name for name in _REPORTS if not (ran.reports / name).exists()]
    if missing:
        yield f"these reports are missing: {', '.join(missing)}"
        return
    for path in ran.reports.iterdir():
        if stat.S_IMODE(path.stat().st_mode) != 0o600:
            yield f"{path.name} can be read by others"
        if path.stat().st_size > _MOST_REPORT_BYTES:
            yield f"{path.name} has {path.stat().st_size} bytes"
    for name, faults in _JUDGES.items():
        try:
            yield from (f"{name}: {fault}" for fault in faults(ran.reports / name))
        except (ValueError, ET.ParseError, jsonschema_rs.ValidationError, RecursionError) as error:
            yield f"{name} is not sound: {str(error)[:300]}"


def _faults_of_results(path: Path) -> Iterator[str]:
    results = _against_schema(path, _ROOT / "reports" / "results.schema.json")
    for clause in results["clauses"]:
        if clause["verdict"] == "error":
            yield f"{clause['id']} is an error: {clause['reason']}"
        if len(json.dumps(clause)) > 60_000:
            yield f"{clause['id']} takes {len(json.dumps(clause))} characters"


def _faults_of_har(path: Path) -> Iterator[str]:
    har = _against_schema(path, _ROOT / "tests" / "reporting" / "har-1.2.schema.json")
    for entry in har["log"]["entries"]:
        if entry["_clause"] == "" and entry["_check"] != "":
            yield f"{entry['_id']} names no clause"


def _faults_of_summary(path: Path) -> Iterator[str]:
    yield from faults_of_text("it", path.read_text(encoding="utf-8"))


def _faults_of_junit(path: Path) -> Iterator[str]:
    suites = ET.fromstring(path.read_bytes())  # noqa: S314 - our own
    texts = "\n".join([*suites.itertext(), *(value for node in suites.iter() for value in node.attrib.values())])
    yield from faults_of_text("it", texts)


def _against_schema(path: Path, schema: Path) -> Any:
    document = json.loads(path.read_bytes(), parse_constant=_refuse)
    rules = json.loads(schema.read_bytes())
    jsonschema_rs.validator_for(rules).validate(document)
    return document


def _refuse(name: str) -> None:
    raise ValueError(f"{name} is not JSON")


class _Page(HTMLParser):
    """Notes whatever could act in a page."""

    def __init__(self) -> None:
        super().__init__()
        self.faults: list[str] = []
        self.scripts = 0
        self.has_policy = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self.scripts += tag == "script"
        self.has_policy |= tag == "meta" and "default-src 'none'" in (given.get("content") or "")
        if tag in {"img", "iframe", "object", "embed", "base", "form", "video", "audio"} or (
            tag == "script" and "src" in given
        ):
            self.faults.append(f"<{tag}> {given}")
        for name, value in attrs:
            target = (value or "").strip().lower()
            if name.startswith("on") or target.startswith(("javascript:", "vbscript:")):
                self.faults.append(f"<{tag} {name}={value!r}>")
            if name in {"src", "href", "action", "xlink:href"} and not target.startswith(
                ("#", "data:", "https://", "")
            ):
                self.faults.append(f"<{tag} {name}={value!r}>")


def _faults_of_page(path: Path) -> Iterator[str]:
    text = path.read_text(encoding="utf-8")
    page = _Page()
    page.feed(text)
    yield from page.faults
    if page.scripts > 1 or not page.has_policy:
        yield f"{page.scripts} scripts, policy: {page.has_policy}"
    if found := _ACTS.search(text):
        yield f"it holds {found.group()!r}: {text[max(0, found.start() - 80) : found.end()]!r}"


_JUDGES = {
    "results.json": _faults_of_results,
    "evidence.har": _faults_of_har,
    "junit.xml": _faults_of_junit,
    "summary.md": _faults_of_summary,
    "report.html": _faults_of_page,
}
