"""Cases generated in a process of their own are those generated here, and the process never outlives who asked."""

import asyncio
import os
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest

from assisters_verify.judgement import Undecided
from assisters_verify.properties import PropertyCase
from assisters_verify.properties.apart import case_from_json, generate_apart, to_json
from assisters_verify.properties.case import Mode
from assisters_verify.properties.generate import generate_cases

SPEC = Path(__file__).parents[2] / "spec" / "openapi.yaml"
OPERATION = "POST /v1/embeddings"
MODELS = "GET /v1/models"
FIXED = {"model": "text-embedding-3-small"}


def apart(**options: Any) -> list[PropertyCase]:
    orders: dict[str, Any] = {"operation": OPERATION, "fixed": FIXED, "seed": 3, "examples": 1, "most": 4, **options}
    return asyncio.run(generate_apart(SPEC, **orders))


def test_model_that_is_no_unicode_text_is_undecided() -> None:
    with pytest.raises(Undecided, match="is no Unicode text"):
        apart(fixed={"model": "\ud800"}, mode=Mode.VALID)


@pytest.mark.parametrize("body", [None, b"", b'{"a": 1}', b"\xff\x00"])
def test_case_survives_being_told(body: bytes | None) -> None:
    case = PropertyCase(
        operation=OPERATION,
        method="POST",
        path="/v1/embeddings?a=%20",
        headers=(("A", "1"), ("A", "2")),
        body=body,
        is_valid=False,
        why="é",
        param=None,
    )
    assert case_from_json(to_json(case)) == case
    assert set(to_json(case)) == set(asdict(case))


def test_cases_are_those_that_are_generated_here(spec: dict[str, Any]) -> None:
    """Those of a route without a body, which take the least time."""
    here = generate_cases(
        spec, operations=[MODELS], fixed={}, seed=3, examples=1, modes=[Mode.VALID, Mode.INVALID], max_valid=4
    )
    valid = [case for case in here if case.is_valid]
    assert (apart(operation=MODELS, fixed={}, mode=Mode.VALID), len(valid) > 0) == (valid, True)


def test_failure_says_what_the_process_said() -> None:
    with pytest.raises(RuntimeError, match=r"(?s)^no cases could be generated: .*no operation 'GET /no such") as caught:
        apart(operation="GET /no such operation", mode=Mode.VALID)
    assert len(str(caught.value)) < 600


def test_process_ends_with_who_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    started: list[asyncio.subprocess.Process] = []
    has_started = asyncio.Event()
    start = asyncio.create_subprocess_exec

    async def note(*arguments: Any, **options: Any) -> asyncio.subprocess.Process:
        started.append(await start(*arguments, **options))
        has_started.set()
        return started[0]

    monkeypatch.setattr(asyncio, "create_subprocess_exec", note)

    async def leave() -> None:
        task = asyncio.create_task(
            generate_apart(SPEC, operation=OPERATION, fixed=FIXED, seed=0, examples=1000, mode=Mode.VALID, most=1000)
        )
        await has_started.wait()
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)

    asyncio.run(leave())
    with pytest.raises(ProcessLookupError):
        os.kill(started[0].pid, 0)
