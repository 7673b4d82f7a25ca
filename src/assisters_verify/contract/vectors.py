"""Ask for embeddings, and find the vectors in the answer, whatever a batch's answer looks like."""

import math
import sys
from collections.abc import Iterator, Sequence
from typing import Any, TypeGuard

from assisters_verify.answer import Answer
from assisters_verify.contract.completions import expect_success
from assisters_verify.contract.models import embeddings_model
from assisters_verify.judgement import Broken
from assisters_verify.probe import Probe

EMBEDDINGS = "/v1/embeddings"
Vector = list[float]
_DEEPEST = 12


async def embed(probe: Probe, text: str, *, label: str = "") -> tuple[Vector, Answer]:
    """Embed one text; return its vector, judged to be one, and the answer."""
    answer = await probe.post(EMBEDDINGS, {"model": await embeddings_model(probe), "input": text}, label=label)
    return expect_vector(answer), answer


async def embed_batch(probe: Probe, texts: Sequence[str]) -> tuple[list[Vector], Answer]:
    """Embed several texts in one request; return their vectors, judged to be one for each, and the answer."""
    body = {"model": await embeddings_model(probe), "input": list(texts)}
    answer = await probe.post(EMBEDDINGS, body, label=f"with a batch of {len(texts)}")
    return expect_vectors(answer, len(texts)), answer


def expect_vector(answer: Answer) -> Vector:
    """Judge that the answer holds one vector in `embedding`, and return it. Raises Broken."""
    expect_success(answer)
    document = answer.document
    vector = document.get("embedding") if isinstance(document, dict) else None
    if not is_vector(vector):
        expected = "`embedding`, a list of finite numbers that is not empty"
        raise Broken(expected=expected, received=answer.describe(), answer=answer)
    return [float(number) for number in vector]


def expect_vectors(answer: Answer, count: int) -> list[Vector]:
    """Judge that the answer holds one vector for each of `count` texts, and return them. Raises Broken."""
    expect_success(answer)
    found = list(_lists_of_vectors(answer.document))
    for vectors in found:
        if len(vectors) == count:
            return vectors
    numbers = ", ".join(str(len(vectors)) for vectors in found) or "no list of vectors"
    raise Broken(expected=f"{count} vectors", received=f"{numbers} in {answer.describe()}", answer=answer)


def is_vector(value: Any) -> TypeGuard[list[float]]:
    """Tell whether this is a list of finite numbers that is not empty."""
    return isinstance(value, list) and bool(value) and all(_is_number(number) for number in value)


def cosine(one: Vector, other: Vector) -> float:
    """Return the cosine of the angle between two vectors of one length; 0 where one of them is zero."""
    norm = math.hypot(*one) * math.hypot(*other)
    return sum(a * b for a, b in zip(one, other, strict=True)) / norm if norm else 0.0


def _lists_of_vectors(value: Any, depth: int = 0) -> Iterator[list[Vector]]:
    """Yield each list in the document whose items all are vectors, or all hold one."""
    if isinstance(value, dict) and depth < _DEEPEST:
        for part in value.values():
            yield from _lists_of_vectors(part, depth + 1)
    elif isinstance(value, list) and value:
        vectors = [_vector_in(item) for item in value]
        if all(vector is not None for vector in vectors):
            yield [vector for vector in vectors if vector is not None]


def _vector_in(item: Any) -> Vector | None:
    """Return the vector that an item of a batch is or holds: beside other lists of numbers, the longest one."""
    held = max(_vectors_within(item), key=len, default=None)
    return None if held is None else [float(number) for number in held]


def _vectors_within(item: Any, depth: int = 0) -> Iterator[list[float]]:
    if is_vector(item):
        yield item
    elif isinstance(item, dict) and depth < _DEEPEST:
        for part in item.values():
            yield from _vectors_within(part, depth + 1)


def _is_number(value: Any) -> bool:
    # A whole number may be too large for a float.
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) <= sys.float_info.max
