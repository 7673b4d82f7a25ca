"""Faults of authentication."""

import base64
from collections.abc import Callable
from dataclasses import replace
from functools import partial

from assisters_verify.reference.answers import Answer, EventStream, Frame, Reply
from assisters_verify.reference.authentication import read_bearer_token
from assisters_verify.reference.calls import Call
from assisters_verify.reference.edits import CHAT, on_refusal
from assisters_verify.reference.keys import ApiKey, KeyStore
from assisters_verify.reference.problems import ApiError, bad_request, internal_error, not_found, unauthorized
from assisters_verify.reference.variations import Fault
from assisters_verify.reference.wrappers import BodyFirst, Forbidden

_fault = partial(Fault, area="authentication")
_UNAUTHORIZED = 401
_PREFIX_CHARACTERS = 8


def _free(is_free: Callable[[Call], bool]) -> dict[str, object]:
    """Leave out authentication where the call is free, unless it brings a header of its own."""
    return {"authentication.needs_key": lambda call: not (is_free(call) and call.header("authorization") is None)}


def _finds(matches: Callable[[str, str], bool]) -> dict[str, object]:
    """Let in a token that matches any key, by a rule that is not equality."""

    def find(keys: KeyStore, token: str) -> ApiKey | None:
        return next((key for secret, key in keys.by_secret.items() if matches(secret, token)), None)

    return {"authentication.find_key": find}


def _reads(read_other: Callable[[Call], str | None]) -> dict[str, object]:
    """Take the key from another place too."""
    return {"authentication.read_token": lambda call: read_bearer_token(call) or read_other(call)}


def _read_any_scheme(call: Call) -> str | None:
    value = call.header("authorization") or ""
    scheme, _, token = value.partition(" ")
    if scheme.lower() == "basic":
        return _read_basic(token)
    return token or None


def _read_basic(token: str) -> str:
    try:
        user, _, password = base64.b64decode(token, validate=True).decode().partition(":")
    except ValueError:
        return token
    return password or user


def _read_bare_key(call: Call) -> str | None:
    value = call.header("authorization") or ""
    return value if " " not in value.strip() and value else None


def _read_empty_credential(call: Call) -> str | None:
    is_empty = (call.header("authorization") or "").strip().lower() == "bearer"
    return next(iter(call.services.keys.by_secret)) if is_empty else None


def _read_other_header(call: Call) -> str | None:
    return call.header("x-api-key") or call.header("api-key")


def _refuses(missing: ApiError | None = None, unknown: ApiError | None = None) -> dict[str, object]:
    choices: dict[str, object] = {}
    if missing is not None:
        choices["authentication.refuse_missing"] = lambda _call: missing
    if unknown is not None:
        choices["authentication.refuse_unknown"] = lambda _call: unknown
    return choices


def _is_unsigned_stream(call: Call) -> bool:
    return b'"stream"' in call.scope.get(BodyFirst.KEY, b"") and b"true" in call.scope[BodyFirst.KEY]


def _refuse_in_stream(call: Call, reply: Reply) -> Reply:
    if reply.status != _UNAUTHORIZED or not isinstance(reply, Answer) or not _is_unsigned_stream(call):
        return reply
    return EventStream(frames=(Frame(data=reply.payload, step=0), Frame(data="[DONE]", step=0)), latency_s=0, gap_s=0)


def _repeat_key(call: Call) -> ApiError:
    return unauthorized(f"Incorrect API key provided: {read_bearer_token(call)}.")


def _forget_scheme(answer: Answer) -> Answer:
    return replace(answer, headers=tuple(header for header in answer.headers if header[0] != "www-authenticate"))


_body_first = partial(BodyFirst, path=CHAT)
_FORBIDDEN = ApiError(403, "Forbidden.", kind="permission_error", code="forbidden")

FAULTS: tuple[Fault, ...] = (
    _fault(
        name="good_key_is_refused_by_embeddings",
        clause="AUTH-01",
        title="POST /v1/embeddings refuses a good key with 403: its scopes were never filled in.",
        wrapper=partial(Forbidden, path="/v1/embeddings"),
    ),
    _fault(
        name="models_need_no_key",
        clause="AUTH-02",
        title="GET /v1/models answers without a key.",
        choices=_free(lambda call: call.path == "/v1/models"),
    ),
    _fault(
        name="embeddings_need_no_key",
        clause="AUTH-02",
        title="POST /v1/embeddings answers without a key.",
        choices=_free(lambda call: call.path == "/v1/embeddings"),
    ),
    _fault(
        name="chat_needs_no_key",
        clause="AUTH-02",
        title="POST /v1/chat/completions answers without a key.",
        choices=_free(lambda call: call.path == CHAT),
    ),
    _fault(
        name="deletions_need_no_key",
        clause="AUTH-02",
        title="The DELETE verb was forgotten: it runs without a key.",
        choices=_free(lambda call: call.method == "DELETE"),
    ),
    _fault(
        name="key_routes_need_no_key",
        clause="AUTH-02",
        title="POST /v1/keys gives a key to whoever asks.",
        choices=_free(lambda call: call.path == "/v1/keys"),
    ),
    _fault(
        name="webhooks_need_no_key",
        clause="AUTH-02",
        title="POST /v1/webhooks subscribes without a key.",
        choices=_free(lambda call: call.path == "/v1/webhooks"),
    ),
    _fault(
        name="audit_needs_no_key",
        clause="AUTH-02",
        title="GET /v1/audit answers without a key.",
        choices=_free(lambda call: call.path == "/v1/audit"),
    ),
    _fault(
        name="metrics_need_no_key",
        clause="AUTH-02",
        title="GET /v1/metrics answers without a key, as scrapers like it.",
        choices=_free(lambda call: call.path == "/v1/metrics"),
    ),
    _fault(
        name="model_test_needs_no_key",
        clause="AUTH-02",
        title="/v1/models/{model}/test answers without a key, as health checks like it.",
        choices=_free(lambda call: call.path.endswith("/test")),
    ),
    _fault(
        name="streams_need_no_key",
        clause="AUTH-06",
        title="A streaming request is answered without a key.",
        choices=_free(_is_unsigned_stream),
        wrapper=_body_first,
    ),
    _fault(
        name="stream_opens_before_refusal",
        clause="AUTH-06",
        title="A streaming request without a key is refused inside a stream, with status 200.",
        reply=_refuse_in_stream,
        wrapper=_body_first,
    ),
    _fault(
        name="any_key_is_let_in",
        clause="AUTH-03",
        title="Any bearer token is let in.",
        choices=_finds(lambda _secret, _token: True),
    ),
    _fault(
        name="key_is_compared_by_length",
        clause="AUTH-04",
        title="Any token as long as a key is let in.",
        choices=_finds(lambda secret, token: len(secret) == len(token)),
    ),
    _fault(
        name="key_prefix_is_let_in",
        clause="AUTH-04",
        title="The beginning of a key is let in.",
        choices=_finds(lambda secret, token: len(token) >= _PREFIX_CHARACTERS and secret.startswith(token)),
    ),
    _fault(
        name="key_extension_is_let_in",
        clause="AUTH-04",
        title="A key with something behind it is let in.",
        choices=_finds(lambda secret, token: token.startswith(secret)),
    ),
    _fault(
        name="key_case_is_ignored",
        clause="AUTH-04",
        title="A key in another case is let in.",
        choices=_finds(lambda secret, token: secret.lower() == token.lower()),
    ),
    _fault(
        name="last_character_is_ignored",
        clause="AUTH-04",
        title="A key that lacks its last character is let in.",
        choices=_finds(lambda secret, token: token in (secret, secret[:-1])),
    ),
    _fault(
        name="any_scheme_is_let_in",
        clause="AUTH-05",
        title="The key is let in under any scheme, Basic included.",
        choices={"authentication.read_token": _read_any_scheme},
    ),
    _fault(
        name="bare_key_is_let_in",
        clause="AUTH-05",
        title="The key is let in without the word Bearer.",
        choices=_reads(_read_bare_key),
    ),
    _fault(
        name="empty_credential_is_let_in",
        clause="AUTH-05",
        title="The word Bearer alone is let in.",
        choices=_reads(_read_empty_credential),
    ),
    _fault(
        name="key_in_other_header_is_let_in",
        clause="AUTH-10",
        title="A key in X-Api-Key is let in.",
        choices=_reads(_read_other_header),
    ),
    _fault(
        name="missing_key_is_403",
        clause="AUTH-02",
        title="A request without a key is refused with 403.",
        choices=_refuses(missing=_FORBIDDEN),
    ),
    _fault(
        name="missing_key_is_400",
        clause="AUTH-02",
        title="A request without a key is refused with 400.",
        choices=_refuses(missing=bad_request("Missing Authorization header.", param="authorization")),
    ),
    _fault(
        name="missing_key_redirects_to_login",
        clause="AUTH-02",
        title="A request without a key is sent to a login page.",
        choices=_refuses(missing=ApiError(302, "Log in.", headers=(("location", "/login"),))),
    ),
    _fault(
        name="unknown_key_is_403",
        clause="AUTH-03",
        title="An unknown key is refused with 403.",
        choices=_refuses(unknown=_FORBIDDEN),
    ),
    _fault(
        name="unknown_key_is_404",
        clause="AUTH-03",
        title="An unknown key is refused with 404.",
        choices=_refuses(unknown=not_found("No such key.")),
    ),
    _fault(
        name="unknown_key_breaks_server",
        clause="AUTH-03",
        title="An unknown key ends in 500.",
        choices=_refuses(unknown=internal_error()),
    ),
    _fault(
        name="refused_key_lacks_envelope",
        clause="AUTH-07",
        title="A 401 has the body of a framework: `detail`.",
        reply=on_refusal(lambda answer: replace(answer, payload={"detail": "Not authenticated"}), status=_UNAUTHORIZED),
    ),
    _fault(
        name="refused_key_is_plain_text",
        clause="AUTH-07",
        title="A 401 is plain text, as a proxy in front would write it.",
        reply=on_refusal(
            lambda answer: replace(answer, text="Unauthorized", content_type="text/plain"), status=_UNAUTHORIZED
        ),
    ),
    _fault(
        name="refused_key_has_empty_body",
        clause="AUTH-07",
        title="A 401 has no body.",
        reply=on_refusal(lambda answer: replace(answer, text=""), status=_UNAUTHORIZED),
    ),
    _fault(
        name="refused_key_names_no_scheme",
        clause="AUTH-08",
        title="A 401 lacks WWW-Authenticate.",
        reply=on_refusal(_forget_scheme, status=_UNAUTHORIZED),
    ),
    _fault(
        name="refusal_repeats_the_key",
        clause="AUTH-09",
        title="A 401 repeats the key that was presented.",
        choices={"authentication.refuse_unknown": _repeat_key},
    ),
)
