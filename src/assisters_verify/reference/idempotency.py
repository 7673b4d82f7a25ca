"""Idempotency keys: one run per key and body, and its answer for every repeat."""

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from hashlib import blake2b
from typing import TYPE_CHECKING

from assisters_verify.reference.answers import EventStream, Reply
from assisters_verify.reference.problems import ApiError

if TYPE_CHECKING:
    from assisters_verify.reference.calls import Call

Handler = Callable[["Call"], Awaitable[Reply]]
Slot = tuple[str, str]
_ENTRIES_KEPT = 10_000


@dataclass(slots=True, kw_only=True, eq=False)
class Entry:
    """One run: still going on while there is no reply."""

    fingerprint: bytes
    reply: Reply | None = None
    finished: asyncio.Event = field(default_factory=asyncio.Event)


class IdempotencyStore:
    """The latest runs, by customer and idempotency key."""

    def __init__(self) -> None:
        self.entries: OrderedDict[Slot, Entry] = OrderedDict()

    def begin(self, slot: Slot, fingerprint: bytes) -> Entry:
        """Open the slot for a run; the oldest one goes when the store is full."""
        entry = self.entries[slot] = Entry(fingerprint=fingerprint)
        if len(self.entries) > _ENTRIES_KEPT:
            self.entries.popitem(last=False)
        return entry

    def forget(self, slot: Slot) -> None:
        """Free the slot, so that the next request runs."""
        self.entries.pop(slot, None)

    def forget_completion(self, completion_id: str) -> None:
        """Drop the stored answers that show the completion."""
        for slot in [slot for slot, entry in self.entries.items() if shows(entry.reply, completion_id)]:
            del self.entries[slot]


def shows(reply: Reply | None, completion_id: str) -> bool:
    """Tell whether the reply is that completion, whole or streamed."""
    data = reply.frames[0].data if isinstance(reply, EventStream) else reply.payload if reply else None
    return isinstance(data, dict) and data.get("id") == completion_id


def read_key(call: "Call") -> str | None:
    """Return the idempotency key of a call that may be repeated."""
    return call.header("idempotency-key") if call.method == "POST" else None


def make_slot(call: "Call", key: str) -> Slot:
    """Return where the run is stored: with the API key, so that no customer sees another's answer."""
    return call.customer.id, key


def make_fingerprint(call: "Call") -> bytes:
    """Return what tells one request from another under the same key."""
    return blake2b(call.path.encode() + b"\0" + call.body, digest_size=16).digest()


async def refuse_other_body(_call: "Call", _handler: Handler, _entry: Entry) -> Reply:
    """Refuse a key that was used for another request."""
    message = "This idempotency key was used with another request."
    raise ApiError(400, message, param="idempotency-key", code="idempotency_key_reused")


async def wait_for_twin(_call: "Call", entry: Entry) -> None:
    """Let the second of two equal requests wait for the first."""
    await entry.finished.wait()


def replay(reply: Reply) -> Reply:
    """Return the stored answer, without what the first run did beside it."""
    return replace(reply, headers=(*reply.headers, ("idempotent-replayed", "true")), after=())


@dataclass(frozen=True, slots=True, kw_only=True)
class IdempotencyPolicy:
    """The choices idempotency is made of."""

    read_key: Callable[["Call"], str | None] = read_key
    make_slot: Callable[["Call", str], Slot] = make_slot
    make_fingerprint: Callable[["Call"], bytes] = make_fingerprint
    on_other_body: Callable[["Call", Handler, Entry], Awaitable[Reply]] = refuse_other_body
    on_twin: Callable[["Call", Entry], Awaitable[None]] = wait_for_twin
    replay: Callable[[Reply], Reply] = replay
    # A run lasts at least so long, for choices that only show while one is going on.
    shortest_run_s: float = 0.0


async def run_once(call: "Call", handler: Handler) -> Reply:
    """Run the handler, or answer with the run that the call repeats. Refusals are not kept."""
    policy, store = call.behaviour.idempotency, call.services.idempotency
    key = policy.read_key(call)
    if key is None:
        return await handler(call)
    slot, fingerprint = policy.make_slot(call, key), policy.make_fingerprint(call)
    while (entry := store.entries.get(slot)) is not None:
        if entry.fingerprint != fingerprint:
            return await policy.on_other_body(call, handler, entry)
        if entry.reply is not None:
            return policy.replay(entry.reply)
        await policy.on_twin(call, entry)
    entry = store.begin(slot, fingerprint)
    try:
        if policy.shortest_run_s:
            await asyncio.sleep(policy.shortest_run_s)
        entry.reply = await handler(call)
    except BaseException:
        store.forget(slot)
        raise
    finally:
        entry.finished.set()
    return entry.reply
