"""Generate requests that every conforming server accepts, and requests that every conforming server refuses."""

from collections.abc import Collection, Mapping
from typing import Any

from assisters_verify.isolation import isolated_hypothesis
from assisters_verify.properties.accepted import AcceptedBody, draw_accepted, make_valid_candidates
from assisters_verify.properties.case import Mode, PropertyCase
from assisters_verify.properties.contract import Contract
from assisters_verify.properties.derive import derive_shape
from assisters_verify.properties.refused import draw_refused
from assisters_verify.properties.select import Candidate, select_cases

MAX_INVALID = 60
MAX_VALID = 25


def generate_cases(
    spec: Mapping[str, Any],
    *,
    operations: Collection[str],
    fixed: Mapping[str, Mapping[str, Any]],
    seed: int = 0,
    examples: int = 20,
    modes: Collection[Mode] = tuple(Mode),
    max_invalid: int = MAX_INVALID,
    max_valid: int = MAX_VALID,
) -> list[PropertyCase]:
    """Return requests for these operations of an OpenAPI file, invalid ones first, the most telling of each kind first.

    `fixed` gives by operation the values that a generator cannot know, such as the model to ask for; they stand in
    every request unless they are what is wrong with it. `examples` is how many requests are drawn at random for each
    operation and mode, beside those that cover the schema's keywords one by one. The same arguments give the same
    requests. Raises ValueError for an unknown operation, and where a value that is needed is not in `fixed`.
    """
    contract = Contract(spec)
    valid: list[Candidate] = []
    invalid: list[Candidate] = []
    with isolated_hypothesis():
        for name in sorted(operations):
            shape = derive_shape(contract, contract.operation(name), fixed.get(name, {}))
            bodies = draw_accepted(contract, shape, seed=seed, examples=examples)
            valid += make_valid_candidates(shape, bodies)
            if Mode.INVALID in modes:
                invalid += draw_refused(contract, shape, _smallest(bodies), seed=seed, examples=examples)
    chosen = select_cases(invalid, max_invalid)
    return chosen + select_cases(valid, max_valid) if Mode.VALID in modes else chosen


def _smallest(bodies: list[AcceptedBody]) -> Mapping[str, Any] | None:
    """Return the body with the fewest fields: the less there is, the fewer other reasons for a refusal."""
    return min((each.body for each in bodies), key=lambda body: (len(body), len(str(body))), default=None)
