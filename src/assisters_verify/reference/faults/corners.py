"""Faults in one corner of a promise that holds everywhere else: one route, one form, one moment."""

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from assisters_verify.reference.answers import Answer, Reply
from assisters_verify.reference.audit import is_within
from assisters_verify.reference.authentication import read_bearer_token
from assisters_verify.reference.calls import Call, parse_json
from assisters_verify.reference.edits import AUDIT, CHAT, EACH, EMBEDDINGS, FIRST_REFUSAL, on_body, on_success, put
from assisters_verify.reference.idempotency import Entry, Handler, Slot, make_slot, read_key, replay
from assisters_verify.reference.keys import ApiKey, KeyStore
from assisters_verify.reference.problems import ApiError, bad_request, internal_error, unauthorized
from assisters_verify.reference.variations import Fault
from assisters_verify.reference.webhooks.routes import read_events, read_url
from assisters_verify.reference.wrappers import BodyFirst

_UNAUTHORIZED = 401
_RUN_S = 0.05
_FORGETS_AFTER_S = 1.5
_LONGEST_SHORT_KEY = 8
_LONG_NAME = 4000


def _find_nobody(_keys: KeyStore, _token: str) -> ApiKey | None:
    return None


def _read_any_case_of_posts(call: Call) -> str | None:
    token = read_bearer_token(call)
    if call.method == "POST" and token:
        return next((secret for secret in call.services.keys.by_secret if secret.lower() == token.lower()), token)
    return token


def _read_bare_key_of_posts(call: Call) -> str | None:
    value = call.header("authorization") or ""
    is_bare = call.method == "POST" and value in call.services.keys.by_secret
    return value if is_bare else read_bearer_token(call)


def _read_token_scheme(call: Call) -> str | None:
    scheme, _, token = (call.header("authorization") or "").partition(" ")
    return token if scheme == "Token" else read_bearer_token(call)


def _refuse_plainly(matches: Callable[[str], bool]) -> Callable[[Call, Reply], Reply]:
    """Refuse in plain text where the credential matches."""

    def edit(call: Call, reply: Reply) -> Reply:
        if not isinstance(reply, Answer) or reply.status != _UNAUTHORIZED:
            return reply
        is_meant = matches(call.header("authorization") or "")
        return replace(reply, text="Unauthorized", content_type="text/plain") if is_meant else reply

    return edit


def _look_at_body_first(call: Call) -> ApiError:
    """Say what is missing in an empty object before asking for a key."""
    if call.scope.get(BodyFirst.KEY) == b"{}":
        return bad_request("Missing model parameter.", param="model")
    return unauthorized("Missing API key.")


def _parse_with_infinity(how: Callable[[dict[str, Any]], Any]) -> dict[str, object]:
    """Parse as Python does, which takes 1e400 for infinity, and let the handler make something of it."""

    def parse(body: bytes) -> Any:
        try:
            value = json.loads(body, parse_constant=lambda word: json.loads(f"{{{word}"))
        except (ValueError, RecursionError):
            return parse_json(body)
        return how(value) if isinstance(value, dict) else parse_json(body)

    return {"errors.parse_body": parse}


def _finite_temperature(body: dict[str, Any]) -> Any:
    return {**body, "temperature": 1} if body.get("temperature") == float("inf") else body


def _no_bound(body: dict[str, Any]) -> Any:
    return {**body, "max_tokens": None} if body.get("max_tokens") == float("inf") else body


def _overflow(body: dict[str, Any]) -> Any:
    if body.get("max_tokens") == float("inf"):
        raise internal_error()
    return body


def _break_on_number(_call: Call, value: Any) -> Any:
    if isinstance(value, int | float):
        raise internal_error()
    return value


def _default_input(body: dict[str, Any]) -> Any:
    return body if "input" in body else {**body, "input": ""}


def _break_on_long_model(body: dict[str, Any]) -> Any:
    if isinstance(body.get("model"), str) and len(body["model"]) > _LONG_NAME:
        raise internal_error()
    return body


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


def _coerces_streamed(name: str) -> Callable[[Call, Any], Any]:
    """Take a text or a number for true in streaming requests, which another model of the request parses."""

    def edit(body: dict[str, Any]) -> Any:
        is_loose = body.get("stream") is True and isinstance(body.get(name), str | int)
        return {**body, name: bool(body[name])} if is_loose else body

    return on_body(CHAT, edit)


def _default_streamed_model(body: dict[str, Any]) -> Any:
    return {"model": "gpt-4.1-mini", **body} if body.get("stream") is True else body


def _clamp_streamed(body: dict[str, Any]) -> Any:
    temperature = body.get("temperature")
    is_high = body.get("stream") is True and isinstance(temperature, float) and temperature > 1
    return {**body, "temperature": 1} if is_high else body


def _refuse_one_event(body: dict[str, Any]) -> tuple[str, ...]:
    events = read_events(body)
    if len(events) == 1:
        raise bad_request("events must name all events.", param="events")
    return events


def _read_missing_url(body: dict[str, Any]) -> str:
    return read_url(body) if "url" in body else "http://127.0.0.1:9/"


def _read_ftp_url(body: dict[str, Any]) -> str:
    url = body.get("url")
    return url if isinstance(url, str) and url.startswith("ftp://") else read_url(body)


def _refuse_two_texts(body: dict[str, Any]) -> Any:
    if isinstance(body.get("input"), list) and len(body["input"]) == 1:
        raise bad_request("A batch has two texts or more.", param="input")
    return body


def _without_plain_deletions(call: Call) -> bool:
    is_free = call.method == "DELETE" and call.path.startswith("/v1/data/")
    return not (is_free and call.header("authorization") is None)


def _answer_unknown_data(call: Call, reply: Reply) -> Reply:
    """Say of ids in a foreign form that they are deleted."""
    is_foreign = call.path.startswith("/v1/data/") and not call.path.startswith("/v1/data/chat")
    if call.method == "DELETE" and is_foreign and reply.status == 404 and isinstance(reply, Answer):  # noqa: PLR2004
        return Answer(payload={"deleted": True})
    return reply


def _type_less(call: Call, reply: Reply) -> Reply:
    """Leave out the type of refusals of methods alone."""
    if isinstance(reply, Answer) and reply.status >= FIRST_REFUSAL and call.method == "DELETE":
        return replace(reply, content_type="text/plain")
    return reply


def _nameless_deletions(call: Call, reply: Reply) -> Reply:
    """Refuse a deletion as the framework does."""
    if isinstance(reply, Answer) and reply.status >= FIRST_REFUSAL and call.method == "DELETE":
        return replace(reply, payload={"detail": "Not Found"})
    return reply


def _show_key_in_success(call: Call, reply: Reply) -> Reply:
    """Tell in a header whose key was let in."""
    if isinstance(reply, Answer) and reply.status < FIRST_REFUSAL and call.api_key is not None:
        return replace(reply, headers=(*reply.headers, ("x-authenticated-as", call.api_key.secret)))
    return reply


FAULTS: tuple[Fault, ...] = (
    Fault(
        name="good_key_is_unknown",
        area="authentication",
        clause="AUTH-01",
        title="Every key is refused, good ones too.",
        choices={"authentication.find_key": _find_nobody},
    ),
    Fault(
        name="empty_object_is_refused_before_the_key",
        area="authentication",
        clause="AUTH-02",
        title="Without a key an empty object is told what it lacks.",
        choices={"authentication.refuse_missing": _look_at_body_first},
        wrapper=lambda app: BodyFirst(app, CHAT),
    ),
    Fault(
        name="data_is_deleted_without_key",
        area="authentication",
        clause="AUTH-02",
        title="DELETE /v1/data/{id} runs without a key.",
        choices={"authentication.needs_key": _without_plain_deletions},
    ),
    Fault(
        name="key_case_is_ignored_by_posts",
        area="authentication",
        clause="AUTH-04",
        title="POST routes let in a key in another case.",
        choices={"authentication.read_token": _read_any_case_of_posts},
    ),
    Fault(
        name="bare_key_is_let_in_by_posts",
        area="authentication",
        clause="AUTH-05",
        title="POST routes let in the key without the word Bearer.",
        choices={"authentication.read_token": _read_bare_key_of_posts},
    ),
    Fault(
        name="token_scheme_is_let_in",
        area="authentication",
        clause="AUTH-05",
        title="The key is let in under the scheme Token.",
        choices={"authentication.read_token": _read_token_scheme},
    ),
    Fault(
        name="unknown_key_is_refused_in_plain_text",
        area="authentication",
        clause="AUTH-07",
        title="An unknown bearer key is refused in plain text.",
        reply=_refuse_plainly(lambda value: value.startswith("Bearer sk-")),
    ),
    Fault(
        name="other_scheme_is_refused_in_plain_text",
        area="authentication",
        clause="AUTH-07",
        title="The Basic scheme is refused in plain text.",
        reply=_refuse_plainly(lambda value: value.startswith("Basic ")),
    ),
    Fault(
        name="answers_name_the_key",
        area="authentication",
        clause="AUTH-09",
        title="A header of good answers repeats the key.",
        reply=_show_key_in_success,
        beside=("MODEL-01",),
    ),
    Fault(
        name="infinite_temperature_is_accepted",
        area="chat",
        clause="CHAT-09",
        title="A `temperature` of 1e400 is infinity, and counts as 1.",
        choices=_parse_with_infinity(_finite_temperature),
    ),
    Fault(
        name="infinite_max_tokens_is_accepted",
        area="chat",
        clause="CHAT-10",
        title="A `max_tokens` of 1e400 is infinity, and means no bound.",
        choices=_parse_with_infinity(_no_bound),
        also={"errors": "a number beyond all machines is judged there too"},
    ),
    Fault(
        name="infinite_max_tokens_breaks_server",
        area="errors",
        clause="ERROR-04",
        title="A `max_tokens` of 1e400 ends in 500, when infinity is made an integer.",
        choices=_parse_with_infinity(_overflow),
        also={"chat": "a number that JSON's readers take for infinity is judged there too"},
    ),
    Fault(
        name="batch_of_one_is_refused",
        area="embeddings",
        clause="EMBED-04",
        title="A batch of one text is refused.",
        request=on_body(EMBEDDINGS, _refuse_two_texts),
    ),
    Fault(
        name="number_as_body_breaks_server",
        area="errors",
        clause="ERROR-03",
        title="A body that is a number ends in 500.",
        request=_break_on_number,
    ),
    Fault(
        name="missing_input_is_defaulted",
        area="errors",
        clause="ERROR-04",
        title="A missing `input` is taken for an empty text.",
        request=on_body(EMBEDDINGS, _default_input),
        also={"embeddings": "a missing input is judged there too"},
    ),
    Fault(
        name="long_model_breaks_server",
        area="errors",
        clause="ERROR-11",
        title="A model's name of 20,000 characters ends in 500.",
        request=on_body(CHAT, _break_on_long_model),
    ),
    Fault(
        name="deletion_is_refused_as_the_framework_does",
        area="errors",
        clause="ERROR-01",
        title="A refused DELETE has the framework's own body.",
        reply=_nameless_deletions,
        beside=("DATA-02", "KEY-05"),
        also=dict.fromkeys(
            ("authentication", "keys", "data"), "the refusal of a deletion is judged by its envelope there"
        ),
    ),
    Fault(
        name="refused_deletions_say_plain_text",
        area="errors",
        clause="ERROR-08",
        title="A refused DELETE is JSON, but says text/plain.",
        reply=_type_less,
        beside=("DATA-02", "KEY-05"),
        also=dict.fromkeys(
            ("authentication", "keys", "data"), "the refusal of a deletion is judged by its envelope there"
        ),
    ),
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
        name="streamed_mask_is_coerced",
        area="privacy",
        clause="PRIV-07",
        title="A streaming request may have a text or a number as `mask`.",
        request=_coerces_streamed("mask"),
    ),
    Fault(
        name="streamed_reasoning_is_coerced",
        area="reasoning",
        clause="REASON-03",
        title="A streaming request may have a text or a number as `reasoning`.",
        request=_coerces_streamed("reasoning"),
    ),
    Fault(
        name="streamed_model_is_defaulted",
        area="streaming",
        clause="STREAM-08",
        title="A streaming request may lack `model`.",
        request=on_body(CHAT, _default_streamed_model),
    ),
    Fault(
        name="streamed_temperature_is_clamped",
        area="streaming",
        clause="STREAM-08",
        title="A streaming request may have a `temperature` above 1.",
        request=on_body(CHAT, _clamp_streamed),
    ),
    Fault(
        name="one_event_alone_is_refused",
        area="webhooks",
        clause="HOOK-01",
        title="A webhook for a single event is refused.",
        choices={"webhooks.read_events": _refuse_one_event},
    ),
    Fault(
        name="missing_url_is_accepted",
        area="webhooks",
        clause="HOOK-09",
        title="A webhook without `url` is accepted.",
        choices={"webhooks.read_url": _read_missing_url},
    ),
    Fault(
        name="ftp_url_is_accepted",
        area="webhooks",
        clause="HOOK-09",
        title="A webhook with an ftp URL is accepted.",
        choices={"webhooks.read_url": _read_ftp_url},
    ),
    Fault(
        name="foreign_id_counts_as_deleted",
        area="data",
        clause="DATA-02",
        title="An id in a form that the target never gives out counts as deleted.",
        reply=_answer_unknown_data,
    ),
    Fault(
        name="one_day_is_empty",
        area="audit",
        clause="AUDIT-02",
        title="A range of one day is empty: its end is not part of it.",
        choices={"audit.is_within": lambda entry, start, end: start != end and is_within(entry, start, end)},
    ),
    Fault(
        name="entries_are_of_1970",
        area="audit",
        clause="AUDIT-03",
        title="The time of each entry is one in January 1970: seconds were taken for milliseconds.",
        reply=on_success(AUDIT, put("1970-01-21T11:36:40Z", "entries", EACH, "time")),
    ),
)
