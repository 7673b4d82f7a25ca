"""Make planned checks out of what pytest has collected."""

from collections.abc import Collection, Sequence
from functools import partial
from graphlib import CycleError, TopologicalSorter
from typing import Any

import pytest

from assisters_verify.catalogue import Catalogue
from assisters_verify.checks import declaration_of
from assisters_verify.probe import Probe
from assisters_verify.scheduler import Planned

_OWN = "conformance/"


def plan_items(items: Sequence[pytest.Item], catalogue: Catalogue) -> list[Planned]:
    """Return the checks behind these items.

    Raises pytest.UsageError where one names no clause of the catalogue, or where some would wait for each other.
    """
    planned = [_plan(item, catalogue) for item in items]
    refuse_doubles(planned)
    refuse_cycles(planned)
    return planned


def name_of(item: pytest.Item) -> str:
    """Return the name of the check behind an item, the same in a wheel and in a checkout."""
    if item.nodeid.startswith(_OWN):
        return item.nodeid.removeprefix(_OWN)
    # One of a user's own, whose folder may lie anywhere.
    return f"extra/{item.path.name}::{item.nodeid.partition('::')[2]}"


def with_needs(planned: Collection[Planned], clause_ids: Collection[str]) -> list[Planned]:
    """Return the checks of these clauses, and those of all that they need."""
    wanted = set(clause_ids)
    while True:
        more = {need for plan in planned if plan.declaration.clause in wanted for need in plan.declaration.needs}
        if more <= wanted:
            return [plan for plan in planned if plan.declaration.clause in wanted]
        wanted |= more


def refuse_doubles(planned: Sequence[Planned]) -> None:
    """Raise pytest.UsageError where two checks have one name, as in two files of one name."""
    names = [plan.name for plan in planned]
    twice = sorted({name for name in names if names.count(name) > 1}) if len(set(names)) < len(names) else []
    if twice:
        raise pytest.UsageError(f"these checks are there twice: {', '.join(twice)}. Give their files other names.")


def refuse_cycles(planned: Sequence[Planned]) -> None:
    """Raise pytest.UsageError where checks would wait for each other for ever.

    A check waits for those of the clauses that it needs, and one that comes last for all that do not.
    """
    by_clause: dict[str, set[str]] = {}
    for plan in planned:
        by_clause.setdefault(plan.declaration.clause, set()).add(plan.name)
    early = {plan.name for plan in planned if not plan.declaration.is_last}
    waits = {
        plan.name: set().union(
            early if plan.declaration.is_last else (), *(by_clause.get(need, ()) for need in plan.declaration.needs)
        )
        for plan in planned
    }
    try:
        TopologicalSorter(waits).prepare()
    except CycleError as error:
        raise pytest.UsageError(f"these checks wait for each other: {' -> '.join(error.args[1])}") from None


def _plan(item: pytest.Item, catalogue: Catalogue) -> Planned:
    declaration = declaration_of(getattr(item, "obj", None))
    if declaration is None or declaration.clause not in catalogue.ids or not isinstance(item, pytest.Function):
        raise pytest.UsageError(f"{item.nodeid} names no clause of the catalogue: mark it with @clause(...)")
    parameters = item.callspec.params if hasattr(item, "callspec") else {}
    return Planned(
        name=name_of(item),
        declaration=declaration,
        level=catalogue[declaration.clause].level,
        call=partial(_call, item.obj, parameters),
    )


async def _call(check: Any, parameters: dict[str, Any], probe: Probe) -> None:
    await check(probe=probe, **parameters)
