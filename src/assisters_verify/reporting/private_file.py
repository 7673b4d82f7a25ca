"""Write the files of a report so that they are whole or absent, and readable by their owner only."""

import os
import tempfile
from pathlib import Path

OWNER_ONLY = 0o700


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
