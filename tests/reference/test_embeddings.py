"""Embeddings: unit vectors that tell texts apart and put similar ones near each other."""

import math
from typing import Any

import pytest

from assisters_verify.reference.embeddings import embed


def vectors(api: Any, texts: Any) -> Any:
    return api.post("/v1/embeddings", {"model": "text-embedding-3-small", "input": texts}).json


def nearness(one: str, other: str) -> float:
    return sum(a * b for a, b in zip(embed(one, 256), embed(other, 256), strict=True))


def test_one_text_has_the_documented_shape(api: Any) -> None:
    shown = vectors(api, "The quick brown fox jumps over the lazy dog.")
    fields = (sorted(shown), len(shown["embedding"]), shown["model"], shown["usage"])
    assert fields == (["embedding", "model", "usage"], 256, "text-embedding-3-small", {"tokens": 9})


def test_batch_stands_in_order(api: Any) -> None:
    texts = ["text 1", "text 2", "text 3"]
    shown = [entry["embedding"] for entry in vectors(api, texts)["data"]]
    assert shown == [vectors(api, text)["embedding"] for text in texts]


@pytest.mark.parametrize("text", ["a", "", " ", "word " * 5000, "日本語のテキスト", "🎉" * 20])
def test_vectors_have_unit_length(text: str) -> None:
    assert math.isclose(math.sqrt(sum(number**2 for number in embed(text, 64))), 1.0, abs_tol=1e-6)


@pytest.mark.parametrize(
    ("one", "other"),
    [("Hello", "hello"), ("a b", "b a"), ("a b", "a  b"), ("x", "x "), ("", " "), ("你好", "再见"), ("🎉", "🎈")],
)
def test_different_texts_differ(one: str, other: str) -> None:
    assert embed(one, 256) != embed(other, 256)


def test_similar_texts_are_nearer() -> None:
    similar = nearness("The cat sat on the mat.", "A cat was sitting on the mat.")
    unlike = nearness("The cat sat on the mat.", "Stock prices fell sharply in Tokyo.")
    assert similar > unlike + 0.2


@pytest.mark.parametrize("value", [None, 7, True, {}, [], [1, 2], ["a", None], [["a"]]])
def test_input_must_be_text_or_texts(api: Any, value: Any) -> None:
    seen = api.post("/v1/embeddings", {"model": "text-embedding-3-small", "input": value})
    assert (seen.status, seen.json["error"]["param"]) == (400, "input")


def test_unknown_model_is_404(api: Any) -> None:
    seen = api.post("/v1/embeddings", {"model": "no-such-model", "input": "x"})
    assert (seen.status, seen.json["error"]["code"], seen.json["error"]["param"]) == (404, "model_not_found", "model")


def test_missing_model_is_400(api: Any) -> None:
    assert api.post("/v1/embeddings", {"input": "x"}).json["error"]["param"] == "model"
