"""The requests of load scenarios: bodies written beforehand, with a hole for the word that tells one from another."""

import json
from collections.abc import Callable, Sequence
from functools import partial
from random import Random
from typing import Any

from assisters_verify.contract.own_words import write_own_word
from assisters_verify.generator.lanes import ClosedLoop, Lane, OpenLoop, Phase, Recorded, Step
from assisters_verify.generator.requests import NO_HEADERS, Request
from assisters_verify.settings.lengths import Lengths
from assisters_verify.settings.load import Arrival, LoadSettings
from assisters_verify.settings.replay import Replayed, read_replay

Make = Callable[[Random, int], Request]

_CHAT_PATH = "/v1/chat/completions"
_EMBEDDINGS_PATH = "/v1/embeddings"
_CHAT_MODEL = "gpt-4.1-mini"
_EMBEDDINGS_MODEL = "text-embedding-3-small"
# Enough that a distribution is met, and that no cache of the target can hold on to a single one.
_PREPARED = 256
_BATCH = 8
_HOLE = "word000000000000"
# What comes first is there however short the answer may be, and shows whose it is.
_BEGIN = f"Begin your answer with {_HOLE}."
_FILLERS = (
    *("river", "stone", "window", "garden", "letter", "market", "winter", "bridge", "silver", "forest", "candle"),
    *("harbour", "meadow", "lantern", "orchard", "thunder", "village", "blanket", "compass", "feather"),
)
_TOOL = {
    "type": "function",
    "function": {
        "name": "get_weather",
        "description": "Get current weather for a location.",
        "parameters": {"type": "object", "properties": {"location": {"type": "string"}}, "required": ["location"]},
    },
}
_RESULT = '{"temperature": 15, "unit": "C"}'


def chat(settings: LoadSettings) -> Make:
    """Return what makes plain chat completions."""
    return _prepared(settings, "chat", lambda words, tokens: _chat_body(settings, words, tokens))


def streaming(settings: LoadSettings) -> Make:
    """Return what makes streamed chat completions."""
    return _prepared(
        settings, "streaming", lambda words, tokens: {**_chat_body(settings, words, tokens), "stream": True}
    )


def embeddings(settings: LoadSettings) -> Make:
    """Return what makes embeddings of one text."""
    model = settings.target.models.embeddings or _EMBEDDINGS_MODEL
    return _prepared(settings, "embeddings", lambda words, _: {"model": model, "input": _text(words)})


def embeddings_batch(settings: LoadSettings) -> Make:
    """Return what makes embeddings of several texts at once."""
    model = settings.target.models.embeddings or _EMBEDDINGS_MODEL
    return _prepared(
        settings,
        "embeddings_batch",
        lambda words, _: {"model": model, "input": [f"{number}: {_text(words)}" for number in range(_BATCH)]},
    )


def tools(settings: LoadSettings) -> Make:
    """Return what makes round trips: a question with a tool, and where it is called, its result."""

    def ask(words: int, tokens: int) -> dict[str, Any]:
        body = _chat_body(settings, words, tokens)
        body["messages"][0]["content"] += " What is the weather in Paris?"
        return {**body, "tools": [_TOOL]}

    return _prepared(settings, "tools", ask, follow=_tool_result)


MAKERS: dict[str, Callable[[LoadSettings], Make]] = {
    "chat": chat,
    "streaming": streaming,
    "embeddings": embeddings,
    "embeddings_batch": embeddings_batch,
    "tools": tools,
}


def lanes(
    settings: LoadSettings,
    shares: dict[str, float],
    *,
    rates: Sequence[Step] = (),
    phases: tuple[Phase, ...] = (),
) -> Sequence[Lane]:
    """Return a lane for each kind of request and key; `shares` are weights by kind.

    `rates` are those of all lanes together, instead of the one of the settings.
    """
    if settings.replay is not None:
        return [_replayed(settings, read_replay(settings.replay))]
    whole = sum(shares.values()) * settings.keys
    parts = [(kind, key, share / whole) for kind, share in shares.items() for key in range(settings.keys)]
    users = _apportion(settings.users or 0, [share for _, _, share in parts])
    makes = {kind: MAKERS[kind](settings) for kind in shares}
    return [
        Lane(
            name=kind if settings.keys == 1 else f"{kind} key {key}",
            kind=kind,
            key=key,
            request=makes[kind],
            arrivals=arrivals(settings, share, rates) if settings.is_open_loop else ClosedLoop(users=count),
            phases=phases,
        )
        for (kind, key, share), count in zip(parts, users, strict=True)
        if settings.is_open_loop or count
    ]


def arrivals(settings: LoadSettings, share: float, rates: Sequence[Step] = ()) -> OpenLoop:
    """Return this share of an open loop's arrivals."""
    whole = rates or (Step(duration_s=settings.whole_s, rate_per_s=settings.rate_per_s or 0.0),)
    steps = tuple(Step(duration_s=step.duration_s, rate_per_s=step.rate_per_s * share) for step in whole)
    return OpenLoop(steps=steps, is_poisson=settings.arrival is Arrival.POISSON)


def _apportion(users: int, shares: Sequence[float]) -> list[int]:
    """Return whole users by share, as many as there are, the largest remainders rounded up."""
    exact = [users * share for share in shares]
    counts = [int(each) for each in exact]
    by_rest = sorted(range(len(exact)), key=lambda at: exact[at] - counts[at], reverse=True)
    for at in by_rest[: users - sum(counts)]:
        counts[at] += 1
    return counts


def _replayed(settings: LoadSettings, entries: Sequence[Replayed]) -> Lane:
    def request(random: Random, number: int) -> Request:
        entry = entries[number]
        if entry.body is None:
            given = {"prompt_words": entry.prompt_words, "answer_tokens": entry.answer_tokens}
            lengths = {name: Lengths(fixed=length) for name, length in given.items() if length is not None}
            return MAKERS[entry.kind](settings.model_copy(update=lengths))(random, number)
        return Request(
            kind=entry.kind,
            path=_EMBEDDINGS_PATH if entry.kind.startswith("embeddings") else _CHAT_PATH,
            body=json.dumps(entry.body).encode(),
            is_stream=entry.body.get("stream") is True,
            tokens=entry.answer_tokens or _asked_tokens(entry.body),
        )

    times_s = tuple(entry.t_s for entry in entries)
    return Lane(name="replay", kind="streaming", request=request, arrivals=Recorded(times_s=times_s))


def _asked_tokens(body: dict[str, Any]) -> int:
    tokens = body.get("max_tokens")
    return tokens if isinstance(tokens, int) and tokens > 0 else 0


def _prepared(
    settings: LoadSettings,
    kind: str,
    body_of: Callable[[int, int], dict[str, Any]],
    *,
    follow: Callable[[bytes, Any], Request | None] | None = None,
) -> Make:
    """Return what makes one of a number of bodies that are written now, or when one is first asked for."""
    written: dict[int, tuple[bytes, Request]] = {}
    path = _EMBEDDINGS_PATH if kind.startswith("embeddings") else _CHAT_PATH

    def write(number: int) -> tuple[bytes, Request]:
        """Return what stands before the hole, and the request with what stands behind it."""
        drawn = Random((settings.seed << 16) + number)  # noqa: S311 - load
        body = body_of(settings.prompt_words.draw(drawn), settings.answer_tokens.draw(drawn))
        head, _, tail = json.dumps(body).encode().partition(_HOLE.encode())
        return head, Request(
            kind=kind,
            path=path,
            body=tail,
            is_stream=body.get("stream") is True,
            tokens=body.get("max_tokens", 0),
        )

    def make(random: Random, number: int) -> Request:
        at = number % _PREPARED
        if at not in written:
            written[at] = write(at)
        before, rest = written[at]
        body = before + write_own_word(random) + rest.body
        then = None if follow is None else partial(follow, body)
        return Request(kind, path, body, "POST", rest.is_stream, rest.tokens, NO_HEADERS, then)

    return make


def _chat_body(settings: LoadSettings, words: int, tokens: int) -> dict[str, Any]:
    return {
        "model": settings.target.models.chat or _CHAT_MODEL,
        "messages": [{"role": "user", "content": _prompt(words)}],
        "max_tokens": tokens,
    }


def _prompt(words: int) -> str:
    """Return a prompt of so many words that asks for the hole's word; a shorter one than that takes is it alone."""
    rest = words - len(_BEGIN.split())
    return " ".join([_BEGIN, *_fillers(rest)]) if rest >= 0 else _text(words)


def _fillers(count: int) -> list[str]:
    return [_FILLERS[at % len(_FILLERS)] for at in range(count)]


def _text(words: int) -> str:
    """Return a text of so many words, the first of which is the hole."""
    return " ".join([_HOLE, *_fillers(words - 1)])


def _tool_result(asked: bytes, answer: Any) -> Request | None:
    """Return the second half of a round trip, with what was asked; or None where the model chose not to call."""
    try:
        message = answer["choices"][0]["message"]
        call_id = message["tool_calls"][0]["id"]
    except (KeyError, IndexError, TypeError):
        return None
    body = json.loads(asked)
    result = {"role": "tool", "content": _RESULT, "tool_call_id": call_id}
    text = json.dumps({**body, "messages": [*body["messages"], message, result]})
    return Request(kind="tools", path=_CHAT_PATH, body=text.encode(), tokens=body.get("max_tokens", 0))
