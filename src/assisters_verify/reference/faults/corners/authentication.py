"""Who is let in, in one corner: one route, one scheme, one kind of refusal."""

from collections.abc import Callable
from dataclasses import replace

from assisters_verify.reference.answers import Answer, Reply
from assisters_verify.reference.authentication import read_bearer_token
from assisters_verify.reference.calls import Call
from assisters_verify.reference.edits import CHAT, EMBEDDINGS, FIRST_REFUSAL
from assisters_verify.reference.keys import ApiKey, KeyStore
from assisters_verify.reference.problems import ApiError, bad_request, unauthorized
from assisters_verify.reference.variations import Fault
from assisters_verify.reference.wrappers import BodyFirst

_UNAUTHORIZED = 401


def _without_embeddings_with_a_key(call: Call) -> bool:
    return call.path != EMBEDDINGS or read_bearer_token(call) is None


def _find_by_property(keys: KeyStore, token: str) -> ApiKey | None:
    is_property = token in {"constructor", "__proto__", "toString", "hasOwnProperty"}
    return next(iter(keys.by_secret.values())) if is_property else keys.by_secret.get(token)


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


def _without_plain_deletions(call: Call) -> bool:
    is_free = call.method == "DELETE" and call.path.startswith("/v1/data/")
    return not (is_free and call.header("authorization") is None)


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
        name="any_key_is_let_in_by_embeddings",
        area="authentication",
        clause="AUTH-03",
        title="POST /v1/embeddings looks whether there is a key, and not which.",
        choices={"authentication.needs_key": _without_embeddings_with_a_key},
    ),
    Fault(
        name="names_of_objects_are_keys",
        area="authentication",
        clause="AUTH-03",
        title="Keys are looked up in an object that has a constructor, and so has the key of that name.",
        choices={"authentication.find_key": _find_by_property},
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
)
