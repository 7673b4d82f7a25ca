"""Drawn orders are the same for the same seed, and try what an order can break."""

import subprocess
import sys
from pathlib import Path

import pytest

from assisters_verify.contract.idempotency_machine import BODIES, KEYS, Order, draw_orders, read_orders
from assisters_verify.contract.idempotency_orders import repeats
from assisters_verify.isolation import isolated_hypothesis


def draw(seed: int = 0, *, customers: int = 2) -> list[Order]:
    with isolated_hypothesis():
        return draw_orders(seed_=seed, orders=4, steps=12, customers=customers)


def test_same_seed_draws_the_same() -> None:
    assert draw(3) == draw(3)


def test_other_seed_draws_others() -> None:
    assert draw(3) != draw(4)


@pytest.mark.parametrize("seed", range(5))
def test_orders_are_of_the_asked_for_size(seed: int) -> None:
    assert [len(order) for order in draw(seed)] == [12] * 4


@pytest.mark.parametrize("seed", range(5))
def test_orders_stay_within_their_bounds(seed: int) -> None:
    steps = [step for order in draw(seed, customers=1) for step in order]
    assert all(step.customer == 0 and step.key in {None, *range(KEYS)} and step.body < BODIES for step in steps)


@pytest.mark.parametrize("seed", range(5))
def test_orders_repeat_requests_late_and_share_keys(seed: int) -> None:
    """What a repeat, another body, another customer or a lost entry shows is tried with any seed."""
    orders = draw(seed)
    late = [step for order in orders for at, step in enumerate(order) if step in order[:at] and order[at - 1] != step]
    slots = [{(step.customer, step.key, step.body) for step in order} for order in orders]
    is_shared = any(
        (0, key, body) in slot and (1, key, body) in slot for slot in slots for key in range(KEYS) for body in range(3)
    )
    is_changed = any(
        len({body for customer, key, body in slot if (customer, key) == (whose, which)}) > 1
        for slot in slots
        for whose in range(2)
        for which in range(KEYS)
    )
    assert (repeats(orders) > 5, len(late) > 3, is_shared, is_changed) == (True, True, True, True)


def test_program_writes_orders_and_leaves_nothing_behind(tmp_path: Path) -> None:
    command = [sys.executable, "-P", "-m", "assisters_verify.contract.idempotency_machine", "0", "4", "12", "2"]
    output = subprocess.run(command, cwd=tmp_path, capture_output=True, check=True).stdout
    assert (read_orders(output), list(tmp_path.iterdir())) == (draw(), [])
