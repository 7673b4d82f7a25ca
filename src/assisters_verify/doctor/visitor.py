"""Send the doctor's few requests, one after the other, and count what they cost."""

import json
import re
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from assisters_verify.answer import Answer
from assisters_verify.redaction.shown import shown_secrets
from assisters_verify.wire import Order, Reply, Wire

_TOO_MANY = 429
_TOKENS_TOLD = re.compile(rb'"(?:total_)?tokens"\s*:\s*(\d{1,9})\b')


class TooManyRequests(Exception):  # noqa: N818 - named after what happened
    """The target said that the key has used up its limit; whoever asks on makes it worse."""


@dataclass(slots=True, kw_only=True)
class Visitor:
    """Asks the target. `requests`, `tokens` and the bytes say what it has cost until now; `shown` are secrets that it
    showed, though nobody asked for one."""

    wire: Wire
    api_key: str
    timeout_s: float
    requests: int = 0
    tokens: int = 0
    bytes_sent: int = 0
    bytes_received: int = 0
    shown: set[str] = field(default_factory=set)

    async def ask(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        headers: Sequence[tuple[str, str]] = (),
        has_key: bool = True,
        is_stream: bool = False,
    ) -> Answer:
        """Send one request and return the answer. Raises NoAnswer, and TooManyRequests at 429."""
        content = None if body is None else json.dumps(body).encode()
        given = [("Authorization", f"Bearer {self.api_key}")] if has_key else []
        given += [("Content-Type", "application/json")] if content is not None else []
        order = Order(
            method=method,
            path=path,
            headers=(*given, *headers),
            body=content,
            timeout_s=self.timeout_s,
            is_stream=is_stream,
        )
        reply = Reply(started=time.perf_counter())
        try:
            await self.wire.send(order, reply)
        finally:
            self._count(order, reply)
        if reply.status == _TOO_MANY:
            raise TooManyRequests
        return _answer(order, reply)

    def _count(self, order: Order, reply: Reply) -> None:
        self.requests += reply.sends
        self.bytes_sent += len(order.body or b"")
        self.bytes_received += reply.wire_bytes
        self.shown.update(shown_secrets(reply.body))
        self.tokens += max((int(told) for told in _TOKENS_TOLD.findall(reply.body)), default=0)


def _answer(order: Order, reply: Reply) -> Answer:
    headers: dict[str, str] = {}
    for name, value in reply.headers:
        key = name.lower()
        headers[key] = f"{headers[key]}, {value}" if key in headers else value
    return Answer(
        exchange="",
        method=order.method,
        path=order.path,
        status=reply.status,
        headers=headers,
        body=reply.body,
        first_byte_s=reply.first_byte_s or 0.0,
        total_s=reply.total_s or 0.0,
        pieces=tuple(reply.pieces) if order.is_stream else (),
        broken_off=reply.broken_off,
    )
