"""What goes on is shown to whoever looks, and what a target wrote acts on no terminal and no CI system."""

import io
from typing import Any

import pytest
from rich.console import Console

from assisters_verify.catalogue import Clause
from assisters_verify.cli.progress import Progress
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
