"""Faults in one corner of a promise that holds everywhere else: answers that one form or one moment spoils."""

import json
from collections.abc import Callable
from copy import deepcopy
from dataclasses import replace
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from assisters_verify.reference.answers import Answer, EventStream, Reply
from assisters_verify.reference.calls import Call
from assisters_verify.reference.edits import CHAT, content_of, on_body, on_envelope
from assisters_verify.reference.embeddings import shape_batch
from assisters_verify.reference.faults.privacy import masks_without
from assisters_verify.reference.faults.streaming import cut_connection
from assisters_verify.reference.idempotency import Slot, make_slot
from assisters_verify.reference.keys import ApiKey, KeyStore, make_secret
from assisters_verify.reference.metrics import AccountMetrics, draw_accepted
from assisters_verify.reference.model.composing import compose
from assisters_verify.reference.model.conversation import Draft, Question
from assisters_verify.reference.model.masking import mask_all
from assisters_verify.reference.problems import bad_request, internal_error
from assisters_verify.reference.variations import Fault

_LARGE_BYTES = 1_000_000
_BRIEFLY_S = 0.5
_RUN_S = 0.05
_MOST_KEYS = 2
_FRAGMENTS_KEPT = 4
_SECOND_REASONER = b"gpt-4.1-ultra"
_HTML = "<html><body><h1>413 Request Entity Too Large</h1></body></html>"


def _refuse_large(call: Call, reply: Reply) -> Reply:
    """Refuse a large body as a gateway does."""
    if len(call.body) > _LARGE_BYTES:
        return Answer(status=413, text=_HTML, content_type="text/html")
    return reply


class OutOfOrder(HttpToolsProtocol):
    """Answers everybody with 500 once bytes have come that are no HTTP."""

    _BODY = b'{"error":{"type":"server_error","message":"Out of order.","param":null,"code":"internal_error"}}'

    def send_400_response(self, msg: str) -> None:
        """Remember it for the whole server."""
        self.server_state.is_out_of_order = True  # type: ignore[attr-defined]
        super().send_400_response(msg)

    def data_received(self, data: bytes) -> None:
        """Take what the client sends."""
        if not getattr(self.server_state, "is_out_of_order", False):
            super().data_received(data)
            return
        head = f"HTTP/1.1 500 X\r\ncontent-type: application/json\r\ncontent-length: {len(self._BODY)}\r\n\r\n"
        self.transport.write(head.encode() + self._BODY)
        self.transport.close()


def _one_vector_for_all(vectors: list[list[float]], model: str, tokens: int) -> Any:
    return shape_batch([vectors[0]] * len(vectors), model, tokens)


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


def _bury(store: KeyStore, key: ApiKey) -> None:
    KeyStore.remove(store, key)
    store.graveyard.append(key)


def _revive_namesake(call: Call) -> str:
    """Let the deleted key of the same name in again beside the new one."""
    store, name = call.services.keys, call.json_object().get("name")
    for key in store.graveyard:
        if key.name == name:
            store.by_secret[key.secret] = key
    return make_secret(call)


def _drop_oldest(call: Call) -> str:
    """Let go of the oldest created key where there are two already."""
    created = [key for key in call.services.keys.owned_by(call.customer.account) if not key.name.startswith("initial")]
    if len(created) >= _MOST_KEYS:
        call.services.keys.remove(min(created, key=lambda key: key.created_at))
    return make_secret(call)


def _draws_page_for(matches: Callable[[str], bool]) -> dict[str, object]:
    """Show a page to clients whose Accept matches, and figures to all others."""

    def draw(call: Call, metrics: AccountMetrics) -> Answer:
        if matches(call.header("accept") or ""):
            return Answer(text="<html><body>Dashboard</body></html>", content_type="text/html")
        return draw_accepted(call, metrics)

    return {"metrics.draw": draw}


def _refuse_mask(*, streamed: bool) -> Any:
    def check(body: dict[str, Any]) -> Any:
        if body.get("mask") is True and (body.get("stream") is True) is streamed:
            raise bad_request("Unknown parameter: mask.", param="mask")
        return body

    return on_body(CHAT, check)


def _leaves_in_results(kind: str) -> dict[str, object]:
    """Mask what users write, and leave one kind of data in what tools return, which is JSON."""
    mask_rest = masks_without(kind) if kind == "email" else masks_without(kind, "phone")
    return {
        "chat.mask_prompt": lambda text: mask_rest(text) if text.startswith("{") else mask_all(text),
        "chat.mask_answer": lambda text: text,
    }


def _lose_second_models_content(call: Call, reply: Reply) -> Reply:
    """Let the reasoned streams of one model end without content."""
    is_meant = _SECOND_REASONER in call.body and b'"reasoning":true' in call.body.replace(b" ", b"")
    if not isinstance(reply, EventStream) or not is_meant:
        return reply
    return replace(reply, frames=tuple(frame for frame in reply.frames if not content_of(frame)))


def _cut_offers(call: Call, reply: Reply) -> Reply:
    """Cut the streams of requests that offer tools."""
    if not isinstance(reply, EventStream) or b'"tools"' not in call.body:
        return reply
    return replace(reply, frames=tuple(cut_connection(list(reply.frames))))


def _arguments_of_other_tool(question: Question) -> Draft:
    """Write the arguments of another offered tool."""
    draft = compose(question)
    calls = []
    for call in draft.calls:
        others = tuple(tool for tool in question.tools if tool.name != call.name)
        forced = replace(question, tools=others, tool_choice="required")
        wrong = compose(forced).calls if others else ()
        calls.append(replace(call, arguments=wrong[0].arguments) if wrong else call)
    return replace(draft, calls=tuple(calls))


def _changes_values(how: Callable[[dict[str, Any], Any], Any]) -> dict[str, object]:
    """Let the model write other values, however deep they lie: ``how`` gets the schema of each, and the value."""

    def harm(question: Question) -> Draft:
        draft = compose(question)
        schemas = {tool.name: tool.parameters or {} for tool in question.tools}
        calls = tuple(
            replace(call, arguments=json.dumps(_walk(schemas.get(call.name), json.loads(call.arguments), how)))
            for call in draft.calls
        )
        return replace(draft, calls=calls)

    return {"chat.compose": harm}


def _walk(schema: Any, value: Any, how: Callable[[dict[str, Any], Any], Any]) -> Any:
    if not isinstance(schema, dict):
        return value
    if isinstance(value, dict):
        properties = schema.get("properties", {})
        return {name: _walk(properties.get(name), part, how) for name, part in value.items()}
    if isinstance(value, list):
        return [_walk(schema.get("items"), part, how) for part in value]
    return how(schema, value)


def _at_exclusive_end(schema: dict[str, Any], value: Any) -> Any:
    is_meant = schema.get("type") == "integer" and "exclusiveMinimum" in schema
    return schema["exclusiveMinimum"] if is_meant else value


def _beyond_fractions(schema: dict[str, Any], value: Any) -> Any:
    if schema.get("type") != "number":
        return value
    return schema["minimum"] - 1 if "minimum" in schema else schema.get("exclusiveMaximum", value)


def _mix_fragments(_call: Call, reply: Reply) -> Reply:
    """Give the fragments of every streamed call the index of the first, though each call was opened with its own."""
    if not isinstance(reply, EventStream):
        return reply
    frames = deepcopy(reply.frames)
    for frame in frames:
        choices = frame.data["choices"] if isinstance(frame.data, dict) else []
        for piece in [piece for choice in choices for piece in choice["delta"].get("tool_calls") or []]:
            if "id" not in piece:
                piece["index"] = 0
    return replace(reply, frames=frames)


def _lose_late_fragments(_call: Call, reply: Reply) -> Reply:
    """Lose what follows the third fragment of a streamed call's arguments, as a small buffer does."""
    if not isinstance(reply, EventStream):
        return reply
    counts: dict[int, int] = {}
    frames = []
    for frame in reply.frames:
        choices = frame.data["choices"] if isinstance(frame.data, dict) else []
        for piece in [piece for choice in choices for piece in choice["delta"].get("tool_calls") or []]:
            counts[piece["index"]] = counts.get(piece["index"], 0) + 1
        if not choices or not choices[0]["delta"].get("tool_calls") or max(counts.values()) <= _FRAGMENTS_KEPT:
            frames.append(frame)
    return replace(reply, frames=tuple(frames))


def _remember_streamed_calls(call: Call, reply: Reply) -> Reply:
    """Know nothing of the calls that were streamed: refuse their results."""
    known: set[str] = call.services.scratch.setdefault("streamed_calls", set())
    if isinstance(reply, EventStream):
        known.update(_call_ids(reply))
    elif call.path == CHAT and any(
        f'"tool_call_id":"{name}"'.encode() in call.body.replace(b" ", b"") for name in known
    ):
        return Answer(status=500, payload=internal_error().envelope())
    return reply


def _call_ids(stream: EventStream) -> list[str]:
    deltas = [
        choice["delta"] for frame in stream.frames if isinstance(frame.data, dict) for choice in frame.data["choices"]
    ]
    return [piece["id"] for delta in deltas for piece in delta.get("tool_calls") or [] if piece.get("id")]


FAULTS: tuple[Fault, ...] = (
    Fault(
        name="large_body_is_refused_by_a_gateway",
        area="errors",
        clause="ERROR-01",
        title="A body of more than a megabyte is refused with a page of HTML.",
        reply=_refuse_large,
    ),
    Fault(
        name="envelope_of_400_is_flat",
        area="errors",
        clause="ERROR-01",
        title="The `error` of a 400 holds an object `error` once more.",
        reply=on_envelope(lambda envelope: {"error": envelope}, status=400),
    ),
    Fault(
        name="bytes_that_are_no_http_stop_server",
        area="errors",
        clause="ERROR-13",
        title="After bytes that are no HTTP nobody is served any more.",
        choices={"transport.http_protocol": OutOfOrder},
    ),
    Fault(
        name="batch_has_one_vector",
        area="embeddings",
        clause="EMBED-07",
        title="All texts of a batch get the first one's vector.",
        choices={"embeddings.shape_batch": _one_vector_for_all},
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
    Fault(
        name="namesake_revives_deleted_key",
        area="keys",
        clause="KEY-09",
        title="Creating a key with the name of a deleted one lets that one in again.",
        choices={"keys.remove": _bury, "keys.make_secret": _revive_namesake},
    ),
    Fault(
        name="third_key_replaces_oldest",
        area="keys",
        clause="KEY-09",
        title="An account keeps two created keys: a third one silently replaces the oldest.",
        choices={"keys.make_secret": _drop_oldest},
    ),
    Fault(
        name="metrics_are_a_page_by_default",
        area="metrics",
        clause="METRIC-01",
        title="Without a wish for a form the metrics are a page.",
        choices=_draws_page_for(lambda accept: accept in {"", "*/*"}),
    ),
    Fault(
        name="openmetrics_are_a_page",
        area="metrics",
        clause="METRIC-01",
        title="Who asks for OpenMetrics gets a page.",
        choices=_draws_page_for(lambda accept: "openmetrics" in accept),
    ),
    Fault(
        name="mask_of_streams_is_refused",
        area="privacy",
        clause="PRIV-01",
        title="`mask: true` is refused in streaming requests.",
        request=_refuse_mask(streamed=True),
    ),
    Fault(
        name="mask_of_plain_requests_is_refused",
        area="privacy",
        clause="PRIV-01",
        title="`mask: true` is refused in plain requests.",
        request=_refuse_mask(streamed=False),
    ),
    *(
        Fault(
            name=f"{name}_of_tool_results_are_not_masked",
            area="privacy",
            clause=clause,
            title=f"The answer shows {words} that came in a tool's result.",
            choices=_leaves_in_results(kind),
        )
        for name, clause, words, kind in (
            ("emails", "PRIV-02", "e-mail addresses", "email"),
            ("phones", "PRIV-03", "phone numbers", "phone"),
            ("social_security_numbers", "PRIV-04", "social security numbers", "ssn"),
            ("cards", "PRIV-05", "card numbers", "card"),
        )
    ),
    Fault(
        name="one_models_reasoned_stream_lacks_content",
        area="reasoning",
        clause="REASON-04",
        title="The reasoned streams of one model end without content.",
        reply=_lose_second_models_content,
    ),
    Fault(
        name="streams_of_offers_are_cut",
        area="streaming",
        clause="STREAM-05",
        title="The streams of requests that offer tools are cut.",
        reply=_cut_offers,
        beside=("TOOL-11",),
        also={"tools": "a streamed call that is cut cannot be joined"},
    ),
    Fault(
        name="arguments_are_another_tools",
        area="tools",
        clause="TOOL-06",
        title="With several tools offered the arguments are those of another one.",
        choices={"chat.compose": _arguments_of_other_tool},
    ),
    Fault(
        name="exclusive_ends_are_taken",
        area="tools",
        clause="TOOL-06",
        title="An integer argument stands at the end that its parameter excludes.",
        choices=_changes_values(_at_exclusive_end),
    ),
    Fault(
        name="ends_of_fractions_are_ignored",
        area="tools",
        clause="TOOL-06",
        title="An argument of type number lies below its `minimum`, or at its `exclusiveMaximum`.",
        choices=_changes_values(_beyond_fractions),
    ),
    Fault(
        name="fragments_of_streamed_calls_are_mixed",
        area="tools",
        clause="TOOL-11",
        title="The fragments of several streamed calls all go to the first.",
        reply=_mix_fragments,
    ),
    Fault(
        name="late_fragments_of_streamed_calls_are_lost",
        area="tools",
        clause="TOOL-11",
        title="Long arguments of a streamed call lose what follows their third fragment.",
        reply=_lose_late_fragments,
    ),
    Fault(
        name="result_of_streamed_call_breaks_server",
        area="tools",
        clause="TOOL-11",
        title="The result of a call that was streamed ends in 500.",
        reply=_remember_streamed_calls,
    ),
)
