"""Send a request once in a run: checks that would send the same one judge the same answer."""

import json
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any

from assisters_verify.answer import Answer
from assisters_verify.probe import Probe


async def post_once(
    probe: Probe,
    path: str,
    body: Any = None,
    *,
    content: bytes | None = None,
    label: str = "",
    post: Callable[..., Awaitable[Answer]] = Probe.post,
) -> Answer:
    """Return the answer to a POST of this body, or of `content` as it is, which is sent by whoever asks first.

    For requests of which one answer shows as much as several: most of all those that ought to be refused. `post` is
    given what `Probe.post` is.
    """
    sent = content if content is not None else json.dumps(body)

    async def ask(asker: Probe) -> Answer:
        return await post(asker, path, body, content=content, label=label)

    answer: Answer = await probe.fact(f"POST {path} {sent!r}", ask)
    return replace(answer, label=f"POST {path} {label}".strip())
