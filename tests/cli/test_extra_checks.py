"""Checks of a user's own run beside the suite's, prove clauses of their own, and are told apart."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from assisters_verify.content import content_root

if TYPE_CHECKING:
    from tests.cli.conftest import Call

EXAMPLE = content_root() / "docs" / "examples" / "extra_checks"


def clauses_in(folder: Path) -> dict[str, Any]:
    results = json.loads((folder / "assisters-verify-report" / "results.json").read_text())
    return {clause["id"]: clause for clause in results["clauses"]}


def test_the_documented_example_runs_and_says_what_it_found(call: "Call", tmp_path: Path) -> None:
    call("conformance", "--extra-checks", str(EXAMPLE), "--area", "acme", "--quiet")
    found = {
        clause_id: (each["verdict"], each["checks"][0]["check"]) for clause_id, each in clauses_in(tmp_path).items()
    }
    assert found == {
        "ACME-01": ("pass", "extra/test_acme.py::test_house_model_is_listed"),
        "ACME-02": ("warn", "extra/test_acme.py::test_answers_carry_a_request_id"),
    }


def test_a_check_of_no_known_clause_is_told_by_its_name(call: "Call", tmp_path: Path) -> None:
    own = tmp_path / "own"
    own.mkdir()
    (own / "clauses.yaml").write_text((EXAMPLE / "clauses.yaml").read_text())
    (own / "test_acme.py").write_text((EXAMPLE / "test_acme.py").read_text().replace('"ACME-02"', '"ACME-03"'))
    called = call("conformance", "--extra-checks", "own", "--area", "acme", "--quiet")
    assert (called.status, "names no clause of the catalogue" in called.stderr) == (4, True)


def test_own_clauses_are_planned_beside_the_suites(call: "Call") -> None:
    called = call("conformance", "--extra-checks", str(EXAMPLE), "--profile", "core", "--plan")
    assert "  acme              2  ACME-01, ACME-02" in called.stdout.splitlines()


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (None, "cannot read"),
        ("clauses: [{id: AUTH-01, area: a, level: must, basis: implied, section: s, title: t}]", "Take another."),
    ],
)
def test_a_folder_that_cannot_be_used_is_told(call: "Call", tmp_path: Path, text: str | None, words: str) -> None:
    (tmp_path / "own").mkdir()
    if text is not None:
        (tmp_path / "own" / "clauses.yaml").write_text(text)
    called = call("conformance", "--extra-checks", "own")
    assert (
        called.status,
        called.complaint.startswith("assisters-verify: --extra-checks: "),
        words in called.complaint,
    ) == (
        2,
        True,
        True,
    )
