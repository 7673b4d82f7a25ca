"""Collect the checks once, to run them many times in this process."""

import pytest

from assisters_verify.catalogue import Catalogue
from assisters_verify.content import content_root
from assisters_verify.planning import plan_items
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
    return plan_items(collector.items, catalogue)
