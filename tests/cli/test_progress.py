"""What goes on is shown to whoever looks, and what a target wrote acts on no terminal and no CI system."""

import io
import json
from typing import Any

import jsonschema
import pytest
from rich.console import Console

from assisters_verify.catalogue import Clause
from assisters_verify.cli.progress import EventLines, Progress, Silence
from assisters_verify.content import content_root
from assisters_verify.verdicts import Basis, Level

CLAUSES = [
    Clause(id=name, area="chat", level=level, basis=Basis.IMPLIED, section="s", title="t")
    for name, level in (("CHAT-01", Level.MUST), ("CHAT-02", Level.SHOULD))
]


def outcome(verdict: str, *, clause: str = "CHAT-01", reason: str = "why", asked: bool = True) -> dict[str, Any]:
    return {"event": "outcome", "asked": asked, "outcome": {"verdict": verdict, "clause": clause, "reason": reason}}


def shown(capsys: pytest.CaptureFixture[str], *events: dict[str, Any]) -> list[str]:
    with Progress(CLAUSES) as progress:
        progress.show({"event": "collected", "checks": 3})
        progress.show({"event": "start", "clause": "CHAT-01"})
        for event in events:
            progress.show(event)
    return capsys.readouterr().err.splitlines()


@pytest.mark.parametrize(
    ("event", "expected"),
    [
        (outcome("fail"), ["fail  CHAT-01    why"]),
        (outcome("not_implemented"), ["not_implemented CHAT-01    why"]),
        (outcome("error"), ["error CHAT-01    why"]),
        (outcome("error", clause="CHAT-02"), ["error CHAT-02    why"]),
        (outcome("not_implemented", clause="CHAT-02"), []),
        (outcome("warn"), []),
        (outcome("pass"), []),
        (outcome("inconclusive"), []),
        (outcome("fail", asked=False), []),
        ({"event": "end"}, []),
        ({"event": "something new"}, []),
    ],
)
def test_broken_promises_are_shown_a_line_each(
    capsys: pytest.CaptureFixture[str], event: dict[str, Any], expected: list[str]
) -> None:
    assert shown(capsys, event) == expected


def test_a_clause_is_told_once(capsys: pytest.CaptureFixture[str]) -> None:
    lines = shown(capsys, outcome("fail"), outcome("fail", reason="and again"), outcome("error", clause="CHAT-02"))
    assert lines == ["fail  CHAT-01    why", "error CHAT-02    why"]


def test_what_a_target_wrote_acts_nowhere(capsys: pytest.CaptureFixture[str]) -> None:
    hostile = "\x1b[31mred [bold]x[/bold] :smile: \r\n::error::taken over\n##[error]too \u202eevil"
    (line,) = shown(capsys, outcome("fail", reason=hostile))
    assert line == (
        r"fail  CHAT-01    \x1b[31mred [bold]x[/bold] :smile: \r\n::error::taken over\n\x23#[error]too \u202eevil"
    )


@pytest.mark.parametrize("error", [BrokenPipeError(32, "Broken pipe"), OSError(28, "No space left on device")])
def test_nobody_who_looks_ends_no_run(monkeypatch: pytest.MonkeyPatch, error: OSError) -> None:
    class Gone(io.StringIO):
        def write(self, _: str) -> int:
            raise error

    monkeypatch.setattr(Console, "file", property(lambda _: Gone(), lambda *_: None))
    progress = Progress(CLAUSES)
    for _ in range(3):
        progress.show(outcome("fail"))
    assert progress._broken == 3


def told(capsys: pytest.CaptureFixture[str], *events: dict[str, Any]) -> str:
    clock = iter([0.0, *[40.0] * 100])
    progress = Progress(CLAUSES, now=lambda: next(clock))
    for event in ({"event": "collected", "checks": 20}, *events):
        progress.show(event)
    progress.tell()
    return capsys.readouterr().err.strip()


def test_a_plain_line_says_totals_time_left_and_what_is_running(capsys: pytest.CaptureFixture[str]) -> None:
    done = [{**outcome("pass"), "requests": 31} for _ in range(10)]
    running = [{"event": "start", "check": f"c{n}", "clause": f"CHAT-0{n}"} for n in range(1, 6)]
    expected = "10 of 20 checks, 10 kept, 0 broken, 31 requests, 40 s, about 40 s left; running: "
    assert told(capsys, *done, *running) == f"{expected}CHAT-01, CHAT-02, CHAT-03 and 2 more"


def test_a_plain_line_says_no_more_than_is_known(capsys: pytest.CaptureFixture[str]) -> None:
    assert told(capsys) == "0 of 20 checks, 0 kept, 0 broken, 0 requests, 40 s"


def test_silence_shows_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    with Silence() as silence:
        silence.show(outcome("fail"))
    assert capsys.readouterr() == ("", "")


def lines(capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    full = {"check": "test_a", "clause": "CHAT-01", "verdict": "fail", "reason": "\x1b[31m\u202e", "duration_s": 0.5}
    with EventLines(CLAUSES, target="http://127.0.0.1:1") as progress:
        progress.show({"event": "collected", "checks": 2})
        progress.show({"event": "start", "check": "test_a", "clause": "CHAT-01"})
        progress.show({"event": "outcome", "asked": True, "requests": 3, "outcome": full})
        progress.show({"event": "outcome", "asked": False, "requests": 4, "outcome": {**full, "clause": "CHAT-02"}})
        progress.show({"event": "end", "requests": 4})
        results: dict[str, Any] = {
            "verdict": "nonconformant",
            "interrupted": None,
            "requests": 4,
            "duration_s": 1.5,
            "areas": {},
        }
        progress.finish(results, exit_status=1, reports=["r/results.json"])
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def test_machines_get_a_line_for_each_event_that_says_something(capsys: pytest.CaptureFixture[str]) -> None:
    kinds = [line["event"] for line in lines(capsys)]
    assert kinds == ["started", "collected", "check_started", "check_ended", "finished"]


def test_each_line_keeps_to_its_published_form(capsys: pytest.CaptureFixture[str]) -> None:
    schema = json.loads((content_root() / "reports" / "events.schema.json").read_text(encoding="utf-8"))
    validator = jsonschema.Draft202012Validator(schema)
    problems = [error.message for line in lines(capsys) for error in validator.iter_errors(line)]
    assert problems == []


def test_a_line_for_machines_acts_on_no_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    lines(capsys)
    EventLines(CLAUSES, target="http://x/\x1b[31m\u202e")
    assert capsys.readouterr().out.isascii()


def test_totals_stand_beside_each_outcome(capsys: pytest.CaptureFixture[str]) -> None:
    totals = lines(capsys)[3]["totals"]
    assert (totals["done"], totals["total"], totals["broken"], totals["requests"]) == (1, 2, 1, 3)
