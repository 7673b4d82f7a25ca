"""A refusal counts only if it is the one that was provoked, and its envelope is judged field by field."""

import json
from typing import Any

import pytest

from assisters_verify.answer import Answer
from assisters_verify.contract.envelope import (
    envelope_problems,
    expect_envelope,
    expect_param,
    expect_refusal,
    read_error,
)
from assisters_verify.judgement import Broken

GOOD: dict[str, Any] = {"type": "invalid_request_error", "message": "No.", "param": "model", "code": "model_not_found"}


def answer(
    error: Any = GOOD,
    *,
    status: int = 400,
    body: bytes | None = None,
    content_type: str = "application/json",
    broken_off: str | None = None,
) -> Answer:
    return Answer(
        exchange="x0001",
        method="POST",
        path="/v1/x",
        status=status,
        headers={"content-type": content_type} if content_type else {},
        body=json.dumps({"error": error}).encode() if body is None else body,
        first_byte_s=0.0,
        total_s=0.0,
        broken_off=broken_off,
    )


def refuses(found: Answer, *statuses: int, **options: Any) -> str | None:
    """Return what is wrong with a refusal, or None."""
    try:
        expect_refusal(found, *statuses, **options)
    except Broken as broken:
        return broken.reason
    return None


@pytest.mark.parametrize(
    ("found", "options"),
    [
        (answer(), {}),
        (answer({**GOOD, "code": None, "param": None}), {"param": "temperature"}),
        (answer({**GOOD, "param": "temperature"}), {"param": "temperature"}),
        (answer({**GOOD, "param": "body.temperature"}), {"param": "temperature"}),
        (answer({**GOOD, "param": "messages[0].role"}), {"param": "messages"}),
        (answer({**GOOD, "param": "/messages/0"}), {"param": "messages"}),
        (answer({**GOOD, "param": "body"}), {"param": "temperature"}),
        (answer({**GOOD, "param": "a_vendors_own"}), {"param": "temperature"}),
        (answer({**GOOD, "param": 7}), {"param": "temperature"}),
        (answer({}), {"param": "temperature"}),
        (answer(body=b"<html>"), {"param": "temperature"}),
        (answer(), {"param": "model", "code": "model_not_found"}),
    ],
)
def test_refusal_for_the_reason_that_was_provoked_holds(found: Answer, options: dict[str, Any]) -> None:
    assert refuses(found, 400, **options) is None


@pytest.mark.parametrize("status", [400, 404])
def test_any_of_the_statuses_will_do(status: int) -> None:
    assert refuses(answer(status=status), 400, 404) is None


@pytest.mark.parametrize(
    ("found", "options", "reason"),
    [
        (answer(status=500), {"why": "no model"}, "expected 400 (no model), received 500 "),
        (answer(status=401), {}, "expected 400, received 401 "),
        (answer(status=200), {}, "expected 400, received 200 "),
        (answer(status=429), {}, "expected 400, received 429 "),
        (
            answer({**GOOD, "param": "model"}),
            {"param": "temperature"},
            "param 'temperature' (or null), received param 'model'",
        ),
        (answer({**GOOD, "param": "messages"}), {"param": "temperature"}, "received param 'messages'"),
        (answer(broken_off="cut"), {}, "expected a whole answer, received one that ended early: cut"),
        (answer({**GOOD, "code": None}), {"param": "model", "code": "model_not_found"}, "received code None"),
        (answer({**GOOD, "param": None}), {"param": "model", "code": "model_not_found"}, "and param None"),
        (
            answer({**GOOD, "code": "Model_Not_Found"}),
            {"param": "model", "code": "model_not_found"},
            "'Model_Not_Found'",
        ),
        (answer(body=b"{}"), {"code": "model_not_found"}, "expected an error with code model_not_found"),
        (answer(body=b"<html>"), {"code": "model_not_found"}, "expected an error with code model_not_found"),
        (answer(body=b"<html>"), {"code": "model_not_found"}, "received 400 "),
    ],
)
def test_refusal_for_another_reason_does_not_count(found: Answer, options: dict[str, Any], reason: str) -> None:
    assert reason in (refuses(found, 400, **options) or "it was taken for the right one")


@pytest.mark.parametrize("named", [None, "", "input", "input.0", "body", 7, ["model"]])
def test_param_may_name_the_field_or_none(named: Any) -> None:
    expect_param(answer(), named, "input")


@pytest.mark.parametrize(
    ("found", "options"),
    [
        (answer(status=500), {}),
        (answer(broken_off="cut"), {}),
        (answer(body=b"{}"), {"code": "model_not_found"}),
        (answer({**GOOD, "code": None}), {"param": "model", "code": "model_not_found"}),
        (answer({**GOOD, "param": "messages"}), {"param": "temperature"}),
    ],
)
def test_refusal_for_another_reason_is_the_evidence(found: Answer, options: dict[str, Any]) -> None:
    with pytest.raises(Broken) as caught:
        expect_refusal(found, 400, **options)
    assert caught.value.answer is found


def test_all_statuses_that_will_do_are_named() -> None:
    assert (refuses(answer(status=500), 400, 404) or "").startswith("expected 400 or 404, received 500 ")


def test_error_of_another_code_shows_what_it_names() -> None:
    reason = refuses(answer({**GOOD, "code": "x", "param": "y"}), 400, param="model", code="model_not_found") or ""
    expected = "expected code 'model_not_found' and param 'model', received code 'x' and param 'y'"
    assert reason.startswith(expected)


@pytest.mark.parametrize("named", ["model", "messages[1]", "body.max_tokens", "body[model]", "/model", "/messages/0"])
def test_param_may_not_name_another_field(named: str) -> None:
    with pytest.raises(Broken):
        expect_param(answer(), named, "input")


def problems(found: Answer) -> list[str]:
    return [expected for expected, _ in envelope_problems(found)]


@pytest.mark.parametrize(
    "error",
    [
        GOOD,
        {**GOOD, "param": None, "code": None},
        {**GOOD, "param": ""},
        {**GOOD, "more": {"a": 1}},
        {"code": "c", "param": "p", "message": "m", "type": "t"},
    ],
)
@pytest.mark.parametrize("content_type", ["application/json", "application/json; charset=utf-8", "Application/JSON"])
def test_documented_envelope_holds(error: Any, content_type: str) -> None:
    found = answer(error, content_type=content_type)
    expect_envelope(found)
    assert problems(found) == []


def without(name: str) -> dict[str, Any]:
    return {key: value for key, value in GOOD.items() if key != name}


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        (answer(body=b""), "an error envelope as JSON"),
        (answer(body=b"<html>"), "an error envelope as JSON"),
        (answer(body=b"{}"), "an object `error`"),
        (answer(body=b"[]"), "an object `error`"),
        (answer("Model not found."), "an object `error`"),
        (answer(None), "an object `error`"),
        (answer([GOOD]), "an object `error`"),
        (answer(content_type="text/plain"), "Content-Type `application/json`"),
        (answer(content_type="application/problem+json"), "Content-Type `application/json`"),
        (answer(content_type=""), "Content-Type `application/json`"),
        *((answer(without(name)), f"`error.{name}`, a non-empty string") for name in ("type", "message")),
        *((answer({**GOOD, name: ""}), f"`error.{name}`, a non-empty string") for name in ("type", "message")),
        *((answer({**GOOD, name: " \n"}), f"`error.{name}`, a non-empty string") for name in ("type", "message")),
        *((answer({**GOOD, name: None}), f"`error.{name}`, a non-empty string") for name in ("type", "message")),
        *((answer({**GOOD, name: 7}), f"`error.{name}`, a non-empty string") for name in ("type", "message")),
        *((answer(without(name)), f"`error.{name}`, a string or null") for name in ("param", "code")),
        *((answer({**GOOD, name: 7}), f"`error.{name}`, a string or null") for name in ("param", "code")),
        *((answer({**GOOD, name: ["model"]}), f"`error.{name}`, a string or null") for name in ("param", "code")),
        *((answer({**GOOD, name: False}), f"`error.{name}`, a string or null") for name in ("param", "code")),
    ],
)
def test_each_fault_of_an_envelope_is_named(found: Answer, expected: str) -> None:
    assert problems(found) == [expected]
    with pytest.raises(Broken, match=r"^expected "):
        expect_envelope(found)


@pytest.mark.parametrize(
    ("found", "received"),
    [
        (answer(content_type="text/plain"), "'text/plain'"),
        (answer(content_type=""), "'no Content-Type'"),
        (answer(without("type")), "an envelope without `type`"),
        (answer(without("code")), "an envelope without `code`"),
        (answer({**GOOD, "message": 7}), "7"),
        (answer({**GOOD, "param": ["model"]}), "['model']"),
        (answer({**GOOD, "type": ["x" * 200]}), f"['{'x' * 118}"),
    ],
)
def test_what_came_instead_is_shown(found: Answer, received: str) -> None:
    assert [shown for _, shown in envelope_problems(found)] == [received]


def test_broken_envelope_is_told_with_its_evidence() -> None:
    found = answer({**GOOD, "code": 7})
    with pytest.raises(Broken) as caught:
        expect_envelope(found)
    told = caught.value
    assert (told.expected, told.received, told.answer) == ("`error.code`, a string or null", "7", found)


def test_all_faults_of_an_envelope_are_named() -> None:
    assert len(problems(answer({}, content_type="text/html"))) == 5


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (b'{"error": {"code": 1}}', {"code": 1}),
        (b'{"error": "x"}', None),
        (b'{"detail": "x"}', None),
        (b"[]", None),
        (b"", None),
        (b"{", None),
    ],
)
def test_error_is_read_where_there_is_one(body: bytes, expected: Any) -> None:
    assert read_error(answer(body=body)) == expected
