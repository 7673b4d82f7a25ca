"""The documented calls as a shell and a script make them: `curl`, and `fetch` in Node."""

import asyncio
import base64
import json
import shutil
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from assisters_verify.answer import Answer, Piece
from assisters_verify.contract.completions import CHAT, chat_body
from assisters_verify.contract.models import MODELS
from assisters_verify.contract.sdk import make_room
from assisters_verify.contract.sdk_process import KEY_VARIABLE, MOST_BYTES, Ended, run_client
from assisters_verify.judgement import NotApplicable, Undecided
from assisters_verify.probe import Probe

_ATTEMPTS = 3
_PAUSE_S = 1.0
_START_S = 10.0
# curl's own: an option it does not know, a feature it was built without, a file it cannot read.
_OWN_FAULTS = frozenset({None, 2, 4, 26, 27, 43, 48, 77})
_REMEDIES = {
    "node": "install Node.js 18 or newer, so that `node` is on the PATH",
    "curl": "install curl, so that it is on the PATH",
}
# In MB: otherwise its heap grows with whatever a target sends.
_SMALL_HEAP = ("--max-semi-space-size=1", "--max-old-space-size=64")
# In bytes of data: curl needs a tenth, but keeps whatever follows a body as trailers.
_CURL_MEMORY = 64 * 1024 * 1024
_PASSING = frozenset({0, 429, 500, 502, 503, 504})


async def fetch_stream(probe: Probe, script: Path) -> Answer:
    """Make the documented streaming call in Node, and return the answer. A call that failed has status 0, and says in
    `broken_off` how. Raises NotApplicable where Node is not there."""
    node = await _find(probe, "node")
    order = {
        "url": f"{probe.settings.target.base_url}{CHAT}",
        "body": await chat_body(probe, stream=True),
        "timeout_s": probe.settings.target.timeout_s,
        "most_bytes": MOST_BYTES // 2,
    }
    environment = {KEY_VARIABLE: _key(probe)}
    return await _patiently(
        probe,
        lambda: _run(probe, [node, *_SMALL_HEAP, str(script)], json.dumps(order).encode(), environment, None),
        _read_fetch,
    )


async def curl_models(probe: Probe) -> Answer:
    """Make the documented call by curl, and return the answer. A call that failed has status 0, and says in
    `broken_off` how. Raises NotApplicable where curl is not there."""
    target = probe.settings.target
    # The key is read from the standard input: arguments can be seen by everybody on the machine.
    config = {
        "url": f"{target.base_url}{MODELS}",
        "header": f"Authorization: Bearer {_key(probe)}",
        "max-time": f"{target.timeout_s:g}",
        "proto": "=http,https",
        "noproxy": "*",
        "write-out": "\\n%{http_code} %{content_type}",
        **({"cacert": str(target.ca_file.absolute())} if target.ca_file is not None else {}),
    }
    lines = [f'{name} = "{_escaped(value)}"' for name, value in config.items()]
    command = [await _find(probe, "curl"), "--disable", "--silent", "--show-error", "--config", "-"]
    return await _patiently(
        probe, lambda: _run(probe, command, "\n".join(lines).encode(), {}, _CURL_MEMORY), _read_curl
    )


async def _find(probe: Probe, name: str) -> str:
    async def live() -> str | None:
        return shutil.which(name)

    found: str | None = await probe.outside("program", name, live)
    if found is None:
        raise NotApplicable(f"{name} is not installed: {_REMEDIES[name]}")
    return found


async def _run(
    probe: Probe, command: list[str], order: bytes, environment: dict[str, str], most_memory: int | None
) -> Ended:
    await make_room(probe, 1)
    timeout_s = probe.settings.target.timeout_s + _START_S
    return await run_client(
        probe, command, order=order, timeout_s=timeout_s, environment=environment, most_memory=most_memory
    )


async def _patiently(probe: Probe, run: Callable[[], Awaitable[Ended]], read: Callable[[Ended], Answer]) -> Answer:
    """Run the command, again where it failed for a passing reason."""
    for attempt in range(1, _ATTEMPTS + 1):
        answer = read(await run())
        if answer.status not in _PASSING or attempt == _ATTEMPTS:
            break
        await asyncio.sleep(_PAUSE_S * attempt + probe.session.jitter.uniform(0.0, 1.0))
    return answer


def _read_fetch(ended: Ended) -> Answer:
    try:
        said = json.loads(ended.output)
    except ValueError:
        raise Undecided(f"node told nothing: {_how(ended)}") from None
    if not said["knows_fetch"]:
        raise NotApplicable(f"{said['client']} has no fetch: {_REMEDIES['node']}")
    pieces = [base64.b64decode(piece) for piece in said.get("pieces", [])]
    return _answer(
        "POST",
        CHAT,
        status=0 if "error" in said else said["status"],
        headers={name.lower(): value for name, value in said.get("headers", [])},
        body=b"".join(pieces),
        broken_off=said.get("error"),
        label=f"POST {CHAT} by fetch in {said['client']}",
    )


def _read_curl(ended: Ended) -> Answer:
    body, _, last = ended.output.rpartition(b"\n")
    status, _, content_type = last.decode("latin-1").partition(" ")
    if ended.status in _OWN_FAULTS or not status.isdigit():
        raise Undecided(f"curl told nothing: {_how(ended)}")
    return _answer(
        "GET",
        MODELS,
        status=int(status) if ended.status == 0 else 0,
        headers={"content-type": content_type},
        body=body,
        broken_off=_how(ended) if ended.status else None,
        label=f"GET {MODELS} by curl",
    )


def _how(ended: Ended) -> str:
    if ended.status is None:
        return "it took too long, or its answer was too long"
    return f"it ended with status {ended.status}: {' '.join(ended.errors.split())[-200:]}"


def _answer(method: str, path: str, *, status: int, headers: dict[str, str], body: bytes, **more: Any) -> Answer:
    return Answer(
        exchange="",
        method=method,
        path=path,
        status=status,
        headers=headers,
        body=body,
        first_byte_s=0.0,
        total_s=0.0,
        pieces=(Piece(t_s=0.0, data=body),) if body else (),
        **more,
    )


def _key(probe: Probe) -> str:
    key = probe.settings.secrets.api_key
    return key.get_secret_value() if key else ""


def _escaped(value: str) -> str:
    return value.replace("\\", "\\\\").replace('"', '\\"')
