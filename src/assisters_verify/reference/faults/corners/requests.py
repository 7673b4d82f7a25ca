"""Requests that are read wrongly in one corner: one value, one field, one route."""

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from assisters_verify.reference.answers import Answer, Reply
from assisters_verify.reference.calls import Call, parse_json
from assisters_verify.reference.edits import (
    CHAT,
    EMBEDDINGS,
    FIRST_REFUSAL,
    on_body,
    on_envelope,
)
from assisters_verify.reference.embeddings import shape_batch
from assisters_verify.reference.models import Model
from assisters_verify.reference.problems import bad_request, internal_error
from assisters_verify.reference.variations import Fault

_LONG_NAME = 4000
_LARGE_BYTES = 1_000_000
_HTML = "<html><body><h1>413 Request Entity Too Large</h1></body></html>"


def _parse_with_infinity(how: Callable[[dict[str, Any]], Any]) -> dict[str, object]:
    """Parse as Python does, which takes 1e400 for infinity, and let the handler make something of it."""

    def parse(body: bytes) -> Any:
        try:
            value = json.loads(body, parse_constant=lambda word: json.loads(f"{{{word}"))
        except (ValueError, RecursionError):
            return parse_json(body)
        return how(value) if isinstance(value, dict) else parse_json(body)

    return {"errors.parse_body": parse}


def _finite_temperature(body: dict[str, Any]) -> Any:
    return {**body, "temperature": 1} if body.get("temperature") == float("inf") else body


def _no_bound(body: dict[str, Any]) -> Any:
    return {**body, "max_tokens": None} if body.get("max_tokens") == float("inf") else body


def _overflow(body: dict[str, Any]) -> Any:
    if body.get("max_tokens") == float("inf"):
        raise internal_error()
    return body


def _break_on_number(_call: Call, value: Any) -> Any:
    if isinstance(value, int | float):
        raise internal_error()
    return value


def _default_input(body: dict[str, Any]) -> Any:
    return body if "input" in body else {**body, "input": ""}


def _break_on_long_model(body: dict[str, Any]) -> Any:
    if isinstance(body.get("model"), str) and len(body["model"]) > _LONG_NAME:
        raise internal_error()
    return body


def _refuse_two_texts(body: dict[str, Any]) -> Any:
    if isinstance(body.get("input"), list) and len(body["input"]) == 1:
        raise bad_request("A batch has two texts or more.", param="input")
    return body


def _type_less(call: Call, reply: Reply) -> Reply:
    """Leave out the type of refusals of methods alone."""
    if isinstance(reply, Answer) and reply.status >= FIRST_REFUSAL and call.method == "DELETE":
        return replace(reply, content_type="text/plain")
    return reply


def _nameless_deletions(call: Call, reply: Reply) -> Reply:
    """Refuse a deletion as the framework does."""
    if isinstance(reply, Answer) and reply.status >= FIRST_REFUSAL and call.method == "DELETE":
        return replace(reply, payload={"detail": "Not Found"})
    return reply


def _refuse_large(call: Call, reply: Reply) -> Reply:
    """Refuse a large body as a gateway does."""
    if len(call.body) > _LARGE_BYTES:
        return Answer(status=413, text=_HTML, content_type="text/html")
    return reply


class OutOfOrder(HttpToolsProtocol):
    """Answers everybody with 500 once bytes have come that are no HTTP."""

    _BODY = b'{"error":{"type":"server_error","message":"Out of order.","param":null,"code":"internal_error"}}'

    def send_400_response(self, msg: str) -> None:
        """Remember it for the whole server."""
        self.server_state.is_out_of_order = True  # type: ignore[attr-defined]
        super().send_400_response(msg)

    def data_received(self, data: bytes) -> None:
        """Take what the client sends."""
        if not getattr(self.server_state, "is_out_of_order", False):
            super().data_received(data)
            return
        head = f"HTTP/1.1 500 X\r\ncontent-type: application/json\r\ncontent-length: {len(self._BODY)}\r\n\r\n"
        self.transport.write(head.encode() + self._BODY)
        self.transport.close()


def _find_by_beginning(models: tuple[Model, ...], model_id: str) -> Model | None:
    return next((model for model in models if model_id.startswith(model.id)), None)


def _find_by_part(models: tuple[Model, ...], model_id: str) -> Model | None:
    return next((model for model in models if model_id in model.id), None)


def _one_vector_for_all(vectors: list[list[float]], model: str, tokens: int) -> Any:
    return shape_batch([vectors[0]] * len(vectors), model, tokens)


FAULTS: tuple[Fault, ...] = (
    Fault(
        name="version_of_a_model_is_taken",
        area="chat",
        clause="CHAT-05",
        title="What begins like a model's id stands for the model, as versions of it do.",
        choices={"models.find": _find_by_beginning},
        also={"canary": "the test of a model that only begins like one is refused there too"},
    ),
    Fault(
        name="part_of_a_models_id_is_taken",
        area="chat",
        clause="CHAT-05",
        title="A part of a model's id stands for the model.",
        choices={"models.find": _find_by_part},
    ),
    Fault(
        name="infinite_temperature_is_accepted",
        area="chat",
        clause="CHAT-09",
        title="A `temperature` of 1e400 is infinity, and counts as 1.",
        choices=_parse_with_infinity(_finite_temperature),
    ),
    Fault(
        name="infinite_max_tokens_is_accepted",
        area="chat",
        clause="CHAT-10",
        title="A `max_tokens` of 1e400 is infinity, and means no bound.",
        choices=_parse_with_infinity(_no_bound),
        also={"errors": "a number beyond all machines is judged there too"},
    ),
    Fault(
        name="infinite_max_tokens_breaks_server",
        area="errors",
        clause="ERROR-04",
        title="A `max_tokens` of 1e400 ends in 500, when infinity is made an integer.",
        choices=_parse_with_infinity(_overflow),
        also={"chat": "a number that JSON's readers take for infinity is judged there too"},
    ),
    Fault(
        name="batch_of_one_is_refused",
        area="embeddings",
        clause="EMBED-04",
        title="A batch of one text is refused.",
        request=on_body(EMBEDDINGS, _refuse_two_texts),
    ),
    Fault(
        name="number_as_body_breaks_server",
        area="errors",
        clause="ERROR-03",
        title="A body that is a number ends in 500.",
        request=_break_on_number,
    ),
    Fault(
        name="missing_input_is_defaulted",
        area="errors",
        clause="ERROR-04",
        title="A missing `input` is taken for an empty text.",
        request=on_body(EMBEDDINGS, _default_input),
        also={"embeddings": "a missing input is judged there too"},
    ),
    Fault(
        name="long_model_breaks_server",
        area="errors",
        clause="ERROR-11",
        title="A model's name of 20,000 characters ends in 500.",
        request=on_body(CHAT, _break_on_long_model),
    ),
    Fault(
        name="deletion_is_refused_as_the_framework_does",
        area="errors",
        clause="ERROR-01",
        title="A refused DELETE has the framework's own body.",
        reply=_nameless_deletions,
        beside=("DATA-02", "KEY-05"),
        also=dict.fromkeys(
            ("authentication", "keys", "data"), "the refusal of a deletion is judged by its envelope there"
        ),
    ),
    Fault(
        name="refused_deletions_say_plain_text",
        area="errors",
        clause="ERROR-08",
        title="A refused DELETE is JSON, but says text/plain.",
        reply=_type_less,
        beside=("DATA-02", "KEY-05"),
        also=dict.fromkeys(
            ("authentication", "keys", "data"), "the refusal of a deletion is judged by its envelope there"
        ),
    ),
    Fault(
        name="large_body_is_refused_by_a_gateway",
        area="errors",
        clause="ERROR-01",
        title="A body of more than a megabyte is refused with a page of HTML.",
        reply=_refuse_large,
    ),
    Fault(
        name="envelope_of_400_is_flat",
        area="errors",
        clause="ERROR-01",
        title="The `error` of a 400 holds an object `error` once more.",
        reply=on_envelope(lambda envelope: {"error": envelope}, status=400),
    ),
    Fault(
        name="bytes_that_are_no_http_stop_server",
        area="errors",
        clause="ERROR-13",
        title="After bytes that are no HTTP nobody is served any more.",
        choices={"transport.http_protocol": OutOfOrder},
    ),
    Fault(
        name="batch_has_one_vector",
        area="embeddings",
        clause="EMBED-07",
        title="All texts of a batch get the first one's vector.",
        choices={"embeddings.shape_batch": _one_vector_for_all},
    ),
)
