"""Make the documented calls through the `assisters` package, and tell what came of each.

An order comes in as JSON on the standard input, the key as CLIENT_API_KEY. Each step ends in one line of JSON.
"""

import importlib
import importlib.metadata
import json
import os
import sys
import time
from collections.abc import Callable, Iterator
from typing import Any

# This release was read: it sends the key to the base URL and nowhere else, and waits for nothing between attempts.
WANTED = "0.1.0"
ATTEMPTS = 3
PAUSE_S = 0.5
# 0 is what this package calls a connection that broke.
TRANSIENT = {0, 429, 500, 502, 503, 504}


def main() -> None:
    """Make all calls, one after the other."""
    order = json.load(sys.stdin)
    if not is_installed():
        tell(missing=f"assisters=={WANTED}")
        return
    assisters = importlib.import_module("assisters")
    tell(client=f"assisters {WANTED}")

    def connect(key: str) -> Any:
        # One attempt for each call, so that what is sent can be counted.
        return assisters.Assisters(key, base_url=order["base_url"], timeout=order["timeout_s"], max_retries=1)

    client = connect(os.environ["CLIENT_API_KEY"])
    steps: dict[str, Callable[[], Any]] = {
        "models": lambda: {"models": len(client.models.list()["models"])},
        "chat": lambda: read_message(client.chat.completions.create(**order["chat"])),
        "stream": lambda: read_stream(client.chat.completions.create(**order["chat"], stream=True)),
        "embeddings": lambda: {"embedding": client.embeddings.create(**order["embeddings"])["embedding"]},
        "wrong_key": lambda: read_message(connect(order["wrong_key"]).chat.completions.create(**order["chat"])),
        "unknown_model": lambda: read_message(
            client.chat.completions.create(**{**order["chat"], "model": order["unknown_model"]})
        ),
    }
    for name, step in steps.items():
        take(name, step)


def is_installed() -> bool:
    """Tell whether the package is there, in the release that was read."""
    try:
        return importlib.metadata.version("assisters") == WANTED
    except importlib.metadata.PackageNotFoundError:
        return False


def take(name: str, step: Callable[[], Any]) -> None:
    """Make one call, again where it failed for a passing reason, and tell how it ended."""
    for attempt in range(1, ATTEMPTS + 1):
        try:
            said = step()
        except Exception as error:  # noqa: BLE001 - whatever a client raises is what is to be told
            status = getattr(error, "status", None)
            if status in TRANSIENT and attempt < ATTEMPTS:
                time.sleep(PAUSE_S)
                continue
            types = [kind.__name__ for kind in type(error).__mro__]
            tell(step=name, attempts=attempt, raised={"types": types, "status": status, "text": str(error)[:500]})
        else:
            tell(step=name, attempts=attempt, said=said)
        return


def read_message(completion: Any) -> dict[str, Any]:
    """Return what the package's own example reads of a completion."""
    return {"content": completion["choices"][0]["message"]["content"], "calls": []}


def read_stream(chunks: Iterator[Any]) -> dict[str, Any]:
    """Return the joined content of a stream."""
    pieces = [
        choice["delta"]["content"]
        for chunk in chunks
        for choice in chunk.get("choices") or []
        if isinstance((choice.get("delta") or {}).get("content"), str)
    ]
    return {"content": "".join(pieces), "pieces": len(pieces)}


def tell(**said: Any) -> None:
    """Write one line."""
    sys.stdout.write(json.dumps(said, default=str) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
