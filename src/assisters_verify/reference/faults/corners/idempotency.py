"""Idempotency that fails in one corner: one route, one form, one moment."""

from collections.abc import Callable
from typing import Any

from assisters_verify.reference.answers import Answer, Reply
from assisters_verify.reference.calls import Call
from assisters_verify.reference.edits import (
    CHAT,
    EMBEDDINGS,
)
from assisters_verify.reference.idempotency import Entry, Handler, Slot, make_slot, read_key, replay
from assisters_verify.reference.problems import bad_request, internal_error
from assisters_verify.reference.variations import Fault

_UNAUTHORIZED = 401
_RUN_S = 0.05
_FORGETS_AFTER_S = 1.5
_LONGEST_SHORT_KEY = 8
_BRIEFLY_S = 0.5


def _refuse_short_key(call: Call) -> str | None:
    key = read_key(call)
    if key is not None and len(key) <= _LONGEST_SHORT_KEY:
        raise bad_request("The idempotency key is no UUID.", param="idempotency-key")
    return key


def _refuse_key_of_embeddings(call: Call) -> str | None:
    if call.path == EMBEDDINGS and call.header("idempotency-key") is not None:
        raise bad_request("Unknown header: Idempotency-Key.", param="idempotency-key")
    return read_key(call)


def _refuse_key_of_reads(call: Call, reply: Reply) -> Reply:
    is_meant = call.method == "GET" and call.api_key is not None and call.header("idempotency-key") is not None
    refusal = bad_request("Idempotency-Key is for POST.", param="idempotency-key")
    return Answer(status=400, payload=refusal.envelope()) if is_meant else reply


def _break_on_key_of_streams(call: Call) -> str | None:
    key = read_key(call)
    if key is not None and b'"stream":true' in call.body.replace(b" ", b""):
        raise internal_error()
    return key


def _forget_soon(call: Call, key: str) -> Slot:
    """Keep an answer for a moment only."""
    now = call.services.scratch.setdefault("kept_since", {})
    slot = make_slot(call, key)
    if call.arrived_s - now.setdefault(slot, call.arrived_s) > _FORGETS_AFTER_S:
        call.services.idempotency.forget(slot)
        now[slot] = call.arrived_s
    return slot


def _streams_beside_running(call: Call, key: str) -> Slot:
    """Look past a stream that is still running."""
    slot = make_slot(call, key)
    entry = call.services.idempotency.entries.get(slot)
    is_running = entry is not None and entry.reply is None and b'"stream":true' in call.body.replace(b" ", b"")
    return (slot[0], f"{key}/{call.services.make_token()}") if is_running else slot


def _slot_of_all_bodies(call: Call, key: str) -> Slot:
    """Share answers to the same body between customers."""
    return "everybody", f"{key}/{call.body!r}"


def _refuse_keys_of_others(call: Call, key: str) -> Slot:
    """Refuse a key that any customer has used for another body."""
    used = call.services.scratch.setdefault("bodies", {})
    owner, body = used.setdefault(key, (call.customer.id, call.body))
    if owner != call.customer.id and body != call.body:
        raise bad_request("This idempotency key was used.", param="idempotency-key", code="idempotency_key_reused")
    return make_slot(call, key)


def _answers_other_body_of(path: str) -> Callable[[Call, Handler, Entry], Any]:
    """Give another body of one route the first one's answer; run it on others."""
    is_chat = path == CHAT

    async def answer(call: Call, handler: Handler, entry: Entry) -> Reply:
        await entry.finished.wait()
        if (
            call.path == path
            and isinstance(entry.reply, Answer)
            and ("choices" in (entry.reply.payload or ())) == is_chat
        ):
            return replay(entry.reply)
        return await handler(call)

    return answer


def _keep_refusal_of_strangers(call: Call, reply: Reply) -> Reply:
    """Keep a 401 under its idempotency key."""
    key = call.header("idempotency-key")
    kept: dict[str, Reply] = call.services.scratch.setdefault("strangers", {})
    if key is None:
        return reply
    if reply.status == _UNAUTHORIZED:
        kept[key] = reply
    return kept.get(key, reply)


def _kept_later(call: Call, key: str) -> Slot:
    """Find an answer only half a second after it was given, as a store that is written to in the background does."""
    slot = make_slot(call, key)
    since = call.services.scratch.setdefault("given_since", {})
    began_s = since.setdefault(slot, call.arrived_s)
    if began_s == call.arrived_s:
        return slot
    return slot if call.arrived_s - began_s > _BRIEFLY_S else (slot[0], f"{key}/{call.services.make_token()}")


def _plain_beside_running(call: Call, key: str) -> Slot:
    """Look past a plain run that is still going on."""
    slot = make_slot(call, key)
    entry = call.services.idempotency.entries.get(slot)
    is_plain = b'"stream":true' not in call.body.replace(b" ", b"")
    is_running = entry is not None and entry.reply is None and is_plain
    return (slot[0], f"{key}/{call.services.make_token()}") if is_running else slot


def _as_completion(call: Call, reply: Reply) -> Reply:
    """Answer an embedding under the key of a completion with that completion."""
    key = call.header("idempotency-key")
    kept: dict[str, Reply] = call.services.scratch.setdefault("completions", {})
    if key is None or reply.status != 200:  # noqa: PLR2004 - a good answer
        return reply
    if call.path == CHAT:
        kept[key] = reply
    return kept.get(key, reply)


FAULTS: tuple[Fault, ...] = (
    Fault(
        name="short_idempotency_key_is_refused",
        area="idempotency",
        clause="IDEM-01",
        title="An Idempotency-Key as short as the documentation's own is refused.",
        choices={"idempotency.read_key": _refuse_short_key},
    ),
    Fault(
        name="idempotency_key_of_embeddings_is_refused",
        area="idempotency",
        clause="IDEM-01",
        title="An embedding with an Idempotency-Key is refused.",
        choices={"idempotency.read_key": _refuse_key_of_embeddings},
    ),
    Fault(
        name="idempotency_key_of_reads_is_refused",
        area="idempotency",
        clause="IDEM-01",
        title="A GET with an Idempotency-Key is refused.",
        reply=_refuse_key_of_reads,
    ),
    Fault(
        name="idempotency_key_breaks_streams",
        area="idempotency",
        clause="IDEM-01",
        title="A streaming request with an Idempotency-Key ends in 500.",
        choices={"idempotency.read_key": _break_on_key_of_streams},
    ),
    Fault(
        name="answer_is_forgotten_soon",
        area="idempotency",
        clause="IDEM-02",
        title="An answer is kept for a second and a half: the documented pauses are longer.",
        choices={"idempotency.make_slot": _forget_soon},
    ),
    Fault(
        name="twin_streams_both_run",
        area="idempotency",
        clause="IDEM-03",
        title="Of two streams that arrive together both are run.",
        choices={"idempotency.make_slot": _streams_beside_running, "idempotency.shortest_run_s": _RUN_S},
    ),
    Fault(
        name="answers_to_one_body_are_shared",
        area="idempotency",
        clause="IDEM-04",
        title="Another customer with the same key and body gets the stored answer.",
        choices={"idempotency.make_slot": _slot_of_all_bodies},
    ),
    Fault(
        name="idempotency_keys_are_taken_by_customers",
        area="idempotency",
        clause="IDEM-04",
        title="A key that another customer has used for another body is refused.",
        choices={"idempotency.make_slot": _refuse_keys_of_others},
    ),
    Fault(
        name="other_text_gets_stored_vector",
        area="idempotency",
        clause="IDEM-07",
        title="Another text under the same key gets the first one's vector.",
        choices={"idempotency.on_other_body": _answers_other_body_of(EMBEDDINGS)},
    ),
    Fault(
        name="other_prompt_gets_stored_answer",
        area="idempotency",
        clause="IDEM-07",
        title="Another completion under the same key gets the first one's answer.",
        choices={"idempotency.on_other_body": _answers_other_body_of(CHAT)},
    ),
    Fault(
        name="stranger_poisons_a_key",
        area="idempotency",
        clause="IDEM-09",
        title="A 401 is kept under its idempotency key, for the key's owner too.",
        reply=_keep_refusal_of_strangers,
    ),
    Fault(
        name="answer_is_kept_late",
        area="idempotency",
        clause="IDEM-02",
        title="A repeat within half a second is run again: the store is written to in the background.",
        choices={"idempotency.make_slot": _kept_later},
    ),
    Fault(
        name="plain_twins_both_run",
        area="idempotency",
        clause="IDEM-03",
        title="Of two plain requests that arrive together both are run.",
        choices={"idempotency.make_slot": _plain_beside_running, "idempotency.shortest_run_s": _RUN_S},
    ),
    Fault(
        name="embedding_gets_stored_completion",
        area="idempotency",
        clause="IDEM-07",
        title="An embedding under the key of a completion is answered with that completion.",
        choices={"idempotency.read_key": lambda _call: None},
        reply=_as_completion,
    ),
)
