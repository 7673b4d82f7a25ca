"""Generate cases in a process of their own: generating takes seconds of processor time, and is not safe in threads."""

import asyncio
import base64
import contextlib
import json
import sys
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from assisters_verify.judgement import Undecided
from assisters_verify.properties.case import Mode, PropertyCase

# The same orders always give the same cases: what was generated once in this process is not generated again.
_generated: dict[bytes, bytes] = {}


async def generate_apart(
    specification: Path, *, operation: str, fixed: Mapping[str, Any], seed: int, examples: int, mode: Mode, most: int
) -> list[PropertyCase]:
    """Return what `generate_cases` returns for one operation and mode, at most `most` cases.

    Raises Undecided where a fixed value is no Unicode text, as a model's id with half a surrogate pair, and
    RuntimeError with what the process said where it failed.
    """
    try:
        json.dumps(fixed, ensure_ascii=False).encode()
    except UnicodeEncodeError as error:
        raise Undecided("no requests can be generated: what the target gave for them is no Unicode text") from error
    orders = {
        "specification": str(specification),
        "operation": operation,
        "fixed": fixed,
        "seed": seed,
        "examples": examples,
        "mode": mode,
        "most": most,
    }
    order = json.dumps(orders).encode()
    if order not in _generated:
        _generated[order] = await _run(order)
    return [case_from_json(value) for value in json.loads(_generated[order])]


async def _run(order: bytes) -> bytes:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-P", "-m", "assisters_verify.properties"),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        output, errors = await process.communicate(order)
    except asyncio.CancelledError:
        with contextlib.suppress(ProcessLookupError):  # it has just ended
            process.kill()
        await process.wait()
        raise
    if process.returncode != 0:
        raise RuntimeError(f"no cases could be generated: {errors.decode(errors='replace')[-500:]}")
    return output


def to_json(case: PropertyCase) -> dict[str, Any]:
    """Return a case as JSON values."""
    body = None if case.body is None else base64.b64encode(case.body).decode("ascii")
    return {**asdict(case), "body": body}


def case_from_json(value: dict[str, Any]) -> PropertyCase:
    """Return the case that `to_json` was made from."""
    body = None if value["body"] is None else base64.b64decode(value["body"])
    headers = tuple((name, text) for name, text in value["headers"])
    return PropertyCase(**{**value, "body": body, "headers": headers})
