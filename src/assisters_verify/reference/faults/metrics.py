"""Faults of the metrics."""

from dataclasses import replace
from functools import partial
from typing import Any

from assisters_verify.reference.answers import Answer, Reply
from assisters_verify.reference.calls import Call
from assisters_verify.reference.edits import METRICS, on_answer
from assisters_verify.reference.metrics import AccountMetrics, draw_accepted, draw_json
from assisters_verify.reference.problems import internal_error
from assisters_verify.reference.variations import Fault

_fault = partial(Fault, area="metrics")


def _without(answer: Answer, *words: str) -> Answer:
    """Return the metrics without the lines or fields that a word names."""
    if isinstance(answer.text, str):
        lines = [line for line in answer.text.splitlines() if not any(word in line for word in words)]
        return replace(answer, text="\n".join(lines) + "\n")
    return replace(answer, payload=_prune(answer.payload, words))


def _prune(value: Any, words: tuple[str, ...]) -> Any:
    if not isinstance(value, dict):
        return value
    return {name: _prune(part, words) for name, part in value.items() if not any(word in name for word in words)}


def _hide_latency(call: Call, metrics: AccountMetrics) -> Answer:
    return _without(draw_accepted(call, metrics), "latency")


def _hide_errors(call: Call, metrics: AccountMetrics) -> Answer:
    answer = _without(draw_accepted(call, metrics), "error")
    if isinstance(answer.text, str):
        return _without(answer, 'status="')
    return answer


def _freeze(call: Call, _metrics: AccountMetrics) -> Answer:
    """Show the metrics of an account that never did anything."""
    return draw_accepted(call, AccountMetrics())


def _write_nan(_call: Call, metrics: AccountMetrics) -> Answer:
    text = str(draw_json(metrics).payload).replace("'", '"')
    return Answer(text=text.replace('"mean": ', '"mean": NaN, "average": '))


def _label_by_key(call: Call, metrics: AccountMetrics) -> Answer:
    """Label the metrics with the key."""
    answer = draw_accepted(call, metrics)
    secret = call.customer.secret
    if isinstance(answer.text, str):
        return replace(answer, text=answer.text + f'assisters_key_requests_total{{key="{secret}"}} {metrics.total}\n')
    return replace(answer, payload={**(answer.payload or {}), "by_key": {secret: metrics.total}})


def _break(_answer: Answer) -> Answer:
    return Answer(status=500, payload=internal_error().envelope())


def _as_page(answer: Answer) -> Answer:
    return replace(answer, text="<html><body>Dashboard</body></html>", content_type="text/html")


def _cut_off(call: Call, reply: Reply) -> Reply:
    if call.route == METRICS and isinstance(reply, Answer) and reply.text is None:
        return replace(reply, text=str(reply.payload)[:-1])
    return reply


FAULTS: tuple[Fault, ...] = (
    _fault(
        name="metrics_break",
        clause="METRIC-01",
        title="The metrics end in 500.",
        reply=on_answer(METRICS, _break),
    ),
    _fault(
        name="metrics_are_a_web_page",
        clause="METRIC-01",
        title="The metrics are a web page.",
        reply=on_answer(METRICS, _as_page),
    ),
    _fault(
        name="metrics_are_no_json",
        clause="METRIC-01",
        title="The metrics are a Python literal, cut off.",
        reply=_cut_off,
    ),
    _fault(
        name="metrics_hold_nan",
        clause="METRIC-01",
        title="The metrics hold NaN, which is no JSON.",
        choices={"metrics.draw": _write_nan},
    ),
    _fault(
        name="metrics_lack_latency",
        clause="METRIC-02",
        title="The metrics say nothing of latency.",
        choices={"metrics.draw": _hide_latency},
    ),
    _fault(
        name="metrics_lack_errors",
        clause="METRIC-03",
        title="The metrics say nothing of errors.",
        choices={"metrics.draw": _hide_errors},
    ),
    _fault(
        name="metrics_stand_still",
        clause="METRIC-04",
        title="The metrics stay zero.",
        choices={"metrics.draw": _freeze},
    ),
    _fault(
        name="chat_is_not_measured",
        clause="METRIC-04",
        title="Only requests for metrics are counted, and those once.",
        choices={
            "metrics.is_counted": lambda call: (
                call.path == METRICS
                and not call.services.scratch.setdefault("measured", []).append(None)
                and len(call.services.scratch["measured"]) == 1
            )
        },
    ),
    _fault(
        name="metrics_show_whole_key",
        clause="METRIC-05",
        title="The metrics are labelled with the API key.",
        choices={"metrics.draw": _label_by_key},
    ),
)
