"""Find out how a received message is signed with a shared secret, and verify it that way."""

import base64
import binascii
import hashlib
import hmac
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

Headers = Sequence[tuple[str, str]]

_HEX = re.compile(r"(?<![0-9A-Za-z])[0-9A-Fa-f]{64}(?![0-9A-Za-z])")
# 32 bytes; both alphabets, with or without padding. A prefix may end in any sign that is no letter or digit.
_BASE64 = re.compile(r"(?<![0-9A-Za-z+/])[0-9A-Za-z+/]{43}(?:=(?!=)|(?![0-9A-Za-z+/=]))")
_BASE64_URL = re.compile(r"(?<![0-9A-Za-z_-])[0-9A-Za-z_-]{43}(?:=(?!=)|(?![0-9A-Za-z_=-]))")
_UNIX_TIME = re.compile(r"(?<![0-9A-Za-z.])[0-9]{10}(?:[0-9]{3}){0,3}(?![0-9A-Za-z.])")
_SIGNATURE_NAME = re.compile(r"sign|sig\b|hmac|digest|sha-?256|\bmac\b", re.IGNORECASE)
_TIME_NAME = re.compile(r"time|date|\bts\b", re.IGNORECASE)
_ID_NAME = re.compile(r"(?:^|[-_])id$", re.IGNORECASE)
_SECRET_PREFIX = re.compile(r"[A-Za-z0-9]+_")
_MOST = 12


class Encoding(StrEnum):
    """How the 32 bytes of a digest are written."""

    HEX = "hex"
    BASE64 = "base64"


class SecretForm(StrEnum):
    """What of the secret is the key."""

    TEXT = "the secret as text"
    HEX = "the secret decoded from hex"
    BASE64 = "the secret decoded from base64"
    REST_AS_TEXT = "the secret behind its prefix, as text"
    REST_AS_HEX = "the secret behind its prefix, decoded from hex"
    REST_AS_BASE64 = "the secret behind its prefix, decoded from base64"


class Content(StrEnum):
    """What is signed: the raw body alone, or with a time stamp and an id from the headers before it."""

    BODY = "body"
    TIME_DOT_BODY = "timestamp.body"  # Stripe
    TIME_COLON_BODY = "timestamp:body"
    TIME_BODY = "timestamp body"
    VERSION_TIME_BODY = "v0:timestamp:body"  # Slack
    ID_TIME_BODY = "id.timestamp.body"  # Standard Webhooks


@dataclass(frozen=True, slots=True, kw_only=True)
class Digest:
    """32 bytes that a header holds; `header` is its name in lower case."""

    header: str
    encoding: Encoding
    value: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Scheme:
    """A way of signing: HMAC-SHA256 in all cases."""

    header: str
    encoding: Encoding
    content: Content
    secret_form: SecretForm

    def __str__(self) -> str:
        return f"HMAC-SHA256 over {self.content} in `{self.header}`, as {self.encoding}; the key is {self.secret_form}"


def find_scheme(headers: Headers, body: bytes, secrets: Iterable[str]) -> Scheme | None:
    """Return the way in which one of these secrets signs this message, or None where none does."""
    for secret in secrets:
        scheme = next(_schemes(headers, body, secret), None)
        if scheme is not None:
            return scheme
    return None


def verifies(scheme: Scheme, headers: Headers, body: bytes, secret: str) -> bool:
    """Tell whether the message carries a signature of this kind with this secret."""
    return any(found == scheme for found in _schemes(headers, body, secret))


def digests_in(headers: Headers) -> list[Digest]:
    """Return what may be a signature by its form."""
    return list(_digests(headers))[:_MOST]


def signature_headers(headers: Headers) -> list[tuple[str, str]]:
    """Return the headers that say by their name that they hold a signature; where none does, those that do by their
    form. Names are in lower case."""
    named = [(name.lower(), value) for name, value in headers if _SIGNATURE_NAME.search(name)]
    formed = {digest.header for digest in _digests(headers)}
    return named or [(name.lower(), value) for name, value in headers if name.lower() in formed]


def _schemes(headers: Headers, body: bytes, secret: str) -> Iterator[Scheme]:
    found = digests_in(headers)
    contents = list(signed_contents(headers, body))
    for form, key in signing_keys(secret):
        for content, message in contents:
            right = hmac.new(key, message, hashlib.sha256).digest()
            for digest in found:
                if hmac.compare_digest(digest.value, right):
                    yield Scheme(header=digest.header, encoding=digest.encoding, content=content, secret_form=form)


def _digests(headers: Headers) -> Iterator[Digest]:
    for name, value in headers:
        header = name.lower()
        for text in _HEX.findall(value):
            yield Digest(header=header, encoding=Encoding.HEX, value=bytes.fromhex(text))
        texts = {*_BASE64.findall(value), *_BASE64_URL.findall(value)}
        for text in sorted(texts):
            raw = base64.urlsafe_b64decode(text.rstrip("=").replace("+", "-").replace("/", "_") + "=")
            yield Digest(header=header, encoding=Encoding.BASE64, value=raw)


def signed_contents(headers: Headers, body: bytes) -> Iterator[tuple[Content, bytes]]:
    """Yield what may be signed of a message."""
    yield Content.BODY, body
    ids = [value for name, value in headers if _ID_NAME.search(name)][:_MOST]
    for time in _times(headers):
        yield Content.TIME_DOT_BODY, f"{time}.".encode("latin-1") + body
        yield Content.TIME_COLON_BODY, f"{time}:".encode("latin-1") + body
        yield Content.TIME_BODY, time.encode("latin-1") + body
        yield Content.VERSION_TIME_BODY, f"v0:{time}:".encode("latin-1") + body
        for message_id in ids:
            yield Content.ID_TIME_BODY, f"{message_id}.{time}.".encode("latin-1") + body


def _times(headers: Headers) -> list[str]:
    """Return what may be the time of signing: Unix times anywhere, such as `t=` in a signature, and whole values of
    headers that are named after time."""
    times = [text for _, value in headers for text in _UNIX_TIME.findall(value)]
    times += [value for name, value in headers if _TIME_NAME.search(name)]
    return list(dict.fromkeys(times))[:_MOST]


def signing_keys(secret: str) -> Iterator[tuple[SecretForm, bytes]]:
    """Yield the keys that a secret may stand for."""
    yield from _decoded(secret, SecretForm.TEXT, SecretForm.HEX, SecretForm.BASE64)
    prefix = _SECRET_PREFIX.match(secret)
    if prefix is not None:
        rest = secret[prefix.end() :]
        yield from _decoded(rest, SecretForm.REST_AS_TEXT, SecretForm.REST_AS_HEX, SecretForm.REST_AS_BASE64)


def _decoded(
    text: str, as_text: SecretForm, as_hex: SecretForm, as_base64: SecretForm
) -> Iterator[tuple[SecretForm, bytes]]:
    if not text:
        return
    yield as_text, text.encode(errors="surrogatepass")
    if re.fullmatch(r"(?:[0-9A-Fa-f]{2})+", text):
        yield as_hex, bytes.fromhex(text)
    if re.fullmatch(r"[0-9A-Za-z+/_-]+=*", text):
        plain = text.rstrip("=").replace("-", "+").replace("_", "/")
        try:
            key = base64.b64decode(plain + "=" * (-len(plain) % 4))
        except binascii.Error:
            return
        if key:
            yield as_base64, key
