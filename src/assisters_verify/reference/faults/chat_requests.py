"""Faults of chat completions: which parameters they accept and refuse."""

from collections.abc import Callable
from functools import partial
from typing import Any

from assisters_verify.reference.edits import (
    CHAT,
    Edit,
    on_body,
)
from assisters_verify.reference.problems import ApiError, bad_request
from assisters_verify.reference.variations import Fault
from assisters_verify.reference.wrappers import Missing

_fault = partial(Fault, area="chat")
_MODEL = "gpt-4.1-mini"
_MODEL = "gpt-4.1-mini"
_LONG_CHARACTERS = 2000


def _defaults(name: str, value: Any) -> Callable[[dict[str, Any]], Any]:
    """Fill in a field that is missing or null."""
    return lambda body: body if body.get(name) is not None else {**body, name: value}


def _corrects(name: str, matches: Callable[[Any], bool], how: Edit) -> Callable[[dict[str, Any]], Any]:
    """Make something of a wrong value instead of refusing it."""
    return lambda body: {**body, name: how(body[name])} if name in body and matches(body[name]) else body


def _refuses(name: str, matches: Callable[[Any], bool]) -> Callable[[dict[str, Any]], Any]:
    """Refuse a good value."""

    def check(body: dict[str, Any]) -> Any:
        if name in body and matches(body[name]):
            raise bad_request(f"{name} is not valid.", param=name)
        return body

    return check


def _requires(name: str) -> Callable[[dict[str, Any]], Any]:
    """Refuse a request that lacks an optional field."""

    def check(body: dict[str, Any]) -> Any:
        if body.get(name) is None:
            raise bad_request(f"Missing {name} parameter.", param=name)
        return body

    return check


def _has_text(matches: Callable[[str], bool]) -> Callable[[Any], bool]:
    return lambda messages: (
        isinstance(messages, list)
        and any(
            isinstance(message, dict) and isinstance(message.get("content"), str) and matches(message["content"])
            for message in messages
        )
    )


def _is_text(value: Any) -> bool:
    return isinstance(value, str)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _to_float(value: Any) -> Any:
    try:
        return float(value)
    except ValueError:
        return value


def _to_int(value: Any) -> Any:
    try:
        return int(value)
    except ValueError:
        return value


def _too_long() -> ApiError:
    return ApiError(413, "The content is too long.", param="messages", code="context_length_exceeded")


def _refuse_long(body: dict[str, Any]) -> Any:
    if _has_text(lambda text: len(text) > _LONG_CHARACTERS)(body.get("messages")):
        raise _too_long()
    return body


FAULTS: tuple[Fault, ...] = (
    _fault(
        name="missing_model_is_defaulted",
        clause="CHAT-03",
        title="Without `model` a default model answers.",
        request=on_body(CHAT, _defaults("model", _MODEL)),
    ),
    _fault(
        name="missing_model_is_404",
        clause="CHAT-03",
        title="Without `model` the request is refused with 404.",
        request=on_body(CHAT, _defaults("model", "")),
    ),
    _fault(
        name="temperature_one_is_refused",
        clause="CHAT-08",
        title="The upper end of `temperature` is refused.",
        request=on_body(CHAT, _refuses("temperature", lambda value: _is_number(value) and value == 1)),
    ),
    _fault(
        name="temperature_zero_is_refused",
        clause="CHAT-08",
        title="The lower end of `temperature` is refused.",
        request=on_body(CHAT, _refuses("temperature", lambda value: _is_number(value) and value == 0)),
    ),
    _fault(
        name="temperature_half_is_refused",
        clause="CHAT-08",
        title="A fraction as `temperature` is refused: an integer is expected.",
        request=on_body(
            CHAT, _refuses("temperature", lambda value: isinstance(value, float) and not value.is_integer())
        ),
    ),
    _fault(
        name="temperature_up_to_two_is_accepted",
        clause="CHAT-09",
        title="`temperature` may go up to 2, as in other APIs.",
        request=on_body(
            CHAT,
            _corrects(
                "temperature",
                lambda value: _is_number(value) and 1 < value <= 2,  # noqa: PLR2004
                lambda _value: 1,
            ),
        ),
    ),
    _fault(
        name="temperature_is_clamped",
        clause="CHAT-09",
        title="`temperature` outside its range is moved to the nearest end.",
        request=on_body(CHAT, _corrects("temperature", _is_number, lambda value: min(1, max(0, value)))),
    ),
    _fault(
        name="negative_temperature_is_accepted",
        clause="CHAT-09",
        title="A negative `temperature` is accepted.",
        request=on_body(CHAT, _corrects("temperature", lambda value: _is_number(value) and value < 0, abs)),
    ),
    _fault(
        name="temperature_is_rounded",
        clause="CHAT-09",
        title="`temperature` is rounded before it is checked, so 1.04 passes.",
        request=on_body(CHAT, _corrects("temperature", _is_number, lambda value: round(value, 1))),
    ),
    _fault(
        name="temperature_as_text_is_accepted",
        clause="CHAT-09",
        title="`temperature` as a text is converted.",
        request=on_body(CHAT, _corrects("temperature", _is_text, _to_float)),
    ),
    _fault(
        name="temperature_as_boolean_is_accepted",
        clause="CHAT-09",
        title="`temperature: true` counts as 1.",
        request=on_body(CHAT, _corrects("temperature", lambda value: isinstance(value, bool), int)),
    ),
    _fault(
        name="negative_max_tokens_is_accepted",
        clause="CHAT-10",
        title="A negative `max_tokens` means no bound.",
        request=on_body(
            CHAT, _corrects("max_tokens", lambda value: _is_number(value) and value < 0, lambda _value: None)
        ),
    ),
    _fault(
        name="fraction_of_max_tokens_is_accepted",
        clause="CHAT-10",
        title="A fraction as `max_tokens` is cut to an integer.",
        request=on_body(CHAT, _corrects("max_tokens", lambda value: isinstance(value, float), int)),
    ),
    _fault(
        name="max_tokens_as_text_is_accepted",
        clause="CHAT-10",
        title="`max_tokens` as a text is converted.",
        request=on_body(CHAT, _corrects("max_tokens", _is_text, _to_int)),
    ),
    _fault(
        name="max_tokens_as_boolean_is_accepted",
        clause="CHAT-10",
        title="`max_tokens: true` counts as 1.",
        request=on_body(CHAT, _corrects("max_tokens", lambda value: isinstance(value, bool), lambda _value: 1)),
    ),
    _fault(
        name="long_text_is_refused",
        clause="CHAT-13",
        title="A content of more than 2000 characters is refused.",
        request=on_body(CHAT, _refuse_long),
    ),
    _fault(
        name="max_tokens_zero_is_accepted",
        clause="CHAT-16",
        title="`max_tokens: 0` means no bound.",
        request=on_body(
            CHAT, _corrects("max_tokens", lambda value: _is_number(value) and value == 0, lambda _zero: None)
        ),
    ),
    _fault(
        name="max_tokens_is_required",
        clause="CHAT-17",
        title="Without `max_tokens` the request is refused.",
        request=on_body(CHAT, lambda body: _requires("max_tokens")(body) if "temperature" in body else body),
    ),
    _fault(
        name="temperature_beside_max_tokens_is_refused",
        clause="CHAT-17",
        title="`temperature` and `max_tokens` together are refused.",
        request=on_body(CHAT, lambda body: _refuses("temperature", _is_number)(body) if "max_tokens" in body else body),
    ),
    _fault(
        name="chat_route_is_missing",
        clause="CHAT-22",
        title="POST /v1/chat/completions is answered 404: the route is not there.",
        wrapper=partial(Missing, path=CHAT),
    ),
    _fault(
        name="documented_request_is_refused",
        clause="CHAT-17",
        title="The documented request is refused: `max_tokens` must be below 1000.",
        request=on_body(CHAT, _refuses("max_tokens", lambda value: _is_number(value) and value == 1000)),  # noqa: PLR2004
    ),
)
