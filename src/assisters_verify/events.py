"""What the process that runs the checks tells the one that started it: JSON, a line for each event."""

import json
import os
import threading
from collections.abc import Iterator
from typing import IO, Any

SETTINGS_VARIABLE = "ASSISTERS_VERIFY_RUN"
SECRETS_VARIABLE = "ASSISTERS_VERIFY_RUN_SECRETS"


class EventWriter:
    """Writes events to a file descriptor; several threads may. `is_heard` is false once nobody reads them any more."""

    def __init__(self, descriptor: int) -> None:
        self.is_heard = True
        self._file = os.fdopen(descriptor, "w", encoding="utf-8")
        self._lock = threading.Lock()

    def write(self, kind: str, **values: Any) -> None:
        """Write one event."""
        line = json.dumps({"event": kind, **values}) + "\n"
        with self._lock:
            try:
                self._file.write(line)
                self._file.flush()
            except BrokenPipeError:
                self.is_heard = False


def read_events(stream: IO[str]) -> Iterator[dict[str, Any]]:
    """Yield the events of a stream until it ends; a line that is none is passed over."""
    for line in stream:
        try:
            event = json.loads(line)
        except ValueError:
            continue
        if isinstance(event, dict) and "event" in event:
            yield event
