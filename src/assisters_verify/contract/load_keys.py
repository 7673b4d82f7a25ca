"""API keys for a load run: made before it, taken back after it, however it ends."""

import asyncio
import contextlib
import json
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Any

from assisters_verify.contract.key_fields import find_id, key_fields, secrets_in
from assisters_verify.contract.keys import fresh_name, path_of_key
from assisters_verify.contract.limiter_waits import asked_pause_s
from assisters_verify.contract.models import MODELS
from assisters_verify.contract.routes import KEYS
from assisters_verify.load_run import KeyRing
from assisters_verify.settings import Secrets
from assisters_verify.settings.load import LoadSettings
from assisters_verify.wire import NoAnswer, Order, Reply, Wire

_REFUSED = frozenset({401, 403})
_NOT_FOUND = 404
_TOO_MANY = 429
_AGAIN = frozenset({_TOO_MANY, 500})
_BACKOFF_S = (1.0, 2.0, 4.0)
_AFTER_500_S = 0.5
# A key that has just been made may have to reach every node first.
_PAUSES_S = (0.2, 0.5, 1.0, 2.0, 3.0, 0.0)
_TIMEOUT_S = 15.0
Say = Callable[[str], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Made:
    """A key that was made. `id` is None where the answer shows none, so that it cannot be taken back."""

    name: str
    id: str | None
    secret: str | None = field(repr=False)


def borrowed_keys(
    settings: LoadSettings, secrets: Secrets, *, say: Say
) -> Callable[[], AbstractContextManager[KeyRing]]:
    """Return what gives as many keys as the run asks for, or fewer where neither making nor the settings give more.

    Keys that are made are fresh. Keys that were there before have perhaps been used, so that a run with one of them
    begins a window later. `say` is told what stands in the way.
    """

    @contextlib.contextmanager
    def give() -> Iterator[KeyRing]:
        made: list[_Made] = []
        desk = _Desk(settings, secrets)
        ring = KeyRing(keys=())
        try:
            problem = asyncio.run(desk.make(settings.keys, made))
            ring.keys = tuple(each.secret for each in made if each.secret is not None)
            if len(ring.keys) < settings.keys:
                _fill_up(ring, settings, secrets, say=say, problem=problem)
            yield ring
        finally:
            ring.leftovers.extend(asyncio.run(desk.take_back(made)))

    return give


def _fill_up(ring: KeyRing, settings: LoadSettings, secrets: Secrets, *, say: Say, problem: str) -> None:
    own = [key.get_secret_value() for key in (secrets.api_key, secrets.second_api_key) if key is not None]
    made = len(ring.keys)
    ring.keys = (*ring.keys, *own)[: settings.keys]
    window_s = settings.target.rate_limit.window_s
    say(
        f"{made} of {settings.keys} keys were made ({problem}); the run has {len(ring.keys)}. "
        f"One of its own has perhaps been used: waiting for {window_s:g} s."
    )
    time.sleep(window_s)


class _Desk:
    """Where keys are made and taken back, with the run's own key."""

    def __init__(self, settings: LoadSettings, secrets: Secrets) -> None:
        assert secrets.api_key is not None
        self._target = settings.target
        self._key = secrets.api_key.get_secret_value()

    async def make(self, count: int, made: list[_Made]) -> str:
        """Make so many keys, each in the list as soon as it is there; return why there are fewer, or nothing."""
        async with self._wire() as wire:
            for _ in range(count):
                problem = await self._make_one(wire, made)
                if problem:
                    return problem
        return ""

    async def take_back(self, made: list[_Made]) -> list[str]:
        """Delete these keys; return what could not be taken back, in words."""
        async with self._wire() as wire:
            return [words for each in made if (words := await self._delete(wire, each))]

    def _wire(self) -> Wire:
        return Wire(str(self._target.base_url), ca_file=self._target.ca_file, connections=1)

    async def _make_one(self, wire: Wire, made: list[_Made]) -> str:
        name = fresh_name()
        try:
            reply = await self._send_patiently(wire, "POST", KEYS, body={"name": name})
        except NoAnswer as error:
            made.append(_Made(name=name, id=None, secret=None))
            return f"POST {KEYS}: {error}"
        document = _document(reply)
        if not 200 <= reply.status < 300 or document is None:  # noqa: PLR2004 - the class of success statuses
            return f"POST {KEYS} answers {reply.status}"
        key_id = find_id(key_fields(document, name=name))
        candidates = [text for group in secrets_in(document, name=name) for text in group]
        for secret in candidates:
            if await self._is_let_in(wire, secret):
                made.append(_Made(name=name, id=key_id, secret=secret))
                return ""
        made.append(_Made(name=name, id=key_id, secret=None))
        return "a created key is not let in" if candidates else "a created key's secret is not shown"

    async def _is_let_in(self, wire: Wire, key: str) -> bool:
        for pause_s in _PAUSES_S:
            try:
                reply = await self._send(wire, "GET", MODELS, key=key)
            except NoAnswer:
                return False
            if reply.status not in _REFUSED:
                return True
            await asyncio.sleep(pause_s)
        return False

    async def _delete(self, wire: Wire, made: _Made) -> str:
        if made.id is None:
            return f"the key {made.name!r}: nothing shows an id to delete it by, if it was made"
        for pause_s in (*_BACKOFF_S, None):
            try:
                reply = await self._send_patiently(wire, "DELETE", path_of_key(made.id))
                break
            except NoAnswer as error:
                # A deletion may be sent again, and a target may still be busy with what the run left.
                if pause_s is None:
                    return f"the key {made.name!r}: {error}"
                await asyncio.sleep(pause_s)
        is_gone = 200 <= reply.status < 300 or reply.status == _NOT_FOUND  # noqa: PLR2004 - the class of success statuses
        return "" if is_gone else f"the key {made.name!r}: DELETE answers {reply.status}"

    async def _send_patiently(self, wire: Wire, method: str, path: str, *, body: Any = None) -> Reply:
        """Send as the documentation tells clients to: after a 429 or a 500 again, later."""
        for pause_s in _BACKOFF_S:
            reply = await self._send(wire, method, path, key=self._key, body=body)
            if reply.status not in _AGAIN:
                return reply
            asked_s = asked_pause_s({name.lower(): value for name, value in reply.headers}) or 0.0
            usual_s = pause_s if reply.status == _TOO_MANY else _AFTER_500_S
            await asyncio.sleep(max(usual_s, min(asked_s, self._target.rate_limit.window_s)))
        return await self._send(wire, method, path, key=self._key, body=body)

    async def _send(self, wire: Wire, method: str, path: str, *, key: str, body: Any = None) -> Reply:
        headers = [("Authorization", f"Bearer {key}"), ("Accept", "application/json")]
        if body is not None:
            headers.append(("Content-Type", "application/json"))
        order = Order(
            method=method,
            path=path,
            headers=tuple(headers),
            body=None if body is None else json.dumps(body).encode(),
            timeout_s=_TIMEOUT_S,
        )
        reply = Reply(started=time.perf_counter())
        await wire.send(order, reply)
        return reply


def _document(reply: Reply) -> Any:
    try:
        return json.loads(reply.body)
    except ValueError:
        return None
