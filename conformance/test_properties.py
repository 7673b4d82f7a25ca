"""Properties: requests generated from the specification, the valid ones accepted, the invalid ones refused."""

import asyncio
import functools
from typing import Any

import yaml

from assisters_verify.answer import Answer, NotJson
from assisters_verify.checks import clause
from assisters_verify.content import content_root
from assisters_verify.contract.completions import expect_success
from assisters_verify.contract.envelope import expect_envelope, expect_refusal
from assisters_verify.contract.models import chat_model, embeddings_model
from assisters_verify.judgement import Broken
from assisters_verify.probe import Probe
from assisters_verify.properties import Mode, PropertyCase, judge_schema
from assisters_verify.properties.apart import case_from_json, generate_apart, to_json

_CHAT = "POST /v1/chat/completions"
_EMBEDDINGS = "POST /v1/embeddings"
_MOST = {Mode.VALID: 15, Mode.INVALID: 30}
_SPECIFICATION = content_root() / "spec" / "openapi.yaml"


@clause("CHAT-19", needs=["CHAT-01", "CHAT-02"])
async def test_generated_valid_chat_requests_are_accepted(probe: Probe) -> None:
    """Whatever valid values a request holds, it is accepted, and answered in the form of the specification."""
    await _expect_all_accepted(probe, _CHAT)


@clause("CHAT-21", needs=["CHAT-22"])
async def test_generated_invalid_chat_requests_are_refused(probe: Probe) -> None:
    """Whatever is wrong with a request, it is refused with 400 and the envelope."""
    await _expect_all_refused(probe, _CHAT)


@clause("EMBED-14", needs=["EMBED-01", "EMBED-02", "EMBED-03", "EMBED-04"])
async def test_generated_valid_embeddings_requests_are_accepted(probe: Probe) -> None:
    """Whatever valid values a request holds, it is accepted, and answered in the form of the specification."""
    await _expect_all_accepted(probe, _EMBEDDINGS)


@clause("EMBED-16", needs=["EMBED-17"])
async def test_generated_invalid_embeddings_requests_are_refused(probe: Probe) -> None:
    """Whatever is wrong with a request, it is refused with 400 and the envelope."""
    await _expect_all_refused(probe, _EMBEDDINGS)


async def _expect_all_accepted(probe: Probe, operation: str) -> None:
    for case, answer in await _send_all(probe, operation, Mode.VALID):
        expect_success(answer)
        content_type = answer.headers.get("content-type", "")
        problems = judge_schema(
            _specification(), case.operation, status=answer.status, content_type=content_type, body=_document(answer)
        )
        if problems:
            raise Broken(expected="an answer in the documented form", received=problems[0], answer=answer)


async def _expect_all_refused(probe: Probe, operation: str) -> None:
    for case, answer in await _send_all(probe, operation, Mode.INVALID):
        expect_refusal(answer, 400, param=case.param, why=case.why)
        expect_envelope(answer)


async def _send_all(probe: Probe, operation: str, mode: Mode) -> list[tuple[PropertyCase, Answer]]:
    options = probe.settings.options
    model = await (chat_model(probe) if operation == _CHAT else embeddings_model(probe))
    orders: dict[str, Any] = {
        "operation": operation,
        "fixed": {"model": model},
        "seed": options.seed,
        "examples": options.examples,
    }

    async def live() -> list[dict[str, Any]]:
        cases = await generate_apart(_SPECIFICATION, **orders, mode=mode, most=_MOST[mode])
        return [to_json(case) for case in cases]

    asked = {**orders, "mode": mode, "most": _MOST[mode]}
    async with probe.session.one_program:
        cases = [case_from_json(value) for value in await probe.outside("cases", asked, live)]
    answers = await asyncio.gather(*(_send(probe, case) for case in cases))
    return list(zip(cases, answers, strict=True))


async def _send(probe: Probe, case: PropertyCase) -> Answer:
    return await probe.send(case.method, case.path, content=case.body, headers=case.headers, label=f"({case.why})")


@functools.cache
def _specification() -> dict[str, Any]:
    specification: dict[str, Any] = yaml.safe_load(_SPECIFICATION.read_text(encoding="utf-8"))
    return specification


def _document(answer: Answer) -> Any:
    try:
        return answer.document
    except NotJson:
        return answer.text
