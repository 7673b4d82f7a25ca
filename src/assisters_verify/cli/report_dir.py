"""Look at a report directory before a run, and not after it."""

import os
from pathlib import Path

from assisters_verify.settings import SettingsError


def check_report_dir(directory: Path) -> None:
    """Say that reports could not be written there. Raises SettingsError."""
    remedy = "Give another --report-dir."
    try:
        there = next(path for path in (directory.absolute(), *directory.absolute().parents) if path.exists())
        is_writable = there.is_dir() and os.access(there, os.W_OK | os.X_OK)
    except OSError as error:
        raise SettingsError(f"cannot write reports to {directory}: {error.strerror}. {remedy}") from error
    if not is_writable:
        raise SettingsError(f"cannot write reports to {directory}: {there} is no folder to write to. {remedy}")
