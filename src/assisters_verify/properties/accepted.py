"""Find requests that every conforming server accepts."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from jsonschema.protocols import Validator

from assisters_verify.properties import json_text
from assisters_verify.properties.case import Mode, PropertyCase
from assisters_verify.properties.certainty import is_sendable
from assisters_verify.properties.contract import Contract
from assisters_verify.properties.derive import JSON_HEADERS, RequestShape, derive_document
from assisters_verify.properties.draw import Draw, draw_requests
from assisters_verify.properties.select import Candidate


@dataclass(frozen=True, slots=True, kw_only=True)
class AcceptedBody:
    """A body that every conforming server accepts, and what it was drawn for."""

    body: Mapping[str, Any]
    note: str
    is_random: bool


def draw_accepted(contract: Contract, shape: RequestShape, *, seed: int, examples: int) -> list[AcceptedBody]:
    """Return bodies that keep the accepted schema and the open one; none for an operation without a body.

    Raises ValueError where an operation has a body and none was found, since every check of it would hold.
    """
    if shape.body is None or shape.accepted is None:
        return []
    document = derive_document(contract, shape, is_accepted_only=True)
    drawn = draw_requests(document, Mode.VALID, seed=seed, examples=examples)
    validators = [contract.validator(schema, is_plain=True) for schema in (shape.accepted, shape.body)]
    found = [
        AcceptedBody(body=draw.body, note=draw.note, is_random=draw.is_random)
        for draw in drawn
        if _is_object(draw) and _is_sure(draw.body, shape, validators)
    ]
    if not found:
        raise ValueError(f"no request to {shape.operation.name} is accepted with the values in `fixed`; check them")
    return found


def make_valid_candidates(shape: RequestShape, bodies: list[AcceptedBody]) -> list[Candidate]:
    """Return requests with these bodies; for an operation without a body the one documented request."""
    if shape.body is None:
        return [_candidate(shape, body=None, note="the documented request", is_random=False)]
    return [
        _candidate(shape, body=json_text.write(each.body), note=each.note, is_random=each.is_random) for each in bodies
    ]


def _candidate(shape: RequestShape, *, body: bytes | None, note: str, is_random: bool) -> Candidate:
    case = PropertyCase(
        operation=shape.operation.name,
        method=shape.operation.method,
        path=shape.target(),
        headers=() if body is None else JSON_HEADERS,
        body=body,
        is_valid=True,
        why=note,
        param=None,
    )
    return Candidate(case=case, group=(case.operation, note), kind=0, depth=int(is_random), is_random=is_random)


def _is_sure(body: Any, shape: RequestShape, validators: Sequence[Validator]) -> bool:
    return is_sendable(body, fixed=shape.fixed) and all(each.is_valid(body) for each in validators)


def _is_object(draw: Draw) -> bool:
    return draw.has_body and isinstance(draw.body, dict)
