import stat
from pathlib import Path

import pytest

from assisters_verify.reporting.private_file import make_directory, write_private


def test_content_replaces_what_was_there(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"old")
    write_private(tmp_path / "a", b"new")
    assert (tmp_path / "a").read_bytes() == b"new"


def test_a_file_is_its_owners_only_even_if_it_was_open_before(tmp_path: Path) -> None:
    (tmp_path / "a").touch(mode=0o666)
    write_private(tmp_path / "a", b"")
    assert stat.S_IMODE((tmp_path / "a").stat().st_mode) == 0o600


def test_a_failed_write_leaves_nothing_behind(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    with pytest.raises(OSError, match="directory"):
        write_private(tmp_path / "a", b"new")
    assert [path.name for path in tmp_path.iterdir()] == ["a"]


def test_directories_above_are_made_too(tmp_path: Path) -> None:
    make_directory(tmp_path / "a" / "b")
    assert stat.S_IMODE((tmp_path / "a" / "b").stat().st_mode) == 0o700
