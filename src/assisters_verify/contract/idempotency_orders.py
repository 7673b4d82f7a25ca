"""Send orders of idempotent requests, and hold each answer against a plain model of what it must be."""

import asyncio
import sys
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from assisters_verify.answer import Answer
from assisters_verify.contract.idempotency import Control, Mark, expect_same, read_mark
from assisters_verify.contract.idempotency_machine import Order, Step, read_orders
from assisters_verify.judgement import Broken

_REFUSALS = range(400, 500)

Send = Callable[[Step], Awaitable[Answer]]


async def draw_orders_apart(*, seed: int, orders: int, steps: int, customers: int) -> list[Order]:
    """Return orders that a process of its own has drawn. Raises RuntimeError with what it said where it failed."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-P", "-m", "assisters_verify.contract.idempotency_machine"),
        *map(str, (seed, orders, steps, customers)),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        output, errors = await process.communicate()
    except asyncio.CancelledError:
        process.kill()
        raise
    if process.returncode != 0:
        raise RuntimeError(f"no orders could be drawn: {errors.decode(errors='replace')[-500:]}")
    return read_orders(output)


@dataclass(slots=True, kw_only=True)
class Model:
    """What one order of requests must be answered with: a repeat of what a customer sent first under a key, with the
    first answer; everything else, with no other customer's answer and no other key's.

    Another body under a key that is in use may be refused or run, and whether that run is kept is open; without a key
    every request is run.
    """

    control: Control
    first: dict[Step, Answer] = field(default_factory=dict)
    seen: list[tuple[Step, Mark]] = field(default_factory=list)

    def expect(self, step: Step, answer: Answer) -> None:
        """Judge the answer to the next step. Raises Broken."""
        if step in self.first:
            expect_same(self.first[step], answer, why="of this customer, key and body")
            return
        if answer.status in _REFUSALS and self._is_key_in_use(step):
            return
        mark = read_mark(answer)
        for other, seen in self.seen:
            is_other = step.key is None or (other.customer, other.key) != (step.customer, step.key)
            if is_other and self.control.is_same_run(seen, mark):
                raise Broken(
                    expected=f"an answer of its own to {describe(step)}",
                    received=f"the one to {describe(other)}",
                    answer=answer,
                )
        self.seen.append((step, mark))
        if step.key is not None and not self._is_key_in_use(step):
            self.first[step] = answer

    def _is_key_in_use(self, step: Step) -> bool:
        """Tell whether the customer has used the key with another body, and been answered."""
        slot = (step.customer, step.key)
        return step.key is not None and any((other.customer, other.key) == slot for other in self.first)


async def follow(order: Order, send: Send, control: Control) -> int:
    """Send the requests of an order one after the other, and judge each answer; return how many were sent."""
    model = Model(control=control)
    for step in order:
        model.expect(step, await send(step))
    return len(order)


def describe(step: Step) -> str:
    """Return a step in words."""
    whose = "this customer" if step.customer == 0 else "another customer"
    key = "no key" if step.key is None else f"key {step.key + 1}"
    return f"{whose}, {key}, body {step.body + 1}"


def repeats(orders: Sequence[Order]) -> int:
    """Return how many steps repeat an earlier one of their order with a key."""
    return sum(step.key is not None and step in order[:at] for order in orders for at, step in enumerate(order))


def payloads(body: dict[str, Any], prompts: Sequence[str]) -> list[dict[str, Any]]:
    """Return the body with each prompt in turn."""
    return [{**body, "messages": [{"role": "user", "content": prompt}]} for prompt in prompts]
