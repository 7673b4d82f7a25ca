"""The doctor says what stands in the way, writes a file to start from, and lets nobody see the key."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from assisters_verify.reference import ReferenceOptions, ReferenceServer
from assisters_verify.settings.target_file import read_target_file

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.cli.conftest import Call, Called
    from tests.conftest import Peer, Serve

API_KEY = "sk-test-7d1e4f9c2a8b30561234"


@pytest.fixture(scope="module")
def target() -> "Iterator[str]":
    with ReferenceServer(ReferenceOptions(api_keys=(API_KEY, "sk-test-another-customers-key"))) as server:
        yield server.base_url


def found(called: "Called") -> dict[str, Any]:
    document: dict[str, Any] = json.loads(called.stdout)
    return document


def test_a_good_target_stands_in_nobodys_way(call: "Call", target: str) -> None:
    called = call("doctor", "--base-url", target, "--json")
    document = found(called)
    assert (called.status, {each["mark"] for each in document["findings"]} - {"ok", "note"}) == (0, set())


def test_every_area_of_the_reference_server_is_heard(call: "Call", target: str) -> None:
    areas = found(call("doctor", "--base-url", target, "--json"))["areas"]
    assert {area for area, sound in areas.items() if sound != "there"} == set()


def test_it_says_what_it_spent(call: "Call", target: str) -> None:
    spent = found(call("doctor", "--base-url", target, "--json"))["spent"]
    assert (spent["requests"] <= 25, spent["tokens"] <= 500) == (True, True)


def test_people_get_a_line_for_each_finding(call: "Call", target: str) -> None:
    called = call("doctor", "--base-url", target)
    topics = [line[8:21].strip() for line in called.stdout.splitlines()[:-2]]
    assert topics == ["reach", "TLS", "key", "clock", "rate limit", "models", "areas", "latency", "webhooks"]


def test_without_a_base_url_the_embedded_server_is_seen(call: "Call") -> None:
    assert call("doctor").status == 0


def test_a_written_file_can_be_used(call: "Call", target: str, tmp_path: Path) -> None:
    call("doctor", "--base-url", target, "--write", "target.yaml")
    written = read_target_file(tmp_path / "target.yaml")
    assert (str(written.base_url), written.models.embeddings) == (target, "text-embedding-3-small")


def test_a_file_that_is_there_is_not_replaced(call: "Call", target: str, tmp_path: Path) -> None:
    (tmp_path / "target.yaml").write_text("mine")
    called = call("doctor", "--base-url", target, "--write", "target.yaml")
    assert (called.status, (tmp_path / "target.yaml").read_text(), "--force" in called.complaint) == (2, "mine", True)


def test_a_file_that_is_there_is_replaced_by_force(call: "Call", target: str, tmp_path: Path) -> None:
    (tmp_path / "target.yaml").write_text("mine")
    called = call("doctor", "--base-url", target, "--write", "target.yaml", "--force")
    assert (called.status, "mine" in (tmp_path / "target.yaml").read_text()) == (0, False)


def test_a_file_that_cannot_be_written_is_told(call: "Call", target: str) -> None:
    called = call("doctor", "--base-url", target, "--write", "no/such/target.yaml")
    assert (called.status, "cannot write no/such/target.yaml" in called.complaint) == (2, True)


def test_a_key_that_is_refused_stands_in_the_way(call: "Call", target: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ASSISTERS_API_KEY", "sk-test-of-nobody-at-all")
    called = call("doctor", "--base-url", target)
    is_told = "trouble key" in called.stdout and "one thing stands in the way of a run" in called.stdout
    assert (called.status, is_told, "areas" in called.stdout) == (1, True, False)


def test_a_target_that_nobody_answers_is_out_of_reach(call: "Call", refused_port: int) -> None:
    called = call("doctor", "--base-url", f"http://127.0.0.1:{refused_port}")
    assert (called.status, called.complaint.startswith("assisters-verify: cannot reach ")) == (3, True)


def test_a_limit_that_is_used_up_is_told(call: "Call", serve: "Serve") -> None:
    def answer(peer: "Peer") -> None:
        while True:
            peer.read()
            peer.answer(b"{}", status="429 Too Many Requests")

    called = call("doctor", "--base-url", serve(answer).url)
    assert (called.status, "the key has used up its limit (429)" in called.stdout) == (1, True)


def test_a_target_that_breaks_off_is_told(call: "Call", serve: "Serve") -> None:
    def answer(peer: "Peer") -> None:
        if peer.read().target != "/":
            peer.reset()
        else:
            peer.answer(b"{}", headers="Connection: close\r\n")

    called = call("doctor", "--base-url", serve(answer).url)
    assert (called.status, "a request got none" in called.stdout) == (1, True)


def test_wrong_usage_is_told(call: "Call") -> None:
    called = call("doctor", "--base-url", "http://api.example.com")
    assert (called.status, "--allow-plain-http" in called.complaint) == (2, True)


@pytest.mark.parametrize("form", ["--json", "--timeout=9"])
def test_nobody_sees_the_key_though_the_target_says_it(call: "Call", serve: "Serve", tmp_path: Path, form: str) -> None:
    said = json.dumps({"models": [{"id": API_KEY, "supports": ["chat"]}], "error": f"key {API_KEY}"}).encode()

    def answer(peer: "Peer") -> None:
        while True:
            peer.read()
            peer.answer(said, headers=f"X-RateLimit-Key: {API_KEY}\r\nContent-Type: application/json\r\n")

    called = call("doctor", "--base-url", serve(answer).url, "--write", "target.yaml", form)
    everything = called.stdout + called.stderr + (tmp_path / "target.yaml").read_text()
    assert (API_KEY in everything, "{{api_key}}" in everything) == (False, True)


def test_secret_that_the_target_hands_out_is_shown_to_nobody_and_what_it_made_is_taken_back(
    call: "Call", serve: "Serve", tmp_path: Path
) -> None:
    made = json.dumps({"id": "made-1", "key": "ask_2ebc896de9b6be75fe72", "models": [{"id": "m"}]}).encode()

    def answer(peer: "Peer") -> None:
        while True:
            is_made = peer.read().method == "POST"
            peer.answer(
                made, status="201 Created" if is_made else "200 OK", headers="Content-Type: application/json\r\n"
            )

    server = serve(answer)
    called = call("doctor", "--base-url", server.url, "--write", "target.yaml")
    everything = called.stdout + called.stderr + (tmp_path / "target.yaml").read_text()
    assert ("2ebc896d" in everything, "{{shown_secret_1}}" in everything) == (False, True)
    undone = [request.target for request in server.received if request.method == "DELETE"]
    assert undone[:2] == ["/v1/keys/made-1", "/v1/webhooks/made-1"]
    assert called.stdout.count("to `[]`; taken back") == 2
