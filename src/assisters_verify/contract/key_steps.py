"""The steps in the lives of keys, drawn in a process of their own: Hypothesis is not to be run in threads."""

import asyncio
import json
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum


class Act(StrEnum):
    """What is done with a key."""

    CREATE = "create"
    USE = "use"
    DELETE = "delete"


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a life. `key` counts the keys in the order of their creation."""

    act: Act
    key: int

    def __str__(self) -> str:
        return f"{self.act} {self.key}"


Life = tuple[Step, ...]


async def draw_lives_apart(*, seed: int, lives: int, steps: int) -> list[Life]:
    """Return what `draw_lives` returns. Raises RuntimeError with what the process said where it failed."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-P", "-m", "assisters_verify.contract.key_lives"),
        *map(str, (seed, lives, steps)),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        output, errors = await process.communicate()
    except asyncio.CancelledError:
        process.kill()
        await process.wait()
        raise
    if process.returncode != 0:
        raise RuntimeError(f"no lives of keys could be drawn: {errors.decode(errors='replace')[-500:]}")
    return lives_from_json(output)


def lives_to_json(lives: Sequence[Life]) -> str:
    """Return lives as JSON text."""
    return json.dumps([[[step.act, step.key] for step in life] for life in lives])


def lives_from_json(text: str | bytes) -> list[Life]:
    """Return the lives that `lives_to_json` was given."""
    return [tuple(Step(Act(act), key) for act, key in life) for life in json.loads(text)]
