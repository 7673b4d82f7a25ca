"""Offer tools to a model until it calls one: whether it does is chance, so it is asked often and in several ways."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from assisters_verify.contract.completions import CHAT, chat_body, expect_success
from assisters_verify.contract.models import tools_model
from assisters_verify.contract.streams import expect_stream, expect_unbroken
from assisters_verify.contract.toolcall_streams import joined_reply
from assisters_verify.contract.toolcalls import Reply, function_tool, read_replies
from assisters_verify.judgement import Broken, Undecided
from assisters_verify.probe import Probe

# A model that declines one offer in five declines all of these once in 400,000 times.
TRIES = 8
# Enough for any arguments that are asked for here, so that `max_tokens` never cuts them.
ROOM = 800
_NUDGES = (
    "",
    " Answer with a function call alone.",
    " Use the function. Do not answer in words.",
    " You must call the function now.",
)
_CONTROLS = 6
_MOST_CONTROLS = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """What a model is asked, with the tools that it may call."""

    name: str
    prompt: str
    tools: tuple[dict[str, Any], ...]


# The documentation's own example.
WEATHER = Offer(
    name="weather",
    prompt="What’s the weather in Paris?",  # noqa: RUF001 - as the documentation writes it
    tools=(
        function_tool(
            "get_weather",
            "Get current weather for a location.",
            {"type": "object", "properties": {"location": {"type": "string"}}},
        ),
    ),
)
TWO_CITIES = Offer(
    name="two cities",
    prompt="What is the weather in Paris and in London? Call get_weather once for each city, both at once.",
    tools=WEATHER.tools,
)


async def offer_body(probe: Probe, messages: Sequence[Any], tools: Sequence[Any], **fields: Any) -> dict[str, Any]:
    """Return the body of a request that offers tools in a conversation."""
    given = {"model": await tools_model(probe), "max_tokens": ROOM, **fields}
    return await chat_body(probe, messages=list(messages), tools=list(tools), **given)


async def send_offer(
    probe: Probe, messages: Sequence[Any], tools: Sequence[Any], *, is_stream: bool = False, label: str
) -> Reply:
    """Offer tools in a conversation and return the first choice of the answer, plain or joined.

    Raises Broken, and Undecided where a stream takes longer than the suite's own deadline.
    """
    if is_stream:
        body = await offer_body(probe, messages, tools, stream=True)
        answer = await probe.post(CHAT, body, is_stream=True, label=f"with stream: true, {label}")
        found = expect_stream(answer)
        expect_unbroken(found)  # what is missing from arguments that were cut was never sent wrongly
        return joined_reply(found, tools)
    answer = await probe.post(CHAT, await offer_body(probe, messages, tools), label=label)
    expect_success(answer)
    return read_replies(answer, tools)[0]


async def call(probe: Probe, offer: Offer, *, is_stream: bool = False, least: int = 1) -> Reply:
    """Make this offer until the model makes at least `least` calls at once, and return that reply.

    Raises Undecided where it never does. A plain offer is made once in a run, whoever asks.
    """
    if offer is not WEATHER or is_stream:
        await call(probe, WEATHER)  # a model that never takes the simplest offer is not asked the others
    if is_stream:
        return await _call_streamed(probe, offer, least=least)
    reply: Reply = await probe.fact(f"call {offer.name} {least}", lambda finder: _call(finder, offer, least=least))
    return reply


async def _call(probe: Probe, offer: Offer, *, least: int) -> Reply:
    reply = await _try(probe, offer, TRIES, is_stream=False, least=least)
    if reply is None:
        wanted = "a tool" if least == 1 else f"{least} tools at once"
        raise Undecided(f"offered {TRIES} times ({offer.name}), the model never called {wanted}")
    return reply


async def _call_streamed(probe: Probe, offer: Offer, *, least: int) -> Reply:
    """As `_call`; a server that calls whenever it answers plainly, and never in a stream, drops the calls."""
    reply = await _try(probe, offer, TRIES + 2, is_stream=True, least=least)
    if reply is not None:
        return reply
    controls = [await _try(probe, offer, 1, is_stream=False, least=least, begin=number) for number in range(_CONTROLS)]
    called = [control for control in controls if control is not None]
    reason = f"{len(called)} of {_CONTROLS} plain offers were answered with a call, and none of {TRIES + 2} streamed"
    if len(called) < _MOST_CONTROLS:
        raise Undecided(reason)
    raise Broken(expected="tool calls in streams too", received=reason, where=f"POST {CHAT} with stream: true")


async def _try(probe: Probe, offer: Offer, tries: int, *, is_stream: bool, least: int, begin: int = 0) -> Reply | None:
    for number in range(begin, begin + tries):
        content = offer.prompt + _NUDGES[number % len(_NUDGES)]
        messages = [{"role": "user", "content": content}]
        reply = await send_offer(probe, messages, offer.tools, is_stream=is_stream, label=f"offering {offer.name}")
        if len(reply.calls) >= least:
            return reply
    return None
