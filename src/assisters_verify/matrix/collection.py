"""Collect the checks once, to run them many times in this process."""

from collections.abc import Collection
from functools import partial
from typing import Any

import pytest

from assisters_verify.catalogue import Catalogue
from assisters_verify.checks import declaration_of
from assisters_verify.content import content_root
from assisters_verify.probe import Probe
from assisters_verify.scheduler import Planned


class _Collector:
    """Keeps the items that pytest finds."""

    def __init__(self) -> None:
        self.items: list[pytest.Item] = []

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        """Take over what was collected."""
        self.items = list(session.items)


def collect_checks(catalogue: Catalogue) -> list[Planned]:
    """Return all checks. Raises RuntimeError where some cannot be loaded."""
    root = content_root()
    folder = root / "conformance"
    collector = _Collector()
    options = ["-c", str(folder / "pytest.ini"), "--rootdir", str(root), "--collect-only", "-p", "no:terminal"]
    status = pytest.main([*options, str(folder)], plugins=[collector])
    if status != pytest.ExitCode.OK:
        raise RuntimeError(f"the checks cannot be collected: {status!r}")
    return [_planned(item, catalogue) for item in collector.items]


def with_needs(planned: Collection[Planned], clause_ids: Collection[str]) -> list[Planned]:
    """Return the checks of these clauses, and those of all that they need."""
    wanted = set(clause_ids)
    while True:
        more = {need for plan in planned if plan.declaration.clause in wanted for need in plan.declaration.needs}
        if more <= wanted:
            return [plan for plan in planned if plan.declaration.clause in wanted]
        wanted |= more


def _planned(item: pytest.Item, catalogue: Catalogue) -> Planned:
    assert isinstance(item, pytest.Function)
    declaration = declaration_of(item.obj)
    assert declaration is not None, item.nodeid
    parameters = item.callspec.params if hasattr(item, "callspec") else {}
    return Planned(
        name=item.nodeid.removeprefix("conformance/"),
        declaration=declaration,
        level=catalogue[declaration.clause].level,
        call=partial(_call, item.obj, parameters),
    )


async def _call(check: Any, parameters: dict[str, Any], probe: Probe) -> None:
    await check(probe=probe, **parameters)
