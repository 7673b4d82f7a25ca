"""Faults of error handling: which requests are refused, and with which status."""

import json
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any

from assisters_verify.reference.answers import Answer, Reply
from assisters_verify.reference.calls import Call, parse_json
from assisters_verify.reference.edits import (
    CHAT,
    EMBEDDINGS,
    FIRST_REFUSAL,
    Edit,
    code_of,
    on_body,
    on_refusal,
)
from assisters_verify.reference.problems import ApiError, internal_error
from assisters_verify.reference.variations import Fault
from assisters_verify.reference.wrappers import CutConnection

_fault = partial(Fault, area="errors")
_HTML = "<html><body><h1>{}</h1></body></html>"
_TRACE = 'Traceback (most recent call last):\n  File "/srv/app/handlers.py", line 42, in handle\nKeyError: {!r}'
_BROKEN_BODY, _UNKNOWN_ROUTE, _WRONG_VERB = "invalid_json", "route_not_found", "method_not_allowed"


def _parses(how: Callable[[bytes], Any]) -> dict[str, object]:
    return {"errors.parse_body": how}


def _instead(text: str, content_type: str, *, status: int | None = None) -> Callable[[Answer], Answer]:
    """Return an edit that puts another body, and maybe another status, in a refusal's place."""
    return lambda answer: replace(answer, text=text, content_type=content_type, status=status or answer.status)


def _with_status(status: int) -> Callable[[Answer], Answer]:
    return lambda answer: replace(answer, status=status)


def _with_payload(edit: Edit) -> Callable[[Answer], Answer]:
    return lambda answer: replace(answer, payload=edit(answer.payload))


def _parse_start(body: bytes) -> Any:
    """Take what follows the first value for nothing."""
    try:
        return json.JSONDecoder().raw_decode(body.decode().lstrip())[0]
    except ValueError:
        return parse_json(body)


def _parse_any_bytes(body: bytes) -> Any:
    return parse_json(body.decode("utf-8", "replace").encode())


def _parse_strict_bytes(body: bytes) -> Any:
    try:
        body.decode()
    except UnicodeDecodeError as error:
        raise internal_error() from error
    return parse_json(body)


def _parse_broken_as_empty(body: bytes) -> Any:
    """Guess what a broken body meant."""
    try:
        return parse_json(body)
    except ApiError:
        return {"model": "gpt-4.1-mini", "messages": [{"role": "user", "content": "Hello"}], "input": "Hello",
                "name": "unnamed", "url": "http://127.0.0.1:9/", "events": ["chat.completion"]}  # fmt: skip


def _parse_with_recursion(body: bytes) -> Any:
    if body.count(b"[") + body.count(b"{") > 500:  # noqa: PLR2004 - about where naive recursion ends
        raise internal_error()
    return parse_json(body)


def _parse_constants(body: bytes) -> Any:
    """Parse as Python does, which knows more than JSON."""
    try:
        return json.loads(body, parse_constant=lambda _word: None)
    except (ValueError, RecursionError):
        return parse_json(body)


def _break_where(matches: Callable[[Call], bool]) -> Callable[[Call, Reply], Reply]:
    """End in 500 on calls that are odd in some way, behind authentication."""

    def edit(call: Call, reply: Reply) -> Reply:
        if call.api_key is None or not matches(call):
            return reply
        return Answer(payload=internal_error().envelope(), status=500)

    return edit


def _unwrap_list(_call: Call, value: Any) -> Any:
    return value[0] if isinstance(value, list) and value and isinstance(value[0], dict) else value


def _break_on_no_object(_call: Call, value: Any) -> Any:
    if not isinstance(value, dict):
        raise internal_error()
    return value


def _break_on(matches: Callable[[Any], bool], *names: str) -> Callable[[Call, Any], Any]:
    """Return a request edit that ends in 500 where one of the named fields matches."""

    def check(_call: Call, value: Any) -> Any:
        if isinstance(value, dict) and any(name in value and matches(value[name]) for name in names):
            raise internal_error()
        return value

    return check


def _stay_broken(call: Call, reply: Reply) -> Reply:
    """Answer the request after a broken body with 500."""
    scratch = call.services.scratch
    was_broken = scratch.get("stays_broken", False)
    scratch["stays_broken"] = isinstance(reply, Answer) and code_of(reply) == _BROKEN_BODY
    if was_broken and reply.status < FIRST_REFUSAL:
        return Answer(payload=internal_error().envelope(), status=500)
    return reply


def _answer_quietly(answer: Answer) -> Answer:
    return replace(answer, status=200, payload={})


def _number_roles_to_user(body: dict[str, Any]) -> dict[str, Any]:
    messages = body.get("messages")
    for message in messages if isinstance(messages, list) else ():
        if isinstance(message, dict) and not isinstance(message.get("role"), str | None):
            message["role"] = "user"
    return body


FAULTS: tuple[Fault, ...] = (
    _fault(
        name="malformed_json_breaks_server",
        clause="ERROR-02",
        title="Malformed JSON ends in 500.",
        reply=on_refusal(_with_status(500), code=_BROKEN_BODY),
    ),
    _fault(
        name="malformed_json_is_422",
        clause="ERROR-02",
        title="Malformed JSON is refused with 422.",
        reply=on_refusal(_with_status(422), code=_BROKEN_BODY),
    ),
    _fault(
        name="malformed_json_is_guessed",
        clause="ERROR-02",
        title="Malformed JSON is taken for a default request.",
        choices=_parses(_parse_broken_as_empty),
    ),
    _fault(
        name="trailing_garbage_is_accepted",
        clause="ERROR-02",
        title="What stands behind the JSON object is ignored.",
        choices=_parses(_parse_start),
    ),
    _fault(
        name="invalid_utf8_is_accepted",
        clause="ERROR-02",
        title="A body that is not UTF-8 is accepted, its broken bytes replaced.",
        choices=_parses(_parse_any_bytes),
    ),
    _fault(
        name="invalid_utf8_breaks_server",
        clause="ERROR-02",
        title="A body that is not UTF-8 ends in 500.",
        choices=_parses(_parse_strict_bytes),
    ),
    _fault(
        name="malformed_json_is_200",
        clause="ERROR-10",
        title="Malformed JSON is answered 200 with an error envelope.",
        reply=on_refusal(_with_status(200), code=_BROKEN_BODY),
    ),
    _fault(
        name="unknown_route_is_200_with_envelope",
        clause="ERROR-10",
        title="An unknown route is answered 200 with an error envelope.",
        reply=on_refusal(_with_status(200), code=_UNKNOWN_ROUTE),
    ),
    _fault(
        name="list_body_breaks_server",
        clause="ERROR-03",
        title="A body that is JSON but no object ends in 500.",
        request=_break_on_no_object,
    ),
    _fault(
        name="list_body_is_unwrapped",
        clause="ERROR-03",
        title="A list that holds a request is accepted as the request.",
        request=_unwrap_list,
    ),
    _fault(
        name="object_for_text_breaks_server",
        clause="ERROR-04",
        title="An object where a text belongs ends in 500.",
        request=_break_on(lambda value: isinstance(value, dict), "model", "name", "url", "input"),
    ),
    _fault(
        name="list_for_text_breaks_server",
        clause="ERROR-04",
        title="A list where the model's id belongs ends in 500: it cannot be looked up.",
        request=_break_on(lambda value: isinstance(value, list), "model", "name", "url"),
    ),
    _fault(
        name="null_breaks_server",
        clause="ERROR-04",
        title="Null where a value is required ends in 500.",
        request=_break_on(lambda value: value is None, "model", "messages", "input", "name", "url", "events"),
    ),
    _fault(
        name="number_for_list_breaks_server",
        clause="ERROR-04",
        title="A number where a list belongs ends in 500: it cannot be walked through.",
        request=_break_on(lambda value: isinstance(value, int | float), "messages", "tools", "events", "input"),
    ),
    _fault(
        name="wrong_type_is_422",
        clause="ERROR-04",
        title="A value of the wrong type is refused with 422 on embeddings.",
        reply=lambda call, reply: (
            replace(reply, status=422)
            if isinstance(reply, Answer) and call.route == EMBEDDINGS and reply.status == 400  # noqa: PLR2004
            else reply
        ),
    ),
    _fault(
        name="deep_nesting_breaks_server",
        clause="ERROR-05",
        title="A deeply nested body ends in 500.",
        choices=_parses(_parse_with_recursion),
    ),
    _fault(
        name="deep_nesting_breaks_connection",
        clause="ERROR-05",
        title="A deeply nested body kills the process: the connection breaks without an answer.",
        wrapper=CutConnection,
    ),
    _fault(
        name="unknown_route_is_200",
        clause="ERROR-06",
        title="An unknown route is answered 200 with an empty object.",
        reply=on_refusal(_answer_quietly, code=_UNKNOWN_ROUTE),
    ),
    _fault(
        name="unknown_route_has_framework_body",
        clause="ERROR-06",
        title="An unknown route is answered with a framework's `detail`.",
        reply=on_refusal(_with_payload(lambda _payload: {"detail": "Not Found"}), code=_UNKNOWN_ROUTE),
    ),
    _fault(
        name="unknown_route_is_html",
        clause="ERROR-06",
        title="An unknown route is answered with a web page.",
        reply=on_refusal(_instead(_HTML.format("404 Not Found"), "text/html"), code=_UNKNOWN_ROUTE),
    ),
    _fault(
        name="unknown_route_breaks_server",
        clause="ERROR-06",
        title="An unknown route ends in 500.",
        reply=on_refusal(_with_status(500), code=_UNKNOWN_ROUTE),
    ),
    _fault(
        name="unknown_route_is_400",
        clause="ERROR-06",
        title="An unknown route is refused with 400.",
        reply=on_refusal(_with_status(400), code=_UNKNOWN_ROUTE),
    ),
    _fault(
        name="wrong_verb_has_framework_body",
        clause="ERROR-07",
        title="A wrong verb is answered with a framework's `detail`.",
        reply=on_refusal(_with_payload(lambda _payload: {"detail": "Method Not Allowed"}), code=_WRONG_VERB),
    ),
    _fault(
        name="wrong_verb_has_empty_body",
        clause="ERROR-07",
        title="A wrong verb is answered 405 without a body.",
        reply=on_refusal(_instead("", ""), code=_WRONG_VERB),
    ),
    _fault(
        name="wrong_verb_breaks_server",
        clause="ERROR-07",
        title="A wrong verb ends in 500.",
        reply=on_refusal(_with_status(500), code=_WRONG_VERB),
    ),
    _fault(
        name="wrong_verb_is_answered",
        clause="ERROR-07",
        title="A wrong verb is answered 200 with an empty object.",
        reply=on_refusal(_answer_quietly, code=_WRONG_VERB),
    ),
    _fault(
        name="odd_query_breaks_server",
        clause="ERROR-11",
        title="A query that is no UTF-8, or has brackets in it, ends in 500.",
        reply=_break_where(
            lambda call: any(sign in call.scope["query_string"].lower() for sign in (b"%ff", b"[", b"%5b"))
        ),
    ),
    _fault(
        name="odd_path_breaks_server",
        clause="ERROR-11",
        title="A path with an encoded slash, a null or signs outside ASCII ends in 500.",
        reply=_break_where(
            lambda call: any(
                sign in call.scope["raw_path"].lower() for sign in (b"%2f", b"%00", b"%ff", b"%c3", b"%f0")
            )
        ),
    ),
    _fault(
        name="odd_header_breaks_server",
        clause="ERROR-11",
        title="A header with bytes outside ASCII ends in 500.",
        reply=_break_where(lambda call: any(not value.isascii() for _name, value in call.scope["headers"])),
    ),
    _fault(
        name="nan_is_accepted",
        clause="ERROR-16",
        title="`NaN` and `Infinity` are taken for null.",
        choices=_parses(_parse_constants),
    ),
    _fault(
        name="server_stays_broken",
        clause="ERROR-13",
        title="After malformed JSON the next request is answered 500.",
        reply=_stay_broken,
    ),
    _fault(
        name="number_as_role_is_accepted",
        clause="ERROR-04",
        title="A role that is no text counts as the user's.",
        request=on_body(CHAT, _number_roles_to_user),
    ),
)
