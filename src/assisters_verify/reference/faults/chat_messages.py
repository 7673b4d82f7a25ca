"""Faults of chat completions: which messages they accept and refuse."""

from collections.abc import Callable
from functools import partial
from typing import Any

from assisters_verify.reference.edits import (
    CHAT,
    Edit,
    on_body,
)
from assisters_verify.reference.problems import ApiError, bad_request, internal_error
from assisters_verify.reference.variations import Fault

_fault = partial(Fault, area="chat")


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


def _each_message(edit: Callable[[dict[str, Any]], Any]) -> Callable[[dict[str, Any]], Any]:
    """Edit each message that is an object."""

    def edit_body(body: dict[str, Any]) -> Any:
        if isinstance(body.get("messages"), list):
            body["messages"] = [edit(message) if isinstance(message, dict) else message for message in body["messages"]]
        return body

    return edit_body


def _has_role(role: str) -> Callable[[Any], bool]:
    return lambda messages: (
        isinstance(messages, list)
        and any(isinstance(message, dict) and message.get("role") == role for message in messages)
    )


def _has_text(matches: Callable[[str], bool]) -> Callable[[Any], bool]:
    return lambda messages: (
        isinstance(messages, list)
        and any(
            isinstance(message, dict) and isinstance(message.get("content"), str) and matches(message["content"])
            for message in messages
        )
    )


def _breaks(name: str, matches: Callable[[Any], bool]) -> Callable[[dict[str, Any]], Any]:
    """End in 500 on a good value."""

    def check(body: dict[str, Any]) -> Any:
        if name in body and matches(body[name]):
            raise internal_error()
        return body

    return check


def _is_text(value: Any) -> bool:
    return isinstance(value, str)


def _number_messages_to_text(body: dict[str, Any]) -> dict[str, Any]:
    messages = body.get("messages")
    for message in messages if isinstance(messages, list) else ():
        content = message.get("content") if isinstance(message, dict) else None
        if isinstance(content, int | float):
            message["content"] = str(content)
    return body


def _refuse_bare_messages(body: dict[str, Any]) -> Any:
    messages = body.get("messages")
    if isinstance(messages, list) and not all(isinstance(message, dict) for message in messages):
        raise ApiError(422, "Unprocessable entity.", param="messages")
    return body


FAULTS: tuple[Fault, ...] = (
    _fault(
        name="missing_messages_are_accepted",
        clause="CHAT-04",
        title="Without `messages` the model answers an empty prompt.",
        request=on_body(
            CHAT,
            lambda body: (
                body if "prompt" in body else _defaults("messages", [{"role": "user", "content": "Hello"}])(body)
            ),
        ),
    ),
    _fault(
        name="text_as_messages_is_accepted",
        clause="CHAT-04",
        title="A text as `messages` is taken for one user message.",
        request=on_body(CHAT, _corrects("messages", _is_text, lambda text: [{"role": "user", "content": text}])),
    ),
    _fault(
        name="object_as_messages_is_accepted",
        clause="CHAT-04",
        title="An object as `messages` is taken for a list of one.",
        request=on_body(CHAT, _corrects("messages", lambda value: isinstance(value, dict), lambda one: [one])),
    ),
    _fault(
        name="texts_among_messages_are_accepted",
        clause="CHAT-04",
        title="A text in the list of messages is taken for a user message.",
        request=on_body(
            CHAT,
            _corrects(
                "messages",
                lambda value: isinstance(value, list),
                lambda messages: [
                    {"role": "user", "content": one} if isinstance(one, str) else one for one in messages
                ],
            ),
        ),
    ),
    _fault(
        name="missing_role_is_defaulted",
        clause="CHAT-06",
        title="A message without `role` counts as the user's.",
        request=on_body(CHAT, _each_message(_defaults("role", "user"))),
    ),
    _fault(
        name="missing_content_is_accepted",
        clause="CHAT-06",
        title="A message without `content` counts as empty.",
        request=on_body(
            CHAT,
            _each_message(
                lambda message: {"content": "", **message} if message.get("role") != "assistant" else message
            ),
        ),
    ),
    _fault(
        name="null_content_is_accepted",
        clause="CHAT-06",
        title="A user's message with a `content` of null counts as empty.",
        request=on_body(CHAT, _each_message(_corrects("content", lambda value: value is None, lambda _null: ""))),
    ),
    _fault(
        name="system_role_is_refused",
        clause="CHAT-07",
        title="A system message is refused.",
        request=on_body(CHAT, _refuses("messages", _has_role("system"))),
    ),
    _fault(
        name="developer_role_is_refused",
        clause="CHAT-07",
        title="A developer message is refused.",
        request=on_body(CHAT, _refuses("messages", _has_role("developer"))),
    ),
    _fault(
        name="several_turns_are_refused",
        clause="CHAT-07",
        title="A conversation with the assistant's earlier answer is refused.",
        request=on_body(
            CHAT,
            _refuses("messages", lambda messages: _has_role("assistant")(messages) and not _has_role("tool")(messages)),
        ),
    ),
    _fault(
        name="blank_text_is_refused",
        clause="CHAT-13",
        title="A content of white space is refused.",
        request=on_body(CHAT, _refuses("messages", _has_text(lambda text: bool(text) and not text.strip()))),
    ),
    _fault(
        name="braces_break_server",
        clause="CHAT-13",
        title="A brace in the content ends in 500: it is taken for a template.",
        request=on_body(CHAT, _breaks("messages", _has_text(lambda text: "{" in text or "}" in text))),
    ),
    _fault(
        name="markup_is_refused",
        clause="CHAT-13",
        title="HTML in the content is refused, as firewalls do.",
        request=on_body(CHAT, _refuses("messages", _has_text(lambda text: "<script" in text or "</" in text))),
    ),
    _fault(
        name="unknown_role_is_accepted",
        clause="CHAT-14",
        title="An unknown role counts as the user's.",
        request=on_body(
            CHAT,
            _each_message(
                _corrects(
                    "role",
                    lambda role: _is_text(role) and role not in {"system", "developer", "assistant", "tool"},
                    lambda _role: "user",
                )
            ),
        ),
    ),
    _fault(
        name="empty_messages_are_accepted",
        clause="CHAT-15",
        title="An empty list of messages is answered.",
        request=on_body(
            CHAT, _corrects("messages", lambda value: value == [], lambda _none: [{"role": "user", "content": "Hello"}])
        ),
    ),
    _fault(
        name="number_as_content_is_accepted",
        clause="CHAT-06",
        title="A number as a message's content is taken for text.",
        request=on_body(CHAT, _number_messages_to_text),
    ),
    _fault(
        name="wrong_form_is_422",
        clause="CHAT-21",
        title="A message that is no object is refused with 422.",
        request=on_body(CHAT, _refuse_bare_messages),
    ),
)
