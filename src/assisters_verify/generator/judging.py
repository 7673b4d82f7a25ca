"""Tell from a finished exchange whether it got what it asked for, and what an error looks like."""

from typing import Any

import orjson

from assisters_verify.generator.answer import header_in
from assisters_verify.generator.exchange import Exchange
from assisters_verify.measures.ledger import Problem

_SUCCESS = range(200, 300)
_ERROR = 400


def judge(exchange: Exchange) -> Any:
    """Note a body that is not what was asked for, and the tokens; return the body parsed, or None."""
    if exchange.problem is not Problem.NONE or exchange.status not in _SUCCESS or exchange.is_stream:
        if exchange.is_stream and not exchange.request.is_stream:
            _blame(exchange, "a stream came though none was asked for")
        return None
    if exchange.request.is_stream:
        _blame(
            exchange, f"no stream came, but {header_in(exchange.head, 'content-type') or 'something without a type'}"
        )
        return None
    value = parse(exchange.body)
    if type(value) is not dict or value.get("error"):
        _blame(exchange, "the body is no JSON object of an answer")
        return None
    exchange.tokens = _tokens(value)
    return value


def envelope_of(exchange: Exchange) -> int:
    """Return 1 for an error in the documented form, 0 for one in another, -1 where it is no error."""
    if exchange.status < _ERROR:
        return -1
    value = parse(exchange.body)
    error = value.get("error") if isinstance(value, dict) else None
    if not isinstance(error, dict):
        return 0
    has_texts = all(isinstance(error.get(name), str) and error[name] for name in ("type", "message"))
    has_rest = all(name in error and isinstance(error[name], str | None) for name in ("param", "code"))
    return int(has_texts and has_rest)


def parse(body: bytes) -> Any:
    """Return a body as JSON, or None."""
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError:
        return None


def _blame(exchange: Exchange, text: str) -> None:
    if exchange.problem is Problem.NONE:
        exchange.problem = Problem.BROKEN_STREAM if exchange.request.is_stream else Problem.BROKEN_BODY
        exchange.problem_text = text


def _tokens(value: dict[str, Any]) -> int:
    """Return what the answer says that it cost, or how many words it has: each is a token at least."""
    usage = value.get("usage")
    if isinstance(usage, dict):
        for name in ("completion_tokens", "tokens"):
            if isinstance(usage.get(name), int):
                return int(usage[name])
    choices = value.get("choices")
    words = 0
    for choice in choices if isinstance(choices, list) else ():
        message = choice.get("message") if isinstance(choice, dict) else None
        content = message.get("content") if isinstance(message, dict) else None
        words += len(content.split()) if isinstance(content, str) else 0
    return words
