"""Mixed-up answers between users are seen in real runs: against real servers, with prompts that ask for a word."""

import json
from collections.abc import Callable
from pathlib import Path
from random import Random

import pytest

from assisters_verify.contract.load_requests import MAKERS
from assisters_verify.contract.own_words import own_words_in
from assisters_verify.contract.throttling.judging import bench_of
from assisters_verify.contract.throttling.lanes import lanes_of
from assisters_verify.load_run import fixed_keys, run_load
from assisters_verify.reference.options import ReferenceOptions
from assisters_verify.reference.server import ReferenceServer
from assisters_verify.settings.base_url import parse_base_url
from assisters_verify.settings.lengths import Lengths
from assisters_verify.settings.load import LoadSettings
from assisters_verify.settings.target import Target

Judge = Callable[..., str]
CHANCE = Random(1)  # noqa: S311 - load


@pytest.fixture
def verdict(tmp_path: Path) -> Judge:
    """Return a function that says what LOAD-16 is after a run of eight users."""

    def run(scenario: str = "chat", *, faults: tuple[str, ...] = (), readings: tuple[str, ...] = ()) -> str:
        options = ReferenceOptions(limit=None, latency_s=0.01, token_gap_s=0.0, faults=faults, readings=readings)
        with ReferenceServer(options) as server:
            target = Target(base_url=parse_base_url(server.base_url))
            settings = LoadSettings(
                scenario=scenario, target=target, users=8, duration_s=1.0, drain_s=5.0, report_dir=tmp_path
            )
            finished = run_load(
                settings, keys=fixed_keys(server.api_key), bench=bench_of(scenario), on_event=lambda _event: None
            )
        assert finished.document is not None
        return {each["id"]: str(each["verdict"]) for each in finished.document["clauses"]}["LOAD-16"]

    return run


def test_answers_that_are_mixed_up_are_found(verdict: Judge) -> None:
    assert verdict(faults=("answers_are_mixed_up",)) == "fail"


@pytest.mark.parametrize("scenario", ["chat", "tools"])
def test_conforming_server_passes(verdict: Judge, scenario: str) -> None:
    assert verdict(scenario) == "pass"


def test_server_with_texts_of_its_own_shows_nothing(verdict: Judge) -> None:
    assert verdict(readings=("model_does_not_repeat",)) == "inconclusive"


@pytest.mark.parametrize("kind", ["chat", "streaming", "tools"])
def test_prompt_asks_for_its_word_first_and_has_its_length(kind: str) -> None:
    settings = LoadSettings(scenario=kind, rate_per_s=1.0, prompt_words=Lengths(fixed=30))
    body = json.loads(MAKERS[kind](settings)(CHANCE, 0).body)
    prompt = body["messages"][0]["content"].removesuffix(" What is the weather in Paris?")
    (word,) = own_words_in(prompt)

    assert (prompt.startswith(f"Begin your answer with {word}. "), len(prompt.split())) == (True, 30)


def test_second_half_of_a_round_trip_brings_the_word_of_the_first() -> None:
    request = MAKERS["tools"](LoadSettings(scenario="tools", rate_per_s=1.0))(CHANCE, 0)
    assert request.follow is not None
    call = {"id": "1", "type": "function", "function": {"name": "get_weather", "arguments": "{}"}}
    second = request.follow({"choices": [{"message": {"role": "assistant", "content": None, "tool_calls": [call]}}]})

    assert second is not None
    assert own_words_in(second.body.decode()) == own_words_in(request.body.decode()) != set()


@pytest.mark.parametrize("words", [1, 4, 5])
def test_short_prompts_keep_their_length_and_their_word(words: int) -> None:
    settings = LoadSettings(scenario="chat", rate_per_s=1.0, prompt_words=Lengths(fixed=words))
    prompt = json.loads(MAKERS["chat"](settings)(CHANCE, 0).body)["messages"][0]["content"]

    assert (len(own_words_in(prompt)), len(prompt.split())) == (1, words)


def test_completions_of_scenarios_about_limits_ask_for_their_word() -> None:
    settings = LoadSettings(scenario="throttling", rate_per_s=1.0, keys=6)
    requests = [lane.request(CHANCE, 0) for lane in lanes_of(settings) if lane.kind != "models"]

    assert requests
    assert {len(own_words_in(request.body.decode())) for request in requests} == {1}
