"""Sign an event with the secret that subscriber and server share."""

import base64
import hashlib
import hmac
import time
from dataclasses import dataclass

SIGNATURE_HEADER = "x-assisters-signature"


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """One event, ready to be signed: the raw body, and the secret in the form the subscriber got it."""

    id: str
    body: bytes
    secret: str


def digest(letter: Letter) -> bytes:
    """Return HMAC-SHA256 over the raw body."""
    return hmac.new(letter.secret.encode(), letter.body, hashlib.sha256).digest()


def sign_prefixed_hex(letter: Letter) -> dict[str, str]:
    """Sign as ``sha256=HEX``."""
    return {SIGNATURE_HEADER: f"sha256={digest(letter).hex()}"}


def sign_bare_hex(letter: Letter) -> dict[str, str]:
    """Sign as bare hex digits."""
    return {SIGNATURE_HEADER: digest(letter).hex()}


def sign_base64(letter: Letter) -> dict[str, str]:
    """Sign as base64."""
    return {SIGNATURE_HEADER: base64.b64encode(digest(letter)).decode()}


def sign_standard(letter: Letter) -> dict[str, str]:
    """Return the headers of the Standard Webhooks specification, version 1."""
    timestamp = str(int(time.time()))
    key = base64.b64decode(letter.secret.removeprefix("whsec_"))
    signed = f"{letter.id}.{timestamp}.".encode() + letter.body
    signature = base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
    return {"webhook-id": letter.id, "webhook-timestamp": timestamp, "webhook-signature": f"v1,{signature}"}
