"""Faults of the rate limit."""

import math
import time
from collections.abc import Callable
from dataclasses import replace
from functools import partial

from assisters_verify.reference.answers import Answer, Headers, Reply
from assisters_verify.reference.calls import Call
from assisters_verify.reference.edits import on_refusal
from assisters_verify.reference.limits import Limiter, SlidingWindow, is_limited, refuse
from assisters_verify.reference.problems import ApiError, rate_limited
from assisters_verify.reference.stream_wrappers import CutAtLimit
from assisters_verify.reference.variations import Fault

_fault = partial(Fault, area="rate_limits")
_TOO_MANY = 429


class _NoLimit:
    def __init__(self, _limit: int, _window_s: float) -> None:
        pass

    def admit(self, _customer: str) -> float:
        return 0.0


class _NeverForgives(SlidingWindow):
    """Blocks a customer who went over the limit for good."""

    def __init__(self, limit: int, window_s: float) -> None:
        super().__init__(limit, window_s)
        self._blocked: set[str] = set()

    def admit(self, customer: str) -> float:
        wait_s = super().admit(customer)
        if wait_s:
            self._blocked.add(customer)
        return self._window_s if customer in self._blocked else wait_s


class _HoldsLonger(SlidingWindow):
    """Blocks a customer who went over the limit for twice the window."""

    def __init__(self, limit: int, window_s: float) -> None:
        super().__init__(limit, window_s)
        self._until_s: dict[str, float] = {}

    def admit(self, customer: str) -> float:
        now_s = time.monotonic()
        left_s = self._until_s.get(customer, 0.0) - now_s
        if left_s > 0:
            return left_s
        wait_s = super().admit(customer)
        if wait_s:
            self._until_s[customer] = now_s + 2 * self._window_s
        return wait_s


def _limits(factor: float) -> Callable[[int, float], Limiter]:
    return lambda limit, window_s: SlidingWindow(max(1, int(limit * factor)), window_s)


def _off_by_one(limit: int, window_s: float) -> Limiter:
    return SlidingWindow(limit - 1, window_s)


def _one_more(limit: int, window_s: float) -> Limiter:
    return SlidingWindow(limit + 1, window_s)


def _leaves_out(is_free: Callable[[Call], bool]) -> dict[str, object]:
    """Neither count nor refuse the calls that are free."""
    return {"limits.is_limited": lambda call: is_limited(call) and not is_free(call)}


def _retry_after(value: str) -> Callable[[float], ApiError]:
    def refuse_so(wait_s: float) -> ApiError:
        error = refuse(wait_s)
        headers: Headers = (("retry-after", value),)
        return ApiError(_TOO_MANY, error.message, kind=error.kind, code=error.code, headers=headers)

    return refuse_so


def _retry_after_too_soon(wait_s: float) -> ApiError:
    return rate_limited(max(0, math.floor(wait_s / 3)))


def _forget_retry_after(answer: Answer) -> Answer:
    return replace(answer, headers=tuple(header for header in answer.headers if header[0] != "retry-after"))


def _refund_reading(call: Call, reply: Reply) -> Reply:
    limiter = call.services.limiter
    is_admitted = call.method == "GET" and reply.status != _TOO_MANY and call.api_key is not None
    if is_admitted and isinstance(limiter, SlidingWindow):
        limiter.give_back(call.customer.id)
    return reply


FAULTS: tuple[Fault, ...] = (
    _fault(
        name="limit_is_half",
        clause="RATE-01",
        title="A key may make 500 requests in a minute.",
        choices={"limits.make": _limits(0.5)},
    ),
    _fault(
        name="limit_is_short_of_one",
        clause="RATE-01",
        title="The thousandth request is refused.",
        choices={"limits.make": _off_by_one},
    ),
    _fault(
        name="limit_is_missing",
        clause="RATE-02",
        title="There is no limit.",
        choices={"limits.make": _NoLimit},
    ),
    _fault(
        name="limit_is_double",
        clause="RATE-02",
        title="A key may make 2000 requests in a minute.",
        choices={"limits.make": _limits(2)},
    ),
    _fault(
        name="limit_answers_503",
        clause="RATE-02",
        title="Exceeding the limit returns 503.",
        reply=on_refusal(lambda answer: replace(answer, status=503), status=_TOO_MANY),
    ),
    _fault(
        name="limit_answers_403",
        clause="RATE-02",
        title="Exceeding the limit returns 403.",
        reply=on_refusal(lambda answer: replace(answer, status=403), status=_TOO_MANY),
    ),
    _fault(
        name="limit_lacks_envelope",
        clause="RATE-03",
        title="A 429 has the body of a framework: `detail`.",
        reply=on_refusal(lambda answer: replace(answer, payload={"detail": "Too Many Requests"}), status=_TOO_MANY),
    ),
    _fault(
        name="limit_is_plain_text",
        clause="RATE-03",
        title="A 429 is plain text, as a gateway writes it.",
        reply=on_refusal(
            lambda answer: replace(answer, text="Too Many Requests", content_type="text/plain"), status=_TOO_MANY
        ),
    ),
    _fault(
        name="limit_is_shared_by_keys",
        clause="RATE-04",
        title="All keys share one limit.",
        choices={"limits.customer_of": lambda _call: "everybody"},
    ),
    _fault(
        name="limit_is_shared_by_account",
        clause="RATE-04",
        title="The keys of one account share one limit.",
        choices={"limits.customer_of": lambda call: call.customer.account},
    ),
    _fault(
        name="limit_never_forgives",
        clause="RATE-05",
        title="A key that went over the limit stays blocked.",
        choices={"limits.make": _NeverForgives},
    ),
    _fault(
        name="limit_holds_two_minutes",
        clause="RATE-05",
        title="A key that went over the limit is blocked for two minutes.",
        choices={"limits.make": _HoldsLonger},
    ),
    _fault(
        name="models_are_never_limited",
        clause="RATE-06",
        title="GET /v1/models is neither counted nor refused.",
        choices=_leaves_out(lambda call: call.path == "/v1/models"),
    ),
    _fault(
        name="embeddings_are_never_limited",
        clause="RATE-06",
        title="POST /v1/embeddings is neither counted nor refused.",
        choices=_leaves_out(lambda call: call.path == "/v1/embeddings"),
    ),
    _fault(
        name="removals_are_never_limited",
        clause="RATE-06",
        title="What deletes is neither counted nor refused.",
        choices=_leaves_out(lambda call: call.method == "DELETE"),
    ),
    _fault(
        name="chat_alone_is_limited",
        clause="RATE-06",
        title="Nothing but chat completions is counted or refused.",
        choices=_leaves_out(lambda call: call.path != "/v1/chat/completions"),
    ),
    _fault(
        name="retry_after_is_missing",
        clause="RATE-07",
        title="A 429 has no Retry-After.",
        reply=on_refusal(_forget_retry_after, status=_TOO_MANY),
    ),
    _fault(
        name="retry_after_is_too_short",
        clause="RATE-08",
        title="Waiting for as long as Retry-After says is not enough.",
        choices={"limits.refuse": _retry_after_too_soon},
    ),
    _fault(
        name="retry_after_is_a_word",
        clause="RATE-08",
        title="Retry-After says `soon`.",
        choices={"limits.refuse": _retry_after("soon")},
    ),
    _fault(
        name="retry_after_is_negative",
        clause="RATE-08",
        title="Retry-After is negative.",
        choices={"limits.refuse": _retry_after("-1")},
    ),
    _fault(
        name="limit_cuts_running_streams",
        clause="RATE-09",
        title="When a key is refused, its running streams are cut.",
        wrapper=CutAtLimit,
    ),
    _fault(
        name="reading_does_not_count",
        clause="RATE-10",
        title="GET requests do not count, but are refused once the limit is reached.",
        reply=_refund_reading,
    ),
)
