"""Canary: every listed model can be tested at a route of its own, and no other."""

import asyncio

import pytest

from assisters_verify.checks import clause
from assisters_verify.contract.canary import Way, find_way
from assisters_verify.contract.envelope import expect_envelope, expect_refusal
from assisters_verify.contract.models import UNKNOWN_MODEL, chat_model, listed_models
from assisters_verify.judgement import Broken, Undecided
from assisters_verify.probe import Probe

_MOST_MODELS = 8


@clause("CANARY-01", needs=["AUTH-01"])
async def test_listed_model_can_be_tested(probe: Probe) -> None:
    """The model that the run chats with is tested, by GET or by POST."""
    await _way(probe)


@clause("CANARY-02", needs=["CANARY-01"])
@pytest.mark.parametrize("kind", ["unknown", "listed_and_more"])
async def test_unknown_model_is_not_tested(probe: Probe, kind: str) -> None:
    """A model that is not there is not found: neither a made-up one, nor one that only begins like a listed one."""
    way = await _way(probe)
    model = UNKNOWN_MODEL if kind == "unknown" else f"{await chat_model(probe)}-{UNKNOWN_MODEL}"
    answer = await way.test(probe, model)
    expect_refusal(answer, 404, param="model", why="unknown model")
    expect_envelope(answer)


@clause("CANARY-03", needs=["CANARY-01"])
async def test_every_listed_model_can_be_tested(probe: Probe) -> None:
    """What works for one listed model works for each, whatever it supports; of many, the first eight are tried."""
    way = await _way(probe)
    models = [model["id"] for model in await listed_models(probe)][:_MOST_MODELS]
    if not models:
        raise Undecided("the target lists no models")
    for answer in await asyncio.gather(*(way.test(probe, model) for model in models)):
        if not answer.is_success:
            raise Broken(expected="2xx for a listed model", received=answer.describe(), answer=answer)


async def _way(probe: Probe) -> Way:
    way: Way = await probe.fact("way to test a model", find_way)
    return way
