"""What a recording holds: what each check asked of the world outside, when, and what came."""

import base64
import binascii
import hashlib
import json
import re
from dataclasses import asdict, dataclass
from typing import Any, Self

from assisters_verify.redaction import Redactor
from assisters_verify.wire import Order

FORMAT = "assisters-verify/recording"
VERSION = 1
EXCHANGE = "exchange"
LISTEN = "listen"
# How the scopes of looks at whether the target is still there begin: whoever looked, the others rely on it.
LOOKS = "a look of "
_LONGEST_ASKED = 2_000
# In base64, the digits beside a secret hold some bits of it too, and where a key ends depends on what stands beside it.
# Which alteration of the run's own key is meant depends on which of them are known already: all count as that key.
_SECRET = re.compile(r"[A-Za-z0-9+/]*(?:\{\{(?:((?:second_)?api_key)(?:_\w+)?|(\w+))\}\})+[A-Za-z0-9+/=]*")


class RecordingError(Exception):
    """A recording that cannot be used; the message says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Header:
    """What the recorded run was told. Times of entries count from `began_at` (UTC in ISO 8601).

    `secrets` are what stands for each secret in this recording, by name. `interrupted_s` is when the run was ended
    early.
    """

    began_at: str
    salt: str
    suite: dict[str, str]
    settings: dict[str, Any]
    clauses: list[str]
    secrets: dict[str, str]
    interrupted: str | None = None
    interrupted_s: float | None = None
    dropped: int = 0


@dataclass(slots=True, kw_only=True)
class Entry:
    """One thing that was asked: `what` it was, and `asked` in words without secrets, by which it is found again.

    `answer` is JSON, with bytes among it. `is_cut` says that whoever asked did not wait for the end, `raised` that it
    failed.
    """

    scope: str
    what: str
    asked: str
    started_s: float
    ended_s: float = 0.0
    answer: Any = None
    raised: dict[str, Any] | None = None
    is_cut: bool = False

    def to_json(self) -> dict[str, Any]:
        """Return the entry as plain JSON values."""
        return {**asdict(self), "answer": _with_text(self.answer)}

    @classmethod
    def from_json(cls, value: dict[str, Any]) -> Self:
        """Return the entry that `to_json` was made from."""
        return cls(**{**value, "answer": _with_bytes(value["answer"])})


def asked_by(order: Order, redactor: Redactor) -> str:
    """Return a request in words in which secrets have their names: the same in the run and in its replay."""
    head = redactor.text(json.dumps([order.method, order.path, order.headers], ensure_ascii=False))
    body = b"-" if order.body is None else redactor.data(order.body)
    return shortened(_SECRET.sub(r"{{\1\2}}", head).encode(errors="surrogatepass") + b"\n" + body)


def asked_in_words(value: Any, redactor: Redactor) -> str:
    """Return what was asked, given as JSON, in words in which secrets have their names."""
    return shortened(redactor.text(json.dumps(value, sort_keys=True)).encode())


def shortened(data: bytes) -> str:
    """Return a text by which this is found again; one that is long ends in its digest."""
    text = data.decode(errors="backslashreplace")
    return text if len(text) <= _LONGEST_ASKED else f"{text[:_LONGEST_ASKED]}…{hashlib.sha256(data).hexdigest()}"


def _with_text(value: Any) -> Any:
    """Replace bytes by what JSON can hold."""
    if isinstance(value, bytes):
        try:
            return {"text": value.decode()}
        except UnicodeDecodeError:
            return {"base64": base64.b64encode(value).decode()}
    if isinstance(value, dict):
        return {"object": {name: _with_text(part) for name, part in value.items()}}
    return [_with_text(part) for part in value] if isinstance(value, list | tuple) else value


def _with_bytes(value: Any) -> Any:
    if isinstance(value, list):
        return [_with_bytes(part) for part in value]
    if not isinstance(value, dict):
        return value
    ((kind, content),) = value.items()
    if kind == "object":
        return {name: _with_bytes(part) for name, part in content.items()}
    if kind == "text":
        return str(content).encode()
    if kind != "base64":
        raise ValueError(kind)
    try:
        return base64.b64decode(content, validate=True)
    except binascii.Error as error:
        raise ValueError(kind) from error
