"""The house stays as ARCHITECTURE.md says: who may import whom, and a catalogue that is complete both ways."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from assisters_verify.catalogue import load_catalogue
from assisters_verify.cli.spec import checked_clauses
from assisters_verify.content import content_root

ROOT = content_root()
ENGINE = ROOT / "src" / "assisters_verify"
# What knows this one API, and what puts everything together.
KNOWING = {"contract", "reference", "exact", "calibration", "matrix", "cli"}
CATALOGUE = load_catalogue(ROOT / "spec" / "clauses.yaml")


def imports_of(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module


def engine_files() -> list[Path]:
    return [path for path in ENGINE.rglob("*.py") if path.relative_to(ENGINE).parts[0] not in KNOWING]


@pytest.mark.parametrize("path", engine_files(), ids=lambda path: str(path.relative_to(ENGINE)))
def test_engine_does_not_know_this_api(path: Path) -> None:
    known = [name for name in imports_of(path) if name.split(".")[1:2] and name.split(".")[1] in KNOWING - {"cli"}]

    assert [name for name in known if name.startswith("assisters_verify.")] == []


def test_parts_do_not_know_the_command_line() -> None:
    knowing = [path.name for path in engine_files() for name in imports_of(path) if name == "assisters_verify.cli"]

    assert knowing == ["__main__.py"]


def test_content_imports_the_engine_and_never_content() -> None:
    foreign = {"spec", "conformance", "load", "reports"}
    found = [name for path in (ROOT / "conformance").rglob("*.py") for name in imports_of(path)]

    assert [name for name in found if name.split(".")[0] in foreign] == []


def test_each_clause_that_can_be_observed_has_a_check() -> None:
    checked = set(checked_clauses(ROOT / "conformance"))

    assert [clause.id for clause in CATALOGUE if clause.untestable is None and clause.id not in checked] == []


def test_each_check_names_a_clause_that_can_be_observed() -> None:
    untestable = {clause.id for clause in CATALOGUE if clause.untestable is not None}
    checked = set(checked_clauses(ROOT / "conformance"))

    assert sorted((checked - CATALOGUE.ids) | (checked & untestable)) == []
