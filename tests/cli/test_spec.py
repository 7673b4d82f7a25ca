"""What is promised, and what is checked, can be listed."""

import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from assisters_verify.catalogue import load_catalogue
from assisters_verify.cli.spec import checked_clauses
from assisters_verify.content import content_root

if TYPE_CHECKING:
    from tests.cli.conftest import Call

CATALOGUE = load_catalogue(content_root() / "spec" / "clauses.yaml")


def test_all_clauses_are_listed(call: "Call") -> None:
    called = call("spec", "list")
    assert (called.status, [line.split()[0] for line in called.stdout.splitlines()]) == (
        0,
        [clause.id for clause in CATALOGUE],
    )


def test_clauses_of_areas_are_listed_as_json(call: "Call") -> None:
    called = call("spec", "list", "--json", "--area", "models", "--area", "chat")
    found = [json.loads(line) for line in called.stdout.splitlines()]
    assert [entry["id"] for entry in found] == [clause.id for clause in CATALOGUE.select(areas=["models", "chat"])]
    assert set(found[0]) == {"id", "area", "level", "basis", "section", "title", "untestable"}


def test_unknown_area_is_told(call: "Call") -> None:
    called = call("spec", "list", "--area", "cats")
    assert (called.status, called.stderr.splitlines()[-1].startswith("Error: there is no area 'cats'; known: ")) == (
        2,
        True,
    )


def test_coverage_names_every_area(call: "Call") -> None:
    called = call("spec", "coverage")
    assert (called.status, [line.split()[0] for line in called.stdout.splitlines()]) == (0, list(CATALOGUE.areas))


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ('@clause("A-01")\nasync def test_x(probe): ...\n', ["A-01"]),
        ('@each\n@clause("A-01", needs=["B-01"])\n@other(1)\nasync def test_x(probe): ...\n', ["A-01"]),
        ("async def test_x(probe): ...\n", []),
        ('@mark("A-01")\nasync def test_x(probe): ...\n', []),
    ],
)
def test_clause_of_a_check_is_read_from_its_source(tmp_path: Path, source: str, expected: list[str]) -> None:
    (tmp_path / "test_x.py").write_text(source)
    (tmp_path / "helper.py").write_text('@clause("Z-01")\nasync def test_x(probe): ...\n')
    assert list(checked_clauses(tmp_path)) == expected
