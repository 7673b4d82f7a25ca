"""Find requests that every conforming server refuses, each with one fault alone."""

from collections.abc import Iterator, Mapping
from typing import Any

from assisters_verify.properties import json_text
from assisters_verify.properties.case import Mode, PropertyCase
from assisters_verify.properties.certainty import (
    is_beyond_dispute,
    is_other_notation,
    is_plain_text,
    is_sendable,
    sharpen,
)
from assisters_verify.properties.contract import Contract
from assisters_verify.properties.derive import JSON_HEADERS, RequestShape, derive_document
from assisters_verify.properties.draw import Draw, draw_requests
from assisters_verify.properties.select import Candidate
from assisters_verify.properties.violations import Violation, find_violations

# Wrong types that servers tend to let through come first: a text, a null or a fraction where it does not belong.
_KINDS: list[type] = [str, type(None), float, int, bool, dict, list]


def draw_refused(
    contract: Contract, shape: RequestShape, base: Mapping[str, Any] | None, *, seed: int, examples: int
) -> list[Candidate]:
    """Return requests that break the open schema in one field or parameter, and are accepted but for that.

    `base` is an accepted body; the field at fault replaces its own, so that a refusal has no other reason.
    """
    found: list[Candidate] = []
    if shape.body is None and not shape.query:
        return found
    accepted = derive_document(contract, shape, is_accepted_only=True)
    everything = derive_document(contract, shape, is_accepted_only=False)
    # What is drawn at random from open schemas is mostly odd characters, and slow.
    draws = draw_requests(accepted, Mode.INVALID, seed=seed, examples=examples)
    draws += draw_requests(everything, Mode.INVALID, seed=seed, examples=0)
    for draw in draws:
        found += _spoil_query(contract, shape, draw) if base is None else _spoil_body(contract, shape, base, draw)
    return found


def _spoil_body(contract: Contract, shape: RequestShape, base: Mapping[str, Any], draw: Draw) -> Iterator[Candidate]:
    """Make one request for each field that is at fault in what was drawn."""
    if not draw.has_body or shape.body is None:
        return
    if isinstance(draw.body, bytes):
        yield from _malformed(shape, draw)
        return
    violations = find_violations(contract.validator(shape.body), draw.body)
    if not isinstance(draw.body, dict):
        yield from _candidates(shape, violations, body=draw.body, draw=draw, field=None)
        return
    for field in dict.fromkeys(str(violation.path[0]) for violation in violations if violation.path):
        body = {name: value for name, value in base.items() if name != field}
        if field in draw.body:
            body[field] = sharpen(draw.body[field])
        remaining = _certain_violations(contract, shape.body, body)
        yield from _candidates(shape, remaining, body=body, draw=draw, field=field)


def _certain_violations(contract: Contract, schema: Mapping[str, Any], body: object) -> list[Violation]:
    return [
        violation for violation in find_violations(contract.validator(schema), body) if is_beyond_dispute(violation)
    ]


def _candidates(
    shape: RequestShape, violations: list[Violation], *, body: object, draw: Draw, field: str | None
) -> Iterator[Candidate]:
    if violations and is_sendable(body, fixed=shape.fixed):
        first = violations[0]
        places = ("*" if isinstance(step, int) else step for step in first.path)
        yield Candidate(
            case=_case(shape, path=shape.target(), body=json_text.write(body), why=str(first), param=field),
            group=(shape.operation.name, *places, first.keyword),
            depth=max(0, len(first.path) - 1),
            kind=_KINDS.index(type(first.received)),
            is_random=draw.is_random,
        )


def _malformed(shape: RequestShape, draw: Draw) -> Iterator[Candidate]:
    """Make a request of a body that is no JSON, where it is nothing worse than that."""
    text = draw.body.decode("utf-8", "replace")
    try:
        json_text.parse(text)
    except ValueError:
        if text and is_plain_text(text):
            why = f"body: expected JSON, received {json_text.shorten(text)}"
            case = _case(shape, path=shape.target(), body=draw.body, why=why, param=None)
            group = (shape.operation.name, "malformed")
            yield Candidate(case=case, group=group, kind=0, depth=0, is_random=draw.is_random)


def _spoil_query(contract: Contract, shape: RequestShape, draw: Draw) -> Iterator[Candidate]:
    """Make one request for each query parameter that is at fault in what was drawn."""
    for parameter in shape.operation.parameters:
        name = parameter["name"]
        value = draw.query.get(name) if parameter["in"] == "query" else None
        # An empty value is as good as none, and other notations are left to the server.
        if not isinstance(value, str) or not value or not is_plain_text(value) or is_other_notation(value):
            continue
        for violation in find_violations(contract.validator(parameter["schema"]), value)[:1]:
            why = f"{name}: expected {violation.expected}, received {json_text.shorten(value)}"
            yield Candidate(
                case=_case(shape, path=shape.target(**{name: value}), body=None, why=why, param=name),
                group=(shape.operation.name, name, violation.keyword),
                depth=0,
                kind=0,
                is_random=draw.is_random,
            )


def _case(shape: RequestShape, *, path: str, body: bytes | None, why: str, param: str | None) -> PropertyCase:
    return PropertyCase(
        operation=shape.operation.name,
        method=shape.operation.method,
        path=path,
        headers=() if body is None else JSON_HEADERS,
        body=body,
        is_valid=False,
        why=why,
        param=param,
    )
