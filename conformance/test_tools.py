"""Tools: what a call looks like, arguments that fit, and the way back with the result."""

import asyncio
import contextlib
from collections.abc import Callable
from typing import Any

import pytest

from assisters_verify.answer import NotJson
from assisters_verify.checks import clause
from assisters_verify.contract.completions import CHAT, chat_body, complete, expect_completion, expect_messages
from assisters_verify.contract.envelope import expect_envelope, expect_refusal
from assisters_verify.contract.models import tools_model
from assisters_verify.contract.repeating import require_repeating
from assisters_verify.contract.streams import expect_stream
from assisters_verify.contract.tool_offers import (
    TWO_CITIES,
    WEATHER,
    Offer,
    call,
    offer_body,
    send_offer,
)
from assisters_verify.contract.tool_parameters import OFFERS, SEVERAL_OFFERS
from assisters_verify.contract.tool_results import (
    WEATHER_RESULT,
    call_message,
    finish,
    real_calls,
    result_message,
    user_message,
)
from assisters_verify.contract.tool_schemas import draw_offers
from assisters_verify.contract.toolcall_streams import join_calls
from assisters_verify.contract.toolcalls import (
    Reply,
    expect_arguments,
    expect_call_shape,
    expect_no_text_beside_calls,
    expect_null_beside_calls,
    expect_offered_names,
    expect_sound_calls,
    expect_text_or_calls,
    expect_unique_ids,
    expect_valid_arguments,
)
from assisters_verify.judgement import Broken, Judgement, NotApplicable, Undecided
from assisters_verify.probe import Probe
from assisters_verify.surroundings import fresh_hex

_DRAWN = 5
_TRIES = 3


@clause("TOOL-01", needs=["CHAT-02"])
async def test_offer_of_tools_is_answered(probe: Probe) -> None:
    """The documented request, and one that offers several tools: each answered in words, or with calls."""
    for offer in (WEATHER, SEVERAL_OFFERS[0]):
        reply = await send_offer(probe, [user_message(offer.prompt)], offer.tools, label=f"offering {offer.name}")
        expect_text_or_calls(reply)


@clause("TOOL-02", needs=["TOOL-01"])
async def test_call_has_id_type_and_function(probe: Probe) -> None:
    """Each call is an object in the documented form."""
    await _expect_of_all(probe, expect_call_shape)


@clause("TOOL-03", needs=["TOOL-01"])
async def test_no_text_stands_beside_a_call(probe: Probe) -> None:
    """A message that calls a tool says nothing else."""
    await _expect_of_all(probe, expect_no_text_beside_calls)


@clause("TOOL-04", needs=["TOOL-01"])
async def test_call_names_an_offered_tool(probe: Probe) -> None:
    """The name is one of those offered, letter by letter."""
    await _expect_of_all(probe, expect_offered_names)


@clause("TOOL-05", needs=["TOOL-01"])
async def test_arguments_are_a_json_object(probe: Probe) -> None:
    """Arguments come as a text that holds a JSON object."""

    def expect(reply: Reply) -> None:
        expect_arguments(reply)

    await _expect_of_all(probe, expect)


@clause("TOOL-06", needs=["TOOL-01"])
@pytest.mark.parametrize("kind", list(OFFERS))
async def test_arguments_fit_the_parameters(probe: Probe, kind: str) -> None:
    """What the offered schema asks for is kept to."""
    expect_valid_arguments(await call(probe, OFFERS[kind]))


@clause("TOOL-06", needs=["TOOL-01"])
@pytest.mark.parametrize("number", range(_DRAWN))
async def test_arguments_fit_drawn_parameters(probe: Probe, number: int) -> None:
    """The same for schemas that are drawn at random with the run's seed."""
    offers: list[Offer] = await probe.fact("drawn offers", _draw_offers)
    expect_valid_arguments(await call(probe, offers[number]))


@clause("TOOL-06", needs=["TOOL-01"])
@pytest.mark.parametrize("number", range(len(SEVERAL_OFFERS)))
async def test_arguments_fit_the_called_one_of_several_tools(probe: Probe, number: int) -> None:
    """With several tools offered the arguments fit those of the tool that is called."""
    expect_valid_arguments(await call(probe, SEVERAL_OFFERS[number]))


@clause("TOOL-07", needs=["TOOL-01"])
async def test_ids_of_calls_are_unique(probe: Probe) -> None:
    """No two calls of one answer share an id."""
    await _expect_of_all(probe, expect_unique_ids)
    try:
        reply = await call(probe, TWO_CITIES, least=2)
    except Undecided as undecided:
        raise NotApplicable(f"no answer held two calls: {undecided.reason}") from undecided
    expect_unique_ids(reply)


@clause("TOOL-08", needs=["TOOL-01"])
@pytest.mark.parametrize("is_stream", [False, True], ids=["plain", "streamed"])
async def test_round_trip_ends_in_an_answer(probe: Probe, is_stream: bool) -> None:  # noqa: FBT001 - a parameter
    """The call and its result are sent back, and answered in words."""
    made = await call(probe, WEATHER)
    expect_call_shape(made)
    messages = [
        user_message(WEATHER.prompt),
        call_message(made.calls),
        *(result_message(each, WEATHER_RESULT) for each in made.calls),
    ]
    await finish(probe, messages, WEATHER, result=WEATHER_RESULT, is_stream=is_stream)


_CONVERSATIONS: dict[str, Callable[[Any, Any], list[Any]]] = {
    "two_calls": lambda one, other: [
        user_message(TWO_CITIES.prompt),
        call_message([one, other]),
        result_message(one, WEATHER_RESULT),
        result_message(other, WEATHER_RESULT),
    ],
    "two_calls_answered_in_reverse": lambda one, other: [
        user_message(TWO_CITIES.prompt),
        call_message([one, other]),
        result_message(other, WEATHER_RESULT),
        result_message(one, WEATHER_RESULT),
    ],
    "call_after_call": lambda one, other: [
        user_message(TWO_CITIES.prompt),
        call_message([one]),
        result_message(one, WEATHER_RESULT),
        call_message([other]),
        result_message(other, WEATHER_RESULT),
    ],
    "two_turns": lambda one, other: [
        user_message(WEATHER.prompt),
        call_message([one]),
        result_message(one, WEATHER_RESULT),
        {"role": "assistant", "content": "It is 15 °C in Paris."},
        user_message("And in London?"),
        call_message([other]),
        result_message(other, WEATHER_RESULT),
    ],
    "text_after_result": lambda one, _other: [
        user_message(WEATHER.prompt),
        call_message([one]),
        result_message(one, WEATHER_RESULT),
        {"role": "assistant", "content": "It is 15 °C in Paris."},
        user_message("Thank you. Say goodbye."),
    ],
}


@clause("TOOL-09", needs=["TOOL-01"])
@pytest.mark.parametrize("kind", list(_CONVERSATIONS))
async def test_several_calls_and_turns_are_accepted(probe: Probe, kind: str) -> None:
    """Conversations with more than one call are answered, whatever comes next in them."""
    await _expect_known_shape(probe)
    one, other = await real_calls(probe)
    messages = _CONVERSATIONS[kind](one, other)
    reply = await send_offer(probe, messages, WEATHER.tools, label=f"with {kind.replace('_', ' ')}")
    expect_text_or_calls(reply)


@clause("TOOL-10", needs=["TOOL-08"])
async def test_answer_makes_use_of_the_result(probe: Probe) -> None:
    """A word that stands in the result alone comes back in the answer."""
    await _expect_known_shape(probe)
    made = (await call(probe, WEATHER)).calls[0]
    word = f"station{fresh_hex(10)}"
    result = {**WEATHER_RESULT, "station": word}
    prompt = "What is the weather in Paris, and which station reports it? Name the station in your answer."
    messages = [user_message(prompt), call_message([made]), result_message(made, result)]
    for _ in range(_TRIES):
        reply = await finish(probe, messages, WEATHER, result=result)
        if word in reply.text:
            return
    await require_repeating(probe)
    received = f"none of {_TRIES} answers with it, but {reply.text[:80]!r}"
    raise Broken(expected=f"the result's {word!r}", received=received, answer=reply.answer)


_STREAMED = ("documented", "nested", "array", "awkward_text", "nothing")


@clause("TOOL-11", needs=["TOOL-01", "STREAM-02"])
@pytest.mark.parametrize("kind", _STREAMED)
async def test_streamed_call_joins_to_a_plain_one(probe: Probe, kind: str) -> None:
    """The pieces join to a call with all its parts, and with arguments that fit to the letter."""
    expect_sound_calls(await call(probe, OFFERS[kind], is_stream=True))


@clause("TOOL-11", needs=["TOOL-01", "STREAM-02"])
async def test_streamed_calls_are_kept_apart(probe: Probe) -> None:
    """Two calls of one stream join to two."""
    try:
        await call(probe, TWO_CITIES, least=2)
        reply = await call(probe, TWO_CITIES, is_stream=True, least=2)
    except Undecided as undecided:
        raise NotApplicable(f"no answer held two calls: {undecided.reason}") from undecided
    expect_sound_calls(reply)


@clause("TOOL-11", needs=["TOOL-01", "TOOL-08", "STREAM-02"])
async def test_streamed_call_can_be_answered(probe: Probe) -> None:
    """A call that was joined from a stream goes back with its result like a plain one."""
    made = await call(probe, WEATHER, is_stream=True)
    expect_call_shape(made)
    results = [result_message(each, WEATHER_RESULT) for each in made.calls]
    messages = [user_message(WEATHER.prompt), call_message(made.calls), *results]
    await finish(probe, messages, WEATHER, result=WEATHER_RESULT)


_GOOD = WEATHER.tools[0]
_BAD_TOOLS: dict[str, Any] = {
    "text": "get_weather", "object": _GOOD, "number": 5, "boolean": True,
    "list_of_texts": ["get_weather"], "list_of_nulls": [None], "list_of_numbers": [5], "list_of_lists": [[_GOOD]],
    "no_type": [{"function": _GOOD["function"]}], "null_type": [{**_GOOD, "type": None}],
    "number_as_type": [{**_GOOD, "type": 5}],
    "no_function": [{"type": "function"}], "text_as_function": [{"type": "function", "function": "get_weather"}],
    "no_name": [{"type": "function", "function": {"parameters": {"type": "object"}}}],
    "null_name": [{"type": "function", "function": {"name": None, "parameters": {"type": "object"}}}],
    "number_as_name": [{"type": "function", "function": {"name": 5, "parameters": {"type": "object"}}}],
    "good_and_bad": [_GOOD, {"type": "function", "function": {"description": "It has no name."}}],
    "good_and_text": [_GOOD, "get_weather"],
}  # fmt: skip


@clause("TOOL-12", needs=["TOOL-01"])
@pytest.mark.parametrize("kind", list(_BAD_TOOLS))
async def test_malformed_tools_are_refused(probe: Probe, kind: str) -> None:
    """No list, no objects, no type, no function, no name: 400."""
    body = await chat_body(probe, "Hello", model=await tools_model(probe), tools=_BAD_TOOLS[kind])
    answer = await probe.post(CHAT, body, label=f"with tools: {kind.replace('_', ' ')}")
    # A server may name the field within: `name` alone would be taken for a field of another request.
    expect_refusal(answer, 400, param=None if "name" in kind else "tools", why="malformed tools")


_WEB, _CODE = {"type": "web_search"}, {"type": "code_interpreter"}
_BUILT_IN: dict[str, tuple[str, list[Any]]] = {
    "web_search": ("What is in the news today?", [_WEB]),
    "code_interpreter": ("Run Python code that prints 2 ** 10.", [_CODE]),
    "both_and_a_function": ("What is the weather in Paris today?", [_WEB, _CODE, _GOOD]),
}


@clause("TOOL-13", needs=["TOOL-01"])
@pytest.mark.parametrize("is_stream", [False, True], ids=["plain", "streamed"])
@pytest.mark.parametrize("kind", list(_BUILT_IN))
async def test_built_in_tools_do_not_break_the_server(
    probe: Probe,
    kind: str,
    is_stream: bool,  # noqa: FBT001 - a parameter
) -> None:
    """How they are asked for is not documented: any answer is right, and so is a refusal, but not a broken server."""
    prompt, tools = _BUILT_IN[kind]
    fields = {"stream": True} if is_stream else {}
    body = await offer_body(probe, [user_message(prompt)], tools, **fields)
    answer = await probe.post(CHAT, body, is_stream=is_stream, label=f"with {kind.replace('_', ' ')}")
    if answer.status in {400, 403, 404}:
        expect_envelope(answer)
    elif not answer.is_success:
        raise Broken(expected="an answer, or a refusal with 400", received=answer.describe(), answer=answer)
    elif answer.broken_off:
        raise Broken(expected="a whole answer", received=answer.broken_off, answer=answer)
    if is_stream:
        await complete(probe, label="after built-in tools")


@clause("TOOL-14", needs=["TOOL-08"])
@pytest.mark.parametrize("kind", ["unknown", "missing"])
async def test_result_that_answers_no_call_is_refused(probe: Probe, kind: str) -> None:
    """A tool message says which call it answers, and that call was made."""
    await _expect_known_shape(probe)
    made = await call(probe, WEATHER)
    result = result_message(made.calls[0], WEATHER_RESULT)
    if kind == "missing":
        del result["tool_call_id"]
    else:
        result["tool_call_id"] = f"{made.calls[0]['id']}zz"
    messages = [user_message(WEATHER.prompt), call_message(made.calls[:1]), result]
    body = await offer_body(probe, messages, WEATHER.tools)
    answer = await probe.post(CHAT, body, label=f"with tool_call_id {kind}")
    expect_refusal(answer, 400, param="messages", why=f"tool_call_id {kind}")


_BEGGING = (
    "What’s the weather in Paris?",
    "Call the function get_weather for Paris. Answer with a function call alone.",
)


@clause("TOOL-15", needs=["TOOL-01", "STREAM-02"])
@pytest.mark.parametrize("prompt", _BEGGING, ids=["asked", "begged"])
async def test_without_tools_nothing_is_called(probe: Probe, prompt: str) -> None:
    """A request that offers no tools gets no call, also after others that did."""
    with contextlib.suppress(Judgement):  # what an offer is answered with is judged elsewhere
        await call(probe, WEATHER)
    fields = {"model": await tools_model(probe), "max_tokens": 100}
    plain = await probe.post(CHAT, await chat_body(probe, prompt, **fields), label="without tools")
    for message in expect_messages(plain):
        if message.get("tool_calls"):
            received = f"{message['tool_calls']!r}"[:200]
            raise Broken(expected="no tool calls, since none is offered", received=received, answer=plain)
    expect_completion(plain)
    streamed = await chat_body(probe, prompt, stream=True, **fields)
    found = expect_stream(await probe.post(CHAT, streamed, is_stream=True, label="streamed, without tools"))
    if calls := join_calls(found):
        received = f"{calls!r}"[:200]
        raise Broken(expected="no tool calls, since none is offered", received=received, answer=found.answer)


@clause("TOOL-16", needs=["TOOL-03"])
async def test_content_is_null_beside_a_call(probe: Probe) -> None:
    """Null, as documented, and neither absent nor empty."""
    await _expect_of_all(probe, expect_null_beside_calls)


async def _expect_of_all(probe: Probe, expect: Callable[[Reply], None]) -> None:
    """Judge every plain reply with calls that the offers of this module were answered with."""
    await call(probe, WEATHER)  # where the model never calls, this says so
    offers = [*OFFERS.values(), *SEVERAL_OFFERS, TWO_CITIES]
    found = await asyncio.gather(
        *(call(probe, offer) for offer in offers), call(probe, TWO_CITIES, least=2), return_exceptions=True
    )
    for reply in found:
        if isinstance(reply, Reply):
            expect(reply)
        elif not isinstance(reply, Judgement | NotJson):
            raise reply


async def _expect_known_shape(probe: Probe) -> None:
    """Calls without an id cannot be answered, which another clause judges."""
    for offer in (WEATHER, TWO_CITIES):
        try:
            expect_call_shape(await call(probe, offer))
        except Broken as broken:
            raise Undecided(f"calls have no known shape: {broken.reason}") from broken


async def _draw_offers(probe: Probe) -> list[Offer]:
    return await asyncio.to_thread(draw_offers, count=_DRAWN, seed=probe.settings.options.seed)
