"""Draw orders of idempotent requests with a Hypothesis state machine; run as a program, since drawing is not safe in
threads."""

import json
import sys
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, replace
from typing import ClassVar

from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, rule, run_state_machine_as_test

from assisters_verify.isolation import isolated_hypothesis

BODIES = 3
KEYS = 2
_NUMBERS = st.integers(0, 1)
_BODIES = st.integers(0, BODIES - 1)
_DRAWN = 60
# Orders that begin alike are often alike to the end.
_BEGINNING = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One request: whose (customers are numbered from 0), with which of the order's idempotency keys (None for none),
    and with which of its bodies."""

    customer: int
    key: int | None
    body: int


Order = tuple[Step, ...]


class Requests(RuleBasedStateMachine):
    """Customers who send requests, and send some of them again. It notes what they send in `drawn`."""

    drawn: ClassVar[list[list[Step]]]
    customers: ClassVar[int]
    sent: Bundle[Step] = Bundle("sent")

    def __init__(self) -> None:
        super().__init__()
        self.drawn.append([])

    @rule(target=sent, customer=_NUMBERS, key=st.integers(0, KEYS - 1), body=_BODIES)
    def send(self, customer: int, key: int, body: int) -> Step:
        """Send a request with a key."""
        return self._note(Step(customer=customer % self.customers, key=key, body=body))

    @rule(step=sent)
    def repeat(self, step: Step) -> None:
        """Send one again, after whatever came since."""
        self._note(step)

    @rule(step=sent, customer=_NUMBERS)
    def copy(self, step: Step, customer: int) -> None:
        """Send what another customer has sent."""
        self._note(replace(step, customer=customer % self.customers))

    @rule(target=sent, step=sent, body=_BODIES)
    def change(self, step: Step, body: int) -> Step:
        """Send another body under a key that is in use."""
        return self._note(replace(step, body=body))

    @rule(step=sent)
    def drop_key(self, step: Step) -> None:
        """Send one again without its key."""
        self._note(replace(step, key=None))

    def _note(self, step: Step) -> Step:
        self.drawn[-1].append(step)
        return step


def draw_orders(*, seed_: int, orders: int, steps: int, customers: int) -> list[Order]:
    """Return this many orders of requests, the same ones for the same arguments: those of many that try the most."""
    drawn: list[list[Step]] = []
    machine = type("Requests", (Requests,), {"drawn": drawn, "customers": customers})
    run_state_machine_as_test(
        seed(seed_)(machine),
        settings=settings(
            max_examples=_DRAWN,
            stateful_step_count=steps,
            database=None,
            deadline=None,
            derandomize=False,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        ),
    )
    # The simplest ones, which it begins with, send one request over and over.
    beginnings = {tuple(order[:_BEGINNING]): tuple(order) for order in sorted(drawn, key=_worth)}
    return sorted(beginnings.values(), key=_worth, reverse=True)[:orders]


def _worth(order: Sequence[Step]) -> int:
    """Return how much an order tries: different requests, and ones that come again after others."""
    late = sum(step in order[:at] and order[at - 1] != step for at, step in enumerate(order))
    return len(set(order)) + 2 * late


def read_orders(data: bytes) -> list[Order]:
    """Return the orders that the program wrote."""
    return [tuple(Step(**step) for step in order) for order in json.loads(data)]


def main(arguments: Iterable[str]) -> None:
    """Write the orders for a seed, a number of orders, of steps and of customers."""
    seed_, orders, steps, customers = map(int, arguments)
    with isolated_hypothesis():
        found = draw_orders(seed_=seed_, orders=orders, steps=steps, customers=customers)
    sys.stdout.write(json.dumps([[asdict(step) for step in order] for order in found]))


if __name__ == "__main__":
    main(sys.argv[1:])
