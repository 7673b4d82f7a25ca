"""The OpenAPI file is valid, whole, and agrees with its own examples."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft202012Validator
from openapi_spec_validator import OpenAPIV31SpecValidator
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT202012

SPEC: dict[str, Any] = yaml.safe_load((Path(__file__).parents[2] / "spec" / "openapi.yaml").read_text(encoding="utf-8"))

VERBS = {"get", "post", "put", "patch", "delete", "head", "options", "trace"}

# Every method and path that the documentation names; it leaves the verbs of the metrics and the model test open.
DOCUMENTED = [
    "GET /v1/models",
    "POST /v1/keys",
    "DELETE /v1/keys/{key_id}",
    "POST /v1/chat/completions",
    "POST /v1/embeddings",
    "POST /v1/webhooks",
    "DELETE /v1/data/{id}",
    "GET /v1/audit",
    "POST /v1/completions",
    "GET /v1/metrics",
    "GET /v1/models/{model}/test",
    "POST /v1/models/{model}/test",
]


def nodes(node: object, pointer: str = "") -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Every mapping of the document with its JSON pointer; an example's value is data, not document."""
    if isinstance(node, dict):
        yield pointer, node
        for key, child in node.items():
            if key not in {"example", "value"}:
                yield from nodes(child, f"{pointer}/{key.replace('~', '~0').replace('/', '~1')}")
    elif isinstance(node, list):
        for index, child in enumerate(node):
            yield from nodes(child, f"{pointer}/{index}")


def examples() -> Iterator[tuple[str, str, object]]:
    """Where each example stands, the pointer of its schema, and its value."""
    for pointer, node in nodes(SPEC):
        if "schema" in node:
            schema = f"{pointer}/schema"
            for name, example in node.get("examples", {}).items():
                yield f"{pointer}/examples/{name}", schema, example["value"]
            if "example" in node:
                yield f"{pointer}/example", schema, node["example"]
        elif isinstance(node.get("examples"), list):
            for index, value in enumerate(node["examples"]):
                yield f"{pointer}/examples/{index}", pointer, value


def operations(section: str) -> list[tuple[str, Mapping[str, Any]]]:
    return [
        (f"{verb.upper()} {name}", definition)
        for name, item in SPEC[section].items()
        for verb, definition in item.items()
        if verb in VERBS
    ]


def violations(pointer: str, value: object) -> list[str]:
    resource: Resource[Any] = DRAFT202012.create_resource(SPEC)
    registry: Registry[Any] = Registry().with_resource("urn:openapi", resource)
    validator = Draft202012Validator(
        {"$ref": f"urn:openapi#{pointer}"}, registry=registry, format_checker=Draft202012Validator.FORMAT_CHECKER
    )
    return [f"{error.json_path}: {error.message}" for error in validator.iter_errors(value)]


def test_document_is_valid_openapi() -> None:
    errors = [error.message for error in OpenAPIV31SpecValidator(SPEC).iter_errors()]
    assert errors == []


@pytest.mark.parametrize(("schema", "value"), [pytest.param(s, v, id=where) for where, s, v in examples()])
def test_example_is_valid_against_its_schema(schema: str, value: object) -> None:
    assert violations(schema, value) == []


def test_every_reference_resolves() -> None:
    resolver = Registry().with_resource("urn:openapi", DRAFT202012.create_resource(SPEC)).resolver("urn:openapi")
    resolved = [resolver.lookup(node["$ref"]).contents for _, node in nodes(SPEC) if "$ref" in node]
    assert [contents for contents in resolved if not isinstance(contents, dict)] == []


def test_every_component_is_used() -> None:
    used = {node["$ref"] for _, node in nodes(SPEC) if "$ref" in node}
    defined = {
        f"#/components/{kind}/{name}"
        for kind in ("parameters", "headers", "responses", "schemas")
        for name in SPEC["components"][kind]
    }
    assert defined - used == set()


def test_documented_operations_are_all_there_and_no_other() -> None:
    assert sorted(name for name, _ in operations("paths")) == sorted(DOCUMENTED)


def test_calls_to_a_subscriber_are_described() -> None:
    assert [name for name, _ in operations("webhooks")] == ["GET verify", "POST event"]


@pytest.mark.parametrize("operation", [pytest.param(definition, id=name) for name, definition in operations("paths")])
def test_operation_answers_every_documented_error_with_the_envelope(operation: Mapping[str, Any]) -> None:
    """404 is left out where nothing in the request names a thing that may be unknown."""
    expected = {"400", "401", "429", "500", "4XX", "5XX"}
    missing = expected - operation["responses"].keys()
    assert missing == set()


def test_every_error_response_is_the_envelope() -> None:
    errors = ["BadRequest", "Unauthorized", "NotFound", "TooManyRequests", "InternalServerError", "OtherError"]
    responses = SPEC["components"]["responses"]
    schemas = {responses[name]["content"]["application/json"]["schema"]["$ref"] for name in errors}
    assert schemas == {"#/components/schemas/Error"}


def test_every_operation_needs_the_bearer_token() -> None:
    overridden = [name for name, operation in operations("paths") if "security" in operation]
    assert (SPEC["security"], overridden) == ([{"bearerAuth": []}], [])


def test_every_post_takes_an_idempotency_key() -> None:
    reference = {"$ref": "#/components/parameters/IdempotencyKey"}
    without = [
        name
        for name, operation in operations("paths")
        if name.startswith("POST ") and reference not in operation.get("parameters", [])
    ]
    assert without == []


def test_rate_limited_answer_may_say_when_to_come_back() -> None:
    assert list(SPEC["components"]["responses"]["TooManyRequests"]["headers"]) == ["Retry-After"]
