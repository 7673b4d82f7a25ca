"""Hide the secrets of an answer before it is written down as evidence."""

import json
from collections import deque
from collections.abc import Callable, Iterable
from typing import Any

from assisters_verify.probe import Probe
from assisters_verify.redaction.shown import named_texts
from assisters_verify.surroundings import fresh_hex

# An answer that shows a secret is short; whatever else comes is no reason to parse a long body over and over.
_MOST_PIECES = 16
_TAIL_BYTES = 10_000


def watch_for_secrets(probe: Probe, name: str, find: Callable[[Any], Iterable[str]]) -> Callable[[bytes], bool]:
    """Return a `leave_after` for `Probe.send` that never leaves, but keeps each secret that `find` sees in a JSON body.

    What comes after the answer is too late: by then the exchange has been recorded. `name` is a word for the report.
    """
    pieces: deque[bytes] = deque(maxlen=_MOST_PIECES)
    tail = b""

    def look(data: bytes) -> bool:
        nonlocal tail
        pieces.append(data)
        # A piece may be long, and begin with what matters.
        seen, tail = tail + data, (tail + data)[-_TAIL_BYTES:]
        # What is no JSON, or not yet, may show one all the same: as the text of a member that is called so.
        for document in [*_documents(list(pieces)), dict(named_texts(seen))]:
            for secret in find(document):
                probe.keep_secret(f"{name}_{fresh_hex(6)}", secret)
        return False

    return look


def _documents(pieces: list[bytes]) -> Iterable[Any]:
    """Yield what the last pieces are as JSON. The first ones may belong to an earlier try of the same request."""
    for start in range(len(pieces)):
        try:
            yield json.loads(b"".join(pieces[start:]))
        except (ValueError, RecursionError):
            continue
        return
