"""The command as its users meet it: exit statuses, one clear line for what is wrong, reports whatever happens."""

import base64
import http.server
import json
import signal
import ssl
import stat
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import pytest
import trustme

from assisters_verify import preflight

if TYPE_CHECKING:
    import subprocess

    from tests.cli.conftest import Call, Called, Start
    from tests.conftest import Peer, Serve

    Finish = Callable[["subprocess.Popen[str]"], Called]

API_KEY = "sk-test-7d1e4f9c2a8b30561234"
REPORTS = {"evidence.har", "junit.xml", "report.html", "results.json", "summary.md"}
RECORDING = "recording.jsonl.gz"
RUN = ("conformance", "--report-dir", "reports", "--base-url")


def results_in(folder: Path, *, is_recorded: bool = True) -> dict[str, Any]:
    """Return the results, where all reports are there, and the recording unless nothing was asked."""
    assert {path.name for path in folder.iterdir()} == (REPORTS | {RECORDING} if is_recorded else REPORTS)
    found: dict[str, Any] = json.loads((folder / "results.json").read_text())
    return found


def answer_with_404(peer: "Peer") -> None:
    while True:
        peer.read()
        peer.answer(b"{}", status="404 Not Found", headers="Content-Type: application/json\r\n")


# Wrong usage: 2


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--area", "modles"), ("there is no area `modles` (the nearest is `models`)",)),
        (("--clause", "MODLE-01"), ("there is no clause `MODLE-01` (the nearest is `MODEL-01`)",)),
        (("--base-url", "ftp://x"), ("`base_url` does not begin with http:// or https://", "https://api.example.com")),
        (("--base-url", "http://u:p@localhost"), ("user name or password",)),
        (("--base-url", "http://api.example.com"), ("not https", "--allow-plain-http")),
        (("--target", "no.yaml"), ("cannot read no.yaml: No such file or directory", "target.example.yaml")),
        (("--ca-file", "no.pem"), ("cannot use `ca_file` no.pem: No such file or directory",)),
        (("--max-requests", "0"), ("`budget.max_requests`",)),
        (("--timeout", "nan"), ("`timeout_s`",)),
        (("--concurrency", "-1"), ("`concurrency`",)),
        (("--report-dir", "/dev/null/x"), ("cannot write reports to /dev/null/x", "Give another --report-dir.")),
        (("--report-dir", "x" * 300), ("cannot write reports to ", "File name too long")),
    ],
    ids=lambda value: " ".join(value)[:40],
)
def test_wrong_usage_is_told_in_one_line(call: "Call", arguments: tuple[str, ...], words: tuple[str, ...]) -> None:
    called = call("conformance", *arguments)
    assert (called.status, called.stdout) == (2, "")
    assert called.complaint.startswith("assisters-verify: ")
    assert [word for word in words if word not in called.complaint] == []


@pytest.mark.parametrize("arguments", [("--no-such-option",), ("--profile", "half"), ("--seed", "x"), ("extra",)])
def test_unknown_option_is_told_without_a_traceback(call: "Call", arguments: tuple[str, ...]) -> None:
    called = call("conformance", *arguments)
    assert (called.status, called.stderr.splitlines()[-1].startswith("Error: ")) == (2, True)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("base_url: http://localhost\nmodels: [\n", ("cannot read target.yaml: line 3 is not YAML",)),
        ("base_url: http://localhost\nmodel:\n  chat: x\n", ("no setting `model` (the nearest is `models`)",)),
        ("models: 7\n", ("cannot use target.yaml", "`models`")),
        ("areas: [models]\nareas: [chat]\n", ("line 2 gives a setting a second time",)),
        ("areas: [cats]\n", ("there is no area `cats`",)),
        ("\x00", ("cannot read target.yaml",)),
    ],
)
def test_broken_target_file_is_told_with_its_line(call: "Call", text: str, words: tuple[str, ...]) -> None:
    Path("target.yaml").write_text(text)
    called = call("conformance", "--target", "target.yaml")
    assert (called.status, [word for word in words if word not in called.complaint]) == (2, [])


@pytest.mark.parametrize("key", [None, "", "short", "with space 0123456", "line\nbreak-0123456"])
def test_missing_or_impossible_key_is_told_and_not_shown(
    call: "Call", monkeypatch: pytest.MonkeyPatch, key: str | None
) -> None:
    monkeypatch.delenv("ASSISTERS_API_KEY") if key is None else monkeypatch.setenv("ASSISTERS_API_KEY", key)
    called = call("conformance", "--base-url", "http://127.0.0.1:1")
    assert (called.status, "ASSISTERS_API_KEY" in called.complaint) == (2, True)
    assert not key or key not in called.stderr


# Out of reach: 3


def test_refused_port_is_out_of_reach(call: "Call", refused_port: int) -> None:
    called = call("conformance", "--base-url", f"http://127.0.0.1:{refused_port}")
    assert (called.status, "Connection refused" in called.complaint, list(Path().iterdir())) == (3, True, [])


def test_port_that_speaks_no_http_is_out_of_reach(call: "Call", serve: "Serve") -> None:
    server = serve(lambda peer: peer.send(b"\x1b[31m220 mail ready\r\n"))
    called = call("conformance", "--base-url", server.url)
    assert (called.status, "does not speak HTTP" in called.complaint, "\x1b" in called.stderr) == (3, True, False)


def test_port_that_never_answers_is_out_of_reach(call: "Call", serve: "Serve", monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(preflight, "_TIMEOUT_S", 0.2)
    called = call("conformance", "--base-url", serve(lambda peer: peer.wait_for_end()).url)
    assert (called.status, "no answer within 0.2 s" in called.complaint) == (3, True)


def test_untrusted_certificate_is_out_of_reach(call: "Call", serve: "Serve") -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    trustme.CA().issue_cert("127.0.0.1").configure_cert(context)
    trustme.CA().cert_pem.write_to_path("other.pem")
    server = serve(lambda peer: peer.wait_for_end(), tls=context)
    called = call("conformance", "--base-url", server.url, "--ca-file", "other.pem", "--area", "chat")
    assert (called.status, "its certificate is not trusted" in called.complaint, server.received) == (3, True, [])


def test_untrusted_certificate_breaks_its_clause_and_gets_no_key(call: "Call", serve: "Serve") -> None:
    """Where transport is checked, the certificate is what is wrong; what rests on answers is undecided."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    trustme.CA().issue_cert("127.0.0.1").configure_cert(context)
    trustme.CA().cert_pem.write_to_path("other.pem")
    server = serve(lambda peer: peer.wait_for_end(), tls=context)
    asked = ("--ca-file", "other.pem", "--area", "transport", "--clause", "AUTH-01")
    called = call(*RUN, server.url, *asked)
    found = json.loads(Path("reports/results.json").read_text())["clauses"]
    clauses = {entry["id"]: entry for entry in found}
    verdicts = {clause_id: entry["verdict"] for clause_id, entry in clauses.items()}
    expected = {"TLS-01": "pass", "TLS-02": "pass", "TLS-03": "fail", "AUTH-01": "inconclusive"}
    assert "certificate is not trusted" in clauses["AUTH-01"]["reason"]
    assert (called.status, {name: verdicts[name] for name in expected}, server.received) == (1, expected, [])


# Plans


def test_plan_names_what_it_would_check_and_sends_nothing(call: "Call", serve: "Serve") -> None:
    server = serve(answer_with_404)
    called = call("conformance", "--plan", "--clause", "MODEL-01", "--clause", "CHAT-01", "--base-url", server.url)
    assert (called.status, called.stderr, server.connections, list(Path().iterdir())) == (0, "", 0, [])
    assert f"Would check 2 clauses of {server.url}, and send nothing now:" in called.stdout
    assert ("MODEL-01" in called.stdout, "CHAT-01" in called.stdout) == (True, True)


def test_plan_needs_no_key(call: "Call", monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("ASSISTERS_API_KEY")
    assert call("conformance", "--plan", "--base-url", "https://api.example.com").status == 0


# Whole runs


def test_promise_that_is_kept_ends_with_0_whatever_lies_in_the_users_folder(
    start: "Start", finish: "Finish", tmp_path: Path
) -> None:
    hostile = tmp_path / "hostile"
    hostile.mkdir()
    for name in ("conftest.py", "json.py", "assisters_verify.py", "sitecustomize.py", "trap.py"):
        (hostile / name).write_text("raise SystemExit('the trap was sprung')\n")
    (hostile / "pytest.ini").write_text("[pytest]\naddopts = --no-such-option\n")
    called = finish(
        start(
            *("conformance", "--clause", "MODEL-01", "--report-dir", "a/b", "--strict"),
            cwd=hostile,
            PYTEST_ADDOPTS="--no-such-option",
            PYTEST_PLUGINS="trap",
            PYTHONIOENCODING="ascii",
        )
    )
    assert (called.status, called.stderr) == (0, "")
    assert called.stdout.splitlines()[-1].startswith("conformant: 1 of 1 promises kept.")
    results = results_in(hostile / "a" / "b")
    assert (results["verdict"], results["interrupted"], results["requests"] > 0) == ("conformant", None, True)
    modes = {stat.S_IMODE(path.stat().st_mode) for path in (hostile / "a" / "b").iterdir()}
    assert (modes, stat.S_IMODE((hostile / "a" / "b").stat().st_mode)) == ({0o600}, 0o700)


def echo(peer: "Peer") -> None:
    """Say the key in every way that a server may, and let the right one in."""
    while True:
        request = peer.read()
        key = request.headers.get("authorization", "Bearer nobody")[7:]
        status = "200" if key == API_KEY else "401"
        headers = (
            f"Set-Cookie: session={key}; Path=/\r\nX-Key: {key}\r\nLocation: /?k={percent_coded(key)}\r\n{key}: 1\r\n"
        )
        pieces = [key[start : start + 3] for start in range(0, len(key), 3)]
        if status == "200" and b'"stream": true' in request.body:
            events = [{"choices": [{"delta": {"content": piece}}]} for piece in pieces]
            body = "".join(f"data: {json.dumps(event)}\n\n" for event in events).encode()
            kind = "text/event-stream"
        else:
            coded = [quote(key, safe=""), percent_coded(key), key.encode().hex(), json.dumps(key), key[:14], key[-14:]]
            coded += [base64.b64encode(f"{pad}{key}".encode()).decode() for pad in ("", "a", "ab")]
            coded += [base64.urlsafe_b64encode(key.encode()).decode(), request.raw.decode()]
            document = {
                "models": [{"id": key, "name": key, "max_tokens": 10, "supports": ["chat", key]}],
                "choices": [{"message": {"role": "assistant", "content": key}}],
                "error": {"type": key, "message": f"{key} is no key", "param": key, "code": key},
                "coded": coded,
            }
            body, kind = json.dumps(document).encode(), "application/json"
        peer.answer(body, status=f"{status} {key}", headers=f"{headers}Content-Type: {kind}\r\n")


def percent_coded(text: str) -> str:
    return "".join(f"%{byte:02x}" for byte in text.encode())


def test_key_is_nowhere_though_the_target_says_it_everywhere(
    start: "Start", finish: "Finish", serve: "Serve", tmp_path: Path
) -> None:
    areas = ("--area", "models", "--area", "authentication", "--area", "streaming", "--max-requests", "400")
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    called = finish(start(*RUN, serve(echo).url, *areas, TMPDIR=str(temporary)))
    assert called.status == 1
    results_in(tmp_path / "reports")
    kept = {path.name: path.read_bytes() for path in (tmp_path / "reports").iterdir()}
    shown = {**kept, "stdout": called.stdout.encode(), "stderr": called.stderr.encode()}
    forms = [API_KEY.encode(), API_KEY[:13].encode(), API_KEY[-13:].encode(), API_KEY.encode().hex().encode()]
    forms += [base64.b64encode(f"{pad}{API_KEY}".encode())[4:20] for pad in ("", "a", "ab")]
    forms += [percent_coded(API_KEY)[:39].encode()]
    said = [f'content\\": \\"{API_KEY[start : start + 3]}'.encode() for start in range(3, len(API_KEY) - 3, 3)]
    forms += [piece.replace(b"\\", b"\\" * depth) for piece in said for depth in (0, 1, 2)]
    assert [(name, form) for name, text in shown.items() for form in forms if form in text] == []
    assert list(temporary.iterdir()) == []


@pytest.fixture
def serial_server() -> Iterator[str]:
    """Serve the documented list of models over HTTP/1.1, one connection at a time, as a small server does."""
    body = json.dumps({"models": [{"id": "m", "name": "M", "max_tokens": 1000, "supports": ["chat"]}]}).encode()

    class Handler(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            self.send_response(200 if self.path == "/v1/models" else 404)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None: ...

    with http.server.HTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


def test_machines_read_how_the_run_goes_and_nothing_else(call: "Call", serial_server: str) -> None:
    called = call(*RUN, serial_server, "--clause", "MODEL-11", "--json")
    events = [json.loads(line) for line in called.stdout.splitlines()]
    assert ([events[0]["event"], events[-1]["event"]], events[-1]["exit_status"], called.stderr) == (
        ["started", "finished"],
        called.status,
        "",
    )


def test_quiet_says_the_verdict_in_one_line(call: "Call", serial_server: str) -> None:
    called = call(*RUN, serial_server, "--clause", "MODEL-11", "--quiet")
    assert (called.stdout, called.stderr) == ("conformant: 1 of 1 promises kept\n", "")


def test_run_that_decides_nothing_ends_with_3_and_says_why(call: "Call", serve: "Serve") -> None:
    """A key that is not let in leaves a whole area undecided: a pipeline must not take that for a green run."""

    def refuse(peer: "Peer") -> None:
        envelope = b'{"error": {"type": "authentication_error", "message": "no", "param": null, "code": null}}'
        while True:
            peer.read()
            peer.answer(envelope, status="401 Unauthorized", headers="Content-Type: application/json\r\n")

    called = call(*RUN, serve(refuse).url, "--area", "chat", "--quiet")
    said = "nothing that was asked for could be decided" in called.complaint
    assert (called.status, said, "401" in called.complaint) == (3, True, True)


def test_only_the_chosen_reports_are_written(call: "Call", serial_server: str, tmp_path: Path) -> None:
    call(*RUN, serial_server, "--clause", "MODEL-11", "--quiet", "--format", "ctrf,junit", "--format", "junit")
    assert sorted(path.name for path in (tmp_path / "reports").iterdir()) == ["ctrf.json", "junit.xml"]


def test_unknown_format_is_told_with_the_known_ones(call: "Call") -> None:
    called = call("conformance", "--format", "xml")
    assert (called.status, "known: json, har, junit, markdown, html, ctrf" in called.stderr) == (2, True)


def test_server_of_one_connection_at_a_time_is_checked_like_any_other(call: "Call", serial_server: str) -> None:
    clauses = [word for number in range(1, 6) for word in ("--clause", f"MODEL-0{number}")]
    called = call(*RUN, serial_server, *clauses, "--strict")
    assert (called.status, {entry["verdict"] for entry in results_in(Path("reports"))["clauses"]}) == (0, {"pass"})


def test_checks_that_cannot_be_started_end_with_4_and_with_reports(
    call: "Call", serve: "Serve", monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.executable", "/no/such/python")
    called = call(*RUN, serve(answer_with_404).url, "--clause", "MODEL-01")
    results = results_in(Path("reports"), is_recorded=False)
    assert (called.status, results["verdict"]) == (4, "incomplete")
    assert called.complaint.startswith("assisters-verify: the suite itself failed: the checks could not be started: ")


def test_fault_of_ours_ends_with_4_and_one_line(call: "Call", serve: "Serve", monkeypatch: pytest.MonkeyPatch) -> None:
    """Python's own exit status for it would say that a must is broken."""

    def fail(*_: object, **__: object) -> None:
        raise ZeroDivisionError(f"with {API_KEY}")

    monkeypatch.setattr("assisters_verify.cli.conformance_action.run_conformance", fail)
    called = call(*RUN, serve(answer_with_404).url)
    assert (called.status, called.complaint.partition(" (in ")[0]) == (
        4,
        "assisters-verify: the suite itself failed: ZeroDivisionError: with {{api_key}}",
    )


def test_reports_that_cannot_be_written_end_with_4(
    call: "Call", serve: "Serve", monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("assisters_verify.reporting.private_file.write_private", fail)
    monkeypatch.setattr("sys.executable", "/no/such/python")
    called = call(*RUN, serve(answer_with_404).url, "--clause", "MODEL-01")
    assert (called.status, "cannot write the reports" in called.stderr.splitlines()[0]) == (4, True)
    assert "No space left on device" in called.stderr


def test_readers_who_leave_change_no_exit_status(start: "Start", serve: "Serve", tmp_path: Path) -> None:
    process = start(*RUN, serve(answer_with_404).url, "--clause", "MODEL-01")
    assert process.stdout is not None
    assert process.stderr is not None
    process.stdout.close()
    process.stderr.close()
    assert process.wait(120) == 1
    assert results_in(tmp_path / "reports")["clauses"][0]["verdict"] == "not_implemented"


# Ends before the end


def hanging(reached: threading.Event) -> Callable[["Peer"], None]:
    """Return a script that answers the look before the run, and nothing after it."""

    def script(peer: "Peer") -> None:
        while True:
            if peer.read().target != "/":
                reached.set()
                peer.wait_for_end()
            peer.answer(b"{}")

    return script


@pytest.mark.parametrize(("number", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_interrupted_run_writes_its_reports(
    start: "Start", finish: "Finish", serve: "Serve", tmp_path: Path, number: signal.Signals, status: int
) -> None:
    reached = threading.Event()
    process = start(*RUN, serve(hanging(reached)).url, "--clause", "MODEL-01")
    assert reached.wait(120)
    process.send_signal(number)
    called = finish(process)
    results = results_in(tmp_path / "reports")
    assert (called.status, results["interrupted"], results["verdict"], called.stderr) == (
        status,
        f"interrupted by {number.name}",
        "incomplete",
        "",
    )
    assert [entry["verdict"] for entry in results["clauses"]] == ["inconclusive"]


def test_target_that_dies_in_the_middle_ends_with_3_and_with_reports(
    start: "Start", finish: "Finish", serve: "Serve", tmp_path: Path
) -> None:
    reached = threading.Event()
    server = serve(hanging(reached))
    process = start(*RUN, server.url, "--clause", "MODEL-01")
    assert reached.wait(120)
    server.stop()
    called = finish(process)
    results = results_in(tmp_path / "reports")
    assert (called.status, results["verdict"]) == (3, "incomplete")
    assert results["clauses"][0]["reason"].startswith("the target is gone: Connection refused")
