"""Read a file of requests with their times, to send them again as they once came."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

from pydantic import BeforeValidator, Field, ValidationError

from assisters_verify.settings.errors import SettingsError, describe_problems
from assisters_verify.settings.lengths import Length
from assisters_verify.settings.target import Form
from assisters_verify.settings.thresholds import KINDS

_REMEDY = "See docs/load.md."
_LARGEST_BYTES = 500_000_000


def _kind(value: Any) -> Any:
    if value not in KINDS:
        raise ValueError(f"should be one of {', '.join(KINDS)}")
    return value


class Replayed(Form):
    """One request: when it is due after the first, and what it is. Without `body` one of these lengths is made."""

    t_s: Annotated[float, Field(ge=0)] = Field(description="Seconds after the start.")
    kind: Annotated[str, BeforeValidator(_kind)] = Field(default="streaming", description="Kind of request.")
    body: dict[str, Any] | None = Field(default=None, description="Body, sent as it is.")
    prompt_words: Length | None = Field(default=None, description="Words of the prompt that is made.")
    answer_tokens: Length | None = Field(default=None, description="`max_tokens` of the request that is made.")


def read_replay(path: Path) -> tuple[Replayed, ...]:
    """Return the requests in the order of their times, the first at 0 s. Raises SettingsError."""
    try:
        if path.stat().st_size > _LARGEST_BYTES:
            raise SettingsError(f"cannot use {path.name}: it is larger than {_LARGEST_BYTES:,} bytes. {_REMEDY}")
        found = sorted(_lines(path), key=lambda each: each.t_s)
    except OSError as error:
        raise SettingsError(f"cannot read {path}: {error.strerror}. {_REMEDY}") from error
    except UnicodeDecodeError:
        raise SettingsError(f"cannot read {path.name}: it is not UTF-8. {_REMEDY}") from None
    if not found:
        raise SettingsError(f"cannot use {path.name}: it holds no request. {_REMEDY}")
    start_s = found[0].t_s
    return tuple(each.model_copy(update={"t_s": each.t_s - start_s}) for each in found)


def _lines(path: Path) -> Iterator[Replayed]:
    with path.open(encoding="utf-8-sig") as file:
        for number, line in enumerate(file, start=1):
            if line.strip():
                yield _request(path, number, line)


def _request(path: Path, number: int, line: str) -> Replayed:
    try:
        return Replayed.model_validate(json.loads(line))
    except ValidationError as error:
        problems = describe_problems(error, {"": tuple(Replayed.model_fields)}).rstrip(".")
        raise SettingsError(f"cannot use {path.name}: line {number}: {problems}. {_REMEDY}") from None
    except (ValueError, RecursionError):
        raise SettingsError(f"cannot use {path.name}: line {number} is not JSON. {_REMEDY}") from None
