"""Models: the documented fields, and every claim true."""

from typing import Any

import pytest

from assisters_verify.reference.models import CATALOGUE

CHATTING = [model.id for model in CATALOGUE if "chat" in model.supports]
EMBEDDING = [model.id for model in CATALOGUE if "embeddings" in model.supports]
REASONING = [model.id for model in CATALOGUE if "reasoning" in model.supports]


def test_list_has_the_documented_model(api: Any) -> None:
    expected = {
        "id": "gpt-4.1-mini",
        "name": "GPT-4.1 Mini",
        "max_tokens": 128000,
        "supports": ["chat", "embeddings", "reasoning"],
    }
    assert expected in api.get("/v1/models").json["models"]


@pytest.mark.parametrize("model", CHATTING)
def test_claimed_chat_works(api: Any, model: str) -> None:
    assert api.chat(model=model).status == 200


@pytest.mark.parametrize("model", EMBEDDING)
def test_claimed_embeddings_work(api: Any, model: str) -> None:
    assert api.post("/v1/embeddings", {"model": model, "input": "Hello"}).status == 200


@pytest.mark.parametrize("model", REASONING)
def test_claimed_reasoning_works(api: Any, model: str) -> None:
    assert len(api.chat(model=model, reasoning=True).json["choices"][0]["message"]["reasoning"]) > 20


def test_model_that_cannot_chat_is_refused(api: Any) -> None:
    seen = api.chat(model="text-embedding-3-small")
    assert (seen.status, seen.json["error"]["code"]) == (400, "model_not_supported")
