"""Sound out which areas a target seems to have: a request or two for each, few tokens, and nothing that makes anything.

A sounding judges nothing: it says what is worth checking.
"""

import secrets
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from assisters_verify.answer import Answer, NotJson
from assisters_verify.contract.completions import CHAT
from assisters_verify.contract.keys import key_id_in
from assisters_verify.contract.models import DOCUMENTED_CHAT, DOCUMENTED_EMBEDDINGS, MODELS, model_entries
from assisters_verify.contract.routes import AUDIT, KEYS, METRICS, UNKNOWN_ID, WEBHOOKS, is_missing
from assisters_verify.contract.segments import in_path, is_usable_id
from assisters_verify.contract.vectors import EMBEDDINGS
from assisters_verify.contract.webhooks import webhook_id

Ask = Callable[..., Awaitable[Answer]]

_FEW_TOKENS = 16
_MOST_SHOWN = 100
# No object: a route that is there refuses it, whatever it would otherwise make.
_NO_OBJECT: list[Any] = []
_LOCATION = {"type": "object", "properties": {"location": {"type": "string"}}}
_TOOLS = [{"type": "function", "function": {"name": "get_weather", "parameters": _LOCATION}}]


class Sound(StrEnum):
    """What a sounding says."""

    THERE = "there"
    MISSING = "missing"
    UNCLEAR = "unclear"


@dataclass(frozen=True, slots=True, kw_only=True)
class Echo:
    """What came back from one area, and the answer that says so in a few words."""

    area: str
    sound: Sound
    seen: str


@dataclass(slots=True, kw_only=True)
class Chart:
    """What is known of the target's models: `listed` are their ids with what each claims, in the target's order."""

    listed: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def choose(self, capability: str, documented: str) -> str:
        """Return a model for this: one that claims it, the documented one, or the first."""
        claiming = [name for name, claims in self.listed.items() if capability in claims]
        if documented in claiming or not self.listed:
            return documented
        return claiming[0] if claiming else next(iter(self.listed))


def read_models(answer: Answer) -> dict[str, tuple[str, ...]]:
    """Return the listed models and what each claims; empty where the answer holds none."""
    try:
        document = answer.document
    except NotJson:
        return {}
    claims = {entry["id"]: entry.get("supports") for entry in model_entries(document)}
    return {name: tuple(map(str, claimed)) if isinstance(claimed, list) else () for name, claimed in claims.items()}


async def sound_out(ask: Ask, chart: Chart) -> list[Echo]:
    """Ask for each area in turn; what its question raises is the caller's."""
    return [await sounding(ask, chart) for sounding in SOUNDINGS]


async def _chat(ask: Ask, chart: Chart) -> Echo:
    answer = await ask("POST", CHAT, _body(chart))
    return _echo("chat", answer, is_there=answer.is_success and b"choices" in answer.body)


async def _streaming(ask: Ask, chart: Chart) -> Echo:
    answer = await ask("POST", CHAT, _body(chart, stream=True), is_stream=True)
    return _echo("streaming", answer, is_there=answer.is_success and answer.content_type == "text/event-stream")


async def _tools(ask: Ask, chart: Chart) -> Echo:
    body = _body(chart, "tools", content="What is the weather in Paris?", tools=_TOOLS)
    answer = await ask("POST", CHAT, body)
    return _echo("tools", answer, is_there=answer.is_success and b"tool_calls" in answer.body)


async def _reasoning(ask: Ask, chart: Chart) -> Echo:
    answer = await ask("POST", CHAT, {**_body(chart, "reasoning"), "reasoning": True})
    return _echo("reasoning", answer, is_there=answer.is_success and b'"reasoning"' in answer.body)


async def _privacy(ask: Ask, chart: Chart) -> Echo:
    body = _body(chart, content="Repeat exactly: ann@example.com", mask=True)
    answer = await ask("POST", CHAT, body)
    is_masked = b"ann@example.com" not in answer.body
    return _echo("privacy", answer, is_there=answer.is_success and is_masked)


async def _idempotency(ask: Ask, chart: Chart) -> Echo:
    headers = [("Idempotency-Key", f"doctor-{secrets.token_hex(8)}")]
    first, again = [await ask("POST", CHAT, _body(chart), headers=headers) for _ in range(2)]
    is_same = first.is_success and first.body == again.body
    # A repeat that is the same may still be a re-run of a model that always says the same.
    return _echo("idempotency", again, is_there=is_same and b'"id"' in first.body)


async def _embeddings(ask: Ask, chart: Chart) -> Echo:
    model = chart.choose("embeddings", DOCUMENTED_EMBEDDINGS)
    answer = await ask("POST", EMBEDDINGS, {"model": model, "input": "hello"})
    return _echo("embeddings", answer, is_there=answer.is_success and b"embedding" in answer.body)


async def _audit(ask: Ask, _chart: Chart) -> Echo:
    answer = await ask("GET", AUDIT)
    return _echo("audit", answer, is_there=answer.is_success)


async def _metrics(ask: Ask, _chart: Chart) -> Echo:
    answer = await ask("GET", METRICS)
    return _echo("metrics", answer, is_there=answer.is_success)


async def _canary(ask: Ask, chart: Chart) -> Echo:
    path = f"{MODELS}/{in_path(chart.choose('chat', DOCUMENTED_CHAT), safe='/:@')}/test"
    answer = await ask("GET", path)
    if is_missing(answer):
        answer = await ask("POST", path, {})
    return _echo("canary", answer, is_there=answer.is_success)


async def _keys(ask: Ask, _chart: Chart) -> Echo:
    return await _refusal("keys", ask, KEYS, key_id_in)


async def _webhooks(ask: Ask, _chart: Chart) -> Echo:
    return await _refusal("webhooks", ask, WEBHOOKS, webhook_id)


async def _data(ask: Ask, _chart: Chart) -> Echo:
    asked = await ask("DELETE", f"/v1/data/{UNKNOWN_ID}")
    nowhere = await ask("DELETE", f"/v1/{UNKNOWN_ID}/{UNKNOWN_ID}")
    # An id that is not known and a route that is not there both answer 404; only the words can differ.
    is_told_apart = (asked.status, asked.body) != (nowhere.status, nowhere.body)
    if asked.status in {405, 501}:
        return _echo("data", asked, is_there=False)
    sound = Sound.THERE if is_told_apart else Sound.UNCLEAR
    return Echo(area="data", sound=sound, seen=f"DELETE of an unknown id answers {asked.describe()}")


SOUNDINGS: tuple[Callable[[Ask, Chart], Awaitable[Echo]], ...] = (
    *(_chat, _streaming, _embeddings, _tools, _reasoning, _privacy, _idempotency),
    *(_keys, _webhooks, _data, _audit, _metrics, _canary),
)


def _body(chart: Chart, capability: str = "chat", *, content: str = "Say hello.", **fields: Any) -> dict[str, Any]:
    model = chart.choose(capability, DOCUMENTED_CHAT)
    messages = [{"role": "user", "content": content}]
    return {"model": model, "messages": messages, "max_tokens": _FEW_TOKENS, **fields}


def _echo(area: str, answer: Answer, *, is_there: bool) -> Echo:
    if is_there:
        return Echo(area=area, sound=Sound.THERE, seen=f"{answer.where} answers {answer.status}")
    sound = Sound.MISSING if is_missing(answer) else Sound.UNCLEAR
    return Echo(area=area, sound=sound, seen=f"{answer.where} answers {answer.describe()}")


async def _refusal(area: str, ask: Ask, path: str, id_in: Callable[[Answer], str | None]) -> Echo:
    answer = await ask("POST", path, _NO_OBJECT)
    if not answer.is_success:
        return _echo(area, answer, is_there=answer.status in {400, 415, 422})
    # What a server makes of nothing belongs to nobody, and would stay.
    made = id_in(answer)
    undone = await ask("DELETE", f"{path}/{in_path(made)}") if is_usable_id(made) and made else None
    stays = "taken back" if undone is not None and undone.is_success else f"NOT taken back, {_called(made)}"
    return Echo(area=area, sound=Sound.UNCLEAR, seen=f"{answer.where} answers {answer.status} to `[]`; {stays}")


def _called(made: str | None) -> str:
    return f"id {made[:_MOST_SHOWN]}" if made else "since it shows no id"
