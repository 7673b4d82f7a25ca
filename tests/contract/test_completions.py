"""A completion is one only with everything that the documentation shows, and with anything more."""

import json
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest

from assisters_verify.answer import Answer, NotJson
from assisters_verify.contract.completions import (
    SHORT,
    chat_body,
    complete,
    expect_choices,
    expect_completion,
    expect_messages,
    expect_success,
    word_count,
)
from assisters_verify.judgement import Broken

if TYPE_CHECKING:
    from tests.conftest import Peer, ProbeRun, Serve

    from assisters_verify.probe import Probe

MESSAGE = {"role": "assistant", "content": "Hello."}


def answer(document: Any = None, *, status: int = 200, broken_off: str | None = None) -> Answer:
    return Answer(
        exchange="x0001",
        method="POST",
        path="/v1/chat/completions",
        status=status,
        headers={"content-type": "application/json"},
        body=document if isinstance(document, bytes) else json.dumps(document).encode(),
        first_byte_s=0.0,
        total_s=0.0,
        broken_off=broken_off,
    )


def choices(*messages: Any) -> Any:
    return {"choices": [{"message": message} for message in messages]}


def is_broken(judge: Callable[[Answer], object], found: Answer) -> bool:
    try:
        judge(found)
    except Broken:
        return True
    return False


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        (200, True),
        (201, True),
        (202, False),
        (204, False),
        (206, False),
        (307, False),
        (400, False),
        (429, False),
        (500, False),
    ],
)
def test_valid_request_is_accepted_with_an_answer(status: int, *, expected: bool) -> None:
    assert is_broken(expect_success, answer({}, status=status)) is not expected


def test_answer_that_ended_early_is_none() -> None:
    with pytest.raises(Broken, match="a body that ended early: cut"):
        expect_success(answer({}, broken_off="cut"))


@pytest.mark.parametrize(
    ("document", "expected"),
    [
        (choices(MESSAGE), 1),
        (choices(MESSAGE, MESSAGE), 2),
        ({"choices": [{}], "id": "x"}, 1),
        ({"choices": []}, None),
        ({"choices": {}}, None),
        ({"choices": ["x"]}, None),
        ({"choices": [{}, None]}, None),
        ({"choice": [{}]}, None),
        ([], None),
        ("x", None),
        (None, None),
    ],
)
def test_choices_are_a_list_of_objects(document: Any, expected: int | None) -> None:
    found = answer(document)
    assert (None if is_broken(expect_choices, found) else len(expect_choices(found))) == expected


def test_body_that_is_no_json_is_told_as_such() -> None:
    with pytest.raises(NotJson):
        expect_choices(answer(b"<html>"))


@pytest.mark.parametrize(
    ("message", "is_good"),
    [
        (MESSAGE, True),
        ({"role": "assistant", "content": None, "tool_calls": []}, True),
        ({"role": "user", "content": "Hello."}, False),
        ({"role": "Assistant", "content": "Hello."}, False),
        ({"content": "Hello."}, False),
        ("Hello.", False),
        (None, False),
        ([], False),
    ],
)
@pytest.mark.parametrize("is_second", [False, True])
def test_each_choice_holds_an_assistants_message(message: Any, *, is_good: bool, is_second: bool) -> None:
    found = answer(choices(MESSAGE, message) if is_second else choices(message))
    assert is_broken(expect_messages, found) is not is_good


@pytest.mark.parametrize(
    ("content", "is_good"),
    [
        ("Hello.", True),
        (" x ", True),
        ("0", True),
        ("", False),
        (" \n", False),
        (None, False),
        (7, False),
        (["Hello."], False),
    ],
)
@pytest.mark.parametrize("is_second", [False, True])
def test_content_is_a_text(content: Any, *, is_good: bool, is_second: bool) -> None:
    message = {"role": "assistant", "content": content}
    found = answer(choices(MESSAGE, message) if is_second else choices(message))
    assert is_broken(expect_completion, found) is not is_good


def test_first_text_is_returned() -> None:
    assert expect_completion(answer(choices(MESSAGE, {"role": "assistant", "content": "Other."}))) == "Hello."


@pytest.mark.parametrize(
    ("text", "count"), [("", 0), ("one", 1), (" one  two\n\tthree ", 3), ("a\u00a0b", 2), ("一二三", 1)]
)
def test_words_are_what_stands_between_blanks(text: str, count: int) -> None:
    assert word_count(text) == count


def test_body_is_small_and_valid_and_fields_can_be_changed_or_left_out(with_probe: "ProbeRun") -> None:
    async def use(probe: "Probe") -> list[dict[str, Any]]:
        return [
            await chat_body(probe),
            await chat_body(probe, "x", temperature=0, max_tokens=None),
            await chat_body(probe, model="other", messages=[]),
        ]

    plain, changed, replaced = with_probe("http://127.0.0.1:1", use, models={"chat": "m"})
    assert plain == {"model": "m", "messages": [{"role": "user", "content": "Say hello."}], "max_tokens": SHORT}
    assert changed == {"model": "m", "messages": [{"role": "user", "content": "x"}], "temperature": 0}
    assert replaced == {"model": "other", "messages": [], "max_tokens": SHORT}


def test_completion_is_asked_for_and_judged(serve: "Serve", with_probe: "ProbeRun") -> None:
    def script(peer: "Peer") -> None:
        while True:
            is_good = b"good" in peer.read().body
            peer.answer(json.dumps(choices(MESSAGE if is_good else {})).encode())

    async def use(probe: "Probe") -> str:
        answer = await complete(probe, "good", label="to be good")
        with pytest.raises(Broken):
            await complete(probe, "bad")
        return answer.where

    assert with_probe(serve(script).url, use, models={"chat": "m"}) == "POST /v1/chat/completions to be good"
