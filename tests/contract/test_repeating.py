"""Whether a model repeats a text is found out once, and what belongs to another request is seen."""

import json
from typing import TYPE_CHECKING, Any

import pytest

from assisters_verify.answer import Answer, Piece
from assisters_verify.contract.repeating import (
    Marked,
    expect_nothing_of_others,
    marked,
    own_word,
    repeat_prompt,
    require_repeating,
)
from assisters_verify.judgement import Broken, Undecided

if TYPE_CHECKING:
    from tests.conftest import Peer, ProbeRun, ScriptedServer, Serve

    from assisters_verify.probe import Probe


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("aaa one two bbb", "one two"),
        ("Sure: aaa  one two  bbb!", "one two"),
        ("aaa\none\nbbb", "one"),
        ("aaabbb", ""),
        ("one two", None),
        ("aaa one two", None),
        ("one two bbb", None),
        ("bbb one two aaa", None),
        ("bbb aaa one bbb", "one"),
        ("", None),
    ],
)
def test_text_is_found_between_its_marks(said: str, expected: str | None) -> None:
    assert Marked("aaa", "one two", "bbb").found_in(said) == expected


def test_marks_are_words_of_their_own() -> None:
    first, second = marked("x"), marked("x")
    assert len({first.before, first.after, second.before, second.after}) == 4
    assert str(first) == f"{first.before} x {first.after}"
    assert first.found_in(repeat_prompt(first)) == "x"


def talking(serve: "Serve", say: Any) -> "ScriptedServer":
    """Return a server whose model says this of each prompt."""

    def script(peer: "Peer") -> None:
        while True:
            prompt = json.loads(peer.read().body)["messages"][0]["content"]
            message = {"role": "assistant", "content": say(prompt)}
            peer.answer(json.dumps({"choices": [{"message": message}]}).encode())

    return serve(script)


async def ask_twice(probe: "Probe") -> None:
    await require_repeating(probe)
    await require_repeating(probe)


@pytest.mark.parametrize("say", [lambda prompt: prompt.partition("\n")[2], lambda prompt: f"Sure! {prompt}"])
def test_model_that_repeats_is_asked_once_in_a_run(serve: "Serve", with_probe: "ProbeRun", say: Any) -> None:
    server = talking(serve, say)
    with_probe(server.url, ask_twice, models={"chat": "m"})
    assert len(server.received) == 2


@pytest.mark.parametrize(
    "say", [lambda _: "Hello.", lambda prompt: prompt.replace("three", "3"), lambda prompt: prompt[:-12]]
)
def test_model_that_does_not_repeat_leaves_it_undecided(serve: "Serve", with_probe: "ProbeRun", say: Any) -> None:
    server = talking(serve, say)
    with pytest.raises(Undecided, match="asked 2 times to repeat a text, the model says something else"):
        with_probe(server.url, ask_twice, models={"chat": "m"})
    assert len(server.received) == 1


def exchange(name: str, sent: str, said: str, *, is_stream: bool = False, **headers: str) -> Answer:
    body = said.encode()
    pieces: tuple[Piece, ...] = ()
    if is_stream:
        events = [{"choices": [{"delta": {"content": said[at : at + 5]}}]} for at in range(0, len(said), 5)]
        body = b"".join(b"data: %s\n\n" % json.dumps(event).encode() for event in events)
        pieces = (Piece(t_s=0.1, data=body),)
    return Answer(
        exchange=name,
        method="POST",
        path="/v1/chat/completions",
        status=200,
        headers={},
        body=body,
        first_byte_s=0.0,
        total_s=0.0,
        pieces=pieces,
        sent=sent.encode(),
        sent_headers={name.replace("_", "-"): value for name, value in headers.items()},
    )


@pytest.mark.parametrize("is_stream", [False, True])
def test_word_of_another_request_is_seen(*, is_stream: bool) -> None:
    mine, other = own_word(), own_word()
    answers = [exchange("x1", f"say {mine}", mine), exchange("x2", f"say {other}", f"So: {mine}.", is_stream=is_stream)]
    with pytest.raises(Broken) as caught:
        expect_nothing_of_others(answers)
    assert (caught.value.received, caught.value.answer) == (f"{mine!r}, which belongs to x1", answers[1])


@pytest.mark.parametrize("is_stream", [False, True])
def test_own_words_and_words_of_nobody_are_right(*, is_stream: bool) -> None:
    mine, other, shared = own_word(), own_word(), own_word()
    expect_nothing_of_others(
        [
            exchange("x1", f"{mine} {shared}", f"{mine} {shared}", is_stream=is_stream),
            exchange("x2", f"{other} {shared}", f"{shared} {other} {own_word()}", is_stream=is_stream),
            exchange("x3", "hello", "word words word123", is_stream=is_stream),
        ]
    )


def test_what_an_idempotency_key_repeats_is_not_judged_here() -> None:
    mine = own_word()
    expect_nothing_of_others([exchange("x1", mine, mine), exchange("x2", "other", mine, idempotency_key="k")])
