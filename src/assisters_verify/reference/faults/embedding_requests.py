"""Faults of embeddings: what they accept and refuse."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any

from assisters_verify.reference.answers import Reply
from assisters_verify.reference.calls import Call
from assisters_verify.reference.edits import (
    EMBEDDINGS,
    on_body,
    on_envelope,
    on_refusal,
    put,
)
from assisters_verify.reference.problems import bad_request, internal_error
from assisters_verify.reference.variations import Fault
from assisters_verify.reference.wrappers import Missing

_fault = partial(Fault, area="embeddings")
_MODEL = "text-embedding-3-small"
_LONG_CHARACTERS = 300


def _refuse_batch(body: dict[str, Any]) -> Any:
    if isinstance(body.get("input"), list):
        raise bad_request("input must be a string.", param="input")
    return body


def _refuse_long(body: dict[str, Any]) -> Any:
    texts = body["input"] if isinstance(body.get("input"), list) else [body.get("input")]
    if any(isinstance(text, str) and len(text) > _LONG_CHARACTERS for text in texts):
        raise bad_request("input is too long.", param="input")
    return body


def _break_on_texts(matches: Callable[[str], bool]) -> Callable[[dict[str, Any]], Any]:
    def check(body: dict[str, Any]) -> Any:
        texts = body["input"] if isinstance(body.get("input"), list) else [body.get("input")]
        if any(isinstance(text, str) and matches(text) for text in texts):
            raise internal_error()
        return body

    return check


def _corrects(matches: Callable[[Any], bool], how: Callable[[Any], Any]) -> Callable[[dict[str, Any]], Any]:
    return lambda body: {**body, "input": how(body.get("input"))} if matches(body.get("input")) else body


def _texts_of(values: list[Any]) -> list[str]:
    return [value if isinstance(value, str) else str(value) for value in values]


def _flatten(values: list[Any]) -> list[Any]:
    return [part for value in values for part in (value if isinstance(value, list) else [value])]


def _here(edit: Callable[[Call, Reply], Reply]) -> Callable[[Call, Reply], Reply]:
    """Apply an edit of refusals to this route alone."""
    return lambda call, reply: edit(call, reply) if call.route == EMBEDDINGS else reply


FAULTS: tuple[Fault, ...] = (
    _fault(
        name="batch_is_refused",
        clause="EMBED-04",
        title="A list of texts is refused.",
        request=on_body(EMBEDDINGS, _refuse_batch),
    ),
    _fault(
        name="embeddings_serve_unknown_model",
        clause="EMBED-09",
        title="An unknown model is answered by a default one.",
        request=on_body(
            EMBEDDINGS, lambda body: {**body, "model": _MODEL} if isinstance(body.get("model"), str) else body
        ),
    ),
    _fault(
        name="embeddings_refuse_unknown_model_with_400",
        clause="EMBED-09",
        title="An unknown model is refused with 400.",
        reply=_here(on_refusal(lambda answer: replace(answer, status=400), code="model_not_found")),
    ),
    _fault(
        name="embeddings_name_no_code",
        clause="EMBED-09",
        title="An unknown model is refused without `code`.",
        reply=_here(on_envelope(put(None, "code"), code="model_not_found")),
    ),
    _fault(
        name="embeddings_default_missing_model",
        clause="EMBED-10",
        title="Without `model` a default model answers.",
        request=on_body(EMBEDDINGS, lambda body: body if body.get("model") is not None else {**body, "model": _MODEL}),
    ),
    _fault(
        name="missing_input_is_accepted",
        clause="EMBED-11",
        title="Without `input` the empty text is embedded.",
        request=on_body(EMBEDDINGS, _corrects(lambda value: value is None, lambda _none: "")),
    ),
    _fault(
        name="missing_input_breaks_server",
        clause="EMBED-11",
        title="Without `input` the request ends in 500.",
        reply=_here(on_refusal(lambda answer: replace(answer, status=500), code="missing_parameter")),
    ),
    _fault(
        name="number_as_input_is_accepted",
        clause="EMBED-11",
        title="A number as `input` is taken for text.",
        request=on_body(EMBEDDINGS, _corrects(lambda value: isinstance(value, int | float), str)),
    ),
    _fault(
        name="object_as_input_is_accepted",
        clause="EMBED-11",
        title="An object as `input` is taken for text.",
        request=on_body(EMBEDDINGS, _corrects(lambda value: isinstance(value, dict), str)),
    ),
    _fault(
        name="list_of_anything_is_accepted",
        clause="EMBED-11",
        title="What is no text in a list of texts is taken for text.",
        request=on_body(EMBEDDINGS, _corrects(lambda value: isinstance(value, list) and bool(value), _texts_of)),
    ),
    _fault(
        name="long_input_is_refused",
        clause="EMBED-12",
        title="A text of more than 300 characters is refused.",
        request=on_body(EMBEDDINGS, _refuse_long),
    ),
    _fault(
        name="emoji_break_embeddings",
        clause="EMBED-12",
        title="A sign outside the basic plane ends in 500.",
        request=on_body(EMBEDDINGS, _break_on_texts(lambda text: any(ord(sign) > 0xFFFF for sign in text))),  # noqa: PLR2004
    ),
    _fault(
        name="nested_lists_are_flattened",
        clause="EMBED-11",
        title="Lists of texts within `input` are joined to one list.",
        request=on_body(EMBEDDINGS, _corrects(lambda value: isinstance(value, list), _flatten)),
    ),
    _fault(
        name="boolean_as_input_is_accepted",
        clause="EMBED-16",
        title="A boolean as `input` is taken for text.",
        request=on_body(EMBEDDINGS, _corrects(lambda value: isinstance(value, bool), str)),
    ),
    _fault(
        name="quotes_break_embeddings",
        clause="EMBED-12",
        title="A quote, a backslash or a control character in the text ends in 500.",
        request=on_body(
            EMBEDDINGS,
            _break_on_texts(lambda text: any(sign in "\"'\\" or ord(sign) < 32 for sign in text)),  # noqa: PLR2004
        ),
    ),
    _fault(
        name="embeddings_route_is_missing",
        clause="EMBED-17",
        title="POST /v1/embeddings is answered 404: the route is not there.",
        wrapper=partial(Missing, path=EMBEDDINGS),
    ),
)
