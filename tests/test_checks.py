"""A check says which clause it proves and what it rests on, and the checks there are rest on one another soundly."""

import re
from collections.abc import Iterator
from graphlib import TopologicalSorter
from importlib.util import module_from_spec, spec_from_file_location

import pytest

from assisters_verify.catalogue import load_catalogue
from assisters_verify.checks import Declaration, clause, declaration_of
from assisters_verify.content import content_root

CHECKS = content_root() / "conformance"


def declarations() -> Iterator[Declaration]:
    for path in sorted(CHECKS.glob("test_*.py")):
        spec = spec_from_file_location(f"checks_{path.stem}", path)
        assert spec is not None
        assert spec.loader is not None
        module = module_from_spec(spec)
        spec.loader.exec_module(module)
        for name, value in vars(module).items():
            if name.startswith("test_") and getattr(value, "__module__", "") == module.__name__:
                found = declaration_of(value)
                assert found is not None, f"{path.name}: {name} names no clause"
                yield found


@pytest.fixture(scope="module")
def declared() -> list[Declaration]:
    return list(declarations())


def test_declaration_holds_what_was_said() -> None:
    async def check() -> None: ...

    marked = clause("CHAT-01", needs=["AUTH-01"], is_last=True)(check)
    assert marked is check
    assert declaration_of(check) == Declaration(clause="CHAT-01", needs=("AUTH-01",), is_last=True)


def test_what_is_not_marked_is_no_check() -> None:
    assert [declaration_of(value) for value in (None, 1, print, test_declaration_holds_what_was_said)] == [None] * 4


def test_each_check_names_a_clause_that_can_be_observed(declared: list[Declaration]) -> None:
    catalogue = load_catalogue(content_root() / "spec" / "clauses.yaml")
    named = {each for declaration in declared for each in (declaration.clause, *declaration.needs)}
    observable = {entry.id for entry in catalogue if entry.untestable is None}
    assert sorted(named - observable) == []


def test_no_check_waits_for_itself_in_a_circle(declared: list[Declaration]) -> None:
    """Else all of the circle would wait until the deadline of the run."""
    needs: dict[str, set[str]] = {}
    for declaration in declared:
        needs.setdefault(declaration.clause, set()).update(declaration.needs)
    order = list(TopologicalSorter(needs).static_order())
    assert set(needs) <= set(order)


def test_no_check_that_others_wait_for_waits_for_those_others(declared: list[Declaration]) -> None:
    """A last check waits for all that are not: none of these may need it."""
    last = {declaration.clause for declaration in declared if declaration.is_last}
    assert [declaration for declaration in declared if not declaration.is_last and last & set(declaration.needs)] == []


def test_no_check_sleeps_for_long() -> None:
    """Waiting belongs to the probe, which knows how long; a check that sleeps holds up the whole run."""
    sleeps = re.compile(r"\btime\.sleep\(")
    assert [path.name for path in CHECKS.glob("*.py") if sleeps.search(path.read_text())] == []
