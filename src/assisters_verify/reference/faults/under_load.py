"""Faults that show under load only: each breaks a clause of load runs, so that the checks' matrix leaves them alone."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial

from assisters_verify.reference.calls import Call
from assisters_verify.reference.edits import on_refusal
from assisters_verify.reference.limits import Limiter, SlidingWindow
from assisters_verify.reference.load_wrappers import BrokenRefusals, SlowNeighbour
from assisters_verify.reference.variations import Fault

_fault = partial(Fault, area="load")
_TOO_MANY = 429
_SLOW_S = 1.0
_PROCESSES = 2


def _limits(factor: float) -> Callable[[int, float], Limiter]:
    return lambda limit, window_s: SlidingWindow(max(1, round(limit * factor)), window_s)


def _port(call: Call) -> int:
    client = call.scope.get("client")
    return client[1] if client else 0


FAULTS: tuple[Fault, ...] = (
    _fault(
        name="limit_is_10_percent_more",
        clause="LOAD-01",
        title="A key may make a tenth more than its limit.",
        choices={"limits.make": _limits(1.1)},
    ),
    _fault(
        name="limit_is_half_more",
        clause="LOAD-01",
        title="A key may make half as much again as its limit.",
        choices={"limits.make": _limits(1.5)},
    ),
    _fault(
        name="limit_is_40_percent",
        clause="LOAD-02",
        title="A key at half its limit is refused.",
        choices={"limits.make": _limits(0.4)},
    ),
    _fault(
        name="limit_is_10_percent_less",
        clause="LOAD-03",
        title="A key may make a tenth less than its limit.",
        choices={"limits.make": _limits(0.9)},
    ),
    _fault(
        name="limit_is_of_a_connection",
        clause="LOAD-05",
        title="Each connection has a limit of its own.",
        choices={"limits.customer_of": lambda call: f"{call.customer.id} {_port(call)}"},
    ),
    _fault(
        name="limit_is_of_a_process",
        clause="LOAD-05",
        title="Each of two processes, which share the connections, counts for itself.",
        choices={"limits.customer_of": lambda call: f"{call.customer.id} {_port(call) // 2 % _PROCESSES}"},
    ),
    _fault(
        name="refusals_are_slow",
        clause="LOAD-07",
        title="A 429 takes a second.",
        reply=on_refusal(lambda answer: replace(answer, delay_s=_SLOW_S), status=_TOO_MANY),
    ),
    _fault(
        name="refusals_break_connections",
        clause="LOAD-09",
        title="Every fifth 429 ends with its connection.",
        wrapper=BrokenRefusals,
    ),
    _fault(
        name="noisy_key_slows_others",
        clause="LOAD-11",
        title="While a key is refused, the requests of other keys wait.",
        wrapper=SlowNeighbour,
    ),
)
