"""Embeddings: the route, and vectors made of hashed words and letters."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from hashlib import blake2b
from itertools import pairwise
from typing import TYPE_CHECKING, Any
from zlib import crc32

from assisters_verify.reference.answers import Answer
from assisters_verify.reference.model.text import count_tokens
from assisters_verify.reference.models import find_model, require_model
from assisters_verify.reference.problems import bad_request

if TYPE_CHECKING:
    from assisters_verify.reference.calls import Call

# The last dimensions hold a digest of the exact text, so that no two texts share a vector.
_FINGERPRINT_SIZE = 16
_FINGERPRINT_WEIGHT = 0.02
_WORD_WEIGHT, _PAIR_WEIGHT, _LETTERS_WEIGHT = 1.0, 0.5, 0.3


def embed(text: str, dimensions: int) -> list[float]:
    """Return a unit vector; texts that share words or letter triples lie nearer to each other."""
    sketch = [0.0] * (dimensions - _FINGERPRINT_SIZE)
    for feature, weight in _features(text):
        code = crc32(feature.encode("utf-8", "surrogatepass"))
        sketch[code % len(sketch)] += weight if code & 0x8000_0000 else -weight
    scale = math.sqrt(sum(value * value for value in sketch)) or 1.0
    digest = blake2b(text.encode("utf-8", "surrogatepass"), digest_size=_FINGERPRINT_SIZE).digest()
    vector = [value / scale for value in sketch] + [(byte - 127.5) / 127.5 * _FINGERPRINT_WEIGHT for byte in digest]
    length = math.sqrt(sum(value * value for value in vector))
    return [round(value / length, 8) for value in vector]


def _features(text: str) -> list[tuple[str, float]]:
    words = text.lower().split()
    features = [(word, _WORD_WEIGHT) for word in words]
    features += [(f"{first} {second}", _PAIR_WEIGHT) for first, second in pairwise(words)]
    for word in words:
        padded = f"<{word}>"
        features += [(padded[i : i + 3], _LETTERS_WEIGHT) for i in range(len(padded) - 2)]
    return features


def shape_single(vector: list[float], model: str, tokens: int) -> Any:
    """Return the documented answer to one text."""
    return {"embedding": vector, "model": model, "usage": {"tokens": tokens}}


def shape_batch(vectors: list[list[float]], model: str, tokens: int) -> Any:
    """Return the answer to several texts; the documentation shows none, so this is the shape clients know."""
    data = [{"object": "embedding", "index": i, "embedding": vector} for i, vector in enumerate(vectors)]
    return {"object": "list", "data": data, "model": model, "usage": {"tokens": tokens}}


@dataclass(frozen=True, slots=True, kw_only=True)
class EmbeddingPolicy:
    """The choices embeddings are made of."""

    embed: Callable[[str, int], list[float]] = embed
    shape_single: Callable[[list[float], str, int], Any] = shape_single
    shape_batch: Callable[[list[list[float]], str, int], Any] = shape_batch


def read_input(body: dict[str, Any]) -> str | list[str]:
    """Return the text or texts to embed.

    Raises:
        ApiError: 400, for anything else.
    """
    value = body.get("input")
    if value is None:
        raise bad_request("Missing input parameter.", param="input", code="missing_parameter")
    if isinstance(value, str):
        return value
    if not isinstance(value, list) or not value or not all(isinstance(text, str) for text in value):
        raise bad_request("input must be a string or a list of strings.", param="input")
    return value


async def create_embedding(call: "Call") -> Answer:
    """POST /v1/embeddings."""
    body = call.json_object()
    model_id, texts = require_model(body), read_input(body)
    find_model(call, model_id, ability="embeddings")
    await call.wait_for_latency()
    policy, options = call.behaviour.embeddings, call.services.options
    batch = [texts] if isinstance(texts, str) else texts
    vectors = [policy.embed(text, options.embedding_dimensions) for text in batch]
    tokens = sum(max(1, count_tokens(text)) for text in batch)
    if isinstance(texts, str):
        return Answer(payload=policy.shape_single(vectors[0], model_id, tokens))
    return Answer(payload=policy.shape_batch(vectors, model_id, tokens))
