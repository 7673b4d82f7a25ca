"""Readings of bodies and refusals: their fields, their spelling and their status."""

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from assisters_verify.reference.answers import Answer, Reply
from assisters_verify.reference.authentication import needs_key
from assisters_verify.reference.calls import Call
from assisters_verify.reference.edits import (
    CHAT,
    EMBEDDINGS,
    FIRST_REFUSAL,
    MODELS,
    code_of,
    on_body,
    on_envelope,
    on_refusal,
    on_success,
)
from assisters_verify.reference.embeddings import embed
from assisters_verify.reference.models import CATALOGUE
from assisters_verify.reference.problems import bad_request
from assisters_verify.reference.routes import ROUTES
from assisters_verify.reference.variations import Reading
from assisters_verify.reference.wrappers import Chunked, Closing, Compressed

_DOCUMENTED_FIELDS = {
    CHAT: {"model", "messages", "temperature", "max_tokens", "stream", "tools", "reasoning", "mask"},
    EMBEDDINGS: {"model", "input"},
    "/v1/keys": {"name"},
    "/v1/webhooks": {"url", "events"},
}


def _refuse_unknown_fields(call: Call, value: Any) -> Any:
    known = _DOCUMENTED_FIELDS.get(call.route)
    if known is not None and isinstance(value, dict):
        for name in value.keys() - known:
            raise bad_request(f"Unknown parameter: {name}.", param=name, code="unknown_parameter")
    return value


def _refuse_nulls(call: Call, value: Any) -> Any:
    if call.route in _DOCUMENTED_FIELDS and isinstance(value, dict):
        for name, part in value.items():
            if part is None:
                raise bad_request(f"{name} must not be null.", param=name)
    return value


def _refuse_whole_float(body: dict[str, Any]) -> Any:
    if isinstance(body.get("max_tokens"), float):
        raise bad_request("max_tokens must be an integer.", param="max_tokens")
    return body


def _refuse_empty_text(body: dict[str, Any]) -> Any:
    if body.get("input") in ("", []):
        raise bad_request("input must not be empty.", param="input")
    return body


def _rewrites(write: Callable[[Any], str]) -> Callable[[Call, Reply], Reply]:
    """Spell JSON bodies otherwise."""

    def edit(_call: Call, reply: Reply) -> Reply:
        is_json = isinstance(reply, Answer) and reply.text is None and reply.payload is not None
        return replace(reply, text=write(reply.payload)) if is_json and isinstance(reply, Answer) else reply

    return edit


def _with_type(content_type: str) -> Callable[[Call, Reply], Reply]:
    def edit(_call: Call, reply: Reply) -> Reply:
        is_json = isinstance(reply, Answer) and reply.text is None
        return replace(reply, content_type=content_type) if is_json else reply

    return edit


def _documented_fields_alone(payload: Any) -> Any:
    """Keep what the documentation's examples show."""
    return {"choices": [{"message": choice["message"]} for choice in payload["choices"]]}


def _more_fields(payload: Any) -> Any:
    for choice in payload["choices"]:
        choice |= {"logprobs": None, "content_filter": {}}
        choice["message"] = {
            "refusal": None,
            "annotations": [],
            "tool_calls": None,
            "reasoning": None,
            **choice["message"],
        }
    return {**payload, "system_fingerprint": "fp_1", "service_tier": "default", "x": {"nested": [1, 2, {}]}}


def _with_nulls(payload: dict[str, Any]) -> dict[str, Any]:
    for choice in payload["choices"]:
        choice["message"] = {"tool_calls": None, "reasoning": None, "refusal": None, **choice["message"]}
    return {**payload, "error": None}


def _more_model_fields(payload: Any) -> Any:
    models = [{**model, "object": "model", "owned_by": "us", "supports": [*model["supports"], "x-unknown"]}
              for model in payload["models"]]  # fmt: skip
    return {"object": "list", "data": models, "models": models, "has_more": False}


def _more_error_fields(envelope: Any) -> Any:
    return {**envelope, "request_id": "req_1", "doc_url": "https://docs.example.com/errors"}


def _other_words(envelope: Any) -> Any:
    """Use type words of one's own, and a code only where the documentation names one."""
    is_documented = envelope["code"] == "model_not_found"
    return {**envelope, "type": "api_error", "code": envelope["code"] if is_documented else None}


def _no_param(envelope: Any) -> Any:
    return envelope if envelope["code"] == "model_not_found" else {**envelope, "param": None}


def _shapes_batch(shape: Callable[[list[list[float]], str, int], Any]) -> dict[str, object]:
    return {"embeddings.shape_batch": shape}


def _needs_key_on_known_routes(call: Call) -> bool:
    """Tell strangers at once that a route does not exist."""
    parts = call.path.split("/")
    return needs_key(call) and any(_fits(template.split("/"), parts) for template in ROUTES)


def _fits(template: list[str], parts: list[str]) -> bool:
    return len(template) == len(parts) and all(
        wanted.startswith("{") or wanted == part for wanted, part in zip(template, parts, strict=True)
    )


def _read_exact_scheme(call: Call) -> str | None:
    """Take the word Bearer in its own case alone."""
    scheme, _, token = (call.header("authorization") or "").partition(" ")
    return token or None if scheme == "Bearer" else None


def _without_scheme(answer: Answer) -> Answer:
    return replace(answer, headers=tuple(header for header in answer.headers if header[0] != "www-authenticate"))


def _add_headers(_call: Call, reply: Reply) -> Reply:
    extra = (("x-request-id", "req_1"), ("x-ratelimit-limit", "1000"), ("server", "something/1.0"))
    return replace(reply, headers=(*reply.headers, *extra))


def _wrong_verb_is_404(_call: Call, reply: Reply) -> Reply:
    if isinstance(reply, Answer) and reply.status >= FIRST_REFUSAL and code_of(reply) == "method_not_allowed":
        return replace(reply, status=404, headers=())
    return reply


def _embed_rounded(text: str, dimensions: int) -> list[float]:

    return [round(number, 5) for number in embed(text, dimensions)]


READINGS: tuple[Reading, ...] = (
    Reading(
        name="unknown_fields_are_refused",
        title="A request with a field the documentation does not name is refused.",
        request=_refuse_unknown_fields,
    ),
    Reading(
        name="null_is_refused",
        title="An optional field that is null is refused.",
        request=_refuse_nulls,
    ),
    Reading(
        name="whole_float_is_refused",
        title="`max_tokens: 10.0` is refused.",
        request=on_body(CHAT, _refuse_whole_float),
    ),
    Reading(
        name="empty_input_is_refused",
        title="An empty text cannot be embedded.",
        request=on_body(EMBEDDINGS, _refuse_empty_text),
    ),
    Reading(
        name="json_is_indented",
        title="JSON bodies are indented, and end with a line feed.",
        reply=_rewrites(lambda payload: json.dumps(payload, indent=2, ensure_ascii=False) + "\n"),
    ),
    Reading(
        name="json_escapes_all_but_ascii",
        title="JSON bodies write signs outside ASCII as escapes.",
        reply=_rewrites(json.dumps),
    ),
    Reading(
        name="json_type_has_charset",
        title="JSON bodies say `application/json; charset=utf-8`.",
        reply=_with_type("application/json; charset=utf-8"),
    ),
    Reading(
        name="bodies_are_chunked",
        title="JSON bodies come in chunks, without a Content-Length.",
        wrapper=Chunked,
    ),
    Reading(
        name="bodies_are_compressed",
        title="Bodies are compressed for clients that take gzip.",
        wrapper=Compressed,
    ),
    Reading(
        name="connections_are_closed",
        title="Each connection serves one request.",
        wrapper=Closing,
    ),
    Reading(
        name="answers_have_more_headers",
        title="Answers have headers that nobody asked for.",
        reply=_add_headers,
    ),
    Reading(
        name="completions_are_minimal",
        title="A completion holds what the documentation shows, and no id.",
        reply=on_success(CHAT, _documented_fields_alone),
    ),
    Reading(
        name="completions_have_more_fields",
        title="A completion holds more than the documentation shows.",
        reply=on_success(CHAT, _more_fields),
    ),
    Reading(
        name="completions_hold_nulls",
        title="Fields of a completion that have nothing to say are null, `error` among them.",
        reply=on_success(CHAT, _with_nulls),
    ),
    Reading(
        name="models_are_named_by_maker",
        title="The ids of models are made of a maker, a name and a version.",
        choices={"models.catalogue": tuple(replace(model, id=f"maker/{model.id}:latest") for model in CATALOGUE)},
    ),
    Reading(
        name="models_have_more_fields",
        title="The list of models holds more than the documentation shows.",
        reply=on_success(MODELS, _more_model_fields),
    ),
    Reading(
        name="errors_have_more_fields",
        title="The envelope holds more than the documentation shows.",
        reply=on_envelope(_more_error_fields),
    ),
    Reading(
        name="error_words_are_others",
        title="Errors have one `type`, and a `code` only where the documentation names one.",
        reply=on_envelope(_other_words),
    ),
    Reading(
        name="error_params_are_null",
        title="`param` is null but where the documentation names one.",
        reply=on_envelope(_no_param),
    ),
    Reading(
        name="wrong_verb_is_404",
        title="A known route with another verb answers 404.",
        reply=_wrong_verb_is_404,
    ),
    Reading(
        name="unknown_routes_need_no_key",
        title="An unknown route answers 404 without a key too.",
        choices={"authentication.needs_key": _needs_key_on_known_routes},
    ),
    Reading(
        name="scheme_case_counts",
        title="Only the word Bearer in that case is taken.",
        choices={"authentication.read_token": _read_exact_scheme},
    ),
    Reading(
        name="refused_key_names_no_scheme_at_all",
        title="A 401 has no WWW-Authenticate.",
        reply=on_refusal(_without_scheme, status=401),
    ),
    Reading(
        name="batch_is_embeddings",
        title="A batch is answered as `embeddings`, a list of vectors.",
        choices=_shapes_batch(
            lambda vectors, model, tokens: {"embeddings": vectors, "model": model, "usage": {"tokens": tokens}}
        ),
    ),
    Reading(
        name="batch_is_list_of_lists",
        title="A batch is answered as `embedding`, a list of vectors.",
        choices=_shapes_batch(
            lambda vectors, model, tokens: {"embedding": vectors, "model": model, "usage": {"tokens": tokens}}
        ),
    ),
    Reading(
        name="batch_is_list_of_objects",
        title="A batch is answered as `embeddings`, a list of objects that hold an `embedding`.",
        choices=_shapes_batch(
            lambda vectors, model, tokens: {
                "embeddings": [{"embedding": vector} for vector in vectors],
                "model": model,
                "usage": {"tokens": tokens},
            }
        ),
    ),
    Reading(
        name="batch_has_no_index",
        title="A batch is answered as `data[].embedding`, without `index`.",
        choices=_shapes_batch(
            lambda vectors, model, tokens: {
                "data": [{"embedding": vector} for vector in vectors],
                "model": model,
                "usage": {"tokens": tokens},
            }
        ),
    ),
    Reading(
        name="batch_has_input_beside_vector",
        title="A batch is answered as a list that repeats each text beside its vector.",
        choices=_shapes_batch(
            lambda vectors, model, tokens: {
                "results": [{"position": i, "embedding": vector} for i, vector in enumerate(vectors)],
                "model": model,
                "usage": {"tokens": tokens},
            }
        ),
    ),
    Reading(
        name="vectors_are_rounded",
        title="The numbers of a vector have five digits.",
        choices={"embeddings.embed": _embed_rounded},
    ),
    Reading(
        name="vectors_are_long",
        title="A vector has 1536 numbers.",
        choices={"embeddings.embed": lambda text, _dimensions: embed(text, 1536)},
    ),
)
