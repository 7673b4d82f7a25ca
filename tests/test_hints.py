"""Each clause that can be broken has a hint, and each hint a clause."""

from pathlib import Path

import pytest

from assisters_verify.catalogue import load_catalogue
from assisters_verify.content import content_root
from assisters_verify.hints import load_hints

SPEC = content_root() / "spec"
HINTS = load_hints(SPEC / "hints.yaml")
OBSERVABLE = {clause.id for clause in load_catalogue(SPEC / "clauses.yaml") if clause.untestable is None}


def test_each_clause_that_can_be_observed_has_a_hint() -> None:
    assert sorted(OBSERVABLE - set(HINTS)) == []


def test_each_hint_belongs_to_a_clause() -> None:
    assert sorted(set(HINTS) - OBSERVABLE) == []


def test_hints_are_short() -> None:
    """They stand in a page that is to stay small, and are read by somebody in a hurry."""
    assert [clause_id for clause_id, text in HINTS.items() if len(text) > 420] == []


def test_backticks_come_in_pairs() -> None:
    assert [clause_id for clause_id, text in HINTS.items() if text.count("`") % 2] == []


@pytest.mark.parametrize("text", ["", "- a", "hints: []", "hints: {A-01: 3}", "hints: {A-01: ' '}"])
def test_a_file_that_holds_no_hints_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "hints.yaml").write_text(text)
    with pytest.raises(ValueError, match=r"^hints\.yaml is no table of hints by clause id$"):
        load_hints(tmp_path / "hints.yaml")
