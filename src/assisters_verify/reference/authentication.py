"""Decide which key signed a request, and refuse a request that none signed."""

from collections.abc import Callable
from dataclasses import dataclass

from assisters_verify.reference.calls import Call
from assisters_verify.reference.keys import ApiKey, KeyStore
from assisters_verify.reference.problems import ApiError, unauthorized


def needs_key(call: Call) -> bool:
    """Tell whether the documentation asks for a key here: on every /v1 route, known or not."""
    return call.path == "/v1" or call.path.startswith("/v1/")


def read_bearer_token(call: Call) -> str | None:
    """Return the token of ``Authorization: Bearer TOKEN``; the scheme's case does not matter (RFC 9110, 11.1)."""
    value = call.header("authorization")
    if value is None:
        return None
    scheme, _, token = value.partition(" ")
    return token.strip(" ") or None if scheme.lower() == "bearer" else None


def find_exact_key(keys: KeyStore, token: str) -> ApiKey | None:
    """Return the key whose secret is the token, whole and in its own case."""
    return keys.by_secret.get(token)


def refuse_missing(_call: Call) -> ApiError:
    """Return the refusal of a request without a usable header."""
    return unauthorized("Missing API key. Send it as 'Authorization: Bearer YOUR_API_KEY'.")


def refuse_unknown(_call: Call) -> ApiError:
    """Return the refusal of a key nobody issued, or that was deleted."""
    return unauthorized("Invalid API key.")


@dataclass(frozen=True, slots=True, kw_only=True)
class AuthenticationPolicy:
    """The choices authentication is made of."""

    needs_key: Callable[[Call], bool] = needs_key
    read_token: Callable[[Call], str | None] = read_bearer_token
    find_key: Callable[[KeyStore, str], ApiKey | None] = find_exact_key
    may_use: Callable[[Call, ApiKey], bool] = lambda _call, _key: True
    refuse_missing: Callable[[Call], ApiError] = refuse_missing
    refuse_unknown: Callable[[Call], ApiError] = refuse_unknown


def authenticate(call: Call) -> ApiKey | None:
    """Return the key that signed the call, or nothing where none is needed.

    Raises:
        ApiError: 401.
    """
    policy = call.behaviour.authentication
    if not policy.needs_key(call):
        return None
    token = policy.read_token(call)
    if token is None:
        raise policy.refuse_missing(call)
    key = policy.find_key(call.services.keys, token)
    if key is None or not policy.may_use(call, key):
        raise policy.refuse_unknown(call)
    return key
