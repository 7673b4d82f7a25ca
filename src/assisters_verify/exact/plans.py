"""Decide from a request what is written, and when."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

import orjson

from assisters_verify.exact import answers
from assisters_verify.exact.options import Coding, ExactOptions
from assisters_verify.exact.requests import Request

_SECOND_NS = 1_000_000_000
# So that requests which are all different cost no memory.
_KNOWN_PLANS = 1024
# Characters of a text or texts of a batch.
_MOST_IN_INPUT = 1_000_000


class Kind(StrEnum):
    """What was asked for."""

    STREAMING = "streaming"
    CHAT = "chat"
    EMBEDDINGS = "embeddings"
    MODELS = "models"
    REFUSED = "refused"
    CONTROL = "control"


@dataclass(frozen=True, slots=True)
class Plan:
    """One answer: what is written, and when, in nanoseconds after the request's arrival.

    `contents` of the writes have content, `tokens` all in all; those before them have none. `target` is the route of a
    control request.
    """

    kind: Kind
    writes: tuple[bytes, ...]
    offsets_ns: tuple[int, ...]
    contents: int
    tokens: int = 0
    keeps_alive: bool = True
    target: bytes = b""


class Planner:
    """Makes plans, and knows those of requests that came before in the very same bytes."""

    def __init__(self, options: ExactOptions) -> None:
        self.known: dict[bytes, Plan] = {}
        self._options = options
        self._latency_ns = (round(options.latency_s * _SECOND_NS),)

    def remember(self, data: bytes, plan: Plan) -> None:
        """Take the same plan when the same bytes arrive again."""
        if len(self.known) < _KNOWN_PLANS and plan.kind is not Kind.CONTROL:
            self.known[data] = plan

    def plan(self, request: Request) -> Plan:
        """Return the answer to this request."""
        target = request.target.partition(b"?")[0]
        if target.startswith(b"/exact/"):
            return Plan(Kind.CONTROL, (), (), 0, keeps_alive=request.keeps_alive, target=request.target)
        plan = self._answer(request, target)
        return plan if request.keeps_alive else replace(plan, keeps_alive=False)

    def _answer(self, request: Request, target: bytes) -> Plan:
        if request.authorization[:7].lower() != b"bearer ":
            return self._refuse(401, "An API key is needed.", code="invalid_api_key")
        if request.method == b"GET" and target == b"/v1/models":
            return self._whole(Kind.MODELS, answers.models())
        if request.method != b"POST" or target not in {b"/v1/chat/completions", b"/v1/embeddings"}:
            return self._refuse(404, "There is nothing here.", code="not_found")
        try:
            body = orjson.loads(request.body)
        except orjson.JSONDecodeError:
            return self._refuse(400, "The body is not JSON.")
        if not isinstance(body, dict) or not isinstance(body.get("model"), str):
            return self._refuse(400, "A model is needed.", param="model")
        return self._embed(body) if target == b"/v1/embeddings" else self._chat(body)

    def _chat(self, body: Mapping[str, Any]) -> Plan:
        if not isinstance(body.get("messages"), list):
            return self._refuse(400, "Messages are needed.", param="messages")
        most = body.get("max_tokens")
        if most is not None and (type(most) is not int or most < 1):
            return self._refuse(400, "A positive integer is needed.", param="max_tokens")
        tokens = min(self._options.tokens, most or self._options.tokens)
        if body.get("stream") is True:
            return self._stream(body, tokens)
        return self._whole(Kind.CHAT, answers.completion(body["model"], tokens), tokens)

    def _embed(self, body: Mapping[str, Any]) -> Plan:
        texts = body.get("input")
        if not isinstance(texts, str | list) or not 1 <= len(texts) <= _MOST_IN_INPUT:
            return self._refuse(400, "A text or a list of texts is needed.", param="input")
        count = len(texts) if isinstance(texts, list) else 0
        return self._whole(Kind.EMBEDDINGS, answers.embedding(body["model"], count, self._options.vector_length))

    def _stream(self, body: Mapping[str, Any], tokens: int) -> Plan:
        options = self._options
        extras = body.get("stream_options")
        with_usage = isinstance(extras, dict) and extras.get("include_usage") is True
        writes = answers.stream(
            body["model"], tokens, coding=options.coding, with_usage=with_usage, early_head=options.early_head
        )
        early = (0,) if options.early_head else ()
        if options.gap_s:
            offsets = [options.first_token_s + index * options.gap_s for index in range(tokens)]
        else:
            offsets = [options.first_token_s]
            writes = (*writes[: len(early)], b"".join(writes[len(early) :]))
        offsets_ns = (*early, *(round(offset * _SECOND_NS) for offset in offsets))
        keeps_alive = options.coding is Coding.CHUNKED
        return Plan(Kind.STREAMING, writes, offsets_ns, len(offsets), tokens, keeps_alive)

    def _whole(self, kind: Kind, data: bytes, tokens: int = 0) -> Plan:
        return Plan(kind, (data,), self._latency_ns, 1, tokens)

    def _refuse(self, status: int, message: str, *, param: str | None = None, code: str | None = None) -> Plan:
        return Plan(Kind.REFUSED, (answers.refusal(status, message, param=param, code=code),), (0,), 1)
