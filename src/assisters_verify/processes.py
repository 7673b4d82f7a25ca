"""What is the same for every process that a run starts: its last words are kept, and it ends with all it started."""

import contextlib
import os
import signal
import threading
from subprocess import Popen


def kill_session(process: Popen[str]) -> None:
    """End the process and those that it started, which are of its session."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)


class Output:
    """The last of what a process prints, read beside everything else so that it never blocks."""

    def __init__(self, process: Popen[str]) -> None:
        assert process.stdout is not None
        self._stream = process.stdout
        self._text = ""
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._thread.start()

    def text(self) -> str:
        """Return what was printed, at most its last 20,000 characters."""
        self._thread.join(timeout=5)
        return self._text

    def _read(self) -> None:
        with self._stream:
            for line in self._stream:
                self._text = (self._text + line)[-20_000:]
