"""load.json is what its published schema says, whatever came of the run."""

import copy
import json
from typing import TYPE_CHECKING, Any

import pytest
from jsonschema import Draft202012Validator

from assisters_verify.content import content_root

if TYPE_CHECKING:
    from tests.reporting.load.conftest import Document, MakeDocument


@pytest.fixture(scope="module")
def validator() -> Draft202012Validator:
    schema = json.loads((content_root() / "reports" / "load.schema.json").read_text(encoding="utf-8"))
    Draft202012Validator.check_schema(schema)
    return Draft202012Validator(schema, format_checker=Draft202012Validator.FORMAT_CHECKER)


def complaints(validator: Draft202012Validator, document: "Document") -> list[str]:
    return [f"{error.json_path}: {error.message}" for error in validator.iter_errors(json.loads(json.dumps(document)))]


def test_a_good_run_is_valid(validator: Draft202012Validator, document: "Document") -> None:
    assert complaints(validator, document) == []


def test_a_run_at_the_limit_is_valid(validator: Draft202012Validator, limited_document: "Document") -> None:
    assert complaints(validator, limited_document) == []


def test_unknown_fields_are_let_through(validator: Draft202012Validator, document: "Document") -> None:
    document["later"] = document["generator"]["later"] = 1
    assert complaints(validator, document) == []


@pytest.mark.parametrize(
    ("place", "value"),
    [
        (("verdict",), "void"),
        (("generator", "saturated"), True),
        (("thresholds", 0, "verdict"), "fail"),
        (("thresholds", 0, "value"), None),
        (("measures", "ttft_s", "p95"), "fast"),
        (("requests", "by_status", "200"), -1),
        (("interrupted",), ""),
        (("version",), 2),
    ],
)
def test_what_contradicts_itself_is_invalid(
    validator: Draft202012Validator, document: "Document", place: tuple[Any, ...], value: Any
) -> None:
    broken = copy.deepcopy(document)
    part = broken
    for name in place[:-1]:
        part = part[name]
    part[place[-1]] = value
    assert complaints(validator, broken) != []


def test_a_green_run_has_no_broken_must(validator: Draft202012Validator, make: "MakeDocument") -> None:
    document = make(seconds=2, clauses=[{"level": "must", "verdict": "fail"}])
    assert any("$.clauses" in complaint for complaint in complaints(validator, document))


def test_late_generator_and_a_broken_must_go_together(
    validator: Draft202012Validator, document: "Document", limited_document: "Document"
) -> None:
    document |= {"verdict": "fail"}
    document["generator"]["saturated"] = limited_document["generator"]["saturated"] = True
    limited_document["clauses"][0] |= {"level": "must", "verdict": "fail", "reason": "no envelope"}
    assert (bool(complaints(validator, document)), complaints(validator, limited_document)) == (True, [])


def test_every_field_is_described(validator: Draft202012Validator) -> None:
    assert isinstance(validator.schema, dict)
    assert undescribed(validator.schema, validator.schema["$defs"], "$") == []


def undescribed(node: Any, defs: dict[str, Any], path: str) -> list[str]:
    found = []
    for name, field in node.get("properties", {}).items():
        referred = defs.get(field.get("$ref", "").rpartition("/")[2], {})
        if "description" not in field and "description" not in referred:
            found.append(f"{path}.{name}")
        found += undescribed(field, defs, f"{path}.{name}")
    for name, definition in node.get("$defs", {}).items():
        found += undescribed(definition, defs, f"{path}.{name}")
    return found
