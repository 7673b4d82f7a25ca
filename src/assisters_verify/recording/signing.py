"""Sign what came in once more, with what stands for the secret: a right signature stays right, a wrong one wrong."""

import base64
import hashlib
import hmac
from collections.abc import Iterator, Mapping, Sequence

from assisters_verify.signatures import signed_contents, signing_keys

Headers = Sequence[tuple[str, str]]


def sign_again(before: Headers, body: bytes, after: Headers, other_body: bytes, pairs: Mapping[str, str]) -> Headers:
    """Return the headers `after`, with signatures of the message that it was `before`, made with one of the secrets of
    these pairs, replaced by those of the message that it is now, made with what stands for that secret."""
    old = [message for _, message in signed_contents(before, body)]
    new = [message for _, message in signed_contents(after, other_body)]
    values = [value for _, value in after]
    for secret, stand_in in pairs.items():
        keys = zip(signing_keys(secret), signing_keys(stand_in), strict=False)
        for (_, key), (_, other) in keys:
            for message, now in zip(old, new, strict=False):
                digest, replacement = _digest(key, message), _digest(other, now)
                for text, other_text in zip(_texts(digest), _texts(replacement), strict=True):
                    values = [value.replace(text, other_text) for value in values]
    return tuple((name, value) for (name, _), value in zip(after, values, strict=True))


def _digest(key: bytes, message: bytes) -> bytes:
    return hmac.new(key, message, hashlib.sha256).digest()


def _texts(digest: bytes) -> Iterator[str]:
    yield digest.hex()
    yield digest.hex().upper()
    yield base64.b64encode(digest).decode().rstrip("=")
    yield base64.urlsafe_b64encode(digest).decode().rstrip("=")
