"""Legacy: the new route does not take the old body, and the old route does not break."""

from typing import Any
from urllib.parse import urljoin, urlsplit

import pytest

from assisters_verify.answer import Answer
from assisters_verify.checks import clause
from assisters_verify.contract.completions import CHAT, SHORT
from assisters_verify.contract.envelope import expect_envelope, expect_refusal, read_error
from assisters_verify.contract.models import chat_model
from assisters_verify.judgement import Broken
from assisters_verify.probe import Probe

LEGACY = "/v1/completions"
_OLD_BODIES: dict[str, dict[str, Any]] = {
    "prompt": {"prompt": "Hello"},
    "list": {"prompt": ["Hello"]},
    "null_messages": {"prompt": "Hello", "messages": None},
    "stream": {"prompt": "Hello", "stream": True},
}


@clause("LEGACY-01", needs=["CHAT-22"])
@pytest.mark.parametrize("kind", list(_OLD_BODIES))
async def test_prompt_instead_of_messages_is_refused(probe: Probe, kind: str) -> None:
    """`prompt` was replaced by `messages`, which is required."""
    body = {"model": await chat_model(probe), "max_tokens": SHORT, **_OLD_BODIES[kind]}
    answer = await probe.post(CHAT, body, label=f"with {_OLD_BODIES[kind]} in place of messages")
    named = (read_error(answer) or {}).get("param")
    # Either the field that is missing or the one that is too much may be named.
    expect_refusal(answer, 400, param="prompt" if named == "prompt" else "messages", why="no messages")
    expect_envelope(answer)


@clause("LEGACY-02", needs=["AUTH-01"])
async def test_old_route_does_not_break(probe: Probe) -> None:
    """It is gone, it leads on, or it still answers: each in its proper form."""
    body = {"model": await chat_model(probe), "prompt": "Say hello.", "max_tokens": SHORT}
    answer = await probe.post(LEGACY, body)
    if answer.is_success:
        _expect_whole(answer)
    elif 300 <= answer.status < 400:
        _expect_leading_on(answer, f"{probe.session.wire.base_url}{LEGACY}")
    else:
        expect_refusal(answer, 400, 404, 405, 410, 422, 426, why="gone, leading on, or answering")
        expect_envelope(answer)


def _expect_whole(answer: Answer) -> None:
    if answer.broken_off or not isinstance(answer.document, dict):
        raise Broken(expected="a whole JSON object", received=answer.describe(), answer=answer)


def _expect_leading_on(answer: Answer, asked: str) -> None:
    location = answer.headers.get("location")
    if not location:
        raise Broken(expected="a redirect with `Location`", received="none", answer=answer)
    target = urlsplit(urljoin(asked, location))
    here = urlsplit(asked)
    if (target.netloc, target.path.rstrip("/")) == (here.netloc, here.path):
        raise Broken(expected="a redirect that leads on", received=f"one to itself: {location[:120]}", answer=answer)
    if answer.status in {307, 308} and target.netloc == here.netloc:
        # The wire has followed three of these by now.
        raise Broken(expected="a redirect that comes to an end", received=f"another to {location[:120]}", answer=answer)
