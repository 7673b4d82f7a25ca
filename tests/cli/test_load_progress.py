"""A running load is shown in a line, for people or for machines, and nobody has to look."""

import json
from typing import Any

import pytest

from assisters_verify.cli.load_progress import LoadEventLines, LoadProgress, second_line
from assisters_verify.settings.load import LoadSettings

SETTINGS = LoadSettings.model_validate({"scenario": "chat", "rate_per_s": 4, "duration_s": 60})
SECOND = {"event": "second", "t_s": 12.0, "phase": "warm_up", "sent": 1234, "running": 3, "refused": 2, "failed": 0}


def test_a_second_is_told_in_words() -> None:
    line = second_line({**SECOND, "ttft_p95_s": 0.25}, SETTINGS)
    assert line == "12 s of 1 min (warm-up), 1,234 sent, 3 under way, 2 refused, first token p95 250 ms"


def test_away_from_a_terminal_a_line_comes_now_and_then(capsys: pytest.CaptureFixture[str]) -> None:
    times = iter([0.0, 1.0, 11.0, 11.0, 12.0])
    with LoadProgress(SETTINGS, now=lambda: next(times)) as progress:
        for _ in range(3):
            progress.show(SECOND)
    assert len(capsys.readouterr().err.splitlines()) == 1


def test_a_lost_worker_is_told_at_once_and_inert(capsys: pytest.CaptureFixture[str]) -> None:
    with LoadProgress(SETTINGS) as progress:
        progress.show({"event": "worker_lost", "worker": "a\x1b[31m", "reason": "gone"})
    assert capsys.readouterr().err == "lost: worker a\\x1b[31m gone\n"


def test_machines_get_each_event_and_what_was_found(capsys: pytest.CaptureFixture[str]) -> None:
    lines = LoadEventLines()
    lines.show(SECOND)
    names = ("verdict", "interrupted", "failure", "duration_s", "requests", "rate", "shares", "thresholds")
    document: dict[str, Any] = dict.fromkeys(names, "x")
    lines.finish(document, exit_status=5)
    first, last = (json.loads(line) for line in capsys.readouterr().out.splitlines())
    assert (first, last["event"], last["exit_status"]) == (SECOND, "finished", 5)
