"""A report directory that cannot be written to is told before the run."""

from pathlib import Path

import pytest

from assisters_verify.cli.report_dir import check_report_dir
from assisters_verify.settings import SettingsError


def test_a_folder_that_is_still_to_be_made_is_well(tmp_path: Path) -> None:
    check_report_dir(tmp_path / "a" / "b")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("directory", ["/dev/null/x", "x" * 300])
def test_what_can_be_no_folder_is_refused(directory: str) -> None:
    with pytest.raises(SettingsError, match="Give another --report-dir"):
        check_report_dir(Path(directory))
