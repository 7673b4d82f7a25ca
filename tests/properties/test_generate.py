"""Generated requests are what they are said to be, the same for the same seed, and cover the contract."""

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from jsonschema.protocols import Validator
from referencing import Registry
from referencing.jsonschema import DRAFT202012

from assisters_verify.properties import Mode, PropertyCase
from assisters_verify.properties.generate import generate_cases

CHAT = "POST /v1/chat/completions"
EMBEDDINGS = "POST /v1/embeddings"
MODELS = "GET /v1/models"
AUDIT = "GET /v1/audit"
ALL = [CHAT, EMBEDDINGS, MODELS]
SCHEMAS = {CHAT: "ChatRequest", EMBEDDINGS: "EmbeddingRequest"}

PRINT_CASES = """
import sys
import yaml
from pathlib import Path
import strange_constants
from assisters_verify.properties.generate import generate_cases
spec = yaml.safe_load(Path(sys.argv[1]).read_text(encoding="utf-8"))
operation = "POST /v1/embeddings"
for case in generate_cases(spec, operations=[operation], fixed={operation: {"model": "m"}}, seed=3):
    print(case)
"""


def validator_of(spec: Mapping[str, Any], operation: str) -> Validator:
    registry = Registry().with_resource("urn:openapi", DRAFT202012.create_resource(spec))
    return Draft202012Validator({"$ref": f"urn:openapi#/components/schemas/{SCHEMAS[operation]}"}, registry=registry)


def body_of(case: PropertyCase) -> Any:
    assert case.body is not None
    return json.loads(case.body)


def fields_of(spec: Mapping[str, Any], operation: str) -> set[str]:
    return set(spec["components"]["schemas"][SCHEMAS[operation]]["properties"])


def test_every_invalid_request_breaks_the_schema(spec: dict[str, Any], cases: list[PropertyCase]) -> None:
    """A body that is no JSON has no schema to break."""
    told = [case for case in cases if not case.is_valid and not case.why.startswith("body: expected JSON")]
    assert [case for case in told if validator_of(spec, case.operation).is_valid(body_of(case))] == []


def test_body_that_is_said_to_be_no_json_is_none(cases: list[PropertyCase]) -> None:
    for case in (case for case in cases if case.why.startswith("body: expected JSON")):
        with pytest.raises(ValueError, match=r"Expecting|Extra"):
            body_of(case)


def test_no_valid_request_breaks_the_schema(spec: dict[str, Any], cases: list[PropertyCase]) -> None:
    broken = [c for c in cases if c.is_valid and c.body and not validator_of(spec, c.operation).is_valid(body_of(c))]
    assert broken == []


def test_invalid_request_has_no_fault_but_the_one_it_names(spec: dict[str, Any], cases: list[PropertyCase]) -> None:
    others = [
        case
        for case in cases
        if case.param is not None
        for error in validator_of(spec, case.operation).iter_errors(body_of(case))
        if case.param not in (*error.absolute_path, *error.message.split("'"))
    ]
    assert others == []


def test_the_field_at_fault_is_the_only_one_that_others_refuse(spec: dict[str, Any], cases: list[PropertyCase]) -> None:
    """With that field made good, what remains is a request that is accepted by all."""
    good = {case.operation: body_of(case) for case in cases if case.is_valid and case.body}
    mended = [
        (case.operation, {**body_of(case), case.param: good[case.operation].get(case.param)})
        for case in cases
        if case.param is not None
    ]
    assert [body for operation, body in mended if not validator_of(spec, operation).is_valid(body)] == []


def test_every_valid_request_asks_for_the_model_that_was_given(
    cases: list[PropertyCase], fixed: dict[str, dict[str, Any]]
) -> None:
    asked = {(case.operation, body_of(case)["model"]) for case in cases if case.is_valid and case.body}
    assert asked == {(operation, values["model"]) for operation, values in fixed.items()}


def test_every_request_asks_for_the_model_that_was_given_unless_that_is_its_fault(
    cases: list[PropertyCase], fixed: dict[str, dict[str, Any]]
) -> None:
    asked = {(c.operation, body_of(c)["model"]) for c in cases if c.param is not None and c.param != "model"}
    assert asked == {(operation, values["model"]) for operation, values in fixed.items()}


def test_valid_chat_request_is_short_and_plain(cases: list[PropertyCase]) -> None:
    bodies = [body_of(case) for case in cases if case.is_valid and case.operation == CHAT]
    dear = [b for b in bodies if b["max_tokens"] > 16 or b.get("stream") or b.get("tools") or b.get("reasoning")]
    assert dear == []


def test_valid_request_has_no_whole_float_for_an_integer(cases: list[PropertyCase]) -> None:
    """10.0 may go either way."""
    bodies = [body_of(case) for case in cases if case.is_valid and case.operation == CHAT]
    assert {type(body["max_tokens"]) for body in bodies} == {int}


def test_every_role_of_a_conversation_is_among_the_valid_requests(cases: list[PropertyCase]) -> None:
    bodies = [body_of(case) for case in cases if case.is_valid and case.operation == CHAT]
    roles = {message["role"] for body in bodies for message in body["messages"]}
    assert {"system", "user", "assistant"} <= roles <= {"system", "developer", "user", "assistant"}


def test_one_text_and_batches_are_among_the_valid_requests(cases: list[PropertyCase]) -> None:
    bodies = [body_of(case) for case in cases if case.is_valid and case.operation == EMBEDDINGS]
    assert {type(body["input"]) for body in bodies} == {str, list}


def test_all_text_is_plain(cases: list[PropertyCase]) -> None:
    bodies = [case.body.decode() for case in cases if case.body]
    assert [body for body in bodies if not body.isprintable() or len(body) > 4096] == []


def test_headers_say_json_and_nothing_else(cases: list[PropertyCase]) -> None:
    assert {case.headers for case in cases} == {(), (("content-type", "application/json"),)}


def test_no_request_comes_twice(cases: list[PropertyCase]) -> None:
    seen = [(case.operation, case.path, case.body) for case in cases]
    assert len(seen) == len(set(seen))


def test_operation_without_a_body_has_one_valid_request(cases: list[PropertyCase]) -> None:
    found = [(case.method, case.path, case.body, case.is_valid) for case in cases if case.operation == MODELS]
    assert found == [("GET", "/v1/models", None, True)]


@pytest.fixture(scope="module")
def bounded(spec: dict[str, Any], fixed: dict[str, dict[str, Any]]) -> list[PropertyCase]:
    """What a run gets that asks for nothing special."""
    return generate_cases(spec, operations=ALL, fixed=fixed)


@pytest.mark.parametrize("operation", [CHAT, EMBEDDINGS])
def test_default_bound_still_covers_every_field(
    spec: dict[str, Any], bounded: list[PropertyCase], operation: str
) -> None:
    at_fault = {case.param for case in bounded if case.operation == operation and not case.is_valid}
    assert at_fault == {None, *fields_of(spec, operation)}


@pytest.mark.parametrize(
    "why",
    [
        "body: expected object",
        "/model: expected a value, received nothing",
        "/model: expected string, received null",
        "/messages: expected a value, received nothing",
        "/messages/0: expected object",
        "/messages/0/role: expected a value, received nothing",
        "/messages/0/content: expected a value, received nothing",
        "/temperature: expected at most 1",
        "/temperature: expected at least 0",
        "/temperature: expected number or null",
        "/max_tokens: expected at least 0",
        "/max_tokens: expected integer or null, received 1.5",
        "/stream: expected boolean or null",
        "/reasoning: expected boolean or null",
        "/mask: expected boolean or null",
        "/tools: expected array or null",
        "/input: expected string or array, received null",
        "/input/0: expected string",
    ],
)
def test_default_bound_still_covers_every_kind_of_fault(bounded: list[PropertyCase], why: str) -> None:
    assert [case.why for case in bounded if case.why.startswith(why)]


def test_default_bounds(bounded: list[PropertyCase]) -> None:
    assert [case.is_valid for case in bounded] == [False] * 60 + [True] * 25


def test_bounds_are_kept(spec: dict[str, Any], fixed: dict[str, dict[str, Any]]) -> None:
    cases = generate_cases(spec, operations=ALL, fixed=fixed, max_invalid=7, max_valid=5)
    assert [case.is_valid for case in cases] == [False] * 7 + [True] * 5


def test_only_the_modes_that_were_asked_for(spec: dict[str, Any], fixed: dict[str, dict[str, Any]]) -> None:
    cases = generate_cases(spec, operations=[EMBEDDINGS], fixed=fixed, modes=[Mode.VALID])
    assert {case.is_valid for case in cases} == {True}


def test_fixed_values_stand_in_every_valid_request(spec: dict[str, Any]) -> None:
    fixed = {CHAT: {"model": "m", "stream": True, "max_tokens": 2}}
    cases = generate_cases(spec, operations=[CHAT], fixed=fixed, modes=[Mode.VALID])
    found = {tuple(body_of(case)[name] for name in ("model", "stream", "max_tokens")) for case in cases}
    assert found == {("m", True, 2)}


def test_another_seed_gives_other_requests(spec: dict[str, Any], fixed: dict[str, dict[str, Any]]) -> None:
    one, other = (generate_cases(spec, operations=[EMBEDDINGS], fixed=fixed, seed=seed) for seed in (0, 1))
    assert one != other


def test_same_seed_gives_the_same_requests_wherever_it_runs_and_leaves_no_file(tmp_path: Path) -> None:
    """Another working directory, hash seed, CI profile, settings file or imported module makes no difference."""
    (tmp_path / "quiet").mkdir()
    (tmp_path / "loud").mkdir()
    (tmp_path / "quiet" / "strange_constants.py").write_text("")
    (tmp_path / "loud" / "strange_constants.py").write_text(
        "WORDS = ['Qx7', 'Zy9', 'Kw3']\nNUMBERS = [77123, 4.4242]\n"
    )
    (tmp_path / "loud" / "schemathesis.toml").write_text("[generation]\nmode = 'positive'\n")
    quiet = print_cases(tmp_path / "quiet", PYTHONHASHSEED="1")
    loud = print_cases(tmp_path / "loud", PYTHONHASHSEED="2", CI="true")
    left = sorted(path.name for path in tmp_path.rglob("*") if path.is_file())
    assert (quiet == loud, left) == (True, ["schemathesis.toml", "strange_constants.py", "strange_constants.py"])


def print_cases(directory: Path, **environment: str) -> bytes:
    spec = Path(__file__).parents[2] / "spec" / "openapi.yaml"
    clean = {name: value for name, value in os.environ.items() if name not in {"CI", "PYTHONDONTWRITEBYTECODE"}}
    paths = os.pathsep.join([str(directory), *sys.path])
    done = subprocess.run(
        [sys.executable, "-B", "-c", PRINT_CASES, spec],
        cwd=directory,
        env={**clean, "PYTHONPATH": paths, **environment},
        capture_output=True,
        check=True,
        timeout=120,
    )
    return done.stdout


def test_query_is_the_documented_one(spec: dict[str, Any]) -> None:
    cases = generate_cases(spec, operations=[AUDIT], fixed={}, modes=[Mode.VALID])
    assert [case.path for case in cases] == ["/v1/audit?start=2024-01-01&end=2024-01-31"]


def test_invalid_query_has_one_wrong_parameter(spec: dict[str, Any]) -> None:
    cases = generate_cases(spec, operations=[AUDIT], fixed={}, modes=[Mode.INVALID])
    first = cases[0]
    assert (first.path, first.param, first.why) == (
        "/v1/audit?start=2024-01-01&end=null",
        "end",
        'end: expected text of the format date, received "null"',
    )


def test_time_stamps_and_empty_values_are_no_invalid_dates(spec: dict[str, Any]) -> None:
    cases = generate_cases(spec, operations=[AUDIT], fixed={}, examples=0, modes=[Mode.INVALID])
    queries = [part.partition("=")[2] for case in cases for part in case.path.partition("?")[2].split("&")]
    assert set(queries) == {"2024-01-01", "2024-01-31", "null", "true"}


def test_path_is_filled_in_and_encoded(spec: dict[str, Any]) -> None:
    operation = "GET /v1/models/{model}/test"
    cases = generate_cases(spec, operations=[operation], fixed={operation: {"model": "a/b c"}})
    assert [case.path for case in cases] == ["/v1/models/a%2Fb%20c/test"]


def test_body_without_documented_fields_is_empty(spec: dict[str, Any]) -> None:
    operation = "POST /v1/models/{model}/test"
    cases = generate_cases(spec, operations=[operation], fixed={operation: {"model": "m"}}, modes=[Mode.VALID])
    assert [case.body for case in cases] == [b"{}"]


@pytest.mark.parametrize(
    ("operation", "fixed", "message"),
    [
        ("GET /v1/keys", {}, "no operation 'GET /v1/keys'"),
        ("GET /v1/models/{model}/test", {}, "needs a value for model"),
        (EMBEDDINGS, {EMBEDDINGS: {"modle": "m"}}, "has no modle; it has input, model"),
        ("POST /v1/webhooks", {}, "no request is sure to be accepted"),
    ],
)
def test_what_cannot_be_generated_is_said(
    spec: dict[str, Any], operation: str, fixed: dict[str, dict[str, Any]], message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        generate_cases(spec, operations=[operation], fixed=fixed)


@pytest.mark.parametrize("operation", [CHAT, EMBEDDINGS])
@pytest.mark.parametrize("mode", list(Mode))
def test_model_may_have_any_name(spec: Mapping[str, Any], operation: str, mode: Mode) -> None:
    """Many servers name a model after its maker and its size: `maker/model:7b`."""
    names = {"maker/model:7b", "gpt-4"}
    found = {
        name: len(generate_cases(spec, operations=[operation], fixed={operation: {"model": name}}, modes=[mode]))
        for name in names
    }
    assert found["maker/model:7b"] == found["gpt-4"] > 0
