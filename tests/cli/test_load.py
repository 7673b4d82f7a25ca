"""`assisters-verify load` as its users meet it: exit statuses, one line for what is wrong, reports in any case."""

import json
import signal
import stat
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from jsonschema import Draft202012Validator

from assisters_verify.content import content_root
from assisters_verify.reporting.load import REPORTERS

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Callable

    from tests.cli.conftest import Call, Called, Start
    from tests.conftest import Peer, Serve

    Finish = Callable[["subprocess.Popen[str]"], Called]

API_KEY = "sk-test-7d1e4f9c2a8b30561234"
SHORT = ("--rate", "20", "--duration", "1", "--warm-up", "0", "--cool-down", "0", "--report-dir", "reports")


def document_in(folder: Path) -> dict[str, Any]:
    """Return load.json, valid by its schema, where all reports are there and their owner's alone."""
    found = {path.name: stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()}
    assert found == dict.fromkeys(REPORTERS, 0o600)
    document: dict[str, Any] = json.loads((folder / "load.json").read_text())
    schema = json.loads((content_root() / "reports" / "load.schema.json").read_text(encoding="utf-8"))
    Draft202012Validator(schema).validate(document)
    return document


def complete(peer: "Peer") -> None:
    """Answer everything with a completion that says what was asked."""
    while True:
        request = peer.read()
        asked = json.loads(request.body)["messages"][-1]["content"] if request.body else ""
        body = {"choices": [{"message": {"role": "assistant", "content": asked}}]}
        peer.answer(json.dumps(body).encode(), headers="Content-Type: application/json\r\n")


def break_down(peer: "Peer") -> None:
    """Fail with the key in the message."""
    while True:
        request = peer.read()
        error = {"type": "x", "message": request.headers.get("authorization", ""), "param": None, "code": None}
        body = json.dumps({"error": error}).encode()
        peer.answer(body, status="503 Unavailable", headers="Content-Type: application/json\r\n")


# Wrong usage: 2


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ((), ("which scenario?", "--list")),
        (("steaming",), ("there is no scenario `steaming` (the nearest is `streaming`)",)),
        (("chat", "--profile", "relase"), ("no profile `relase` (the nearest is `release`)",)),
        (("chat", "--users", "2", "--rate", "3"), ("give either users or a rate",)),
        (("chat", "--users", "0"), ("`users`",)),
        (("chat", "--rate", "20000"), ("--max-rate",)),
        (("chat", "--base-url", "https://api.example.com"), ("--allow-load api.example.com",)),
        (("chat", "--base-url", "http://api.example.com", "--allow-load", "api.example.com"), ("--allow-plain-http",)),
        (("chat", "--master"), ("Name it with --base-url",)),
        (("chat", "--master", "--worker"), ("either the master or a worker",)),
        (("chat", "--replay", "no.jsonl"), ("cannot read", "no.jsonl")),
        (("chat", "--report-dir", "/dev/null/x"), ("Give another --report-dir.",)),
    ],
    ids=lambda value: " ".join(value)[:40],
)
def test_wrong_usage_is_told_in_one_line(call: "Call", arguments: tuple[str, ...], words: tuple[str, ...]) -> None:
    called = call("load", *arguments)
    assert (called.status, called.stdout, [word for word in words if word not in called.complaint]) == (2, "", [])


def test_an_unknown_measure_is_wrong_usage(call: "Call") -> None:
    Path("own.yaml").write_text("users: 1\nthresholds: {ttf_s: {p95: 1}}\n")
    called = call("load", "chat", "--profile", "own.yaml")
    assert (called.status, "no measure `ttf_s` (the nearest is `ttft_s`)" in called.complaint) == (2, True)


def test_too_few_keys_are_wrong_usage(call: "Call", serve: "Serve") -> None:
    Path("keys").write_text(f"{API_KEY}-1\n")
    called = call("load", "chat", "--base-url", serve(complete).url, "--keys", "2", "--keys-file", "keys", *SHORT)
    assert (called.status, "keys holds 1 keys, and --keys asks for 2" in called.stderr) == (2, True)


# What is there, what would be sent


def test_scenarios_and_profiles_are_listed(call: "Call") -> None:
    called = call("load", "--list")
    names = [line.split()[0] for line in called.stdout.splitlines() if line.startswith("  ")]
    assert {"chat", "streaming", "throttling", "smoke", "release", "soak"} <= set(names)


def test_a_plan_sends_nothing_and_needs_no_key(call: "Call", monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("ASSISTERS_API_KEY")
    called = call("load", "streaming", "--base-url", "http://127.0.0.1:1", "--plan", *SHORT)
    assert (called.status, "requests  about 20" in called.stdout, list(Path().iterdir())) == (0, True, [])


def test_a_plan_warns_of_more_than_a_key_may_send(call: "Call") -> None:
    called = call("load", "chat", "--rate", "50", "--plan")
    assert "1 key(s) may send 16.7 a second" in called.stdout


def test_the_plan_of_a_scenario_about_limits_knows_its_keys(call: "Call") -> None:
    called = call("load", "throttling", "--plan")
    assert ("keys      6, made with POST /v1/keys" in called.stdout, "2 min 45 s measured" in called.stdout) == (
        True,
        True,
    )


def test_help_has_examples_and_exit_statuses(call: "Call") -> None:
    called = call("load", "--help")
    assert ("Examples:" in called.stdout, "5 void" in called.stdout, "--prometheus-port" in called.stdout) == (
        True,
        True,
        True,
    )


def test_calibrate_has_a_help_of_its_own(call: "Call") -> None:
    called = call("load", "calibrate", "--help")
    assert ("load calibrate" in called.stdout, "--replay" in called.stdout) == (True, False)


# Out of reach: 3


def test_refused_port_is_out_of_reach(call: "Call", refused_port: int) -> None:
    called = call("load", "chat", "--base-url", f"http://127.0.0.1:{refused_port}", *SHORT)
    assert (called.status, "Connection refused" in called.stderr) == (3, True)


# Runs


def test_a_run_ends_with_all_reports(start: "Start", finish: "Finish", serve: "Serve", tmp_path: Path) -> None:
    called = finish(start("load", "chat", "--base-url", serve(complete).url, *SHORT))
    document = document_in(tmp_path / "reports")
    # On a busy machine the generator may have been the limit, which is told and is right.
    assert called.status in {0, 5}, called.stdout + called.stderr
    assert (document["requests"]["sent"], document["requests"]["ok"]) == (20, 20)
    assert [each["verdict"] for each in document["thresholds"]] == ["pass", "pass"]


def test_a_target_that_fails_breaks_the_run_and_no_key_is_shown(
    start: "Start", finish: "Finish", serve: "Serve", tmp_path: Path
) -> None:
    called = finish(start("load", "chat", "--base-url", serve(break_down).url, *SHORT))
    document = document_in(tmp_path / "reports")
    shown = [path.name for path in (tmp_path / "reports").iterdir() if API_KEY in path.read_text()]
    assert (document["requests"]["ok"], document["reasons"]) == (0, ["No request of the measured part was answered."])
    assert (called.status in {1, 5}, shown, API_KEY in called.stdout + called.stderr) == (True, [], False)


def test_the_embedded_server_gets_the_load_where_no_target_is_named(
    start: "Start", finish: "Finish", tmp_path: Path
) -> None:
    called = finish(start("load", "streaming", "--json", *SHORT))
    document = document_in(tmp_path / "reports")
    events = [json.loads(line) for line in called.stdout.splitlines()]
    assert (document["requests"]["sent"], document["measures"]["ttft_s"]["count"]) == (20, 20)
    assert (events[-1]["event"], events[-1]["exit_status"]) == ("finished", called.status)


def test_ctrl_c_stops_drains_and_reports(start: "Start", finish: "Finish", serve: "Serve", tmp_path: Path) -> None:
    server = serve(complete)
    arguments = ("--rate", "20", "--duration", "60", "--warm-up", "0", "--report-dir", "reports", "--json")
    process = start("load", "chat", "--base-url", server.url, *arguments)
    assert process.stdout is not None
    for line in process.stdout:
        if json.loads(line).get("sent"):
            break
    process.send_signal(signal.SIGINT)
    called = finish(process)
    document = document_in(tmp_path / "reports")
    assert (document["interrupted"], document["requests"]["sent"] > 0) == ("interrupted by SIGINT", True)
    assert called.status in {130, 5}


def test_a_cap_ends_the_run_and_is_told(start: "Start", finish: "Finish", serve: "Serve", tmp_path: Path) -> None:
    server = serve(complete)
    finish(start("load", "chat", "--base-url", server.url, "--max-requests", "7", *SHORT))
    document = document_in(tmp_path / "reports")
    asked = sum(request.method == "POST" for request in server.received)
    assert (asked, document["requests"]["sent"], document["interrupted"] is None) == (7, 7, False)
