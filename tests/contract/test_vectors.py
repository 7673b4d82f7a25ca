"""One vector for each text is found in whatever form a batch is answered, and nothing else is taken for one."""

import json
import math
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assisters_verify.answer import Answer
from assisters_verify.contract.vectors import cosine, embed, embed_batch, expect_vector, expect_vectors, is_vector
from assisters_verify.judgement import Broken

if TYPE_CHECKING:
    from tests.conftest import Peer, ProbeRun, Serve

    from assisters_verify.probe import Probe

A, B, C = [1.0, 2.0], [3.0, 4.0], [5.0, 6.0]


def answer(document: Any, *, status: int = 200) -> Answer:
    return Answer(
        exchange="x0001",
        method="POST",
        path="/v1/embeddings",
        status=status,
        headers={"content-type": "application/json"},
        body=json.dumps(document).encode(),
        first_byte_s=0.0,
        total_s=0.0,
    )


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ([1.0], True),
        ([0, -1, 2.5], True),
        ([1e308], True),
        ([], False),
        ([1.0, "2"], False),
        ([1.0, None], False),
        ([1.0, True], False),
        ([math.nan], False),
        ([math.inf], False),
        ([-math.inf, 1.0], False),
        ([10**400], False),
        ([[1.0]], False),
        ("1.0", False),
        ({"0": 1.0}, False),
        (None, False),
    ],
    ids=lambda value: repr(value)[:20],
)
def test_vector_is_a_list_of_finite_numbers(value: Any, *, expected: bool) -> None:
    assert is_vector(value) is expected


def test_single_vector_is_returned() -> None:
    assert expect_vector(answer({"embedding": [1, 2.5], "model": "m"})) == [1.0, 2.5]


@pytest.mark.parametrize(
    "document", [{}, {"embedding": []}, {"embedding": [A]}, {"embeddings": A}, {"embedding": "AAAA"}, A, None]
)
def test_answer_without_a_vector_is_broken(document: Any) -> None:
    with pytest.raises(Broken, match="`embedding`, a list of finite numbers"):
        expect_vector(answer(document))


def test_refusal_holds_no_vector() -> None:
    with pytest.raises(Broken, match="a valid request to be accepted"):
        expect_vector(answer({"embedding": A}, status=500))


FORMS: dict[str, Any] = {
    "data_embedding": {"data": [{"embedding": A, "index": 0}, {"embedding": B}, {"embedding": C}]},
    "embeddings": {"embeddings": [A, B, C], "usage": {"tokens": 3}},
    "list_of_lists": {"embedding": [A, B, C], "model": "m"},
    "bare": [A, B, C],
    "bare_objects": [{"vector": A}, {"vector": B}, {"vector": C}],
    "nested": {"result": {"batch": {"items": [{"values": A}, {"values": B}, {"values": C}]}}},
    "deep_items": {"data": [{"embedding": {"values": A}}, {"embedding": {"values": B}}, {"embedding": {"values": C}}]},
    "beside_others": {"data": [{"shape": [2], "embedding": part, "tokens": [1]} for part in (A, B, C)]},
    "after_another_list": {"timings": [[0.1]], "data": [{"embedding": part} for part in (A, B, C)]},
}


@pytest.mark.parametrize("document", FORMS.values(), ids=FORMS)
def test_batch_in_any_form_that_keeps_the_order_is_right(document: Any) -> None:
    assert expect_vectors(answer(document), 3) == [A, B, C]


@pytest.mark.parametrize(
    ("document", "received"),
    [
        ({"embeddings": [A, B]}, "2 in "),
        ({"embeddings": [A, B, C, A]}, "4 in "),
        ({"embedding": A}, "no list of vectors in "),
        ({"embeddings": [A, B, None]}, "no list of vectors in "),
        ({"data": [{"embedding": A}, {"embedding": B}, {}]}, "no list of vectors in "),
        ({"data": [{"embedding": A}, {"embedding": []}, {"embedding": C}]}, "no list of vectors in "),
        ({"data": []}, "no list of vectors in "),
        ({"data": "x"}, "no list of vectors in "),
        ({}, "no list of vectors in "),
        (None, "no list of vectors in "),
    ],
)
def test_batch_with_another_number_of_vectors_is_broken(document: Any, received: str) -> None:
    with pytest.raises(Broken) as caught:
        expect_vectors(answer(document), 3)
    assert (caught.value.expected, caught.value.received.startswith(received)) == ("3 vectors", True)


@settings(deadline=None, database=None, max_examples=100)
@given(
    document=st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=3),
        lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=2), inner, max_size=3),
        max_leaves=20,
    )
)
def test_no_document_breaks_the_judge(document: Any) -> None:
    body = json.dumps(document).replace("NaN", "null").replace("-Infinity", "1e999").replace("Infinity", "1e999")
    try:
        found = expect_vectors(answer(json.loads(body)), 2)
    except (Broken, ValueError):
        return
    assert all(is_vector(vector) for vector in found)


def test_depth_without_end_breaks_nothing() -> None:
    document: Any = A
    for _ in range(400):
        document = {"a": document}
    with pytest.raises(Broken):
        expect_vectors(answer(document), 1)


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ([1.0, 0.0], [2.0, 0.0], 1.0),
        ([1.0, 0.0], [0.0, 3.0], 0.0),
        ([1.0, 0.0], [-1.0, 0.0], -1.0),
        ([1.0, 1.0], [1.0, 0.0], math.sqrt(0.5)),
        ([0.0, 0.0], [1.0, 0.0], 0.0),
    ],
)
def test_cosine_is_that_of_the_angle(one: list[float], other: list[float], expected: float) -> None:
    assert cosine(one, other) == pytest.approx(expected)


def test_texts_are_embedded_one_by_one_and_in_batches(serve: "Serve", with_probe: "ProbeRun") -> None:
    def script(peer: "Peer") -> None:
        while True:
            texts = json.loads(peer.read().body)["input"]
            document = {"embedding": A} if isinstance(texts, str) else {"embeddings": [A] * len(texts)}
            peer.answer(json.dumps(document).encode())

    async def use(probe: "Probe") -> tuple[Any, ...]:
        one, first = await embed(probe, "x", label="once")
        many, second = await embed_batch(probe, ["x", "y"])
        return one, first.where, many, second.where

    server = serve(script)
    assert with_probe(server.url, use, models={"embeddings": "e"}) == (
        A,
        "POST /v1/embeddings once",
        [A, A],
        "POST /v1/embeddings with a batch of 2",
    )
    assert [json.loads(request.body) for request in server.received] == [
        {"model": "e", "input": "x"},
        {"model": "e", "input": ["x", "y"]},
    ]
