"""Recorded answers are judged by the schema of their status and media type."""

from typing import Any

import pytest

from assisters_verify.properties import judge_schema

CHAT = "POST /v1/chat/completions"
MODELS = "GET /v1/models"
JSON = "application/json"
SSE = "text/event-stream"


def judge(spec: dict[str, Any], body: Any, **answer: Any) -> list[str]:
    known = {"operation": CHAT, "status": 200, "content_type": JSON, **answer}
    return judge_schema(spec, known.pop("operation"), body=body, **known)


def says(content: object) -> dict[str, Any]:
    return {"choices": [{"message": {"role": "assistant", "content": content}}]}


def test_right_answer_has_no_violation(spec: dict[str, Any]) -> None:
    assert judge(spec, says("Hello")) == []


def test_unknown_fields_are_right(spec: dict[str, Any]) -> None:
    assert judge(spec, {**says("Hello"), "id": "chat_1", "usage": {"tokens": 3}}) == []


def test_content_type_may_have_parameters_and_capitals(spec: dict[str, Any]) -> None:
    assert judge(spec, says("Hello"), content_type="Application/JSON; charset=utf-8") == []


def test_violation_says_where_what_was_expected_and_received(spec: dict[str, Any]) -> None:
    assert judge(spec, says(7)) == ["/choices/0/message/content: expected string, received 7"]


def test_missing_field_is_named(spec: dict[str, Any]) -> None:
    body = {"models": [{"id": "a", "max_tokens": 1, "supports": []}]}
    assert judge(spec, body, operation=MODELS) == ["/models/0/name: expected a value, received nothing"]


def test_every_violation_is_told_up_to_ten(spec: dict[str, Any]) -> None:
    assert len(judge(spec, {"models": [{}] * 5}, operation=MODELS)) == 10


def test_arguments_of_a_tool_call_are_json(spec: dict[str, Any]) -> None:
    call = {"id": "call_1", "type": "function", "function": {"name": "f", "arguments": "{'a': 1}"}}
    body = {"choices": [{"message": {"role": "assistant", "content": None, "tool_calls": [call]}}]}
    expected = "/choices/0/message/tool_calls/0/function/arguments: expected text that is application/json"
    assert judge(spec, body) == [f'''{expected}, received "{{'a': 1}}"''']


def test_error_without_its_whole_envelope(spec: dict[str, Any]) -> None:
    body = {"error": {"type": "invalid_request_error", "message": "No.", "param": None}}
    assert judge(spec, body, status=400) == ["/error/code: expected a value, received nothing"]


@pytest.mark.parametrize("status", [400, 401, 404, 405, 413, 429, 500, 503])
def test_every_error_is_judged_by_the_envelope(spec: dict[str, Any], status: int) -> None:
    assert judge(spec, {"detail": "No."}, status=status) == ["/error: expected a value, received nothing"]


def test_status_that_the_contract_does_not_have(spec: dict[str, Any]) -> None:
    (violation,) = judge(spec, None, status=302, content_type="")
    assert violation.endswith(", received 302")


def test_other_content_type(spec: dict[str, Any]) -> None:
    expected = "content type: expected application/json, received text/html; charset=utf-8 (with status 404)"
    assert judge(spec, "<html>", status=404, content_type="text/html; charset=utf-8") == [expected]


def test_no_content_type(spec: dict[str, Any]) -> None:
    assert judge(spec, None, status=400, content_type="") == [
        "content type: expected application/json, received none (with status 400)"
    ]


def test_answer_of_which_no_form_is_documented_is_right(spec: dict[str, Any]) -> None:
    operation = "DELETE /v1/keys/{key_id}"
    assert judge(spec, None, operation=operation, status=204, content_type="") == []


def test_metrics_may_be_text(spec: dict[str, Any]) -> None:
    assert judge(spec, "latency_s 1\n", operation="GET /v1/metrics", content_type="text/plain; version=0.0.4") == []


def test_right_stream_has_no_violation(spec: dict[str, Any]) -> None:
    events = ['{"choices":[{"delta":{"role":"assistant"}}]}', '{"choices":[{"delta":{"content":"a"}}]}', "[DONE]"]
    assert judge(spec, events, content_type=SSE) == []


def test_stream_is_judged_event_by_event(spec: dict[str, Any]) -> None:
    events = ['{"choices":[{"delta":{"content":"a"}}]}', '{"choices":[{"delta":{"content":5}}]}', '{"choices":{}}']
    assert judge(spec, events, content_type=SSE) == [
        "event 1 /data/choices/0/delta/content: expected string or null, received 5",
        "event 2 /data/choices: expected array or null, received {}",
    ]


def test_event_that_is_no_json(spec: dict[str, Any]) -> None:
    assert judge(spec, ["hello"], content_type=SSE) == [
        'event 0 /data: expected "[DONE]" or text that is application/json, received "hello"'
    ]


def test_long_values_are_cut(spec: dict[str, Any]) -> None:
    (violation,) = judge(spec, says(["a" * 5000]))
    assert len(violation) < 150


def test_operation_that_the_contract_does_not_have(spec: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="no operation 'GET /v1/keys' in the OpenAPI file; it has GET /v1/models"):
        judge(spec, None, operation="GET /v1/keys")
