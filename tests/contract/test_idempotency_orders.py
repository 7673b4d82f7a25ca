"""Orders of requests are held against a plain model, with servers that break it in one way each."""

import asyncio
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import count
from typing import Any

import pytest

from assisters_verify.answer import Answer
from assisters_verify.contract.idempotency import Control
from assisters_verify.contract.idempotency_machine import Order, Step, draw_orders
from assisters_verify.contract.idempotency_orders import Model, draw_orders_apart, follow
from assisters_verify.isolation import isolated_hypothesis
from assisters_verify.judgement import Broken

CONTROL = Control(has_ids=True, has_texts=False, shortest_s=0.1)
with isolated_hypothesis():
    ORDERS = draw_orders(seed_=0, orders=4, steps=12, customers=2)


def answer(identity: int, *, status: int = 200) -> Answer:
    document: dict[str, Any] = {
        "id": f"chat_{identity}",
        "choices": [{"message": {"role": "assistant", "content": "Hi"}}],
    }
    return Answer(
        exchange="x1",
        method="POST",
        path="/",
        status=status,
        headers={"content-type": "application/json"},
        body=json.dumps(document).encode(),
        first_byte_s=0.0,
        total_s=0.0,
    )


@dataclass
class Server:
    """A store of answers. What it is asked by is what tells requests apart; another body under a key is refused, or
    run where that is so."""

    slot: Callable[[Step], tuple[Any, ...]] = lambda step: (step.customer, step.key)
    runs_other_body: bool = False
    keeps_other_body: bool = True
    keeps: int = 100
    ids: "count[int]" = field(default_factory=count)
    stored: dict[tuple[Any, ...], tuple[int, Answer]] = field(default_factory=dict)

    async def send(self, step: Step) -> Answer:
        if step.key is None:
            return answer(next(self.ids))
        slot = self.slot(step)
        if slot in self.stored:
            body, kept = self.stored[slot]
            if body != step.body and not self.runs_other_body:
                return answer(0, status=422)
            if body == step.body:
                return kept
        made = answer(next(self.ids))
        if self.keeps_other_body or slot not in self.stored:
            self.stored[slot] = (step.body, made)
        if len(self.stored) > self.keeps:
            del self.stored[next(iter(self.stored))]
        return made


def violations(make: Callable[[], Server], orders: list[Order]) -> int:
    found = 0
    for order in orders:
        try:
            asyncio.run(follow(order, make().send, CONTROL))
        except Broken:
            found += 1
    return found


def by_body(step: Step) -> tuple[Any, ...]:
    return step.customer, step.key, step.body


@pytest.mark.parametrize(
    "make",
    [Server, lambda: Server(slot=by_body), lambda: Server(runs_other_body=True, keeps_other_body=False)],
    ids=["refuses_other_body", "keeps_other_body", "runs_other_body"],
)
def test_permitted_store_is_not_blamed(make: Callable[[], Server]) -> None:
    assert violations(make, ORDERS) == 0


@pytest.mark.parametrize(
    "make",
    [
        lambda: Server(slot=lambda step: (step.key,)),
        lambda: Server(slot=lambda step: (step.key, step.body)),
        lambda: Server(slot=lambda step: (step.customer,)),
        lambda: Server(keeps=1),
        lambda: Server(keeps=0),
        lambda: Server(runs_other_body=True),
    ],
    ids=["customers_share", "customers_share_bodies", "keys_are_one", "latest_alone", "keeps_nothing", "overwritten"],
)
def test_broken_store_is_found(make: Callable[[], Server]) -> None:
    assert violations(make, ORDERS) > 0


def test_first_body_may_answer_another_one() -> None:
    """That is a convention, which a clause of its own judges."""
    model = Model(control=CONTROL)
    model.expect(Step(customer=0, key=0, body=0), answer(1))
    model.expect(Step(customer=0, key=0, body=1), answer(1))


@pytest.mark.parametrize("status", [400, 409, 422])
def test_free_key_may_not_be_refused(status: int) -> None:
    model = Model(control=CONTROL)
    model.expect(Step(customer=0, key=0, body=0), answer(1))
    with pytest.raises(Broken):
        model.expect(Step(customer=1, key=0, body=1), answer(2, status=status))


def test_request_without_a_key_is_run() -> None:
    model = Model(control=CONTROL)
    model.expect(Step(customer=0, key=0, body=0), answer(1))
    with pytest.raises(Broken):
        model.expect(Step(customer=0, key=None, body=0), answer(1))


def test_orders_that_cannot_be_drawn_are_our_own_fault() -> None:
    with pytest.raises(RuntimeError, match="no orders could be drawn"):
        asyncio.run(draw_orders_apart(seed=-1, orders=1, steps=0, customers=0))
