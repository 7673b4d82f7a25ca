"""Readings of data, audit log, metrics, model tests and the legacy API."""

import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from assisters_verify.reference.answers import Answer, Reply
from assisters_verify.reference.calls import Call
from assisters_verify.reference.edits import (
    AUDIT,
    DATA,
    MODEL_TEST,
    change,
    code_of,
    on_answer,
    on_success,
)
from assisters_verify.reference.metrics import AccountMetrics, draw_prometheus
from assisters_verify.reference.model.conversation import Message, Question
from assisters_verify.reference.model.rules import write_text
from assisters_verify.reference.problems import ApiError, bad_request, wrong_verb
from assisters_verify.reference.variations import Reading

_CONFLICT = 409


def _with_status(status: int) -> Callable[[Answer], Answer]:
    return lambda answer: replace(answer, status=status)


def _forgives(route: str, code: str) -> Callable[[Call, Reply], Reply]:
    """Answer the second deletion of a thing like the first."""

    def edit(call: Call, reply: Reply) -> Reply:
        if call.route != route or not isinstance(reply, Answer):
            return reply
        name = next(iter(call.path_params.values()))
        deleted = call.services.scratch.setdefault(f"deleted {route}", set())
        if reply.status < _CONFLICT and code_of(reply) is None:
            deleted.add(name)
        elif name in deleted and code_of(reply) == code:
            return Answer(payload={"id": name, "deleted": True})
        return reply

    return edit


def _as_epoch(payload: Any) -> Any:
    """Name the fields otherwise, and the time in seconds."""
    return {
        "data": [
            {"timestamp": time.time(), "action": f"{entry['method']} {entry['path']}", "actor": entry["key_id"],
             "outcome": entry["status"]}
            for entry in payload["entries"]
        ],
        "has_more": False,
    }  # fmt: skip


def _draw_flat(_call: Call, metrics: AccountMetrics) -> Answer:
    mean_s = metrics.latency_sum_s / metrics.total if metrics.total else 0.0
    return Answer(
        payload={"total_requests": metrics.total, "error_count": metrics.errors, "avg_latency_seconds": mean_s}
    )


def _only_by(verb: str) -> Callable[[Call, Reply], Reply]:
    """Test models by one verb alone."""

    def edit(call: Call, reply: Reply) -> Reply:
        if call.route != MODEL_TEST or call.method == verb:
            return reply
        error = wrong_verb(call.method, (verb,))
        return Answer(payload=error.envelope(), status=error.status, headers=error.headers)

    return edit


def _legacy(answer: Callable[[Call], Answer]) -> dict[str, object]:
    async def reply(call: Call) -> Reply:
        return answer(call)

    return {"legacy.answer": reply}


def _complete(call: Call) -> Answer:
    body = call.json_object()
    prompt = body.get("prompt")
    if not isinstance(prompt, str):
        raise bad_request("prompt must be a string.", param="prompt")
    text = write_text(Question(messages=(Message(role="user", text=prompt),)))
    return Answer(payload={"object": "text_completion", "choices": [{"index": 0, "text": text}]})


def _gone(_call: Call) -> Answer:
    error = ApiError(410, "Use /v1/chat/completions.", code="gone")
    return Answer(payload=error.envelope(), status=410)


def _owner_alone(call: Call, reply: Reply) -> Reply:
    """Refuse another customer with 403 instead of 404."""
    is_of_another = call.path_params.get("id") in call.services.completions
    if call.route == DATA and isinstance(reply, Answer) and code_of(reply) == "data_not_found" and is_of_another:
        return replace(reply, status=403)
    return reply


def _reversed_is_empty(call: Call, reply: Reply) -> Reply:
    """Answer a range that ends before it starts with no entries."""
    days = (call.query.get("start", ""), call.query.get("end", "9"))
    is_reversed = isinstance(reply, Answer) and reply.status == 400 and days[0] > days[1]  # noqa: PLR2004
    has_message = isinstance(reply, Answer) and "after" in str(reply.payload)
    if call.route == AUDIT and is_reversed and has_message:
        return Answer(payload={"entries": []})
    return reply


READINGS: tuple[Reading, ...] = (
    Reading(
        name="deletions_are_202",
        title="Deletions of data are answered 202.",
        reply=on_answer(DATA, _with_status(202)),
    ),
    Reading(
        name="second_deletion_of_data_succeeds",
        title="Deleting the same data again is answered like the first time.",
        reply=_forgives(DATA, "data_not_found"),
    ),
    Reading(
        name="data_of_others_is_403",
        title="Another customer's data is refused with 403.",
        reply=_owner_alone,
    ),
    Reading(
        name="audit_is_bare_list",
        title="The audit log is a list.",
        reply=on_success(AUDIT, lambda payload: payload["entries"]),
    ),
    Reading(
        name="audit_has_other_fields",
        title="The audit log's entries have other fields, and times in seconds.",
        reply=on_success(AUDIT, _as_epoch),
    ),
    Reading(
        name="audit_shows_no_key",
        title="The audit log's entries do not show the key.",
        reply=on_success(
            AUDIT,
            change(
                lambda entries: [
                    {name: value for name, value in entry.items() if not name.startswith("key")} for entry in entries
                ],
                "entries",
            ),
        ),
    ),
    Reading(
        name="reversed_range_is_empty",
        title="A range that ends before it starts has no entries.",
        reply=_reversed_is_empty,
    ),
    Reading(
        name="metrics_are_prometheus",
        title="Metrics are Prometheus text, whatever is asked for.",
        choices={"metrics.draw": lambda _call, metrics: draw_prometheus(metrics)},
    ),
    Reading(
        name="metrics_are_flat",
        title="Metrics are a flat JSON object with other names.",
        choices={"metrics.draw": _draw_flat},
    ),
    Reading(
        name="model_is_tested_by_post_alone",
        title="Models are tested by POST alone.",
        reply=_only_by("POST"),
    ),
    Reading(
        name="model_is_tested_by_get_alone",
        title="Models are tested by GET alone.",
        reply=_only_by("GET"),
    ),
    Reading(
        name="model_test_is_204",
        title="A model test is answered 204, without a body.",
        reply=on_answer(MODEL_TEST, _with_status(204)),
    ),
    Reading(
        name="legacy_route_redirects",
        title="/v1/completions redirects to chat completions.",
        choices=_legacy(lambda _call: Answer(status=308, headers=(("location", "/v1/chat/completions"),), text="")),
    ),
    Reading(
        name="legacy_route_is_gone",
        title="/v1/completions answers 410.",
        choices=_legacy(_gone),
    ),
    Reading(
        name="legacy_route_answers",
        title="/v1/completions still answers.",
        choices=_legacy(_complete),
    ),
)
