"""Models: the list has its documented form, and what a model claims works."""

from collections import Counter
from typing import Any

import pytest

from assisters_verify.answer import Answer
from assisters_verify.checks import clause
from assisters_verify.contract.asking_once import post_once
from assisters_verify.contract.completions import CHAT, chat_body, expect_completion, expect_messages
from assisters_verify.contract.models import MODELS, model_list, models_that
from assisters_verify.contract.routes import expect_let_in
from assisters_verify.contract.vectors import EMBEDDINGS, expect_vector
from assisters_verify.judgement import Broken, NotApplicable
from assisters_verify.probe import Probe

# A list may be long, and each try costs tokens; the first and the last are where lists are wrong.
_MOST_TRIED = 8
_TIMES = 4


@clause("MODEL-01")
async def test_list_of_models_is_there(probe: Probe) -> None:
    """`models` is a list of objects that is not empty, each time it is asked for."""
    expect_let_in(await model_list(probe))
    for answer in await _lists(probe):
        if not answer.is_success:
            raise Broken(expected="2xx", received=answer.describe(), answer=answer)
        models = _list(answer.document)
        if not models or not all(isinstance(model, dict) for model in models):
            received = answer.describe()
            raise Broken(expected="`models`, a list of objects that is not empty", received=received, answer=answer)


@clause("MODEL-02", needs=["MODEL-01"])
@pytest.mark.parametrize("name", ["id", "name"])
async def test_each_model_has_a_text(probe: Probe, name: str) -> None:
    """`id` and `name` are non-empty texts."""
    await _expect_each(
        probe, name, f"`{name}`, a non-empty string", lambda value: isinstance(value, str) and bool(value.strip())
    )


@clause("MODEL-03", needs=["MODEL-01"])
async def test_each_model_has_max_tokens(probe: Probe) -> None:
    """`max_tokens` is a positive integer."""
    await _expect_each(probe, "max_tokens", "`max_tokens`, a positive integer", _is_positive_integer)


@clause("MODEL-04", needs=["MODEL-01"])
async def test_each_model_says_what_it_supports(probe: Probe) -> None:
    """`supports` is a list of texts."""
    await _expect_each(probe, "supports", "`supports`, a list of strings", _is_list_of_texts)


@clause("MODEL-05", needs=["MODEL-01"])
async def test_no_two_models_have_one_id(probe: Probe) -> None:
    """An id names one model."""
    for answer in await _lists(probe):
        ids = Counter(str(model.get("id")) for model in _list(answer.document))
        twice = sorted(model_id for model_id, count in ids.items() if count > 1)
        if twice:
            raise Broken(expected="ids that are unique", received=f"{twice} more than once", answer=answer)


@clause("MODEL-06", needs=["MODEL-01", "CHAT-02"])
async def test_model_that_lists_chat_chats(probe: Probe) -> None:
    """Each listed model that claims `chat` answers."""
    for model in await _claiming(probe, "chat"):
        expect_messages(await post_once(probe, CHAT, await chat_body(probe, model=model), label=f"with model {model}"))


@clause("MODEL-07", needs=["MODEL-01", "EMBED-01"])
async def test_model_that_lists_embeddings_embeds(probe: Probe) -> None:
    """Each listed model that claims `embeddings` answers."""
    for model in await _claiming(probe, "embeddings"):
        body = {"model": model, "input": "hello"}
        expect_vector(await post_once(probe, EMBEDDINGS, body, label=f"with model {model}"))


@clause("MODEL-08", needs=["MODEL-01", "CHAT-02"])
async def test_model_that_lists_reasoning_reasons(probe: Probe) -> None:
    """Each listed model that claims `reasoning` gives one when it is asked for."""
    for model in await _claiming(probe, "reasoning"):
        body = await chat_body(probe, "Solve 2x + 3 = 7.", model=model, reasoning=True, max_tokens=2000)
        answer = await probe.post(CHAT, body, label=f"with model {model} and reasoning: true")
        expect_completion(answer)
        reasoning = expect_messages(answer)[0].get("reasoning")
        if not isinstance(reasoning, str) or not reasoning.strip():
            raise Broken(
                expected="`message.reasoning`, a non-empty text", received=f"{reasoning!r}"[:200], answer=answer
            )


@clause("MODEL-09", needs=["MODEL-01"])
async def test_list_stays_the_same(probe: Probe) -> None:
    """Lists taken one after the other name the same models."""
    first, *rest = await _lists(probe)
    one = _ids(first.document)
    for again in rest:
        other = _ids(again.document)
        if one == other:
            continue
        raise Broken(
            expected=f"the models of before, {sorted(one)}"[:300], received=f"{sorted(other)}"[:300], answer=again
        )


@clause("MODEL-11", needs=["MODEL-01"])
async def test_list_says_that_it_is_json(probe: Probe) -> None:
    """`application/json`, with or without a charset."""
    for answer in await _lists(probe):
        if answer.content_type != "application/json":
            received = repr(answer.headers.get("content-type", "no Content-Type"))
            raise Broken(expected="Content-Type `application/json`", received=received, answer=answer)


async def _claiming(probe: Probe, capability: str) -> list[str]:
    claiming = await models_that(probe, capability)
    if not claiming:
        raise NotApplicable(f"no listed model claims `{capability}`")
    return claiming if len(claiming) <= _MOST_TRIED else claiming[: _MOST_TRIED // 2] + claiming[-_MOST_TRIED // 2 :]


async def _expect_each(probe: Probe, name: str, expected: str, is_right: Any) -> None:
    for answer in await _lists(probe):
        _expect_each_in(answer, name, expected, is_right)


async def _lists(probe: Probe) -> list[Answer]:
    """Return the list as it came several times: behind one address there may be several servers."""
    more: list[Answer] = await probe.fact("models again", _ask_again)
    return [await model_list(probe), *more]


async def _ask_again(probe: Probe) -> list[Answer]:
    return [await probe.get(MODELS, label="again") for _ in range(_TIMES - 1)]


def _expect_each_in(answer: Answer, name: str, expected: str, is_right: Any) -> None:
    for number, model in enumerate(_list(answer.document)):
        if not is_right(model.get(name)):
            received = (
                f"models[{number}].{name} {model[name]!r}"[:200] if name in model else f"models[{number}] without it"
            )
            raise Broken(expected=expected, received=received, answer=answer)


def _is_positive_integer(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value > 0


def _is_list_of_texts(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(item, str) for item in value)


def _ids(document: Any) -> set[str]:
    return {str(model.get("id")) for model in _list(document) if isinstance(model, dict)}


def _list(document: Any) -> list[Any]:
    models = document.get("models") if isinstance(document, dict) else None
    return models if isinstance(models, list) else []
