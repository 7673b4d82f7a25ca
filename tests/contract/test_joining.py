"""A streamed text is held against a plain one, and a model's mood is never taken for a fault."""

import itertools
import json
import random
from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

from assisters_verify.answer import Answer, Piece
from assisters_verify.contract.joining import _around_the_fault, expect_sound_joint, expect_text_like_plain
from assisters_verify.contract.streams import Stream, read_stream
from assisters_verify.judgement import Broken, Undecided

if TYPE_CHECKING:
    from tests.conftest import Peer, ProbeRun, Serve

    from assisters_verify.probe import Probe

Say = Callable[[str], str]
Split = Callable[[str], list[str]]
COUNTED = " ".join(str(number) for number in range(1, 41))


def events_of(pieces: list[str]) -> bytes:
    events = [{"choices": [{"delta": {"content": piece}}]} for piece in pieces]
    return b"".join(b"data: %s\n\n" % json.dumps(event).encode() for event in events)


def streamed(*pieces: str) -> Stream:
    body = events_of(list(pieces))
    return read_stream(
        Answer(
            exchange="x0001",
            method="POST",
            path="/v1/chat/completions",
            status=200,
            headers={"content-type": "text/event-stream"},
            body=body,
            first_byte_s=0.0,
            total_s=1.0,
            pieces=(Piece(t_s=0.1, data=body),),
        )
    )


@pytest.mark.parametrize(
    "pieces",
    [
        ("Hel", "lo", " there"),
        ("a", "a", "a", "a", "a", "a"),
        ("ha ", "ha ", "ho ", "ho "),
        ("1", "12"),
        ("x",),
        (),
        ("1", "12", "3"),
        ("a", "ab", "ab"),
        ("a", "a", "b", "b", "a", "a"),
        ("1 ", "1 ", "2 ", "2 ", "3 ", "3 ", "4 "),
        ("1", "1", "2", "2", "3", "4"),
    ],
)
def test_pieces_that_can_be_a_text_are_sound(pieces: tuple[str, ...]) -> None:
    expect_sound_joint(streamed(*pieces))


@pytest.mark.parametrize(
    ("pieces", "expected"),
    [
        (("He", "Hello", "Hello there"), "the next piece in each delta"),
        (("a", "a b", "a b c", "a b c d"), "the next piece in each delta"),
        (("one ", "one ", "two ", "two ", "three", "three"), "each piece once"),
    ],
)
def test_pieces_that_repeat_are_broken(pieces: tuple[str, ...], expected: str) -> None:
    with pytest.raises(Broken) as caught:
        expect_sound_joint(streamed(*pieces))
    assert caught.value.expected == expected


@pytest.mark.parametrize(
    ("received", "expected"),
    [
        ("w1 w2 w3 w4 w5 w6 w7 w8 w10 w11 w12", " w3 w4 w5 w6 w7 w8 w10 w11 w12"),
        ("Sure! w1 w2 w3 w5 w6", "w1 w2 w3 w5 w6"),
        ("w1 w2 w3 w4 w5 w6 w7 w8", "w2 w3 w4 w5 w6 w7 w8"),
        ("something else", "something else"),
        ("", ""),
    ],
)
def test_place_of_the_fault_is_shown_with_what_stands_around(received: str, expected: str) -> None:
    assert _around_the_fault("w1 w2 w3 w4 w5 w6 w7 w8 w9 w10 w11 w12", received) == expected


# Against a target


def repeat(prompt: str) -> str:
    return prompt.partition("\n")[2] or COUNTED


def count(_prompt: str) -> str:
    return COUNTED


def by_words(text: str) -> list[str]:
    return [word + " " for word in text.split(" ")[:-1]] + text.split(" ")[-1:]


def without_one(text: str) -> list[str]:
    pieces = by_words(text)
    return pieces[:7] + pieces[8:]


def swapped(text: str) -> list[str]:
    pieces = by_words(text)
    return [*pieces[:7], pieces[8], pieces[7], *pieces[9:]]


def one_twice(text: str) -> list[str]:
    pieces = by_words(text)
    return [*pieces[:7], *pieces[6:]]


def without_blanks(text: str) -> list[str]:
    return text.split(" ")


def cut_short(text: str) -> list[str]:
    return by_words(text)[:-4]


def check(serve: "Serve", with_probe: "ProbeRun", say: Say, split: Split, *, say_streamed: Say | None = None) -> None:
    """Judge a target whose model says this and whose streams are split so."""

    def script(peer: "Peer") -> None:
        while True:
            body = json.loads(peer.read().body)
            prompt = body["messages"][0]["content"]
            if body.get("stream"):
                text = (say_streamed or say)(prompt)
                peer.answer(events_of(split(text)), headers="Content-Type: text/event-stream\r\n")
            else:
                message = {"role": "assistant", "content": say(prompt)}
                peer.answer(json.dumps({"choices": [{"message": message}]}).encode())

    async def use(probe: "Probe") -> None:
        await expect_text_like_plain(probe)

    with_probe(serve(script).url, use, models={"chat": "m"})


@pytest.mark.parametrize("say", [repeat, count], ids=["repeats", "counts"])
@pytest.mark.parametrize("split", [by_words, lambda text: [text], list], ids=["words", "whole", "characters"])
def test_stream_of_the_same_text_holds(serve: "Serve", with_probe: "ProbeRun", say: Say, split: Split) -> None:
    check(serve, with_probe, say, split)


@pytest.mark.parametrize("say", [repeat, count], ids=["repeats", "counts"])
@pytest.mark.parametrize("split", [without_one, swapped, one_twice, without_blanks, cut_short])
def test_stream_that_harms_the_text_is_broken(serve: "Serve", with_probe: "ProbeRun", say: Say, split: Split) -> None:
    with pytest.raises(Broken):
        check(serve, with_probe, say, split)


def test_model_in_a_mood_leaves_it_undecided(serve: "Serve", with_probe: "ProbeRun") -> None:
    chance = random.Random(0)  # noqa: S311 - a model's mood

    def wander(_prompt: str) -> str:
        return " ".join(str(chance.random()) for _ in range(20))

    with pytest.raises(Undecided, match="neither repeats a text nor gives the same answer twice"):
        check(serve, with_probe, wander, by_words)


def test_model_that_changes_its_mind_once_leaves_it_undecided(serve: "Serve", with_probe: "ProbeRun") -> None:
    numbers = itertools.count()

    def waver(_prompt: str) -> str:
        return COUNTED if next(numbers) != 2 else f"{COUNTED} and more"

    with pytest.raises(Undecided, match="neither repeats a text nor gives the same answer twice"):
        check(serve, with_probe, waver, by_words)


def test_model_that_streams_another_answer_leaves_it_undecided(serve: "Serve", with_probe: "ProbeRun") -> None:
    with pytest.raises(Undecided, match="streamed, the model gives another answer than plain"):
        check(serve, with_probe, count, by_words, say_streamed=lambda _: "I would rather not do that today, sorry.")


def test_model_that_repeats_only_plain_leaves_it_undecided(serve: "Serve", with_probe: "ProbeRun") -> None:
    with pytest.raises(Undecided, match="the model did not repeat the text"):
        check(serve, with_probe, repeat, by_words, say_streamed=lambda _: "Of course! What shall I repeat?")


def test_model_that_repeats_badly_both_ways_leaves_it_undecided(serve: "Serve", with_probe: "ProbeRun") -> None:
    numbers = itertools.count()

    def stumble(prompt: str) -> str:
        text = repeat(prompt)
        return text if next(numbers) < 2 else text.replace(" ", "  ", 3)

    with pytest.raises(Undecided, match="streamed, 3 of 3 repetitions have faults; plain ones have some too"):
        check(serve, with_probe, stumble, by_words)


def test_one_harmed_stream_of_three_is_broken(serve: "Serve", with_probe: "ProbeRun") -> None:
    numbers = itertools.count()

    def sometimes(text: str) -> list[str]:
        return without_one(text) if next(numbers) == 1 else by_words(text)

    with pytest.raises(Broken, match="29 of 30 words"):
        check(serve, with_probe, repeat, sometimes)
