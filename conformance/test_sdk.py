"""SDKs: the documented calls work through clients that others wrote."""

import sys
from pathlib import Path

import pytest

from assisters_verify.answer import Answer, NotJson
from assisters_verify.checks import clause
from assisters_verify.contract.models import model_list
from assisters_verify.contract.sdk import Report, expect_step, require_control, run_python_client
from assisters_verify.contract.sdk_commands import curl_models, fetch_stream
from assisters_verify.contract.sdk_controls import stream_text
from assisters_verify.contract.streams import expect_stream
from assisters_verify.judgement import Broken, Undecided
from assisters_verify.probe import Probe

_CLIENTS = Path(__file__).parent / "sdk"


@clause("SDK-01")
@pytest.mark.parametrize("call", ["chat", "stream", "tools", "embeddings", "wrong_key", "unknown_model"])
async def test_openai_client_works(probe: Probe, call: str) -> None:
    """What the documentation shows can be done with `openai`: a text, a stream, a tool call and its result, a vector,
    and the exceptions for 401 and 404. The client tolerates much, so this proves that it works, and not that the
    answers have the documented form."""
    report: Report = await probe.fact("openai client", _run_openai)
    await expect_step(probe, report, call)


@clause("SDK-02")
@pytest.mark.parametrize("call", ["models", "chat", "stream", "embeddings", "wrong_key", "unknown_model"])
async def test_assisters_client_works(probe: Probe, call: str) -> None:
    """The same calls with `assisters`, whose answers are plain dictionaries; it offers no tools."""
    report: Report = await probe.fact("assisters client", _run_assisters)
    await expect_step(probe, report, call)


@clause("SDK-03")
async def test_documented_fetch_works(probe: Probe) -> None:
    """The documentation's snippet, sent by Node: the answer is a stream that holds a text and comes whole."""
    answer = await fetch_stream(probe, _CLIENTS / "fetch.mjs")
    try:
        _expect_streamed_text(answer)
    except Broken as problem:
        await require_control(probe, stream_text)
        raise Broken(expected=problem.expected, received=problem.received, where=answer.where) from problem


@clause("SDK-04")
async def test_documented_curl_works(probe: Probe) -> None:
    """The documentation's command, with a real key: 200, and the models as JSON."""
    answer = await curl_models(probe)
    if answer.status == 200 and not answer.broken_off and _is_json(answer):
        return
    own = await require_control(probe, model_list)
    if own.status != 200 or not _is_json(own):
        raise Undecided(f"the call does not work without curl either: {own.describe()}", answer=own)
    received = answer.broken_off or answer.describe()
    raise Broken(expected="200 with the models as JSON", received=received, where=answer.where)


def _is_json(answer: Answer) -> bool:
    try:
        return answer.document is not None
    except NotJson:
        return False


def _expect_streamed_text(answer: Answer) -> None:
    if answer.status == 429:
        raise Undecided("still refused with 429 after waiting")
    if answer.broken_off:
        raise Broken(expected="a whole answer", received=answer.broken_off, answer=answer)
    if not expect_stream(answer).text.strip():
        raise Broken(expected="a streamed text", received=answer.describe(), answer=answer)


async def _run_openai(probe: Probe) -> Report:
    return await run_python_client(probe, _CLIENTS / "openai_client.py", sys.executable)


async def _run_assisters(probe: Probe) -> Report:
    return await run_python_client(probe, _CLIENTS / "assisters_client.py", sys.executable)
