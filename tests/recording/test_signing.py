"""A right signature stays right when its secret is replaced, and a wrong one wrong."""

import base64
import hashlib
import hmac

import pytest

from assisters_verify.recording.signing import sign_again
from assisters_verify.signatures import find_scheme

SECRET, OTHER = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "whsec_k3Bv9x2mQw7T5zJ8hN4rC6yD1fG0sLpE"
BODY = b'{"event": "chat.completion"}'


def digest(key: bytes, message: bytes) -> bytes:
    return hmac.new(key, message, hashlib.sha256).digest()


SIGNED = {
    "hex": [("X-Signature", digest(SECRET.encode(), BODY).hex())],
    "prefixed": [("X-Signature", f"sha256={digest(SECRET.encode(), BODY).hex()}")],
    "base64": [("X-Signature", base64.b64encode(digest(SECRET.encode(), BODY)).decode())],
    "standard_webhooks": [
        ("webhook-id", "msg_1"),
        ("webhook-timestamp", "1700000000"),
        (
            "webhook-signature",
            "v1," + base64.b64encode(digest(base64.b64decode(SECRET[6:]), b"msg_1.1700000000." + BODY)).decode(),
        ),
    ],
}


@pytest.mark.parametrize("form", list(SIGNED))
def test_right_signature_stays_right_in_the_same_scheme(form: str) -> None:
    headers = SIGNED[form]

    again = sign_again(headers, BODY, headers, BODY, {SECRET: OTHER})

    assert find_scheme(again, BODY, [OTHER]) == find_scheme(headers, BODY, [SECRET])


@pytest.mark.parametrize("form", list(SIGNED))
def test_right_signature_is_of_the_stand_in_alone(form: str) -> None:
    again = sign_again(SIGNED[form], BODY, SIGNED[form], BODY, {SECRET: OTHER})

    assert find_scheme(again, BODY, [SECRET]) is None


def test_signature_follows_a_body_in_which_a_secret_was_replaced() -> None:
    headers = SIGNED["hex"]

    again = sign_again(headers, BODY, headers, BODY + b" ", {SECRET: OTHER})

    assert find_scheme(again, BODY + b" ", [OTHER]) is not None


def test_wrong_signature_stays_as_it_was() -> None:
    headers = [("X-Signature", digest(b"somebody else's", BODY).hex())]

    assert sign_again(headers, BODY, headers, BODY, {SECRET: OTHER}) == tuple(headers)
