"""The shape of an operation's requests is derived from the contract and from the values that were given."""

from typing import Any

import pytest

from assisters_verify.properties.contract import Contract
from assisters_verify.properties.derive import RequestShape, derive_document, derive_shape

EMBEDDINGS = "POST /v1/embeddings"
MODEL_TEST = "POST /v1/models/{model}/test"


def shape_of(spec: dict[str, Any], name: str, **fixed: Any) -> RequestShape:
    contract = Contract(spec)
    return derive_shape(contract, contract.operation(name), fixed)


def test_fixed_field_is_a_constant_of_the_accepted_request(spec: dict[str, Any]) -> None:
    accepted = shape_of(spec, EMBEDDINGS, model="m").accepted
    assert accepted is not None
    assert (accepted["properties"]["model"], accepted["required"]) == ({"const": "m"}, ["input", "model"])


def test_fixed_field_leaves_the_open_request_as_it_is(spec: dict[str, Any]) -> None:
    body = shape_of(spec, EMBEDDINGS, model="m").body
    assert body == spec["components"]["schemas"]["EmbeddingRequest"]


def test_fixed_parameter_is_no_field(spec: dict[str, Any]) -> None:
    shape = shape_of(spec, MODEL_TEST, model="m")
    assert (shape.path, shape.accepted) == (
        "/v1/models/m/test",
        {"type": "object", "maxProperties": 0, "properties": {}, "required": []},
    )


def test_operation_without_a_body_has_none(spec: dict[str, Any]) -> None:
    shape = shape_of(spec, "GET /v1/audit")
    assert (shape.body, shape.accepted) == (None, None)


def test_one_value_of_the_query_can_be_replaced(spec: dict[str, Any]) -> None:
    assert shape_of(spec, "GET /v1/audit").target(end="a b&c") == "/v1/audit?start=2024-01-01&end=a%20b%26c"


@pytest.mark.parametrize("is_accepted_only", [False, True])
def test_document_asks_for_no_credential_and_no_header(spec: dict[str, Any], is_accepted_only: bool) -> None:  # noqa: FBT001
    contract = Contract(spec)
    shape = shape_of(spec, EMBEDDINGS, model="m")
    document = derive_document(contract, shape, is_accepted_only=is_accepted_only)
    assert ("security" in document, document["paths"]["/v1/embeddings"]["post"]["parameters"]) == (False, [])
