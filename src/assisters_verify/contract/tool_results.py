"""Give the results of tool calls back, until the model answers in words."""

import json
from collections.abc import Sequence
from typing import Any

from assisters_verify.contract.tool_offers import TWO_CITIES, WEATHER, Offer, call, send_offer
from assisters_verify.contract.toolcalls import Reply, expect_call_shape, expect_text_or_calls
from assisters_verify.judgement import Broken
from assisters_verify.probe import Probe

# A model that calls again in four turns of five, whatever it is told, does so in all of these once in 3,000 times.
_CONVERSATIONS = 3
_ROUNDS = 12
WEATHER_RESULT = {"temperature": 15, "unit": "C", "sky": "clear"}


def call_message(calls: Sequence[Any]) -> dict[str, Any]:
    """Return the assistant's turn that holds these calls, as the documentation shows it."""
    return {"role": "assistant", "content": None, "tool_calls": list(calls)}


def result_message(made: Any, result: Any) -> dict[str, Any]:
    """Return the tool's turn that answers a call."""
    return {"role": "tool", "content": json.dumps(result), "tool_call_id": made["id"]}


def user_message(content: str) -> dict[str, Any]:
    """Return the user's turn."""
    return {"role": "user", "content": content}


async def real_calls(probe: Probe) -> tuple[Any, Any]:
    """Return two calls of get_weather that the target itself made, with ids that differ."""
    one = (await call(probe, WEATHER)).calls[0]
    other = (await call(probe, TWO_CITIES)).calls[-1]
    if one["id"] == other["id"]:  # unique within an answer is all that is promised
        other = {**other, "id": f"{other['id']}b"}
    return one, other


async def finish(probe: Probe, messages: Sequence[Any], offer: Offer, *, result: Any, is_stream: bool = False) -> Reply:
    """Continue a conversation that ends with results until the model answers in words, and return that answer.

    A model may call again, within bounds: then it gets the same result again. Raises Broken where an answer is
    neither text nor calls, and where calls never end.
    """
    for _ in range(_CONVERSATIONS):
        turns = list(messages)
        for _ in range(_ROUNDS):
            reply = await send_offer(probe, turns, offer.tools, is_stream=is_stream, label="with a tool's result")
            expect_text_or_calls(reply)
            if not reply.calls:
                return reply
            expect_call_shape(reply)
            turns += [call_message(reply.calls), *(result_message(each, result) for each in reply.calls)]
    received = f"another call each time, {_CONVERSATIONS * _ROUNDS} times"
    raise Broken(expected="an answer after the tool's result", received=received, answer=reply.answer)
