"""The model to use is the one that the target file names, else one that the target lists, else the documented one."""

import json
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any

import pytest

from assisters_verify.contract.models import (
    chat_model,
    embeddings_model,
    listed_models,
    models_that,
    reasoning_models,
    tools_model,
)

if TYPE_CHECKING:
    from tests.conftest import Peer, ProbeRun, ScriptedServer, Serve

    from assisters_verify.probe import Probe

CHAT, EMBEDDINGS = "gpt-4.1-mini", "text-embedding-3-small"


def listing(serve: "Serve", document: Any, *, status: str = "200 OK") -> "ScriptedServer":
    """Return a server whose list of models is this document."""
    body = document if isinstance(document, bytes) else json.dumps(document).encode()

    def script(peer: "Peer") -> None:
        while True:
            peer.read()
            peer.answer(body, status=status)

    return serve(script)


def model(name: str, *supports: str) -> dict[str, Any]:
    return {"id": name, "supports": list(supports)}


@pytest.mark.parametrize(
    ("document", "expected"),
    [
        ({"models": [model("a"), model("b")]}, ["a", "b"]),
        ({"data": [model("a")]}, ["a"]),
        ({"models": [model("a")], "data": [model("b")]}, ["a"]),
        ({"models": [model("a"), "b", {"name": "c"}, {"id": 7}, {"id": ""}, None]}, ["a"]),
        ({"models": {}}, []),
        ({"models": []}, []),
        ([model("a")], []),
        ("x", []),
        (b"<html>", []),
    ],
)
def test_models_are_found_whatever_their_list_is_called(
    serve: "Serve", with_probe: "ProbeRun", document: Any, expected: list[str]
) -> None:
    found = with_probe(listing(serve, document).url, listed_models)
    assert [entry["id"] for entry in found] == expected


@pytest.mark.parametrize("status", ["401 No", "404 No", "501 No"])
def test_list_that_is_refused_is_none(serve: "Serve", with_probe: "ProbeRun", status: str) -> None:
    assert with_probe(listing(serve, {"models": [model("a")]}, status=status).url, listed_models) == []


def test_target_that_is_gone_lists_none(with_probe: "ProbeRun", refused_port: int) -> None:
    assert with_probe(f"http://127.0.0.1:{refused_port}", listed_models) == []


@pytest.mark.parametrize(
    ("models", "chat", "embeddings"),
    [
        ([], CHAT, EMBEDDINGS),
        ([model("a", "chat"), model("b", "embeddings")], "a", "b"),
        ([model("a", "chat"), model(CHAT, "chat"), model(EMBEDDINGS, "embeddings")], CHAT, EMBEDDINGS),
        ([model("a", "chat"), model(CHAT)], "a", EMBEDDINGS),
        ([model("a"), model(CHAT)], CHAT, EMBEDDINGS),
        ([model("a"), model("b")], "a", EMBEDDINGS),
        ([model("e", "embeddings"), model("c", "chat")], "c", "e"),
        ([{"id": "a", "supports": "chat"}], "a", EMBEDDINGS),
        ([{"id": "a", "supports": None}], "a", EMBEDDINGS),
        ([{"id": "a", "supports": [["chat"], {}]}], "a", EMBEDDINGS),
    ],
)
def test_model_is_one_that_claims_what_it_is_needed_for(
    serve: "Serve", with_probe: "ProbeRun", models: Any, chat: str, embeddings: str
) -> None:
    async def use(probe: "Probe") -> tuple[str, str, str]:
        return await chat_model(probe), await embeddings_model(probe), await tools_model(probe)

    server = listing(serve, {"models": models})
    assert (with_probe(server.url, use), len(server.received)) == ((chat, embeddings, chat), 1)


@pytest.mark.parametrize(
    ("find", "expected"), [(chat_model, "c"), (embeddings_model, "e"), (tools_model, "t"), (reasoning_models, ["r"])]
)
def test_target_file_goes_before_the_list(
    serve: "Serve", with_probe: "ProbeRun", find: Callable[["Probe"], Awaitable[Any]], expected: Any
) -> None:
    server = listing(serve, {"models": [model("a", "chat", "embeddings", "reasoning")]})
    named = {"chat": "c", "embeddings": "e", "tools": "t", "reasoning": "r"}
    assert (with_probe(server.url, find, models=named), server.received) == (expected, [])


def test_tools_go_to_the_chat_model_unless_told_otherwise(serve: "Serve", with_probe: "ProbeRun") -> None:
    assert with_probe(listing(serve, {"models": []}).url, tools_model, models={"chat": "c"}) == "c"


def test_models_that_claim_a_capability_are_found(serve: "Serve", with_probe: "ProbeRun") -> None:
    models = [model("a", "chat"), model("b", "reasoning", "chat"), model("c", "Reasoning"), model("d", "reasoning")]

    async def use(probe: "Probe") -> tuple[list[str], list[str]]:
        return await models_that(probe, "reasoning"), await reasoning_models(probe)

    assert with_probe(listing(serve, {"models": models}).url, use) == (["b", "d"], ["b", "d"])
