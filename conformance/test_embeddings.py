"""Embeddings: one vector for each text, in order, of one length, and told apart."""

import asyncio
from itertools import combinations
from typing import Any

import pytest

from assisters_verify.answer import Answer
from assisters_verify.checks import clause
from assisters_verify.contract.asking_once import post_once
from assisters_verify.contract.envelope import expect_refusal
from assisters_verify.contract.models import UNKNOWN_MODEL, embeddings_model
from assisters_verify.contract.routes import expect_accepted, valid_answer
from assisters_verify.contract.vectors import (
    EMBEDDINGS,
    Vector,
    cosine,
    embed,
    embed_batch,
    expect_vector,
    expect_vectors,
)
from assisters_verify.judgement import Broken, Undecided
from assisters_verify.probe import Probe

FOX = "The quick brown fox jumps over the lazy dog."
TEXTS = [
    "Bananas are yellow and taste sweet.",
    "The stock market fell sharply on Monday.",
    "A violin concerto in D major, opus 61.",
    "Concrete hardens by a chemical reaction with water.",
    FOX,
]
_SAME = 1e-9
_NEARLY_SAME = 0.99


@clause("EMBED-17")
async def test_documented_request_is_accepted(probe: Probe) -> None:
    """The route is there, and a valid request is answered 2xx."""
    await expect_accepted(probe, EMBEDDINGS)


@clause("EMBED-01", needs=["EMBED-17"])
async def test_text_is_embedded(probe: Probe) -> None:
    """The documented request is answered with a vector."""
    expect_vector(await valid_answer(probe, EMBEDDINGS))
    await _known(probe, FOX)


@clause("EMBED-02", needs=["EMBED-01"])
async def test_answer_names_the_model(probe: Probe) -> None:
    """`model` is the one that was asked for."""
    model = await embeddings_model(probe)
    _, answer = await _known(probe, FOX)
    if answer.document.get("model") != model:
        received = repr(answer.document.get("model", "no model"))[:120]
        raise Broken(expected=f"model {model!r}", received=received, answer=answer)


@clause("EMBED-03", needs=["EMBED-01"])
@pytest.mark.parametrize("text", [FOX, "a", FOX * 20], ids=["sentence", "letter", "long"])
async def test_usage_counts_tokens(probe: Probe, text: str) -> None:
    """`usage.tokens` is a positive integer."""
    _, answer = await _known(probe, text)
    usage = answer.document.get("usage")
    tokens = usage.get("tokens") if isinstance(usage, dict) else None
    if not isinstance(tokens, int) or isinstance(tokens, bool) or tokens <= 0:
        raise Broken(expected="`usage.tokens`, a positive integer", received=f"usage {usage!r}"[:200], answer=answer)


@clause("EMBED-04", needs=["EMBED-01"])
@pytest.mark.parametrize("count", [1, 2, 3, 10])
async def test_batch_has_a_vector_for_each_text(probe: Probe, count: int) -> None:
    """As many vectors as texts."""
    texts = [TEXTS[number % len(TEXTS)] + f" {number}" for number in range(count)]
    if count > 1:
        await embed_batch(probe, texts)
        return
    body = {"model": await embeddings_model(probe), "input": texts}
    answer = await probe.post(EMBEDDINGS, body, label="with a batch of 1")
    if not (answer.is_success and isinstance(answer.document, dict) and _is_single(answer.document)):
        expect_vectors(answer, 1)


@clause("EMBED-04", needs=["EMBED-01"])
async def test_batch_keeps_texts_that_are_the_same(probe: Probe) -> None:
    """A text that stands twice has two vectors."""
    await embed_batch(probe, [FOX, TEXTS[0], FOX, FOX])


@clause("EMBED-05", needs=["EMBED-01", "EMBED-04"])
@pytest.mark.parametrize(
    "order",
    [[0, 1, 2, 3, 4], [4, 2, 0, 3, 1, 0, 0, 3, 2, 4, 1, 3, 3, 2, 0, 4, 4, 1, 2, 0]],
    ids=["one_way", "another"],
)
async def test_batch_keeps_the_order(probe: Probe, order: list[int]) -> None:
    """The vector at each place is nearest to the one that its text has alone."""
    alone = [vector for vector, _ in await asyncio.gather(*(_known(probe, text) for text in TEXTS))]
    again = [vector for vector, _ in await asyncio.gather(*(_known(probe, text, label="again") for text in TEXTS))]
    if any(_nearest(vector, alone) != place for place, vector in enumerate(again)):
        raise Undecided("a text's own vectors are no nearer to each other than to other texts'")
    batch, answer = await embed_batch(probe, [TEXTS[place] for place in order])
    if len({len(vector) for vector in [*alone, *batch]}) > 1:
        raise Undecided("the vectors have several lengths, which another clause judges", answer=answer)
    found = [_nearest(vector, alone) for vector in batch]
    if found != order:
        raise Broken(expected=f"the vectors of the texts {order}", received=f"those of {found}", answer=answer)


@clause("EMBED-06", needs=["EMBED-01"])
async def test_all_vectors_have_one_length(probe: Probe) -> None:
    """One text or many, short or long."""
    texts = ["a", FOX, FOX * 40, *TEXTS[:3]]
    found = list(await asyncio.gather(*(_known(probe, text) for text in texts)))
    lengths = {len(vector) for vector, _ in found}
    answer = found[-1][1]
    for size in (2, 5):
        body = {"model": await embeddings_model(probe), "input": TEXTS[:size]}
        answer = await post_once(probe, EMBEDDINGS, body, label=f"with a batch of {size}")
        try:
            lengths |= {len(vector) for vector in expect_vectors(answer, size)}
        except Broken:
            continue  # what a batch holds is another clause's
    if len(lengths) > 1:
        raise Broken(expected="one length", received=f"{sorted(lengths)}", answer=answer)


@clause("EMBED-07", needs=["EMBED-01"])
async def test_different_texts_have_different_vectors(probe: Probe) -> None:
    """No two of the texts share a vector, alone or in a batch."""
    found = [
        (text, *pair)
        for text, pair in zip(TEXTS, await asyncio.gather(*(_known(probe, text) for text in TEXTS)), strict=True)
    ]
    for (one, vector, answer), (other, second, _) in combinations(found, 2):
        if _is_same(vector, second):
            raise Broken(expected="different vectors", received=f"one for {one!r} and {other!r}", answer=answer)
    body = {"model": await embeddings_model(probe), "input": TEXTS}
    batch = await post_once(probe, EMBEDDINGS, body, label="with a batch")
    try:
        vectors = expect_vectors(batch, len(TEXTS))
    except Broken:
        return  # what a batch holds is another clause's
    for (one, first), (other, second) in combinations(list(zip(TEXTS, vectors, strict=True)), 2):
        if _is_same(first, second):
            raise Broken(
                expected="different vectors in a batch", received=f"one for {one!r} and {other!r}", answer=batch
            )


# Long enough to be cut by a careless server, short enough for the shortest window of a real model (256 tokens).
_LONG_BEGINNING = (
    "In a village by the sea there lived an old clockmaker who repaired what nobody else could repair, and "
)
_NEAR_PAIRS = {
    "numbers": ("text 1", "text 2"),
    "last_word": (_LONG_BEGINNING * 4 + "he was happy.", _LONG_BEGINNING * 4 + "he hated thunderstorms."),
    "first_word": ("Yes, that is what I meant.", "No, that is what I meant."),
}


@clause("EMBED-07", needs=["EMBED-01"])
@pytest.mark.parametrize("kind", list(_NEAR_PAIRS))
async def test_texts_that_differ_in_one_place_have_different_vectors(probe: Probe, kind: str) -> None:
    """Every word of a text counts, wherever it stands."""
    one, other = _NEAR_PAIRS[kind]
    (first, _), (second, answer) = await asyncio.gather(embed(probe, one), embed(probe, other))
    if _is_same(first, second):
        received = f"one for texts that end {one[-24:]!r} and {other[-24:]!r}"
        raise Broken(expected="different vectors", received=received, answer=answer)


@clause("EMBED-08", needs=["EMBED-01"])
async def test_text_has_nearly_the_same_vector_each_time(probe: Probe) -> None:
    """What a client caches today is what it would get tomorrow."""
    first, _ = await _known(probe, FOX)
    again, answer = await embed(probe, FOX, label="again")
    if len(first) == len(again) and cosine(first, again) < _NEARLY_SAME:
        received = f"cosine {cosine(first, again):.4f}"
        raise Broken(
            expected=f"cosine of at least {_NEARLY_SAME} to the vector before", received=received, answer=answer
        )


@clause("EMBED-09", needs=["EMBED-17"])
@pytest.mark.parametrize("text", ["hello", [FOX, "hello"]], ids=["one", "batch"])
async def test_unknown_model_is_not_found(probe: Probe, text: Any) -> None:
    """A model that is not in the list: 404, `model_not_found`."""
    answer = await post_once(probe, EMBEDDINGS, {"model": UNKNOWN_MODEL, "input": text}, label="with an unknown model")
    expect_refusal(answer, 404, param="model", code="model_not_found", why="unknown model")


@clause("EMBED-10", needs=["EMBED-17"])
async def test_model_is_required(probe: Probe) -> None:
    """No `model`: 400."""
    answer = await post_once(probe, EMBEDDINGS, {"input": "hello"}, label="without model")
    expect_refusal(answer, 400, param="model", why="no model")


_BAD_INPUTS: dict[str, Any] = {
    "null": None,
    "number": 5,
    "boolean": True,
    "object": {"text": "hello"},
    "list_of_nulls": [None],
    "list_of_objects": [{"text": "hello"}],
    "list_of_booleans": [True],
    "list_of_lists": [["hello"], ["world"]],
    "text_and_null": ["hello", None],
    "text_and_number": ["hello", 5],
    "text_and_object": ["hello", {}],
}


@clause("EMBED-11", needs=["EMBED-17"])
@pytest.mark.parametrize("kind", ["absent", *_BAD_INPUTS])
async def test_input_that_is_no_text_is_refused(probe: Probe, kind: str) -> None:
    """No `input`, or anything but a text or a list of texts: 400."""
    body: dict[str, Any] = {"model": await embeddings_model(probe)}
    if kind != "absent":
        body["input"] = _BAD_INPUTS[kind]
    answer = await post_once(probe, EMBEDDINGS, body, label=f"with input: {kind.replace('_', ' ')}")
    expect_refusal(answer, 400, param="input", why="input no text")


_SCRIPTS = [
    "Привет мир",
    "你好世界",
    "مرحبا",
    "🚀🚀",
    "Ünïcödé",
    "x",
    'say "hi" \\ now',
    "two\n\tlines",
    "word " * 1500,
]


@clause("EMBED-12", needs=["EMBED-01"])
async def test_texts_in_any_script_are_told_apart(probe: Probe) -> None:
    """Scripts, signs and lengths: each accepted, each with a vector of its own."""
    found = await asyncio.gather(*(embed(probe, text, label=f"with {text[:12]!r}") for text in _SCRIPTS))
    for (one, (vector, answer)), (other, (second, _)) in combinations(zip(_SCRIPTS, found, strict=True), 2):
        if _is_same(vector, second):
            received = f"one for {one[:12]!r} and {other[:12]!r}"
            raise Broken(expected="different vectors", received=received, answer=answer)


@clause("EMBED-13", needs=["EMBED-01"])
async def test_similar_texts_are_nearer(probe: Probe) -> None:
    """A sentence is nearer to its paraphrase than to one about something else."""
    (fox, _), (paraphrase, answer), (other, _) = await asyncio.gather(
        _known(probe, FOX), embed(probe, "The fast brown fox leaps over the lazy dog."), _known(probe, TEXTS[1])
    )
    if len({len(fox), len(paraphrase), len(other)}) == 1 and cosine(fox, paraphrase) <= cosine(fox, other):
        received = f"cosine {cosine(fox, paraphrase):.3f}, and {cosine(fox, other):.3f} to an unlike text"
        raise Broken(expected="the similar text nearer", received=received, answer=answer)


async def _known(probe: Probe, text: str, *, label: str = "") -> tuple[Vector, Answer]:
    """Return a text's vector and the answer that holds it, asked for once in a run for each label."""

    async def ask(asker: Probe) -> tuple[Vector, Answer]:
        return await embed(asker, text, label=label)

    found: tuple[Vector, Answer] = await probe.fact(f"embedding of {text!r} {label}", ask)
    return found


def _is_single(document: dict[str, Any]) -> bool:
    """Tell whether a batch of one was answered in the form of a single text, which a batch's silence leaves open."""
    vector = document.get("embedding")
    return isinstance(vector, list) and bool(vector) and all(isinstance(number, int | float) for number in vector)


def _nearest(vector: Vector, others: list[Vector]) -> int:
    return max(
        range(len(others)),
        key=lambda place: cosine(vector, others[place]) if len(others[place]) == len(vector) else -2.0,
    )


def _is_same(one: Vector, other: Vector) -> bool:
    return len(one) == len(other) and all(abs(a - b) <= _SAME for a, b in zip(one, other, strict=True))
