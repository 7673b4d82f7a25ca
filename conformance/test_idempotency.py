"""Idempotency: a request that is repeated under its key is run once, and answered the same; nobody else's is."""

import asyncio
from functools import partial
from typing import Any

import pytest

from assisters_verify.answer import Answer
from assisters_verify.checks import clause
from assisters_verify.contract.completions import chat_body, expect_completion
from assisters_verify.contract.customers import another_customer, require_let_in
from assisters_verify.contract.envelope import expect_envelope, read_error
from assisters_verify.contract.idempotency import (
    HEADER,
    again_if_late,
    control,
    expect_same,
    first_answer,
    fresh_idempotency_key,
    fresh_prompt,
    read_mark,
    require_quick_repeats,
    require_telling,
    send_with_key,
)
from assisters_verify.contract.idempotency_machine import BODIES, Step
from assisters_verify.contract.idempotency_orders import draw_orders_apart, follow, payloads, repeats
from assisters_verify.contract.idempotency_twins import expect_twins_run_once
from assisters_verify.contract.models import MODELS, UNKNOWN_MODEL, embeddings_model
from assisters_verify.contract.vectors import EMBEDDINGS, cosine, expect_vector
from assisters_verify.judgement import Broken, Judgement, Undecided
from assisters_verify.probe import RUN_KEY, Probe

# The documentation tells clients to try again after 1, 2 and 4 seconds.
_BACK_OFF_S = (1.0, 2.0, 4.0)
_SERVER_ERROR = 500
_FORMS = ["plain", "streamed"]
_ORDERS = 4
_STEPS = 12


@clause("IDEM-01", needs=["CHAT-02"])
@pytest.mark.parametrize("form", _FORMS)
async def test_completion_with_a_key_is_answered(probe: Probe, form: str) -> None:
    """A completion with the header is answered like one without."""
    await first_answer(probe, await _body(probe, is_streamed=form == "streamed"))


@clause("IDEM-01", needs=["CHAT-02"])
async def test_key_may_be_short(probe: Probe) -> None:
    """The documentation's own key has six letters and digits."""
    used = fresh_idempotency_key()[-6:]
    expect_completion(await send_with_key(probe, await _body(probe), used, label=f"with a short {HEADER}"))


@clause("IDEM-01", needs=["EMBED-01"])
async def test_embedding_with_a_key_is_answered(probe: Probe) -> None:
    """An embedding with the header is answered like one without, also when it is repeated."""
    body = {"model": await embeddings_model(probe), "input": fresh_prompt()}
    used = fresh_idempotency_key()
    for number in range(2):
        label = f"with {HEADER}" + (", again" if number else "")
        expect_vector(await send_with_key(probe, body, used, path=EMBEDDINGS, label=label))


@clause("IDEM-01", needs=["AUTH-01"])
async def test_reading_with_a_key_is_answered(probe: Probe) -> None:
    """The header does no harm to a GET."""
    headers = [(HEADER, fresh_idempotency_key())]
    answer = await probe.get(MODELS, headers=headers, label=f"with {HEADER}")
    if not answer.is_success:
        raise Broken(expected="the header to do no harm", received=answer.describe(), answer=answer)


@clause("IDEM-02", needs=["IDEM-01"])
async def test_repeat_gets_the_same_answer(probe: Probe) -> None:
    """The second and the third are the first answer again; a control shows whether that could be told."""
    await _expect_repeats(probe, is_streamed=False, pauses_s=(0.0, 0.0))


@clause("IDEM-02", needs=["IDEM-01"])
async def test_repeat_after_the_documented_pauses_gets_the_same_answer(probe: Probe) -> None:
    """A client that tries again as the documentation tells it to, 1, 2 and 4 seconds later, gets the first answer."""
    await _expect_repeats(probe, is_streamed=False, pauses_s=_BACK_OFF_S)


@clause("IDEM-08", needs=["IDEM-01", "STREAM-02"])
@pytest.mark.parametrize("pauses_s", [(0.0, 0.0), _BACK_OFF_S], ids=["at_once", "later"])
async def test_repeated_stream_is_the_same(probe: Probe, pauses_s: tuple[float, ...]) -> None:
    """A repeat of a streamed request is a stream of the same text, of the same run."""
    await _expect_repeats(probe, is_streamed=True, pauses_s=pauses_s)


@clause("IDEM-03", needs=["IDEM-01"])
async def test_two_that_arrive_together_are_run_once(probe: Probe) -> None:
    """All get one answer, or are refused as in progress."""
    await expect_twins_run_once(probe, await _body(probe), await control(probe))


@clause("IDEM-03", needs=["IDEM-01", "STREAM-02"])
async def test_two_streams_that_arrive_together_are_run_once(probe: Probe) -> None:
    """All get one stream, or are refused as in progress."""
    await expect_twins_run_once(probe, await _body(probe, is_streamed=True), await control(probe, is_streamed=True))


@clause("IDEM-04", needs=["IDEM-01"])
@pytest.mark.parametrize("form", _FORMS)
async def test_another_customer_gets_an_answer_of_its_own(probe: Probe, form: str) -> None:
    """The same idempotency key and body from another customer is another request."""
    told = await control(probe, is_streamed=form == "streamed")
    other = await another_customer(probe)
    body = await _body(probe, is_streamed=form == "streamed")
    used, first = await first_answer(probe, body)
    answer = require_let_in(await send_with_key(probe, body, used, key=other, label="of another customer"))
    if told.is_same_run(read_mark(first), read_mark(answer)):
        raise Broken(expected="an answer of its own", received="the other customer's answer", answer=answer)
    if not told.is_telling:
        await _expect_only_own_key_in_use(probe, other)


@clause("IDEM-04", needs=["IDEM-01"])
async def test_another_customer_may_use_the_key_for_another_body(probe: Probe) -> None:
    """A key that another customer has used is free: it is no reason to refuse."""
    other = await another_customer(probe)
    used, first = await first_answer(probe, await _body(probe))
    label = "of another customer, other body"
    answer = require_let_in(await send_with_key(probe, await _body(probe), used, key=other, label=label))
    mark = read_mark(answer)
    if (await control(probe)).is_same_run(read_mark(first), mark):
        raise Broken(expected="an answer of its own", received="the other customer's answer", answer=answer)


@clause("IDEM-05", needs=["CHAT-02"])
@pytest.mark.parametrize("which", ["same_body", "other_body"])
async def test_another_key_is_run_anew(probe: Probe, which: str) -> None:
    """The answer under one key is not given under another."""
    told = await control(probe)
    body = await _body(probe)
    _, first = await first_answer(probe, body)
    _, answer = await first_answer(probe, body if which == "same_body" else await _body(probe))
    if told.is_same_run(read_mark(first), read_mark(answer)):
        raise Broken(expected="a run of its own", received="the answer under another key", answer=answer)
    require_telling(told)


@clause("IDEM-05", needs=["CHAT-02"])
async def test_key_that_is_nearly_the_same_is_another(probe: Probe) -> None:
    """All of a key counts: its digits, and what stands at its end."""
    told = await control(probe)
    body = await _body(probe)
    used, first = await first_answer(probe, body)
    for near in (f"{used}-1", f"{used}-23"):
        answer = require_let_in(await send_with_key(probe, body, near, label="with a few signs more at the key's end"))
        if told.is_same_run(read_mark(first), read_mark(answer)):
            raise Broken(expected="a run of its own", received="the answer under another key", answer=answer)
        first = answer
    require_telling(told)


@clause("IDEM-06", needs=["IDEM-01"])
@pytest.mark.parametrize(
    ("first_spelling", "second_spelling"),
    [
        ("Idempotency-Key", "idempotency-key"),
        ("idempotency-key", "Idempotency-Key"),
        ("Idempotency-Key", "IDEMPOTENCY-KEY"),
    ],
)
async def test_name_of_the_header_has_no_case(probe: Probe, first_spelling: str, second_spelling: str) -> None:
    """A repeat that spells the header's name otherwise is a repeat."""

    async def judge() -> None:
        body = await _body(probe)
        used, first = await first_answer(probe, body, spelling=first_spelling)
        again = await send_with_key(probe, body, used, spelling=second_spelling, label=f"again, with {second_spelling}")
        expect_same(first, again, why=f"under {first_spelling}")

    await again_if_late(judge)
    require_telling(await control(probe))


@clause("IDEM-07", needs=["IDEM-01"])
@pytest.mark.parametrize("change", ["prompt", "stream", "temperature"])
async def test_another_body_is_not_answered_with_the_first(probe: Probe, change: str) -> None:
    """What the first body was answered is no answer to another one."""
    told = await control(probe)
    body = await _body(probe)
    used, first = await first_answer(probe, body)
    changes = {
        "prompt": await _body(probe),
        "stream": {**body, "stream": True},
        "temperature": {**body, "temperature": 0},
    }
    answer = await send_with_key(probe, changes[change], used, label=f"under a used key, with another {change}")
    if not answer.is_success:
        return  # refused, or broken, which another clause judges
    if told.is_same_run(read_mark(first), read_mark(answer)):
        raise Broken(expected="a refusal, or a run of its own", received="the first body's answer", answer=answer)
    require_telling(told)


@clause("IDEM-07", needs=["IDEM-01", "EMBED-01"])
async def test_another_route_is_not_answered_with_the_first(probe: Probe) -> None:
    """A key of the chat route does not make an embedding a completion."""
    used, _ = await first_answer(probe, await _body(probe))
    body = {"model": await embeddings_model(probe), "input": fresh_prompt()}
    answer = await send_with_key(probe, body, used, path=EMBEDDINGS, label="under a key that a completion has used")
    if answer.is_success:
        expect_vector(answer)


@clause("IDEM-07", needs=["IDEM-01", "EMBED-01"])
async def test_another_text_is_not_embedded_as_the_first(probe: Probe) -> None:
    """A key of one embedding does not give its vector to another text."""
    model, used = await embeddings_model(probe), fresh_idempotency_key()
    texts = [f"The tide comes in at noon. {fresh_prompt()}", "Seventeen invoices are overdue."]
    first, second = [
        await send_with_key(probe, {"model": model, "input": text}, used, path=EMBEDDINGS, label=f"with one {HEADER}")
        for text in texts
    ]
    if not second.is_success:
        return
    plain = await probe.post(EMBEDDINGS, {"model": model, "input": texts[1]}, label=f"without {HEADER}")
    vectors = [expect_vector(answer) for answer in (first, second, plain)]
    if len({len(vector) for vector in vectors}) == 1 and cosine(vectors[0], vectors[1]) > max(
        0.9999, cosine(vectors[1], vectors[2])
    ):
        raise Broken(expected="a refusal, or a vector of its own", received="the first text's vector", answer=second)


_REFUSED: dict[str, dict[str, Any]] = {
    "temperature": {"temperature": 7},
    "model": {"model": UNKNOWN_MODEL},
    "messages": {"messages": "Hello"},
}


@clause("IDEM-09", needs=["IDEM-01"])
@pytest.mark.parametrize("fault", list(_REFUSED))
async def test_refused_request_does_not_poison_its_key(probe: Probe, fault: str) -> None:
    """Corrected, it is answered, or refused for a reason of its own."""
    body, used = await _body(probe), fresh_idempotency_key()
    refused = await send_with_key(probe, body | _REFUSED[fault], used, label=f"with a wrong {fault}")
    if refused.is_success:
        raise Undecided(f"a wrong {fault} is not refused", answer=refused)
    answer = await send_with_key(probe, body, used, label=f"with the {fault} corrected")
    if answer.is_success:
        expect_completion(answer)
        return
    _expect_own_refusal(answer)
    if read_error(answer) is not None and read_error(answer) == read_error(refused):
        raise Broken(expected="an answer to what was corrected", received=answer.describe(), answer=answer)


@clause("IDEM-09", needs=["IDEM-01"])
async def test_stranger_does_not_poison_a_key(probe: Probe) -> None:
    """A request without a valid API key leaves nothing under its idempotency key."""
    body, used = await _body(probe), fresh_idempotency_key()
    await send_with_key(probe, body, used, key=None, label="without an API key")
    expect_completion(await send_with_key(probe, body, used, label="with the API key"))


@clause("IDEM-11", needs=["IDEM-01"])
@pytest.mark.parametrize("form", _FORMS)
async def test_another_body_does_not_break_the_server(probe: Probe, form: str) -> None:
    """Another body under a used key is refused in the documented form, or answered."""
    used, _ = await first_answer(probe, await _body(probe))
    body = await _body(probe, is_streamed=form == "streamed")
    answer = await send_with_key(probe, body, used, label="under a used key, with another body")
    if answer.is_success:
        read_mark(answer)
    else:
        _expect_own_refusal(answer)


@clause("IDEM-10", needs=["IDEM-01"])
async def test_any_order_of_requests_gets_the_first_answers(probe: Probe) -> None:
    """Drawn orders of keys, bodies and customers, followed side by side and held against a plain model."""
    told = await control(probe)
    require_telling(told)
    # The first of them sends the most, and the run's own key has enough to do.
    customers = [await another_customer(probe), RUN_KEY]
    async with probe.session.one_program:
        orders = await draw_orders_apart(
            seed=probe.settings.options.seed, orders=_ORDERS, steps=_STEPS, customers=len(customers)
        )
    body = await _body(probe)

    async def run(order: tuple[Step, ...]) -> None:
        keys = [fresh_idempotency_key() for _ in order]
        bodies = payloads(body, [fresh_prompt() for _ in range(BODIES)])

        async def send(step: Step) -> Answer:
            used = None if step.key is None else keys[step.key]
            key, label = customers[step.customer], "in a drawn order"
            return require_let_in(await send_with_key(probe, bodies[step.body], used, key=key, label=label))

        await follow(order, send, told)

    if not repeats(orders):
        raise Undecided("no drawn order repeats a request")
    found = await asyncio.gather(*(again_if_late(partial(run, order)) for order in orders), return_exceptions=True)
    for problem in sorted((each for each in found if each is not None), key=lambda each: not isinstance(each, Broken)):
        raise problem


async def _body(probe: Probe, *, is_streamed: bool = False) -> dict[str, Any]:
    return await chat_body(probe, fresh_prompt(), stream=True if is_streamed else None)


async def _expect_repeats(probe: Probe, *, is_streamed: bool, pauses_s: tuple[float, ...]) -> None:
    async def judge() -> None:
        body = await _body(probe, is_streamed=is_streamed)
        used, first = await first_answer(probe, body)
        for number, pause_s in enumerate(pauses_s, start=1):
            await asyncio.sleep(pause_s)
            again = await send_with_key(probe, body, used, label=f"repeated ({number})")
            expect_same(first, again, why="under this key")

    await again_if_late(judge)
    if not (await control(probe, is_streamed=is_streamed)).is_telling:
        await require_quick_repeats(probe, is_streamed=is_streamed)


async def _expect_only_own_key_in_use(probe: Probe, other: str) -> None:
    """Tell by refusals whether a key that one customer has used is in use for another, where answers show nothing."""
    used, _ = await first_answer(probe, await _body(probe))
    own = await send_with_key(probe, await _body(probe), used, label="under a used key, with another body")
    if own.is_success:
        raise Undecided("neither answers nor refusals show whose answer another customer gets")
    label = "of another customer, other body"
    answer = require_let_in(await send_with_key(probe, await _body(probe), used, key=other, label=label))
    try:
        read_mark(answer)
    except Judgement as problem:
        raise Broken(
            expected="a key to be in use for its own customer only", received=problem.reason, answer=problem.answer
        ) from problem


def _expect_own_refusal(answer: Answer) -> None:
    if answer.status >= _SERVER_ERROR:
        raise Broken(expected="an answer, or a refusal with 4xx", received=answer.describe(), answer=answer)
    expect_envelope(answer)
