"""What is right in plain answers and wrong in streamed ones, and the other way round."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from assisters_verify.reference.answers import EventStream, Reply
from assisters_verify.reference.calls import Call
from assisters_verify.reference.edits import CHAT, content_of, on_body
from assisters_verify.reference.faults.privacy import masks_without
from assisters_verify.reference.faults.streaming import cut_connection
from assisters_verify.reference.model.masking import mask_all
from assisters_verify.reference.problems import bad_request
from assisters_verify.reference.variations import Fault

_SECOND_REASONER = b"gpt-4.1-ultra"


def _coerces_streamed(name: str) -> Callable[[Call, Any], Any]:
    """Take a text or a number for true in streaming requests, which another model of the request parses."""

    def edit(body: dict[str, Any]) -> Any:
        is_loose = body.get("stream") is True and isinstance(body.get(name), str | int)
        return {**body, name: bool(body[name])} if is_loose else body

    return on_body(CHAT, edit)


def _default_streamed_model(body: dict[str, Any]) -> Any:
    return {"model": "gpt-4.1-mini", **body} if body.get("stream") is True else body


def _clamp_streamed(body: dict[str, Any]) -> Any:
    temperature = body.get("temperature")
    is_high = body.get("stream") is True and isinstance(temperature, float) and temperature > 1
    return {**body, "temperature": 1} if is_high else body


def _refuse_mask(*, streamed: bool) -> Any:
    def check(body: dict[str, Any]) -> Any:
        if body.get("mask") is True and (body.get("stream") is True) is streamed:
            raise bad_request("Unknown parameter: mask.", param="mask")
        return body

    return on_body(CHAT, check)


def _leaves_in_results(kind: str) -> dict[str, object]:
    """Mask what users write, and leave one kind of data in what tools return, which is JSON."""
    mask_rest = masks_without(kind) if kind == "email" else masks_without(kind, "phone")
    return {
        "chat.mask_prompt": lambda text: mask_rest(text) if text.startswith("{") else mask_all(text),
        "chat.mask_answer": lambda text: text,
    }


def _lose_second_models_content(call: Call, reply: Reply) -> Reply:
    """Let the reasoned streams of one model end without content."""
    is_meant = _SECOND_REASONER in call.body and b'"reasoning":true' in call.body.replace(b" ", b"")
    if not isinstance(reply, EventStream) or not is_meant:
        return reply
    return replace(reply, frames=tuple(frame for frame in reply.frames if not content_of(frame)))


def _cut_offers(call: Call, reply: Reply) -> Reply:
    """Cut the streams of requests that offer tools."""
    if not isinstance(reply, EventStream) or b'"tools"' not in call.body:
        return reply
    return replace(reply, frames=tuple(cut_connection(list(reply.frames))))


FAULTS: tuple[Fault, ...] = (
    Fault(
        name="streamed_mask_is_coerced",
        area="privacy",
        clause="PRIV-07",
        title="A streaming request may have a text or a number as `mask`.",
        request=_coerces_streamed("mask"),
    ),
    Fault(
        name="streamed_reasoning_is_coerced",
        area="reasoning",
        clause="REASON-03",
        title="A streaming request may have a text or a number as `reasoning`.",
        request=_coerces_streamed("reasoning"),
    ),
    Fault(
        name="streamed_model_is_defaulted",
        area="streaming",
        clause="STREAM-08",
        title="A streaming request may lack `model`.",
        request=on_body(CHAT, _default_streamed_model),
    ),
    Fault(
        name="streamed_temperature_is_clamped",
        area="streaming",
        clause="STREAM-08",
        title="A streaming request may have a `temperature` above 1.",
        request=on_body(CHAT, _clamp_streamed),
    ),
    Fault(
        name="mask_of_streams_is_refused",
        area="privacy",
        clause="PRIV-01",
        title="`mask: true` is refused in streaming requests.",
        request=_refuse_mask(streamed=True),
    ),
    Fault(
        name="mask_of_plain_requests_is_refused",
        area="privacy",
        clause="PRIV-01",
        title="`mask: true` is refused in plain requests.",
        request=_refuse_mask(streamed=False),
    ),
    *(
        Fault(
            name=f"{name}_of_tool_results_are_not_masked",
            area="privacy",
            clause=clause,
            title=f"The answer shows {words} that came in a tool's result.",
            choices=_leaves_in_results(kind),
        )
        for name, clause, words, kind in (
            ("emails", "PRIV-02", "e-mail addresses", "email"),
            ("phones", "PRIV-03", "phone numbers", "phone"),
            ("social_security_numbers", "PRIV-04", "social security numbers", "ssn"),
            ("cards", "PRIV-05", "card numbers", "card"),
        )
    ),
    Fault(
        name="one_models_reasoned_stream_lacks_content",
        area="reasoning",
        clause="REASON-04",
        title="The reasoned streams of one model end without content.",
        reply=_lose_second_models_content,
    ),
    Fault(
        name="streams_of_offers_are_cut",
        area="streaming",
        clause="STREAM-05",
        title="The streams of requests that offer tools are cut.",
        reply=_cut_offers,
        beside=("TOOL-11",),
        also={"tools": "a streamed call that is cut cannot be joined"},
    ),
)
