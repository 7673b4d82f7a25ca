"""Signatures: the forms that subscribers can verify."""

import base64
import hashlib
import hmac

from assisters_verify.reference.webhooks.signing import (
    Letter,
    sign_bare_hex,
    sign_base64,
    sign_prefixed_hex,
    sign_standard,
)

SECRET = "whsec_" + base64.b64encode(b"shared").decode()
LETTER = Letter(id="msg_1", body=b'{"a":1}', secret=SECRET)
DIGEST = hmac.new(SECRET.encode(), LETTER.body, hashlib.sha256).digest()


def test_plain_forms_sign_the_body() -> None:
    signed = [next(iter(sign(LETTER).values())) for sign in (sign_prefixed_hex, sign_bare_hex, sign_base64)]
    assert signed == [f"sha256={DIGEST.hex()}", DIGEST.hex(), base64.b64encode(DIGEST).decode()]


def test_standard_form_signs_id_time_and_body() -> None:
    headers = sign_standard(LETTER)
    signed = f"msg_1.{headers['webhook-timestamp']}.".encode() + LETTER.body
    expected = base64.b64encode(hmac.new(b"shared", signed, hashlib.sha256).digest()).decode()
    assert headers["webhook-signature"] == f"v1,{expected}"
