"""Signatures are recognised in every form that the field uses, and in none that proves nothing."""

import base64
import hashlib
import hmac
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assisters_verify.signatures import (
    Content,
    Encoding,
    Scheme,
    SecretForm,
    digests_in,
    find_scheme,
    signature_headers,
    verifies,
)

Pairs = list[tuple[str, str]]

# https://github.com/standard-webhooks/standard-webhooks: the test vector of its libraries
STANDARD_SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
STANDARD_BODY = b'{"test": 2432232314}'
STANDARD_HEADERS = [
    ("webhook-id", "msg_p5jXN8AQM9LWM0D4loKWxJek"),
    ("webhook-timestamp", "1614265330"),
    ("webhook-signature", "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="),
]
# https://docs.github.com/en/webhooks/using-webhooks/validating-webhook-deliveries
GITHUB_SECRET = "It's a Secret to Everybody"
GITHUB_BODY = b"Hello, World!"
GITHUB_HEADERS = [
    ("X-Hub-Signature-256", "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17"),
]
# https://api.slack.com/authentication/verifying-requests-from-slack
SLACK_SECRET = "8f742231b10e8888abcd99yyyzzz85a5"
SLACK_BODY = (
    b"token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow&channel_id=G8PSS9T3V"
    b"&channel_name=foobar&user_id=U2CERLKJA&user_name=roadrunner&command=%2Fwebhook-collect&text="
    b"&response_url=https%3A%2F%2Fhooks.slack.com%2Fcommands%2FT1DC2JH3J%2F397700885554%2F96rGlfmibIGlgcZRskXaIFfN"
    b"&trigger_id=398738663015.47445629121.803a0bc887a14d10d2c447fce8b6703c"
)
SLACK_HEADERS = [
    ("X-Slack-Request-Timestamp", "1531420618"),
    ("X-Slack-Signature", "v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503"),
]

SECRET = "0123456789abcdef0123456789abcdef"
BODY = b'{"event": "chat.completion", "data": {"id": "chat_123", "status": "completed"}}'


def mac(message: bytes, key: bytes = SECRET.encode()) -> bytes:
    return hmac.new(key, message, hashlib.sha256).digest()


def b64(raw: bytes) -> str:
    return base64.b64encode(raw).decode()


# After each vendor's own documentation; only those above publish a vector.
FORMS: dict[str, tuple[Pairs, Content, Encoding, SecretForm]] = {
    "bare hex": ([("x-sig", mac(BODY).hex())], Content.BODY, Encoding.HEX, SecretForm.TEXT),
    "upper-case hex": ([("x-sig", mac(BODY).hex().upper())], Content.BODY, Encoding.HEX, SecretForm.TEXT),
    "sha256=hex": ([("x-sig", f"sha256={mac(BODY).hex()}")], Content.BODY, Encoding.HEX, SecretForm.TEXT),
    "sha256:hex": ([("x-sig", f"sha256:{mac(BODY).hex()}")], Content.BODY, Encoding.HEX, SecretForm.TEXT),
    "base64, as Shopify": (
        [("X-Shopify-Hmac-Sha256", b64(mac(BODY)))],
        Content.BODY,
        Encoding.BASE64,
        SecretForm.TEXT,
    ),
    "sha256=base64": ([("x-sig", f"sha256={b64(mac(BODY))}")], Content.BODY, Encoding.BASE64, SecretForm.TEXT),
    "sha256-base64": ([("x-sig", f"sha256-{b64(mac(BODY))}")], Content.BODY, Encoding.BASE64, SecretForm.TEXT),
    "base64 without padding": ([("x-sig", b64(mac(BODY))[:-1])], Content.BODY, Encoding.BASE64, SecretForm.TEXT),
    "base64url": (
        [("x-sig", base64.urlsafe_b64encode(mac(BODY)).decode())],
        Content.BODY,
        Encoding.BASE64,
        SecretForm.TEXT,
    ),
    "t=,v1=, as Stripe": (
        [("Stripe-Signature", f"t=1700000000,v1={mac(b'1700000000.' + BODY).hex()},v0={'0' * 64}")],
        Content.TIME_DOT_BODY,
        Encoding.HEX,
        SecretForm.TEXT,
    ),
    "ts=;h1=, as Paddle": (
        [("Paddle-Signature", f"ts=1700000000;h1={mac(b'1700000000:' + BODY).hex()}")],
        Content.TIME_COLON_BODY,
        Encoding.HEX,
        SecretForm.TEXT,
    ),
    "time of its own, in milliseconds": (
        [("x-timestamp", "1700000000123"), ("x-sig", mac(b"1700000000123" + BODY).hex())],
        Content.TIME_BODY,
        Encoding.HEX,
        SecretForm.TEXT,
    ),
    "time as a date": (
        [("x-sent-date", "2026-11-22T10:00:00Z"), ("x-sig", mac(b"2026-11-22T10:00:00Z." + BODY).hex())],
        Content.TIME_DOT_BODY,
        Encoding.HEX,
        SecretForm.TEXT,
    ),
    "key decoded from hex": (
        [("x-sig", mac(BODY, bytes.fromhex(SECRET)).hex())],
        Content.BODY,
        Encoding.HEX,
        SecretForm.HEX,
    ),
    "key decoded from base64": (
        [("x-sig", mac(BODY, base64.b64decode(SECRET)).hex())],
        Content.BODY,
        Encoding.HEX,
        SecretForm.BASE64,
    ),
    "two signatures while keys rotate": (
        [("webhook-signature", f"v1,{b64(bytes(32))} v1,{b64(mac(BODY))}")],
        Content.BODY,
        Encoding.BASE64,
        SecretForm.TEXT,
    ),
}

# What a subscriber cannot verify with the secret, or what proves nothing.
WRONG: dict[str, Pairs] = {
    "none": [("content-type", "application/json")],
    "another body": [("x-sig", mac(BODY + b" ").hex())],
    "the body as another writer spells it": [("x-sig", mac(json.dumps(json.loads(BODY), indent=2).encode()).hex())],
    "the data alone": [("x-sig", mac(json.dumps(json.loads(BODY)["data"]).encode()).hex())],
    "another secret": [("x-sig", mac(BODY, b"another").hex())],
    "half of it": [("x-sig", mac(BODY).hex()[:32])],
    "one digit more": [("x-sig", mac(BODY).hex() + "0")],
    "no HMAC": [("x-sig", hashlib.sha256(SECRET.encode() + BODY).hexdigest())],
    "a digest without a secret": [("x-sig", hashlib.sha256(BODY).hexdigest())],
    "SHA-1": [("x-sig", hmac.new(SECRET.encode(), BODY, hashlib.sha1).hexdigest())],
    "SHA-512": [("x-sig", hmac.new(SECRET.encode(), BODY, hashlib.sha512).hexdigest())],
    "nothing signed": [("x-sig", mac(b"").hex())],
    "the time alone": [("x-time", "1700000000"), ("x-sig", mac(b"1700000000").hex())],
    "the secret itself": [("x-sig", SECRET)],
}


@pytest.mark.parametrize("form", FORMS)
def test_form_is_recognised(form: str) -> None:
    headers, content, encoding, secret_form = FORMS[form]
    expected = (content, encoding, secret_form)
    found = find_scheme(headers, BODY, [SECRET])
    assert found is not None
    assert (found.content, found.encoding, found.secret_form) == expected


@pytest.mark.parametrize(
    ("headers", "body", "secret", "content"),
    [
        (STANDARD_HEADERS, STANDARD_BODY, STANDARD_SECRET, Content.ID_TIME_BODY),
        (GITHUB_HEADERS, GITHUB_BODY, GITHUB_SECRET, Content.BODY),
        (SLACK_HEADERS, SLACK_BODY, SLACK_SECRET, Content.VERSION_TIME_BODY),
    ],
    ids=["Standard Webhooks", "GitHub", "Slack"],
)
def test_published_vector_is_recognised(headers: Pairs, body: bytes, secret: str, content: Content) -> None:
    found = find_scheme(headers, body, [secret])
    assert found is not None
    assert found.content == content


def test_svix_names_are_recognised() -> None:
    headers = [(name.replace("webhook-", "svix-"), value) for name, value in STANDARD_HEADERS]
    assert find_scheme(headers, STANDARD_BODY, [STANDARD_SECRET]) == Scheme(
        header="svix-signature",
        encoding=Encoding.BASE64,
        content=Content.ID_TIME_BODY,
        secret_form=SecretForm.REST_AS_BASE64,
    )


@pytest.mark.parametrize("case", WRONG)
def test_what_proves_nothing_is_not_taken_for_a_signature(case: str) -> None:
    assert find_scheme(WRONG[case], BODY, [SECRET]) is None


@pytest.mark.parametrize(
    ("secret", "key", "form"),
    [
        ("whsec_in plain words", b"in plain words", SecretForm.REST_AS_TEXT),
        (f"whsec_{SECRET}", bytes.fromhex(SECRET), SecretForm.REST_AS_HEX),
        (SECRET.upper(), bytes.fromhex(SECRET), SecretForm.HEX),
        ("c2VjcmV0LWtleXXX", base64.b64decode("c2VjcmV0LWtleXXX"), SecretForm.BASE64),
        ("c2VjcmV0LWtleSE===", b"secret-key!", SecretForm.BASE64),
    ],
    ids=["words behind a prefix", "hex behind a prefix", "upper-case hex", "base64 that ends in X", "padded too much"],
)
def test_form_of_the_key_is_told(secret: str, key: bytes, form: SecretForm) -> None:
    found = find_scheme([("x-sig", mac(BODY, key).hex())], BODY, [secret])
    assert found is not None
    assert found.secret_form == form


def test_right_secret_is_found_among_others() -> None:
    assert find_scheme(GITHUB_HEADERS, GITHUB_BODY, ["not it", GITHUB_SECRET]) is not None


def test_secret_that_is_no_text_of_unicode_does_no_harm() -> None:
    assert find_scheme(GITHUB_HEADERS, GITHUB_BODY, ["\ud800", ""]) is None


def test_headers_that_hold_signatures_are_told_by_name_first() -> None:
    headers = [("X-Request-Hash", "a" * 64), ("X-Signature", "b"), ("Date", "today")]
    assert signature_headers(headers) == [("x-signature", "b")]


def test_headers_that_hold_signatures_are_told_by_form_otherwise() -> None:
    headers = [("X-Proof", "a" * 64), ("Date", "today")]
    assert signature_headers(headers) == [("x-proof", "a" * 64)]


def test_long_header_is_searched_in_bounds() -> None:
    headers = [("x-sig", " ".join(["a" * 64] * 1000)), ("x-time", " ".join(["1700000000"] * 1000))]
    assert len(digests_in(headers)) == 12


SECRETS = st.text(st.characters(codec="utf-8"), min_size=8, max_size=60)
BODIES = st.binary(max_size=200)


@given(
    secret=SECRETS, body=BODIES, is_hex=st.booleans(), prefix=st.sampled_from(["", "sha256=", "v1=", "v1,", "t=5,v1="])
)
def test_right_signature_verifies_and_no_other_body_or_secret(
    *, secret: str, body: bytes, is_hex: bool, prefix: str
) -> None:
    raw = mac(body, secret.encode())
    headers = [("x-signature", prefix + (raw.hex() if is_hex else b64(raw)))]
    scheme = find_scheme(headers, body, [secret])
    assert scheme is not None
    outcomes = [
        verifies(scheme, headers, body, secret),
        verifies(scheme, headers, body + b"x", secret),
        verifies(scheme, headers, body, secret + "x"),
    ]
    assert outcomes == [True, False, False]


@given(key=st.binary(min_size=8, max_size=40), body=BODIES, form=st.sampled_from(["hex", "base64", "base64url"]))
def test_key_may_be_written_in_any_form_with_or_without_a_prefix(key: bytes, body: bytes, form: str) -> None:
    written = {"hex": key.hex(), "base64": b64(key), "base64url": base64.urlsafe_b64encode(key).decode().rstrip("=")}
    headers = [("x-signature", mac(body, key).hex())]
    found = [find_scheme(headers, body, [secret]) for secret in (written[form], f"whsec_{written[form]}")]
    assert None not in found


@given(value=st.text(st.characters(min_codepoint=0x20, max_codepoint=0xFF), max_size=200), body=BODIES)
def test_any_header_can_be_read(value: str, body: bytes) -> None:
    headers = [("x-signature", value), ("x-time", value), ("x-id", value)]
    assert find_scheme(headers, body, [SECRET]) is None
