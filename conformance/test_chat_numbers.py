"""Chat completions: the numbers of a request, which have bounds, and the bound that one of them is."""

import json
from typing import Any

import pytest

from assisters_verify.answer import Answer
from assisters_verify.checks import clause
from assisters_verify.contract.asking_once import post_once
from assisters_verify.contract.completions import (
    CHAT,
    LONG_PROMPT,
    chat_body,
    complete,
    expect_messages,
    word_count,
)
from assisters_verify.contract.envelope import expect_refusal
from assisters_verify.contract.repeating import repeat_prompt
from assisters_verify.judgement import Broken
from assisters_verify.probe import Probe

# Tokens that are soon used up.
_FEW = 5


@clause("CHAT-08", needs=["CHAT-01"])
@pytest.mark.parametrize("temperature", [0, 0.0, 0.01, 0.5, 0.7, 0.99, 1, 1.0])
async def test_temperature_in_range_is_accepted(probe: Probe, temperature: float) -> None:
    """0 to 1, both ends included, whole or fractional."""
    await complete(probe, temperature=temperature, label=f"with temperature {temperature!r}")


_BAD_TEMPERATURES: list[Any] = [
    -0.1,
    -1,
    -0.001,
    1.001,
    1.1,
    1.5,
    2,
    100,
    "0.5",
    "hot",
    "",
    True,
    False,
    [0.5],
    {"value": 0.5},
]


@clause("CHAT-09", needs=["CHAT-22"])
@pytest.mark.parametrize("temperature", _BAD_TEMPERATURES, ids=repr)
async def test_temperature_out_of_range_is_refused(probe: Probe, temperature: Any) -> None:
    """Below 0, above 1, or no number: 400."""
    body = await chat_body(probe, temperature=temperature)
    answer = await post_once(probe, CHAT, body, label=f"with temperature {temperature!r}")
    expect_refusal(answer, 400, param="temperature", why="temperature not a number from 0 to 1")


_BAD_MAX_TOKENS: list[Any] = [-1, -1000, 1.5, 0.5, "10", "many", "", True, False, [10], {"value": 10}]


@clause("CHAT-10", needs=["CHAT-22"])
@pytest.mark.parametrize("max_tokens", _BAD_MAX_TOKENS, ids=repr)
async def test_max_tokens_that_is_no_positive_integer_is_refused(probe: Probe, max_tokens: Any) -> None:
    """Negative numbers, fractions, texts and booleans: 400."""
    body = await chat_body(probe, max_tokens=max_tokens)
    answer = await post_once(probe, CHAT, body, label=f"with max_tokens {max_tokens!r}")
    expect_refusal(answer, 400, param="max_tokens", why="max_tokens not a positive integer")


_NO_NUMBERS = {
    "beyond_doubles": ("temperature", b"1e400"),
    "leading_zero": ("temperature", b"01"),
    "hexadecimal": ("max_tokens", b"0x10"),
    "max_tokens_beyond_doubles": ("max_tokens", b"1e400"),
}


@clause("CHAT-09", needs=["CHAT-22"])
@pytest.mark.parametrize("kind", [kind for kind, (field, _) in _NO_NUMBERS.items() if field == "temperature"])
async def test_temperature_at_the_edge_of_json_is_refused(probe: Probe, kind: str) -> None:
    """What JSON does not know as a number, or no double can hold: 400."""
    await _expect_number_refused(probe, kind)


@clause("CHAT-10", needs=["CHAT-22"])
@pytest.mark.parametrize("kind", [kind for kind, (field, _) in _NO_NUMBERS.items() if field == "max_tokens"])
async def test_max_tokens_at_the_edge_of_json_is_refused(probe: Probe, kind: str) -> None:
    """What JSON does not know as an integer, or no machine can hold: 400."""
    await _expect_number_refused(probe, kind)


async def _expect_number_refused(probe: Probe, kind: str) -> None:
    field, number = _NO_NUMBERS[kind]
    body = json.dumps({**await chat_body(probe), field: "NUMBER"}).encode().replace(b'"NUMBER"', number)
    answer = await post_once(probe, CHAT, content=body, label=f"with {field} {number.decode()}")
    expect_refusal(answer, 400, why=f"{field} that is no number")


@clause("CHAT-11", needs=["CHAT-01"])
@pytest.mark.parametrize("max_tokens", [1, 2, 3, 5, 10, 25])
async def test_max_tokens_bounds_the_answer(probe: Probe, max_tokens: int) -> None:
    """Never more words than that: a word is at least one token."""
    body = await chat_body(probe, LONG_PROMPT, max_tokens=max_tokens)
    answer = await probe.post(CHAT, body, label=f"with max_tokens {max_tokens}")
    _expect_at_most(answer, max_tokens)


@clause("CHAT-11", needs=["CHAT-01"])
async def test_max_tokens_bounds_words_that_no_space_parts(probe: Probe) -> None:
    """Words on lines of their own, and between tabs, count like others."""
    numbers = [str(number) for number in range(1, 41)]
    prompt = repeat_prompt("\n".join(numbers[:20]) + "\n" + "\t".join(numbers[20:]))
    answer = await probe.post(CHAT, await chat_body(probe, prompt, max_tokens=_FEW), label=f"with max_tokens {_FEW}")
    _expect_at_most(answer, _FEW)


def _expect_at_most(answer: Answer, most: int) -> None:
    for message in expect_messages(answer):
        count = word_count(str(message.get("content") or ""))
        if count > most:
            raise Broken(expected=f"at most {most} words", received=f"{count} words", answer=answer)


@clause("CHAT-16", needs=["CHAT-22"])
async def test_max_tokens_of_zero_is_refused(probe: Probe) -> None:
    """An answer of no length is none: 400."""
    expect_refusal(
        await probe.post(CHAT, await chat_body(probe, max_tokens=0), label="with max_tokens 0"), 400, why="max_tokens 0"
    )
