"""Make the documented calls through the `openai` package, and tell what came of each.

An order comes in as JSON on the standard input, the key as CLIENT_API_KEY. Each step ends in one line of JSON.
"""

import importlib
import json
import os
import sys
import time
from collections.abc import Callable, Iterator
from typing import Any

ATTEMPTS = 3
TRANSIENT = {429, 500, 502, 503, 504}
LONGEST_PAUSE_S = 60.0


def main() -> None:
    """Make all calls, one after the other."""
    order = json.load(sys.stdin)
    try:
        openai = importlib.import_module("openai")
    except ImportError:
        tell(missing="openai")
        return
    tell(client=f"openai {openai.__version__}")

    def connect(key: str) -> Any:
        # The client's own retries are left out, so that what is sent can be counted.
        return openai.OpenAI(api_key=key, base_url=order["base_url"], timeout=order["timeout_s"], max_retries=0)

    client = connect(os.environ["CLIENT_API_KEY"])
    steps: dict[str, Callable[[], Any]] = {
        "chat": lambda: read_message(client.chat.completions.create(**order["chat"])),
        "stream": lambda: read_stream(client.chat.completions.create(**order["chat"], stream=True)),
        "tools": lambda: call_tool(client, order["tools"]),
        "embeddings": lambda: embed(openai, client, order["embeddings"]),
        "wrong_key": lambda: read_message(connect(order["wrong_key"]).chat.completions.create(**order["chat"])),
        "unknown_model": lambda: read_message(
            client.chat.completions.create(**{**order["chat"], "model": order["unknown_model"]})
        ),
    }
    for name, step in steps.items():
        take(name, step)


def take(name: str, step: Callable[[], Any]) -> None:
    """Make one call, again where it failed for a passing reason, and tell how it ended."""
    for attempt in range(1, ATTEMPTS + 1):
        try:
            said = step()
        except Exception as error:  # noqa: BLE001 - whatever a client raises is what is to be told
            status = getattr(error, "status_code", None)
            is_passing = status in TRANSIENT or type(error).__name__ == "APIConnectionError"
            if is_passing and attempt < ATTEMPTS:
                time.sleep(pause_s(error))
                continue
            raised = {"types": [kind.__name__ for kind in type(error).__mro__], "status": status, "text": words(error)}
            tell(step=name, attempts=attempt, raised=raised)
        else:
            tell(step=name, attempts=attempt, said=said)
        return


def read_message(completion: Any) -> dict[str, Any]:
    """Return what the documentation's examples read of a completion."""
    message = completion.choices[0].message
    calls = [
        {"id": call.id, "name": call.function.name, "arguments": call.function.arguments}
        for call in getattr(message, "tool_calls", None) or []
    ]
    return {"content": message.content, "calls": calls}


def read_stream(chunks: Iterator[Any]) -> dict[str, Any]:
    """Return the joined content of a stream."""
    pieces = []
    for chunk in chunks:
        for choice in getattr(chunk, "choices", None) or []:
            content = getattr(getattr(choice, "delta", None), "content", None)
            if isinstance(content, str):
                pieces.append(content)
    return {"content": "".join(pieces), "pieces": len(pieces)}


def call_tool(client: Any, body: dict[str, Any]) -> dict[str, Any]:
    """Offer a tool; where the model calls it, return a result to it as the documentation says."""
    completion = client.chat.completions.create(**body)
    said = read_message(completion)
    if said["calls"]:
        message = completion.choices[0].message
        results = [{"role": "tool", "content": '{"temperature": 15}', "tool_call_id": c["id"]} for c in said["calls"]]
        said["sent"] = 2
        said["after"] = read_message(
            client.chat.completions.create(**{**body, "messages": [*body["messages"], message, *results]})
        )
    return said


def embed(openai: Any, client: Any, body: dict[str, Any]) -> dict[str, Any]:
    """Embed a text. A server may refuse `encoding_format`, which this client always adds and no document names."""
    try:
        answer = client.embeddings.create(**body, encoding_format="float")
    except openai.BadRequestError:
        answer = client.post("/embeddings", body=body, cast_to=object)
        return {"embedding": answer["embedding"], "sent": 2}
    return {"embedding": answer.embedding}


def pause_s(error: Any) -> float:
    """Return how long to wait before the next attempt: what the server asks for, within bounds, or half a second."""
    asked = getattr(getattr(error, "response", None), "headers", {}).get("retry-after", "")
    return min(float(asked), LONGEST_PAUSE_S) if asked.isdigit() else 0.5


def words(error: Exception) -> str:
    """Return what an exception says, with its cause."""
    cause = f" ({type(error.__cause__).__name__}: {error.__cause__})" if error.__cause__ else ""
    return f"{error}{cause}"[:500]


def tell(**said: Any) -> None:
    """Write one line."""
    sys.stdout.write(json.dumps(said, default=str) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
