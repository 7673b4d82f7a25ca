"""API keys: the store of accounts, and the routes that create, list and delete keys."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from assisters_verify.reference.answers import Answer
from assisters_verify.reference.problems import not_found
from assisters_verify.reference.validation import require_text

if TYPE_CHECKING:
    from assisters_verify.reference.calls import Call

CREATED = 201
_SHOWN_CHARACTERS = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiKey:
    """One key. A created key belongs to its creator's account.

    Limits and idempotency stores belong to a key; webhooks, completions, audit log and metrics to the account.

    Args:
        owner: The account that lists and deletes the key.
    """

    id: str
    name: str
    secret: str
    account: str
    owner: str
    created_at: int

    @property
    def masked(self) -> str:
        """The key as logs and lists may show it."""
        return f"{self.secret[:3]}…{self.secret[-_SHOWN_CHARACTERS:]}"


NOBODY = ApiKey(id="key_nobody", name="nobody", secret="", account="acct_nobody", owner="acct_nobody", created_at=0)


class KeyStore:
    """All keys of one server, by secret and by id."""

    def __init__(self, secrets: tuple[str, ...]) -> None:
        self.nobody = NOBODY
        self.by_secret: dict[str, ApiKey] = {}
        self.by_id: dict[str, ApiKey] = {}
        # Keys that faults do not let go of, or know again; a conforming server leaves it empty.
        self.put_aside: list[ApiKey] = []
        for number, secret in enumerate(secrets, start=1):
            name = f"initial-{number}"
            account = f"acct_{number}"
            key = ApiKey(
                id=f"key_{number}",
                name=name,
                secret=secret,
                account=account,
                owner=account,
                created_at=int(time.time()),
            )
            self.add(key)

    def add(self, key: ApiKey) -> None:
        """Let the key in from now on."""
        self.by_secret[key.secret] = key
        self.by_id[key.id] = key

    def remove(self, key: ApiKey) -> None:
        """Refuse the key from now on."""
        self.by_secret.pop(key.secret, None)
        self.by_id.pop(key.id, None)

    def owned_by(self, account: str) -> list[ApiKey]:
        """Return the keys that the account lists and deletes."""
        return [key for key in self.by_id.values() if key.owner == account]


def make_secret(call: "Call") -> str:
    """Return a new secret."""
    return f"sk-{call.services.make_token()}"


def make_id(call: "Call", _secret: str) -> str:
    """Return a new id, which does not give away the secret."""
    return call.services.make_id("key")


def account_of(call: "Call", _secret: str) -> str:
    """Return whose webhooks, completions, log and metrics the new key sees: its creator's."""
    return call.customer.account


def owns(call: "Call", key: ApiKey) -> bool:
    """Tell whether the caller may delete the key."""
    return key.owner == call.customer.account


def show_created(key: ApiKey, secret_field: str) -> Any:
    """Return the answer to a creation."""
    return {**describe(key), secret_field: key.secret}


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyPolicy:
    """The choices the key routes are made of."""

    created_status: int = CREATED
    secret_field: str = "key"  # noqa: S105 - a field name
    make_secret: Callable[["Call"], str] = make_secret
    make_id: Callable[["Call", str], str] = make_id
    account_of: Callable[["Call", str], str] = account_of
    owns: Callable[["Call", ApiKey], bool] = owns
    show_created: Callable[[ApiKey, str], Any] = show_created
    remove: Callable[[KeyStore, ApiKey], None] = KeyStore.remove


async def create_key(call: "Call") -> Answer:
    """POST /v1/keys: the only answer that ever shows the whole secret."""
    body = call.json_object()
    name = require_text(body, "name")
    policy = call.behaviour.keys
    secret = policy.make_secret(call)
    key = ApiKey(
        id=policy.make_id(call, secret),
        name=name,
        secret=secret,
        account=policy.account_of(call, secret),
        owner=call.customer.account,
        created_at=int(time.time()),
    )
    call.services.keys.add(key)
    return Answer(payload=policy.show_created(key, policy.secret_field), status=policy.created_status)


async def list_keys(call: "Call") -> Answer:
    """GET /v1/keys: the account's keys, masked."""
    keys = call.services.keys.owned_by(call.customer.account)
    return Answer(payload={"keys": [{**describe(key), "masked": key.masked} for key in keys]})


async def delete_key(call: "Call") -> Answer:
    """DELETE /v1/keys/{key_id}: the key stops working at once."""
    key = call.services.keys.by_id.get(call.path_params["key_id"])
    if key is None or not call.behaviour.keys.owns(call, key):
        raise not_found("No such key.", param="key_id", code="key_not_found")
    call.behaviour.keys.remove(call.services.keys, key)
    return Answer(payload={"id": key.id, "object": "key", "deleted": True})


def describe(key: ApiKey) -> dict[str, Any]:
    """Return what every answer about a key shows."""
    return {"id": key.id, "object": "key", "name": key.name, "created": key.created_at}
