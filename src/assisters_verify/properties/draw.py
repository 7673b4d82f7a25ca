"""Draw requests for an OpenAPI document with schemathesis and Hypothesis, the same ones for the same seed."""

import copy
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import seed as seeded
from schemathesis import Case, GenerationMode
from schemathesis.config import GenerationConfig, ProjectConfig, ProjectsConfig
from schemathesis.core import NotSet
from schemathesis.schemas import APIOperation, BaseSchema

from assisters_verify.properties.case import Mode

_Operation = APIOperation[Any, Any, Any, Any]
_Case = Case[Any]
_MODES = {Mode.VALID: GenerationMode.POSITIVE, Mode.INVALID: GenerationMode.NEGATIVE}


@dataclass(frozen=True, slots=True, kw_only=True)
class Draw:
    """What schemathesis came up with. `body` is JSON, or bytes that are none; `note` says what it was made for."""

    has_body: bool
    body: Any
    query: Mapping[str, Any]
    note: str
    is_random: bool


def draw_requests(document: Mapping[str, Any], mode: Mode, *, seed: int, examples: int) -> list[Draw]:
    """Return what covers the document's keywords one by one, then this many random requests, repeats included.

    The document has one operation. Must be called in `isolated_hypothesis`.
    """
    return [*_cover(document, mode), *_draw_at_random(document, mode, seed=seed, examples=examples)]


def _load(document: Mapping[str, Any]) -> tuple[BaseSchema, _Operation]:
    # Without a configuration it looks for one in the working directory and above.
    generation = GenerationConfig(allow_x00=False)
    config = schemathesis.Config(projects=ProjectsConfig(default=ProjectConfig(generation=generation)))
    # It changes the document that it is given.
    schema = schemathesis.openapi.from_dict(copy.deepcopy(dict(document)), config=config)
    (path,) = document["paths"]
    (verb,) = document["paths"][path]
    return schema, schema[path][verb.upper()]


def _cover(document: Mapping[str, Any], mode: Mode) -> Iterator[Draw]:
    schema, operation = _load(document)
    cases = schema.iter_coverage_cases(
        operation, generation_modes=[_MODES[mode]], generation_config=schema.config.generation
    )
    for case in cases:
        # Other verbs and content types are tried too; what they deserve is not for a schema to say.
        if case.method == operation.method.upper():
            meta = case.meta
            note = meta.phase.data.description if meta is not None else None
            yield _read(case, note=note or "", is_random=False)


def _draw_at_random(document: Mapping[str, Any], mode: Mode, *, seed: int, examples: int) -> list[Draw]:
    drawn: list[Draw] = []
    if examples == 0:
        return drawn
    _, operation = _load(document)

    @seeded(seed)
    @settings(
        max_examples=examples,
        database=None,
        deadline=None,
        derandomize=False,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(operation.as_strategy(generation_mode=_MODES[mode]))
    def collect(case: _Case) -> None:
        drawn.append(_read(case, note="drawn at random", is_random=True))

    collect()
    return drawn


def _read(case: _Case, *, note: str, is_random: bool) -> Draw:
    has_body = not isinstance(case.body, NotSet)
    return Draw(
        has_body=has_body,
        body=case.body if has_body else None,
        query=dict(case.query),
        note=note,
        is_random=is_random,
    )
