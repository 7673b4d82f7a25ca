"""Faults of idempotency."""

from copy import deepcopy
from dataclasses import replace
from functools import partial

from assisters_verify.reference.answers import Answer, EventStream, Reply
from assisters_verify.reference.calls import Call
from assisters_verify.reference.edits import FIRST_REFUSAL, code_of
from assisters_verify.reference.idempotency import Entry, Handler, Slot, read_key, replay
from assisters_verify.reference.problems import bad_request, internal_error
from assisters_verify.reference.transport import OneSpelling
from assisters_verify.reference.variations import Fault

_fault = partial(Fault, area="idempotency")
_RUN_S = 0.05


def _refuse_key(_call: Call) -> str | None:
    if read_key(_call) is not None:
        raise bad_request("Unknown header: Idempotency-Key.", param="idempotency-key")
    return None


def _break_on_key(call: Call) -> str | None:
    if read_key(call) is not None:
        raise internal_error()
    return None


def _one_slot_for_all_keys(call: Call, _key: str) -> Slot:
    return call.customer.id, "the only one"


def _slot_of_everybody(_call: Call, key: str) -> Slot:
    return "everybody", key


def _slot_of_account(call: Call, key: str) -> Slot:
    return call.customer.account, key


def _latest_slot_alone(call: Call, key: str) -> Slot:
    """Forget a customer's other keys as soon as a new one comes."""
    store = call.services.idempotency
    for slot in [slot for slot in store.entries if slot[0] == call.customer.id and slot[1] != key]:
        store.forget(slot)
    return call.customer.id, key


def _with_new_id(reply: Reply) -> Reply:
    """Replay the text under another id, as if it had been run again."""
    reply = replay(reply)
    if isinstance(reply, Answer) and isinstance(reply.payload, dict) and "id" in reply.payload:
        return replace(reply, payload={**reply.payload, "id": f"{reply.payload['id']}x"})
    return reply


def _not_for_streams(call: Call) -> str | None:
    return None if b'"stream":true' in call.body.replace(b" ", b"") else read_key(call)


async def _answer_anyway(_call: Call, _handler: Handler, entry: Entry) -> Reply:
    """Give another body the answer of the first."""
    await entry.finished.wait()
    if entry.reply is None:
        raise internal_error()
    return replay(entry.reply)


async def _break_on_other_body(_call: Call, _handler: Handler, _entry: Entry) -> Reply:
    """Fail as a constraint of the store does that nobody has caught."""
    raise internal_error()


def _forget_after_one(call: Call, key: str) -> Slot:
    """Replay once, then run again."""
    store, slot = call.services.idempotency, (call.customer.id, key)
    entry = store.entries.get(slot)
    if entry is not None and entry.reply is not None:
        served = call.services.scratch.setdefault("served", {})
        served[slot] = served.get(slot, 0) + 1
        if served[slot] > 1:
            store.forget(slot)
            served[slot] = 0
    return slot


async def _break_twin(_call: Call, _entry: Entry) -> None:
    """Fail as a table with a unique column does."""
    raise internal_error()


def _beside_running(call: Call, key: str) -> Slot:
    """Look past a run that is still going on, as a store that is written to at its end does."""
    slot = (call.customer.id, key)
    entry = call.services.idempotency.entries.get(slot)
    is_running = entry is not None and entry.reply is None
    return (call.customer.id, f"{key}/{call.services.make_token()}") if is_running else slot


def _poison(call: Call, reply: Reply) -> Reply:
    """Keep a refusal under its key, and answer every later request with that key so."""
    key = read_key(call)
    if key is None or call.api_key is None:
        return reply
    kept = call.services.scratch.setdefault("poisoned", {})
    slot = (call.customer.id, key)
    if slot in kept:
        broken: Reply = deepcopy(kept[slot])
        return broken
    if isinstance(reply, Answer) and reply.status >= FIRST_REFUSAL and code_of(reply) != "idempotency_key_reused":
        kept[slot] = replace(reply, status=500, payload=internal_error().envelope())
    return reply


def _lose_stream_end(reply: Reply) -> Reply:
    """Replay only the beginning of a stream."""
    reply = replay(reply)
    if isinstance(reply, EventStream):
        return replace(reply, frames=(*reply.frames[: len(reply.frames) // 2], *reply.frames[-1:]))
    return reply


FAULTS: tuple[Fault, ...] = (
    _fault(
        name="idempotency_key_is_refused",
        clause="IDEM-01",
        title="A request with an Idempotency-Key is refused.",
        choices={"idempotency.read_key": _refuse_key},
    ),
    _fault(
        name="idempotency_key_breaks_server",
        clause="IDEM-01",
        title="A request with an Idempotency-Key ends in 500.",
        choices={"idempotency.read_key": _break_on_key},
    ),
    _fault(
        name="idempotency_key_is_ignored",
        clause="IDEM-02",
        title="A repeat is run again.",
        choices={"idempotency.read_key": lambda _call: None},
    ),
    _fault(
        name="repeat_gets_another_id",
        clause="IDEM-02",
        title="A repeat gets the same text under another id.",
        choices={"idempotency.replay": _with_new_id},
    ),
    _fault(
        name="answer_is_forgotten_after_one_repeat",
        clause="IDEM-02",
        title="The second repeat is run again.",
        choices={"idempotency.make_slot": _forget_after_one},
    ),
    _fault(
        name="twins_both_run",
        clause="IDEM-03",
        title="Two that arrive together are both run.",
        choices={"idempotency.make_slot": _beside_running, "idempotency.shortest_run_s": _RUN_S},
    ),
    _fault(
        name="second_twin_breaks_server",
        clause="IDEM-03",
        title="The second of two that arrive together ends in 500.",
        choices={"idempotency.on_twin": _break_twin, "idempotency.shortest_run_s": _RUN_S},
    ),
    _fault(
        name="answers_are_shared_by_customers",
        clause="IDEM-04",
        title="Another customer gets the stored answer.",
        choices={"idempotency.make_slot": _slot_of_everybody},
    ),
    _fault(
        name="answers_are_shared_by_account",
        clause="IDEM-04",
        title="Another key of the same account gets the stored answer.",
        choices={"idempotency.make_slot": _slot_of_account},
    ),
    _fault(
        name="all_idempotency_keys_are_one",
        clause="IDEM-05",
        title="Another idempotency key gets the stored answer.",
        choices={"idempotency.make_slot": _one_slot_for_all_keys, "idempotency.on_other_body": _answer_anyway},
    ),
    _fault(
        name="idempotency_key_is_cut",
        clause="IDEM-05",
        title="Only the first 40 signs of an idempotency key count.",
        choices={
            "idempotency.make_slot": lambda call, key: (call.customer.id, key[:40]),
            "idempotency.on_other_body": _answer_anyway,
        },
    ),
    _fault(
        name="idempotency_keys_of_one_length_are_one",
        clause="IDEM-05",
        title="Idempotency keys are told apart by their length alone.",
        choices={
            "idempotency.make_slot": lambda call, key: (call.customer.id, str(len(key))),
            "idempotency.on_other_body": _answer_anyway,
        },
    ),
    _fault(
        name="digits_of_idempotency_key_do_not_count",
        clause="IDEM-05",
        title="Of an idempotency key only the letters count.",
        choices={
            "idempotency.make_slot": lambda call, key: (call.customer.id, "".join(filter(str.isalpha, key))),
            "idempotency.on_other_body": _answer_anyway,
        },
    ),
    _fault(
        name="idempotency_header_needs_its_spelling",
        clause="IDEM-06",
        title="The header counts only when it is spelt Idempotency-Key.",
        choices={"transport.http_protocol": OneSpelling},
    ),
    _fault(
        name="other_body_gets_stored_answer",
        clause="IDEM-07",
        title="Another body under the same key gets the first body's answer.",
        choices={"idempotency.on_other_body": _answer_anyway},
    ),
    _fault(
        name="other_body_breaks_server",
        clause="IDEM-11",
        title="Another body under a used key ends in 500.",
        choices={"idempotency.on_other_body": _break_on_other_body},
    ),
    _fault(
        name="streams_are_run_again",
        clause="IDEM-08",
        title="A streamed repeat is run again.",
        choices={"idempotency.read_key": _not_for_streams},
    ),
    _fault(
        name="repeated_stream_is_cut_short",
        clause="IDEM-08",
        title="A streamed repeat holds half of the text.",
        choices={"idempotency.replay": _lose_stream_end},
    ),
    _fault(
        name="refused_request_poisons_its_key",
        clause="IDEM-09",
        title="After a refusal every request with the same key ends in 500.",
        reply=_poison,
    ),
    _fault(
        name="latest_idempotency_key_alone_is_kept",
        clause="IDEM-10",
        title="A new idempotency key makes the customer's earlier ones forgotten.",
        choices={"idempotency.make_slot": _latest_slot_alone},
    ),
)
