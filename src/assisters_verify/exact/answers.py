"""The bytes of every answer, built before they are needed."""

from functools import lru_cache
from itertools import cycle, islice
from typing import Any

import orjson

from assisters_verify.exact.options import Coding

_WORDS = ("The", "quick", "brown", "fox", "jumps", "over", "the", "lazy", "dog", "and", "runs", "away")
_REASONS = {200: "OK", 400: "Bad Request", 401: "Unauthorized", 404: "Not Found"}
_ID = "chatcmpl-exact"
LAST_CHUNK = b"0\r\n\r\n"


def words(count: int) -> list[str]:
    """Return the words of an answer; joined they are its text."""
    return [word if index == 0 else f" {word}" for index, word in enumerate(islice(cycle(_WORDS), count))]


def answer(status: int, content: Any) -> bytes:
    """Return a whole answer with this JSON body."""
    body = orjson.dumps(content)
    head = f"HTTP/1.1 {status} {_REASONS[status]}\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n"
    return head.encode() + b"\r\n" + body


def refusal(status: int, message: str, *, param: str | None = None, code: str | None = None) -> bytes:
    """Return an error in its envelope."""
    kind = "authentication_error" if status == 401 else "invalid_request_error"  # noqa: PLR2004 - an HTTP status
    return answer(status, {"error": {"type": kind, "message": message, "param": param, "code": code}})


@lru_cache(maxsize=256)
def completion(model: str, tokens: int) -> bytes:
    """Return a plain chat completion."""
    return answer(
        200,
        {
            "id": _ID,
            "object": "chat.completion",
            "created": 0,
            "model": model,
            "choices": [
                {
                    "index": 0,
                    "message": {"role": "assistant", "content": "".join(words(tokens))},
                    "finish_reason": "stop",
                }
            ],
            "usage": _usage(tokens),
        },
    )


@lru_cache(maxsize=256)
def embedding(model: str, texts: int, vector_length: int) -> bytes:
    """Return the vector of one text, or where `texts` is not 0 the vectors of a batch."""
    numbers = [round((index % 17 - 8) / 100, 2) for index in range(vector_length)]
    content: dict[str, Any] = {"model": model, "usage": {"tokens": 9 * max(texts, 1)}}
    if texts:
        content["data"] = [{"index": index, "embedding": [index / 1000, *numbers[1:]]} for index in range(texts)]
    else:
        content["embedding"] = numbers
    return answer(200, content)


@lru_cache(maxsize=1)
def models() -> bytes:
    """Return the list of models."""
    chat = {"id": "gpt-4.1-mini", "name": "GPT-4.1 Mini", "max_tokens": 128_000, "supports": ["chat"]}
    vectors = {"id": "text-embedding-3-small", "name": "Embeddings", "max_tokens": 8192, "supports": ["embeddings"]}
    return answer(200, {"models": [chat, vectors]})


@lru_cache(maxsize=256)
def stream(model: str, tokens: int, *, coding: Coding, with_usage: bool, early_head: bool) -> tuple[bytes, ...]:
    """Return a stream as its writes: one for each token, the last with all that ends the stream.

    With an early head there is one more write before them: the head, and a chunk that has a role and no content.
    Usage is told by a chunk without choices before the end.
    """
    is_chunked = coding is Coding.CHUNKED
    head = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nCache-Control: no-store\r\n"
    head += b"Transfer-Encoding: chunked\r\n\r\n" if is_chunked else b"Connection: close\r\n\r\n"
    writes = [_framed(_event(model, {"content": word}), is_chunked=is_chunked) for word in words(tokens)]
    opening = _framed(_event(model, {"role": "assistant", "content": ""}), is_chunked=is_chunked)
    if early_head:
        writes.insert(0, head + opening)
    else:
        writes[0] = head + opening + writes[0]
    writes[-1] += _framed(_event(model, {}, finish_reason="stop"), is_chunked=is_chunked)
    if with_usage:
        usage = {"id": _ID, "object": "chat.completion.chunk", "model": model, "choices": [], "usage": _usage(tokens)}
        writes[-1] += _framed(b"data: " + orjson.dumps(usage) + b"\n\n", is_chunked=is_chunked)
    writes[-1] += _framed(b"data: [DONE]\n\n", is_chunked=is_chunked) + (LAST_CHUNK if is_chunked else b"")
    return tuple(writes)


def _event(model: str, delta: dict[str, str], *, finish_reason: str | None = None) -> bytes:
    choice = {"index": 0, "delta": delta, "finish_reason": finish_reason}
    content = {"id": _ID, "object": "chat.completion.chunk", "created": 0, "model": model, "choices": [choice]}
    return b"data: " + orjson.dumps(content) + b"\n\n"


def _framed(data: bytes, *, is_chunked: bool) -> bytes:
    return b"%x\r\n%b\r\n" % (len(data), data) if is_chunked else data


def _usage(tokens: int) -> dict[str, int]:
    return {"prompt_tokens": 9, "completion_tokens": tokens, "total_tokens": 9 + tokens}
