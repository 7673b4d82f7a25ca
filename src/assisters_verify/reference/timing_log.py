"""Write down when each answer truly left, as ground truth for measurements from outside."""

from pathlib import Path
from typing import TYPE_CHECKING

import orjson

if TYPE_CHECKING:
    from assisters_verify.reference.answers import Reply
    from assisters_verify.reference.calls import Call


class TimingLog:
    """JSON lines: method, path, status, and monotonic times in seconds (comparable between processes on Linux)."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("wb")

    def write(self, call: "Call", reply: "Reply", sent_s: list[float]) -> None:
        """Note one sent reply."""
        line = {
            "method": call.method,
            "path": call.path,
            "request_id": call.header("x-request-id"),
            "status": reply.status,
            "arrived_s": call.arrived_s,
            "sent_s": sent_s,
        }
        self._file.write(orjson.dumps(line) + b"\n")

    def close(self) -> None:
        """Write out what is buffered."""
        self._file.close()
