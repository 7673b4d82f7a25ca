"""A whole key is found in any of its forms, and a masked one is none."""

import base64
import json
from typing import Any

import pytest

from assisters_verify.answer import Answer
from assisters_verify.contract.leaks import expect_no_key
from assisters_verify.judgement import Broken

KEY = "sk-te/st-7d1e4f9c2a8b30561234"


def answer_with(body: bytes) -> Answer:
    return Answer(
        exchange="x0001",
        method="GET",
        path="/v1/audit",
        status=200,
        headers={},
        body=body,
        first_byte_s=0.0,
        total_s=0.0,
    )


@pytest.mark.parametrize(
    "document",
    [
        {"key": KEY},
        {KEY: 5},
        [{"headers": {"authorization": f"Bearer {KEY}"}}],
        {"authorization": "Basic " + base64.b64encode(f"{KEY}:".encode()).decode()},
    ],
)
def test_whole_key_is_found(document: Any) -> None:
    with pytest.raises(Broken):
        expect_no_key(answer_with(json.dumps(document).encode()), {KEY})


def test_escaped_key_is_found() -> None:
    with pytest.raises(Broken):
        expect_no_key(answer_with(json.dumps({"key": KEY}).replace("/", "\\/").encode()), {KEY})


@pytest.mark.parametrize("shown", [KEY[:8], f"{KEY[:3]}…{KEY[-4:]}", KEY[:-1], "***"])
def test_part_of_a_key_is_no_key(shown: str) -> None:
    expect_no_key(answer_with(json.dumps({"key": shown}).encode()), {KEY})


def test_finding_does_not_repeat_the_key() -> None:
    with pytest.raises(Broken) as found:
        expect_no_key(answer_with(KEY.encode()), {KEY})
    assert KEY not in found.value.reason
