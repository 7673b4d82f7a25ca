"""`Retry-After` is read as a number or a date; what is neither is told from one that is not there."""

import pytest

from assisters_verify.generator.retry_after import read_retry_after
from assisters_verify.measures.ledger import NEVER, UNREADABLE

DATE = "Sun, 06 Nov 1994 08:49:37 GMT"


@pytest.mark.parametrize(
    ("value", "wait_ms"),
    [
        ("", NEVER),
        ("0", 0),
        (" 30 ", 30_000),
        ("0.25", 250),
        ("999999999", 2**31 - 1),
        ("Sun, 06 Nov 1994 08:49:40 GMT", 3_000),
        ("Sunday, 06-Nov-94 08:49:40 GMT", 3_000),
        ("Sun Nov  6 08:49:40 1994", 3_000),
        ("Sun, 06 Nov 1994 08:49:30 GMT", 0),
        ("soon", UNREADABLE),
        ("-1", UNREADABLE),
        ("60 seconds", UNREADABLE),
        ("1e3", UNREADABLE),
        ("\u0663", UNREADABLE),
    ],
)
def test_wait_is_read(value: str, wait_ms: int) -> None:
    assert read_retry_after(value, date=DATE) == wait_ms


def test_date_without_the_clock_of_the_target_is_taken_by_ours() -> None:
    assert read_retry_after(DATE, date="") == 0
