"""Write the files of a report so that they are whole or absent, and readable by their owner only."""

import os
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path

OWNER_ONLY = 0o700


class ReportError(Exception):
    """Some reports could not be written; the message names them, its causes are a group."""


def make_directory(directory: Path) -> None:
    """Make the directory for its owner only; one that is already there keeps its mode."""
    directory.mkdir(mode=OWNER_ONLY, parents=True, exist_ok=True)


def write_private(path: Path, content: bytes) -> None:
    """Put the content at this path in one step, with mode 0600. Raises OSError, and leaves nothing behind then."""
    # mkstemp opens with O_EXCL and 0600, so neither a planted link nor a wide umask can matter.
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}-")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def write_each(directory: Path, drawn: Mapping[str, Callable[[], bytes]]) -> tuple[Path, ...]:
    """Write what each of these draws under its name, and return the paths.

    Raises ReportError after all others were written.
    """
    written: list[Path] = []
    failed: dict[str, Exception] = {}
    make_directory(directory)
    for name, draw in drawn.items():
        try:
            write_private(directory / name, draw())
            written.append(directory / name)
        except Exception as error:  # noqa: BLE001 - one report's fault must not cost the reader the others
            failed[name] = error
    if failed:
        causes = "; ".join(f"{name}: {error!r}" for name, error in failed.items())
        raise ReportError(f"cannot write to {directory}: {causes}") from ExceptionGroup("reports", [*failed.values()])
    return tuple(written)
