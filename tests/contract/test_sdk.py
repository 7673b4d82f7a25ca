"""What a client tells is judged by what the documentation shows, and a client's own fault is nobody else's."""

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from assisters_verify.answer import Answer, Piece
from assisters_verify.contract.sdk import STEPS, Report, expect_step, is_plain, make_room, run_python_client
from assisters_verify.contract.streams import read_stream
from assisters_verify.judgement import Broken, NotApplicable, Undecided
from assisters_verify.probe import Probe

if TYPE_CHECKING:
    from tests.conftest import Peer, ProbeRun, Serve

TEXT = {"said": {"content": "Hello.", "calls": []}, "attempts": 1}
CALL = {"id": "call_1", "name": "get_weather", "arguments": "{}"}


def raised(*types: str, status: int | None = None, text: str = "no") -> dict[str, Any]:
    return {"raised": {"types": [*types, "Exception"], "status": status, "text": text}, "attempts": 1}


def called(after: dict[str, Any], **call: Any) -> dict[str, Any]:
    return {"said": {"content": None, "calls": [{**CALL, **call}], "after": after}, "attempts": 1}


ANSWERED = {"content": "It is mild.", "calls": []}


@pytest.mark.parametrize(
    ("step", "told"),
    [
        ("chat", TEXT),
        ("stream", {"said": {"content": "Hello.", "pieces": 1}}),
        ("tools", TEXT),
        ("tools", called(ANSWERED)),
        ("tools", called({"content": None, "calls": [CALL]})),
        ("embeddings", {"said": {"embedding": [0.5, 1]}}),
        ("models", {"said": {"models": 1}}),
        ("wrong_key", raised("AuthenticationError", status=401)),
        ("wrong_key", raised("AuthError", status=401)),
        ("unknown_model", raised("NotFoundError", status=404)),
    ],
)
def test_call_that_worked_has_no_problem(step: str, told: dict[str, Any]) -> None:
    assert STEPS[step].problem(told) is None


@pytest.mark.parametrize(
    ("step", "told"),
    [
        ("chat", raised("InternalServerError", status=500)),
        ("chat", {"said": {"content": None, "calls": []}}),
        ("stream", {"said": {"content": "", "pieces": 0}}),
        ("tools", called({"content": "", "calls": []})),
        ("tools", called(ANSWERED, name=None)),
        ("tools", called(ANSWERED, arguments={})),
        ("embeddings", {"said": {"embedding": "AAAA"}}),
        ("embeddings", raised("ValueError")),
        ("models", {"said": {"models": 0}}),
        ("wrong_key", TEXT),
        ("wrong_key", raised("NotFoundError", status=404)),
        ("unknown_model", raised("BadRequestError", status=400)),
    ],
)
def test_call_that_failed_has_a_problem(step: str, told: dict[str, Any]) -> None:
    assert STEPS[step].problem(told) is not None


def streamed(body: bytes) -> Answer:
    return Answer(
        exchange="",
        method="POST",
        path="",
        status=200,
        headers={"content-type": "text/event-stream"},
        body=body,
        first_byte_s=0.0,
        total_s=0.0,
        pieces=(Piece(t_s=0.0, data=body),),
    )


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (b'data: {"a": 1}\n\ndata: [DONE]\n\n', True),
        (b'data: {"a": 1}\r\n\r\n', False),
        (b'data:{"a": 1}\n\n', False),
        (b'data: {"a":\ndata: 1}\n\n', False),
        (b': comment\n\ndata: {"a": 1}\n\n', False),
        (b'event: x\ndata: {"a": 1}\n\n', False),
        (b'data: {"a": "\xff"}\n\n', False),
        (b"data: text\n\n", False),
    ],
)
def test_plain_stream_is_told_from_one_that_clients_may_misread(body: bytes, expected: bool) -> None:  # noqa: FBT001
    assert is_plain(read_stream(streamed(body))) is expected


def chat_server(*, status: str = "200 OK", body: Any = None) -> Any:
    """Return a script for a server that answers every chat in this way, and has one model."""
    answer = body or {"choices": [{"message": {"role": "assistant", "content": "Hello."}}]}

    def script(peer: "Peer") -> None:
        while True:
            request = peer.read()
            if request.method == "GET":
                peer.answer(b'{"models": [{"id": "m", "supports": ["chat"]}]}', headers=JSON)
            else:
                peer.answer(json.dumps(answer).encode(), status=status, headers=JSON)

    return script


JSON = "Content-Type: application/json\r\n"
BLOCKED = Report(client="client 1", steps={"chat": raised("PermissionDenied", status=403)})


def test_client_that_is_refused_alone_is_a_broken_promise(serve: "Serve", with_probe: "ProbeRun") -> None:
    with pytest.raises(Broken, match=r"PermissionDenied 403: no \(client 1, chat\)"):
        with_probe(serve(chat_server()).url, lambda probe: expect_step(probe, BLOCKED, "chat"))


def test_call_that_does_not_work_without_the_client_either_is_undecided(serve: "Serve", with_probe: "ProbeRun") -> None:
    script = chat_server(status="403 Forbidden", body={"error": {}})
    with pytest.raises(Undecided, match="without the client either"):
        with_probe(serve(script).url, lambda probe: expect_step(probe, BLOCKED, "chat"))


@pytest.mark.parametrize("report", [Report(client="c"), Report(client="c", steps={"chat": raised("X", status=429)})])
def test_nothing_is_held_against_the_target_that_tells_nothing_of_it(
    serve: "Serve", with_probe: "ProbeRun", report: Report
) -> None:
    with pytest.raises(Undecided):
        with_probe(serve(chat_server()).url, lambda probe: expect_step(probe, report, "chat"))


def test_stream_of_a_permitted_form_that_the_client_misreads_is_undecided(
    serve: "Serve", with_probe: "ProbeRun"
) -> None:
    def script(peer: "Peer") -> None:
        while True:
            peer.read()
            event = b'data:{"choices": [{"delta": {"content": "Hello."}}]}\r\r'
            peer.answer(event, headers="Content-Type: text/event-stream\r\n")

    report = Report(client="c", steps={"stream": {"said": {"content": "", "pieces": 0}}})
    with pytest.raises(Undecided, match="permitted"):
        with_probe(serve(script).url, lambda probe: expect_step(probe, report, "stream"), models={"chat": "m"})


def test_spent_budget_starts_no_client(serve: "Serve", with_probe: "ProbeRun") -> None:
    with pytest.raises(Undecided, match="--max-requests"):
        with_probe(serve(chat_server()).url, lambda probe: make_room(probe, 9), budget={"max_requests": 8})


MODELS = {"chat": "m", "embeddings": "m", "tools": "m"}


def run_script(with_probe: "ProbeRun", folder: Path, text: str) -> tuple[Report, int]:
    """Run a client that consists of this script."""
    script = folder / "client.py"
    script.write_text(text)

    async def use(probe: Probe) -> tuple[Report, int]:
        report = await run_python_client(probe, script, sys.executable)
        return report, probe.session.recorder.requests

    result: tuple[Report, int] = with_probe("http://127.0.0.1:9", use, models=MODELS)
    return result


def test_client_gets_its_order_and_tells_its_steps(with_probe: "ProbeRun", tmp_path: Path) -> None:
    text = """
import json, sys
order = json.load(sys.stdin)
print(json.dumps({"client": "c 1"}))
print(json.dumps({"step": "chat", "attempts": 2, "said": {"url": order["base_url"], "sent": 2}}))
"""
    report, requests = run_script(with_probe, tmp_path, text)
    assert (report.client, report.steps["chat"]["said"]["url"], requests) == ("c 1", "http://127.0.0.1:9/v1", 3)


def test_key_is_in_the_environment_alone(with_probe: "ProbeRun", tmp_path: Path) -> None:
    text = """
import json, os, sys
key = os.environ["CLIENT_API_KEY"]
shown = key in " ".join(sys.argv) or key in sys.stdin.read()
print(json.dumps({"step": "chat", "attempts": 1, "said": {"shown": shown, "names": sorted(os.environ)}}))
"""
    report, _ = run_script(with_probe, tmp_path, text)
    said = report.steps["chat"]["said"]
    names = {"CLIENT_API_KEY", "HOME", "LANG", "LC_CTYPE", "PATH", "PYTHONDONTWRITEBYTECODE", "PYTHONUSERBASE"}
    assert (said["shown"], set(said["names"]) - names) == (False, set())


def test_package_that_is_missing_says_how_to_install_it(with_probe: "ProbeRun", tmp_path: Path) -> None:
    with pytest.raises(NotApplicable, match=r"pip install 'assisters-verify\[sdk\]'"):
        run_script(with_probe, tmp_path, """print('{"missing": "x"}')""")


def test_client_that_breaks_says_how_it_ended(with_probe: "ProbeRun", tmp_path: Path) -> None:
    report, _ = run_script(with_probe, tmp_path, "raise SystemExit('no such luck')")
    assert (report.steps, report.ended) == ({}, "ended with status 1: no such luck")


def test_what_a_client_may_send_is_set_aside_before_it_sends_it(serve: "Serve", with_probe: "ProbeRun") -> None:
    """Otherwise others spend it meanwhile, and all together send more than --max-requests."""

    counted: list[int] = []

    async def check(probe: Probe) -> None:
        await make_room(probe, 5)
        counted.append(probe.session.recorder.requests)

    with_probe(serve(chat_server()).url, check, budget={"max_requests": 8})
    assert counted == [5]
