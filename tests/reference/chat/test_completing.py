# ruff: noqa: RUF001 - text of many scripts
"""Chat completions: the documented answer, plain and streamed."""

from typing import Any

import pytest

from assisters_verify.reference.chat.completing import FAILURE_MARKER

TEXTS = ["Hello", "Grüße  aus\nKöln\t!", "Привет, мир", "你好，世界。再见", "مرحبا بالعالم", "שלום עולם", "नमस्ते दुनिया",
         "こんにちは世界", "안녕하세요 세계", "สวัสดีชาวโลก", "👩‍👩‍👧‍👦 🎉 🇩🇪",
         "<b>&amp;</b> {\"a\": [1]} \\n 'x'", "a\u0301 e\u0301"]  # fmt: skip


def test_answer_has_the_documented_shape(api: Any) -> None:
    seen = api.chat("Explain quantum computing.", temperature=0.7, max_tokens=1000)
    message = seen.json["choices"][0]["message"]
    assert (seen.status, message["role"], bool(message["content"])) == (200, "assistant", True)


def test_answer_has_what_clients_expect(api: Any) -> None:
    shown = api.chat("Say only OK").json
    fields = (shown["object"], shown["model"], shown["choices"][0]["finish_reason"], shown["usage"]["total_tokens"])
    assert fields == ("chat.completion", "gpt-4.1-mini", "stop", 4)


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize("text", TEXTS)
def test_text_comes_back_unharmed(api: Any, text: str, stream: bool) -> None:  # noqa: FBT001 - the parameter
    prompt = f"Repeat the following text exactly, and nothing else:\n{text}"
    assert api.chat(prompt, stream=stream).text == text


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize("bound", [1, 2, 7, 50])
def test_max_tokens_bounds_the_words(api: Any, bound: int, stream: bool) -> None:  # noqa: FBT001 - the parameter
    text = api.chat("Count from 1 to 200", max_tokens=bound, stream=stream).text
    assert len(text.split()) == bound


def test_cut_answer_says_so(api: Any) -> None:
    assert api.chat("Count from 1 to 200", max_tokens=5).json["choices"][0]["finish_reason"] == "length"


def test_tokens_option_fixes_the_length(make_api: Any) -> None:
    api = make_api(tokens=40)
    pieces = [event["choices"][0]["delta"] for event in api.chat(stream=True).events[:-2]]
    assert len(pieces) == 40


def test_stream_joins_to_the_plain_answer(api: Any) -> None:
    assert api.chat("Write 100 words", stream=True).text == api.chat("Write 100 words").text


def test_stream_says_role_finish_and_done(api: Any) -> None:
    events = api.chat("Count from 1 to 3", stream=True).events
    first, last = events[0]["choices"][0], events[-2]["choices"][0]
    assert (first["delta"]["role"], last["finish_reason"], events[-1]) == ("assistant", "stop", "[DONE]")


def test_stream_ends_with_usage_where_asked(api: Any) -> None:
    events = api.chat("Say only OK", stream=True, stream_options={"include_usage": True}).events
    assert (events[-2]["choices"], events[-2]["usage"]["completion_tokens"]) == ([], 1)


def test_stream_is_refused_with_a_plain_status(api: Any) -> None:
    seen = api.chat(model="no-such-model", stream=True)
    assert (seen.status, seen.json["error"]["code"]) == (404, "model_not_found")


def test_reasoning_stands_beside_content(api: Any) -> None:
    message = api.chat("Solve 2x + 3 = 7.", reasoning=True).json["choices"][0]["message"]
    assert (message["content"][-6:], bool(message["reasoning"])) == ("x = 2.", True)


def test_reasoning_is_streamed_before_content(api: Any) -> None:
    seen = api.chat("Solve 2x + 3 = 7.", reasoning=True, stream=True)
    deltas = [event["choices"][0]["delta"] for event in seen.events if event != "[DONE]"]
    kinds = [next(iter(delta.keys() - {"role"})) for delta in deltas if delta]
    assert (kinds[0], kinds[-1], kinds == sorted(kinds, reverse=True)) == ("reasoning", "content", True)


def test_no_reasoning_unasked(api: Any) -> None:
    assert "reasoning" not in api.chat().json["choices"][0]["message"]


@pytest.mark.parametrize("stream", [False, True])
def test_mask_redacts_what_the_prompt_held(api: Any, stream: bool) -> None:  # noqa: FBT001 - the parameter
    secrets = ["ann@example.com", "555-867-5309", "219-09-9999", "4111 1111 1111 1111"]
    prompt = f"Repeat exactly: {', '.join(secrets)}"
    plain, masked = api.chat(prompt, stream=stream).text, api.chat(prompt, stream=stream, mask=True).text
    assert ([one in plain for one in secrets], [one in masked for one in secrets]) == ([True] * 4, [False] * 4)


def test_marker_makes_the_model_fail(api: Any) -> None:
    seen = api.chat(FAILURE_MARKER)
    assert (seen.status, seen.json["error"]["message"]) == (500, "Model inference failed.")


def test_same_seed_gives_the_same_text(make_api: Any) -> None:
    one, same, other = (make_api(seed=seed).chat("Write 20 words").text for seed in (1, 1, 2))
    assert (one == same, one == other) == (True, False)
