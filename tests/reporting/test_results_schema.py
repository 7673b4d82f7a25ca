import copy
import json
from collections.abc import Callable
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from assisters_verify.content import content_root
from assisters_verify.verdicts import Level, Verdict

Results = dict[str, Any]


@pytest.fixture(scope="module")
def validator() -> Draft202012Validator:
    schema = json.loads((content_root() / "reports" / "results.schema.json").read_text(encoding="utf-8"))
    Draft202012Validator.check_schema(schema)
    return Draft202012Validator(schema, format_checker=Draft202012Validator.FORMAT_CHECKER)


def _complaints(validator: Draft202012Validator, results: Results) -> list[str]:
    document = json.loads(json.dumps(results))
    return [f"{error.json_path}: {error.message}" for error in validator.iter_errors(document)]


def test_a_result_with_every_verdict_is_valid(validator: Draft202012Validator, results: Results) -> None:
    assert {clause["verdict"] for clause in results["clauses"]} == set(Verdict)
    assert _complaints(validator, results) == []


def test_an_empty_result_is_valid(validator: Draft202012Validator, empty_results: Results) -> None:
    assert _complaints(validator, empty_results) == []


def test_a_green_result_is_valid(validator: Draft202012Validator, green_results: Results) -> None:
    assert _complaints(validator, green_results) == []


def test_unknown_fields_are_let_through(validator: Draft202012Validator, results: Results) -> None:
    results["later"] = results["clauses"][0]["later"] = results["target"]["later"] = 1
    assert _complaints(validator, results) == []


def test_every_field_is_described(validator: Draft202012Validator) -> None:
    assert isinstance(validator.schema, dict)
    assert _undescribed(validator.schema, validator.schema["$defs"], "$") == []


def _undescribed(node: Any, defs: dict[str, Any], path: str) -> list[str]:
    found = []
    for name, field in node.get("properties", {}).items():
        referred = defs.get(field.get("$ref", "").rpartition("/")[2], {})
        if "description" not in field and "description" not in referred:
            found.append(f"{path}.{name}")
        found += _undescribed(field, defs, f"{path}.{name}")
    for name, definition in node.get("$defs", {}).items():
        # A condition names fields that are described where they are defined.
        found += [] if name == "broken" else _undescribed(definition, defs, f"{path}.{name}")
    return found


def _drop(key: str) -> Callable[[Results], None]:
    return lambda results: results.pop(key)


def _set(value: Any, *path: str | int) -> Callable[[Results], None]:
    def change(results: Results) -> None:
        node: Any = results
        for step in path[:-1]:
            node = node[step]
        node[path[-1]] = value

    return change


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(_drop("clauses"), id="no clauses"),
        pytest.param(_drop("interrupted"), id="no word on interruption"),
        pytest.param(_set(2, "version"), id="another version"),
        pytest.param(_set("green", "verdict"), id="unknown verdict on the whole"),
        pytest.param(_set("conformant", "verdict"), id="green with a broken must"),
        pytest.param(_set("incomplete", "verdict"), id="incomplete with a broken must"),
        pytest.param(_set("http://me:secret@host", "target", "base_url"), id="userinfo in the base URL"),
        pytest.param(_set("2026-11-22 20:00", "started_at"), id="time that is none"),
        pytest.param(_set("2026-11-22T20:00:00+02:00", "started_at"), id="time that is not UTC"),
        pytest.param(_set(-1, "duration_s"), id="negative duration"),
        pytest.param(_set(1.5, "requests"), id="fraction of a request"),
        pytest.param(_set({"pass": 1}, "areas", "chat"), id="tally without all verdicts"),
        pytest.param(_set("passed", "clauses", 0, "verdict"), id="unknown verdict"),
        pytest.param(_set("MUST", "clauses", 0, "level"), id="level in capitals"),
        pytest.param(_set("chat-1", "clauses", 0, "id"), id="id of another form"),
        pytest.param(_set([], "clauses", 0, "checks"), id="clause without a check"),
        pytest.param(_set("", "clauses", 1, "reason"), id="fail without a reason"),
        pytest.param(_set(["1"], "clauses", 0, "evidence"), id="evidence that is no exchange id"),
        pytest.param(_set(["x1", "x1"], "clauses", 0, "evidence"), id="evidence twice"),
        pytest.param(_set({}, "untestable", 0), id="untestable without a reason"),
    ],
)
def test_a_mistake_is_caught(
    validator: Draft202012Validator,
    results: Results,
    change: Callable[[Results], None],
) -> None:
    document = copy.deepcopy(results)
    change(document)
    assert _complaints(validator, document) != []


def test_red_without_a_broken_must_is_caught(validator: Draft202012Validator, green_results: Results) -> None:
    green_results["verdict"] = "nonconformant"
    assert _complaints(validator, green_results) != []


def test_green_with_an_undecided_must_is_caught(validator: Draft202012Validator, green_results: Results) -> None:
    clause = green_results["clauses"][0]
    clause |= {"verdict": "skipped", "reason": "left out"}
    assert clause["level"] == Level.MUST
    assert _complaints(validator, green_results) != []


def test_green_without_anything_that_applies_is_caught(
    validator: Draft202012Validator,
    green_results: Results,
) -> None:
    green_results["clauses"][0] |= {"verdict": "not_applicable", "reason": "the target is not https"}
    assert _complaints(validator, green_results) != []
