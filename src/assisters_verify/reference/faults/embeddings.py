"""Faults of embeddings: their answers."""

import base64
import re
import struct
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from random import random
from typing import Any

from assisters_verify.reference.answers import Reply
from assisters_verify.reference.calls import Call
from assisters_verify.reference.edits import (
    EMBEDDINGS,
    change,
    drop,
    on_answer,
    on_success,
    put,
)
from assisters_verify.reference.embeddings import embed, shape_batch
from assisters_verify.reference.variations import Fault

_fault = partial(Fault, area="embeddings")
_LONG_CHARACTERS = 300
_SHORTER_BY = 8


def _embeds(prepare: Callable[[str], str]) -> dict[str, object]:
    """Embed what is left of a text."""
    return {"embeddings.embed": lambda text, dimensions: embed(prepare(text), dimensions)}


def _embed_at_length(text: str, dimensions: int) -> list[float]:
    return embed(text, dimensions + len(text.split()))


def _embed_long_in_parts(text: str, dimensions: int) -> list[float]:
    """Put the vectors of a long text's parts behind each other."""
    starts = range(0, max(1, len(text)), _LONG_CHARACTERS)
    return [number for start in starts for number in embed(text[start : start + _LONG_CHARACTERS], dimensions)]


def _embed_without_meaning(text: str, dimensions: int) -> list[float]:
    """Draw each vector from the text's digest, so that nearness means nothing."""
    return embed(f"{text}/" * 2, 17)[-16:] * (dimensions // 16)


def _embed_at_random(text: str, dimensions: int) -> list[float]:
    return [number + random() - 0.5 for number in embed(text, dimensions)]  # noqa: S311 - no secret


def _shapes_batch(choose: Callable[[list[list[float]]], list[list[float]]]) -> dict[str, object]:
    return {"embeddings.shape_batch": lambda vectors, model, tokens: shape_batch(choose(vectors), model, tokens)}


def _drop_doubles(vectors: list[list[float]]) -> list[list[float]]:
    return list(dict.fromkeys(map(tuple, vectors)))  # type: ignore[arg-type]


def _average(vectors: list[list[float]], model: str, tokens: int) -> Any:
    mean = [sum(numbers) / len(vectors) for numbers in zip(*vectors, strict=True)]
    return {"embedding": mean, "model": model, "usage": {"tokens": tokens}}


def _to_base64(vector: list[float]) -> str:
    return base64.b64encode(struct.pack(f"<{len(vector)}f", *vector)).decode()


def _write_nan(call: Call, reply: Reply) -> Reply:
    """Write NaN, which is no JSON, as some encoders do."""
    return on_answer(EMBEDDINGS, lambda answer: replace(answer, text=str(answer.payload).replace("'", '"').replace(
        "[", "[NaN, ", 1)))(call, reply)  # fmt: skip


def _drop_usage_of_digits(call: Call, reply: Reply) -> Reply:
    begins = re.search(rb'"input": ?"[0-9]', call.body)
    return on_success(EMBEDDINGS, drop("usage"))(call, reply) if begins else reply


FAULTS: tuple[Fault, ...] = (
    _fault(
        name="embedding_is_missing",
        clause="EMBED-01",
        title="One text is answered without `embedding`.",
        reply=on_success(EMBEDDINGS, drop("embedding")),
    ),
    _fault(
        name="one_text_is_answered_as_batch",
        clause="EMBED-01",
        title="One text is answered in another API's shape: `data[0].embedding`.",
        choices={"embeddings.shape_single": lambda vector, model, tokens: shape_batch([vector], model, tokens)},
    ),
    _fault(
        name="embedding_is_empty",
        clause="EMBED-01",
        title="`embedding` is an empty list.",
        reply=on_success(EMBEDDINGS, change(lambda _vector: [], "embedding")),
    ),
    _fault(
        name="embedding_holds_null",
        clause="EMBED-01",
        title="One number of `embedding` is null.",
        reply=on_success(EMBEDDINGS, change(lambda vector: [None, *vector[1:]], "embedding")),
    ),
    _fault(
        name="embedding_holds_texts",
        clause="EMBED-01",
        title="The numbers of `embedding` are texts.",
        reply=on_success(EMBEDDINGS, change(lambda vector: list(map(str, vector)), "embedding")),
    ),
    _fault(
        name="embedding_is_base64",
        clause="EMBED-01",
        title="`embedding` is base64.",
        reply=on_success(EMBEDDINGS, change(_to_base64, "embedding")),
    ),
    _fault(
        name="embedding_is_nested",
        clause="EMBED-01",
        title="`embedding` of one text is a list in a list.",
        reply=on_success(EMBEDDINGS, change(lambda vector: [vector], "embedding")),
    ),
    _fault(
        name="embedding_holds_nan",
        clause="EMBED-01",
        title="The first number is NaN, which is no JSON.",
        reply=_write_nan,
    ),
    _fault(
        name="embedding_model_is_missing",
        clause="EMBED-02",
        title="The answer has no `model`.",
        reply=on_success(EMBEDDINGS, drop("model")),
    ),
    _fault(
        name="embedding_model_is_another",
        clause="EMBED-02",
        title="The answer names an inner name of the model.",
        reply=on_success(EMBEDDINGS, change(lambda model: f"internal/{model}-v2", "model")),
    ),
    _fault(
        name="embedding_usage_is_missing",
        clause="EMBED-03",
        title="The answer has no `usage`.",
        reply=on_success(EMBEDDINGS, drop("usage")),
    ),
    _fault(
        name="embedding_usage_has_other_names",
        clause="EMBED-03",
        title="`usage` has `prompt_tokens` and `total_tokens`, and no `tokens`.",
        reply=on_success(
            EMBEDDINGS,
            change(lambda usage: {"prompt_tokens": usage["tokens"], "total_tokens": usage["tokens"]}, "usage"),
        ),
    ),
    _fault(
        name="embedding_tokens_are_zero",
        clause="EMBED-03",
        title="`usage.tokens` is 0.",
        reply=on_success(EMBEDDINGS, put(0, "usage", "tokens")),
    ),
    _fault(
        name="embedding_tokens_are_text",
        clause="EMBED-03",
        title="`usage.tokens` is a text.",
        reply=on_success(EMBEDDINGS, change(str, "usage", "tokens")),
    ),
    _fault(
        name="batch_answers_first_text_only",
        clause="EMBED-04",
        title="Of a list only the first text is answered.",
        choices=_shapes_batch(lambda vectors: vectors[:1]),
    ),
    _fault(
        name="batch_loses_last_text",
        clause="EMBED-04",
        title="The last text of a list is not answered.",
        choices=_shapes_batch(lambda vectors: vectors[:-1] or vectors),
    ),
    _fault(
        name="batch_drops_equal_texts",
        clause="EMBED-04",
        title="A text that a list holds twice is answered once.",
        choices=_shapes_batch(_drop_doubles),
    ),
    _fault(
        name="batch_is_averaged",
        clause="EMBED-04",
        title="A list is answered with the mean of its vectors.",
        choices={"embeddings.shape_batch": _average},
    ),
    _fault(
        name="batch_is_reversed",
        clause="EMBED-05",
        title="The vectors of a batch come in reverse.",
        choices=_shapes_batch(lambda vectors: vectors[::-1]),
    ),
    _fault(
        name="batch_is_sorted",
        clause="EMBED-05",
        title="The vectors of a batch are sorted by their numbers.",
        choices=_shapes_batch(sorted),
    ),
    _fault(
        name="batch_swaps_two",
        clause="EMBED-05",
        title="The first two vectors of a batch change places.",
        choices=_shapes_batch(lambda vectors: [*vectors[1:2], *vectors[:1], *vectors[2:]]),
    ),
    _fault(
        name="long_batch_is_reversed_from_eight_on",
        clause="EMBED-05",
        title="From the ninth on the vectors of a batch come in reverse.",
        choices=_shapes_batch(lambda vectors: [*vectors[:8], *vectors[:7:-1]]),
    ),
    _fault(
        name="vector_length_depends_on_text",
        clause="EMBED-06",
        title="A vector has a number more for each word.",
        choices={"embeddings.embed": _embed_at_length},
    ),
    _fault(
        name="batch_vectors_are_shorter",
        clause="EMBED-06",
        title="The vectors of a batch are shorter than those of single texts.",
        choices=_shapes_batch(lambda vectors: [vector[:-_SHORTER_BY] for vector in vectors]),
    ),
    _fault(
        name="long_text_has_longer_vector",
        clause="EMBED-06",
        title="A long text is embedded in parts, and their vectors stand behind each other.",
        choices={"embeddings.embed": _embed_long_in_parts},
    ),
    _fault(
        name="all_vectors_are_equal",
        clause="EMBED-07",
        title="Every text has the same vector.",
        choices=_embeds(lambda _text: "text"),
    ),
    _fault(
        name="first_word_alone_counts",
        clause="EMBED-07",
        title="Texts that begin with the same word have the same vector.",
        choices=_embeds(lambda text: " ".join(text.split()[:1])),
    ),
    _fault(
        name="only_length_counts",
        clause="EMBED-07",
        title="Texts of the same length have the same vector.",
        choices=_embeds(lambda text: "x" * len(text)),
    ),
    _fault(
        name="vectors_are_random",
        clause="EMBED-08",
        title="One text has another vector each time.",
        choices={"embeddings.embed": _embed_at_random},
    ),
    _fault(
        name="other_scripts_are_dropped",
        clause="EMBED-12",
        title="Signs outside ASCII do not count, so texts in other scripts have the same vector.",
        choices=_embeds(lambda text: text.encode("ascii", "ignore").decode()),
    ),
    _fault(
        name="long_text_is_cut",
        clause="EMBED-07",
        title="Only the first 300 characters of a text count.",
        choices=_embeds(lambda text: text[:_LONG_CHARACTERS]),
    ),
    _fault(
        name="nearness_means_nothing",
        clause="EMBED-13",
        title="Similar texts are no nearer to each other than unlike ones.",
        choices={"embeddings.embed": _embed_without_meaning},
    ),
    _fault(
        name="short_text_lacks_usage",
        clause="EMBED-03",
        title="A text of one character is answered without `usage`.",
        reply=on_success(
            EMBEDDINGS, lambda payload: drop("usage")(payload) if payload["usage"]["tokens"] == 1 else payload
        ),
    ),
    _fault(
        name="text_that_begins_with_digit_lacks_usage",
        clause="EMBED-14",
        title="A text that begins with a digit is answered without `usage`.",
        reply=_drop_usage_of_digits,
    ),
)
