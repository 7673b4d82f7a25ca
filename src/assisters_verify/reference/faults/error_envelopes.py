"""Faults of error handling: what a refusal looks like."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any

from assisters_verify.reference.answers import Answer
from assisters_verify.reference.edits import (
    CHAT,
    EMBEDDINGS,
    Edit,
    change,
    drop,
    on_answer,
    on_envelope,
    on_refusal,
    put,
)
from assisters_verify.reference.variations import Fault

_fault = partial(Fault, area="errors")
_HTML = "<html><body><h1>{}</h1></body></html>"
_TRACE = 'Traceback (most recent call last):\n  File "/srv/app/handlers.py", line 42, in handle\nKeyError: {!r}'
_BROKEN_BODY, _UNKNOWN_ROUTE, _WRONG_VERB = "invalid_json", "route_not_found", "method_not_allowed"


def _with_payload(edit: Edit) -> Callable[[Answer], Answer]:
    return lambda answer: replace(answer, payload=edit(answer.payload))


def _with_type(content_type: str) -> Callable[[Answer], Answer]:
    return lambda answer: replace(answer, content_type=content_type)


def _name_wrong_field(envelope: dict[str, Any]) -> dict[str, Any]:
    others = {"messages": "model", "model": "messages", "temperature": "max_tokens", "max_tokens": "temperature"}
    others |= {"input": "model"}
    return {**envelope, "param": others.get(envelope["param"], envelope["param"])}


def _flatten(payload: Any) -> Any:
    return payload["error"]


FAULTS: tuple[Fault, ...] = (
    _fault(
        name="envelope_lacks_param",
        clause="ERROR-01",
        title="No error has `param`.",
        reply=on_envelope(drop("param")),
    ),
    _fault(
        name="envelope_lacks_code",
        clause="ERROR-01",
        title="No error has `code`.",
        reply=on_envelope(drop("code")),
    ),
    _fault(
        name="envelope_lacks_type",
        clause="ERROR-01",
        title="No error has `type`.",
        reply=on_envelope(drop("type")),
    ),
    _fault(
        name="envelope_lacks_message",
        clause="ERROR-01",
        title="No error has `message`.",
        reply=on_envelope(drop("message")),
    ),
    _fault(
        name="error_type_is_empty",
        clause="ERROR-01",
        title="The `type` of every error is an empty text.",
        reply=on_envelope(put("", "type")),
    ),
    _fault(
        name="error_message_is_empty",
        clause="ERROR-01",
        title="The `message` of every error is an empty text.",
        reply=on_envelope(put("", "message")),
    ),
    _fault(
        name="error_message_is_an_object",
        clause="ERROR-01",
        title="The `message` of every error is an object.",
        reply=on_envelope(change(lambda text: {"text": text}, "message")),
    ),
    _fault(
        name="error_code_is_a_number",
        clause="ERROR-01",
        title="The `code` of an error is its status as a number.",
        reply=on_refusal(
            lambda answer: replace(answer, payload=put(answer.status, "error", "code")(answer.payload)), status=400
        ),
    ),
    _fault(
        name="error_param_is_a_list",
        clause="ERROR-01",
        title="The `param` of an error is a list.",
        reply=on_envelope(change(lambda param: [param] if param else [], "param"), status=400),
    ),
    _fault(
        name="error_is_a_text",
        clause="ERROR-01",
        title="`error` is a text instead of an object.",
        reply=on_envelope(lambda envelope: envelope["message"]),
    ),
    _fault(
        name="envelope_is_flat",
        clause="ERROR-01",
        title="`type` and its kin stand at the top, without `error`.",
        reply=on_refusal(_with_payload(_flatten)),
    ),
    _fault(
        name="envelope_is_in_a_list",
        clause="ERROR-01",
        title="The envelope comes inside a list.",
        reply=on_refusal(_with_payload(lambda payload: [payload])),
    ),
    _fault(
        name="validation_has_framework_body",
        clause="ERROR-01",
        title="A field at fault is refused with a framework's `detail` list.",
        reply=on_refusal(
            _with_payload(lambda payload: {"detail": [{"loc": ["body"], "msg": payload["error"]["message"]}]}),
            status=400,
        ),
    ),
    _fault(
        name="errors_say_html",
        clause="ERROR-08",
        title="Errors are JSON, but say text/html.",
        reply=on_refusal(_with_type("text/html; charset=utf-8")),
    ),
    _fault(
        name="answers_say_plain_text",
        clause="ERROR-08",
        title="Embeddings are JSON, but say text/plain.",
        reply=on_answer(EMBEDDINGS, _with_type("text/plain")),
    ),
    _fault(
        name="answers_say_nothing",
        clause="ERROR-08",
        title="Chat completions and embeddings have no Content-Type.",
        reply=lambda call, reply: (
            replace(reply, content_type="") if isinstance(reply, Answer) and call.route in {CHAT, EMBEDDINGS} else reply
        ),
    ),
    _fault(
        name="message_shows_stack_trace",
        clause="ERROR-09",
        title="The message of a 400 is a stack trace.",
        reply=on_envelope(change(_TRACE.format, "message"), status=400),
    ),
    _fault(
        name="param_names_another_field",
        clause="ERROR-12",
        title="`param` names a field that is not at fault.",
        reply=on_envelope(_name_wrong_field, status=400),
    ),
)
