"""Faults of embeddings."""

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
    on_body,
    on_envelope,
    on_refusal,
    on_success,
    put,
)
from assisters_verify.reference.embeddings import embed, shape_batch
from assisters_verify.reference.problems import bad_request, internal_error
from assisters_verify.reference.variations import Fault
from assisters_verify.reference.wrappers import Missing

_fault = partial(Fault, area="embeddings")
_MODEL = "text-embedding-3-small"
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


def _refuse_batch(body: dict[str, Any]) -> Any:
    if isinstance(body.get("input"), list):
        raise bad_request("input must be a string.", param="input")
    return body


def _refuse_long(body: dict[str, Any]) -> Any:
    texts = body["input"] if isinstance(body.get("input"), list) else [body.get("input")]
    if any(isinstance(text, str) and len(text) > _LONG_CHARACTERS for text in texts):
        raise bad_request("input is too long.", param="input")
    return body


def _break_on_texts(matches: Callable[[str], bool]) -> Callable[[dict[str, Any]], Any]:
    def check(body: dict[str, Any]) -> Any:
        texts = body["input"] if isinstance(body.get("input"), list) else [body.get("input")]
        if any(isinstance(text, str) and matches(text) for text in texts):
            raise internal_error()
        return body

    return check


def _corrects(matches: Callable[[Any], bool], how: Callable[[Any], Any]) -> Callable[[dict[str, Any]], Any]:
    return lambda body: {**body, "input": how(body.get("input"))} if matches(body.get("input")) else body


def _texts_of(values: list[Any]) -> list[str]:
    return [value if isinstance(value, str) else str(value) for value in values]


def _flatten(values: list[Any]) -> list[Any]:
    return [part for value in values for part in (value if isinstance(value, list) else [value])]


def _here(edit: Callable[[Call, Reply], Reply]) -> Callable[[Call, Reply], Reply]:
    """Apply an edit of refusals to this route alone."""
    return lambda call, reply: edit(call, reply) if call.route == EMBEDDINGS else reply


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
        name="batch_is_refused",
        clause="EMBED-04",
        title="A list of texts is refused.",
        request=on_body(EMBEDDINGS, _refuse_batch),
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
        name="embeddings_serve_unknown_model",
        clause="EMBED-09",
        title="An unknown model is answered by a default one.",
        request=on_body(
            EMBEDDINGS, lambda body: {**body, "model": _MODEL} if isinstance(body.get("model"), str) else body
        ),
    ),
    _fault(
        name="embeddings_refuse_unknown_model_with_400",
        clause="EMBED-09",
        title="An unknown model is refused with 400.",
        reply=_here(on_refusal(lambda answer: replace(answer, status=400), code="model_not_found")),
    ),
    _fault(
        name="embeddings_name_no_code",
        clause="EMBED-09",
        title="An unknown model is refused without `code`.",
        reply=_here(on_envelope(put(None, "code"), code="model_not_found")),
    ),
    _fault(
        name="embeddings_default_missing_model",
        clause="EMBED-10",
        title="Without `model` a default model answers.",
        request=on_body(EMBEDDINGS, lambda body: body if body.get("model") is not None else {**body, "model": _MODEL}),
    ),
    _fault(
        name="missing_input_is_accepted",
        clause="EMBED-11",
        title="Without `input` the empty text is embedded.",
        request=on_body(EMBEDDINGS, _corrects(lambda value: value is None, lambda _none: "")),
    ),
    _fault(
        name="missing_input_breaks_server",
        clause="EMBED-11",
        title="Without `input` the request ends in 500.",
        reply=_here(on_refusal(lambda answer: replace(answer, status=500), code="missing_parameter")),
    ),
    _fault(
        name="number_as_input_is_accepted",
        clause="EMBED-11",
        title="A number as `input` is taken for text.",
        request=on_body(EMBEDDINGS, _corrects(lambda value: isinstance(value, int | float), str)),
    ),
    _fault(
        name="object_as_input_is_accepted",
        clause="EMBED-11",
        title="An object as `input` is taken for text.",
        request=on_body(EMBEDDINGS, _corrects(lambda value: isinstance(value, dict), str)),
    ),
    _fault(
        name="list_of_anything_is_accepted",
        clause="EMBED-11",
        title="What is no text in a list of texts is taken for text.",
        request=on_body(EMBEDDINGS, _corrects(lambda value: isinstance(value, list) and bool(value), _texts_of)),
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
        name="long_input_is_refused",
        clause="EMBED-12",
        title="A text of more than 300 characters is refused.",
        request=on_body(EMBEDDINGS, _refuse_long),
    ),
    _fault(
        name="emoji_break_embeddings",
        clause="EMBED-12",
        title="A sign outside the basic plane ends in 500.",
        request=on_body(EMBEDDINGS, _break_on_texts(lambda text: any(ord(sign) > 0xFFFF for sign in text))),  # noqa: PLR2004
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
        name="nested_lists_are_flattened",
        clause="EMBED-11",
        title="Lists of texts within `input` are joined to one list.",
        request=on_body(EMBEDDINGS, _corrects(lambda value: isinstance(value, list), _flatten)),
    ),
    _fault(
        name="boolean_as_input_is_accepted",
        clause="EMBED-16",
        title="A boolean as `input` is taken for text.",
        request=on_body(EMBEDDINGS, _corrects(lambda value: isinstance(value, bool), str)),
    ),
    _fault(
        name="quotes_break_embeddings",
        clause="EMBED-12",
        title="A quote, a backslash or a control character in the text ends in 500.",
        request=on_body(
            EMBEDDINGS,
            _break_on_texts(lambda text: any(sign in "\"'\\" or ord(sign) < 32 for sign in text)),  # noqa: PLR2004
        ),
    ),
    _fault(
        name="embeddings_route_is_missing",
        clause="EMBED-17",
        title="POST /v1/embeddings is answered 404: the route is not there.",
        wrapper=partial(Missing, path=EMBEDDINGS),
    ),
    _fault(
        name="text_that_begins_with_digit_lacks_usage",
        clause="EMBED-14",
        title="A text that begins with a digit is answered without `usage`.",
        reply=_drop_usage_of_digits,
    ),
)
