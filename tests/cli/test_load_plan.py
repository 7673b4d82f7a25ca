"""A plan says what a run would send and spend, and what is assumed for it."""

from pathlib import Path
from typing import Any

from assisters_verify.cli.load_plan import plan_lines
from assisters_verify.settings.load import LoadSettings


def plan(scenario: str = "chat", **values: Any) -> str:
    loop = {} if {"users", "replay"} & values.keys() else {"rate_per_s": 10}
    settings = {"scenario": scenario, "profile": "own", "duration_s": 60, **loop, **values}
    return "\n".join(plan_lines(LoadSettings.model_validate(settings)))


def test_an_open_loop_is_counted() -> None:
    text = plan(warm_up_s=10, prompt_words=30, answer_tokens=60)
    assert "requests  about 700\n" in text
    assert "tokens    about 70,000: 40 a prompt (4/3 a word) and 60 an answer" in text


def test_a_closed_loop_is_estimated_and_says_on_what() -> None:
    assert "requests  about 300, if an answer takes 1 s" in plan(users=5)


def test_caps_bound_what_is_sent() -> None:
    text = plan(max_requests=50)
    assert ("about 50\n" in text, "Never more than 50 requests" in text) == (True, True)


def test_a_cap_that_would_end_the_run_early_is_named() -> None:
    caps: list[dict[str, Any]] = [{}, {"max_requests": 599}, {"max_tokens": 59_999}, {"max_tokens": 60_000}]
    texts = [plan(**values) for values in caps]
    early = [text.partition("mind      ")[2].partition(":")[0] for text in texts]
    assert early == ["", "it would stop before its time", "it may stop before its time", ""]


def test_keys_say_where_they_come_from() -> None:
    assert ("keys      1\n" in plan(), "from keys.txt" in plan(keys=2, keys_file=Path("keys.txt"))) == (True, True)


def test_a_replay_is_named() -> None:
    assert "the requests of day.jsonl, at their times" in plan(replay=Path("day.jsonl"))
