"""What calls itself a secret and looks like one is hidden, whoever asked for it; names, dates and masks are not."""

import pytest

from assisters_verify.redaction.shown import shown_secrets


@pytest.mark.parametrize(
    ("body", "found"),
    [
        (b'{"id": "key_1", "key": "ask_2ebc896de9b6be75fe72"}', ["ask_2ebc896de9b6be75fe72"]),
        (b'{"signing_secret" : "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"', ["whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"]),
        (b'{"accessToken":"7f9c24e8-3b7a-4f5e-9d2c-1a2b3c4d5e6f"}', ["7f9c24e8-3b7a-4f5e-9d2c-1a2b3c4d5e6f"]),
        (b'[{"key": "abcd1234abcd1234"}, {"Password": "abcd1234abcd5678"}]', ["abcd1234abcd1234", "abcd1234abcd5678"]),
        (b'{"key": "abcd1234abcd1234\\/e5"}', ["abcd1234abcd1234/e5"]),
        (b'{"key": "abcd1234abcd1234ab', ["abcd1234abcd1234ab"]),
        (b'{"key": "abcd1234abcd1234 and more"}', []),
        (b'{"key": "sk-7f9c24e83b7a4f5e****"}', []),
        (b'{"key": "sk-7f9c24e83b7a4f5e...c9d1"}', []),
        (b'{"key": "text-embedding-3-small-and-more"}', []),
        (b'{"key_created": "2026-01-01T12:00:00.000Z"}', []),
        (b'{"key": "requests_per_minute_95"}', []),
        (b'{"key_id": "abcd1234abcd1234", "keys": "abcd1234abcd1234", "IdempotencyKey": "abcd1234abcd1234"}', []),
        (b'{"token": " hello", "total_tokens": 12345678901234567890}', []),
        (b'{"text": "abcd1234abcd1234"}', []),
        (b"\x00" * 70_000 + b'{"key": "abcd1234abcd1234"}', []),
    ],
)
def test_secret_is_known_by_its_name_and_its_looks(body: bytes, found: list[str]) -> None:
    assert list(shown_secrets(body)) == found
