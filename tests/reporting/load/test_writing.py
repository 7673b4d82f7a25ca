"""All reports are written, whole and for their owner only."""

import json
import stat
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from assisters_verify.reporting.load import REPORTERS, write_load_reports
from assisters_verify.reporting.private_file import ReportError

if TYPE_CHECKING:
    from tests.reporting.load.conftest import Document


def test_every_report_is_there_and_its_owners_alone(tmp_path: Path, document: "Document") -> None:
    written = write_load_reports(tmp_path / "out", document)
    modes = {stat.S_IMODE(path.stat().st_mode) for path in written}
    assert (sorted(path.name for path in written), modes) == (sorted(REPORTERS), {0o600})
    assert stat.S_IMODE((tmp_path / "out").stat().st_mode) == 0o700


def test_load_json_is_the_document(tmp_path: Path, document: "Document") -> None:
    write_load_reports(tmp_path, document)
    assert json.loads((tmp_path / "load.json").read_text()) == document


def test_one_reports_fault_does_not_cost_the_others(tmp_path: Path, document: "Document") -> None:
    del document["slowest"]
    with pytest.raises(ReportError, match=r"report\.html"):
        write_load_reports(tmp_path, document)
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(set(REPORTERS) - {"report.html"})
