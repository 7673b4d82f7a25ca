"""Find out which models to use: from the target file, from the target's own list, or from the documentation."""

from collections.abc import Iterator
from typing import Any

from assisters_verify.answer import Answer, NotJson
from assisters_verify.contract.segments import is_usable_id
from assisters_verify.judgement import Judgement
from assisters_verify.probe import Probe

MODELS = "/v1/models"
DOCUMENTED_CHAT = "gpt-4.1-mini"
DOCUMENTED_EMBEDDINGS = "text-embedding-3-small"
UNKNOWN_MODEL = "no-such-model-7f3a"


async def model_list(probe: Probe) -> Answer:
    """Return the answer to GET /v1/models, asked once in a run."""
    answer: Answer = await probe.fact("models", lambda finder: finder.get(MODELS))
    return answer


async def listed_models(probe: Probe) -> list[dict[str, Any]]:
    """Return the listed models that a request can name, whatever the list is called; empty where there is no list."""
    try:
        answer = await model_list(probe)
        return list(model_entries(answer.document)) if answer.is_success else []
    except (Judgement, NotJson):
        return []


async def models_that(probe: Probe, capability: str) -> list[str]:
    """Return the ids of the listed models that claim this capability."""
    return [model["id"] for model in await listed_models(probe) if capability in _claims(model)]


async def chat_model(probe: Probe) -> str:
    """Return the model to chat with."""
    return probe.settings.target.models.chat or await _choose(probe, "chat", DOCUMENTED_CHAT)


async def embeddings_model(probe: Probe) -> str:
    """Return the model to embed with."""
    return probe.settings.target.models.embeddings or await _choose(probe, "embeddings", DOCUMENTED_EMBEDDINGS)


async def tools_model(probe: Probe) -> str:
    """Return the model to offer tools to."""
    return probe.settings.target.models.tools or await chat_model(probe)


async def reasoning_models(probe: Probe) -> list[str]:
    """Return the models to reason with: the one that the target file names, or those that claim it."""
    named = probe.settings.target.models.reasoning
    return [named] if named else await models_that(probe, "reasoning")


async def _choose(probe: Probe, capability: str, documented: str) -> str:
    listed = await listed_models(probe)
    ids = [model["id"] for model in listed]
    claiming = [model["id"] for model in listed if capability in _claims(model)]
    if documented in claiming or (not claiming and documented in ids):
        return documented
    if claiming:
        return str(claiming[0])
    return str(ids[0]) if ids and capability == "chat" else documented


def _claims(model: dict[str, Any]) -> list[Any]:
    supports = model.get("supports")
    return supports if isinstance(supports, list) else []


def model_entries(document: Any) -> Iterator[dict[str, Any]]:
    """Yield the models of a list that a request can name, whatever the list is called."""
    if not isinstance(document, dict):
        return
    lists = [document[name] for name in ("models", "data") if isinstance(document.get(name), list)]
    for entry in lists[0] if lists else ():
        if isinstance(entry, dict) and is_usable_id(entry.get("id")):
            yield entry
