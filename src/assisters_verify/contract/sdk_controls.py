"""The documented calls without any client: what a client cannot do is held against what these can."""

from typing import Any

from assisters_verify.contract.completions import CHAT, chat_body
from assisters_verify.contract.envelope import expect_refusal
from assisters_verify.contract.models import UNKNOWN_MODEL, model_list, tools_model
from assisters_verify.contract.streams import Stream, stream
from assisters_verify.contract.tool_results import result_message, user_message
from assisters_verify.contract.toolcalls import (
    Reply,
    expect_sound_calls,
    expect_text_or_calls,
    function_tool,
    read_replies,
)
from assisters_verify.contract.vectors import embed
from assisters_verify.judgement import Broken
from assisters_verify.probe import Probe

WRONG_KEY = "sk-no-such-key-0a1b2c3d4e5f60718293"
_WEATHER = function_tool(
    "get_weather",
    "Get current weather for a location.",
    {"type": "object", "properties": {"location": {"type": "string"}}},
)
# A model that calls in one of two turns calls in one of these seven times in eight.
_OFFERS = 3


async def tool_body(probe: Probe) -> dict[str, Any]:
    """Return the documented offer of a tool."""
    return {
        "model": await tools_model(probe),
        "messages": [user_message("What's the weather in Paris?")],
        "tools": [_WEATHER],
        "max_tokens": 200,
    }


async def use_tool(probe: Probe) -> None:
    """Offer a tool until the model calls it, within bounds, and give the result back. Raises Broken."""
    body = await tool_body(probe)
    for _ in range(_OFFERS):
        reply = await _send(probe, body, label="with a tool")
        if reply.calls:
            results = [result_message(made, {"temperature": 15}) for made in reply.calls]
            messages = [*body["messages"], reply.message, *results]
            await _send(probe, {**body, "messages": messages}, label="with the result of a tool")
            return


async def stream_text(probe: Probe) -> Stream:
    """Stream a short completion, and judge that it is whole and holds a text. Raises Broken."""
    found = await stream(probe)
    if not found.text.strip() or found.answer.broken_off:
        raise Broken(expected="a streamed text", received=found.answer.describe(), answer=found.answer)
    return found


async def embed_text(probe: Probe) -> None:
    """Embed a text. Raises Broken."""
    await embed(probe, "hello")


async def list_models(probe: Probe) -> None:
    """Judge that `models` holds something. Raises Broken."""
    answer = await model_list(probe)
    document = answer.document if answer.is_success else None
    if not isinstance(document, dict) or not document.get("models"):
        raise Broken(expected="`models`", received=answer.describe(), answer=answer)


async def use_wrong_key(probe: Probe) -> None:
    """Judge that a key that nobody has is refused. Raises Broken."""
    expect_refusal(await probe.post(CHAT, await chat_body(probe), key=WRONG_KEY), 401)


async def use_unknown_model(probe: Probe) -> None:
    """Judge that a model that nobody has is refused. Raises Broken."""
    expect_refusal(await probe.post(CHAT, await chat_body(probe, model=UNKNOWN_MODEL)), 404)


async def _send(probe: Probe, body: dict[str, Any], *, label: str) -> Reply:
    reply = read_replies(await probe.post(CHAT, body, label=label), body["tools"])[0]
    expect_text_or_calls(reply)
    if reply.calls:
        expect_sound_calls(reply)
    return reply
