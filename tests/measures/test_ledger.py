"""What is written into the ledger can be read from it."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assisters_verify.measures.ledger import NEVER, Head, Ledger, Problem, Row, write_ledger

HEAD = Head(
    started_s=1_700_000_000.25,
    measured_us=2_000_000,
    keys=3,
    lanes=("noisy", "quiet"),
    kinds=("chat", "streaming"),
    phases=("", "calm"),
)
TIME = st.integers(min_value=NEVER, max_value=2**60)
SMALL = st.integers(min_value=0, max_value=255)


@given(TIME, SMALL, st.integers(min_value=NEVER, max_value=2**31 - 1))
def test_row_packs_into_a_fixed_size(time_us: int, small: int, wait_ms: int) -> None:
    row = Row._make([*[time_us] * 5, *[small] * 7, 1, wait_ms, small, small])

    assert len(row.pack()) == len(Row(*([0] * 16)).pack())


def test_ledger_gives_back_head_and_rows(tmp_path: Path) -> None:
    rows = [
        Row(1, 2, 3, NEVER, 5, 0, 1, 2, 0, 1, 429, Problem.NONE, 1, 30_000, 0, 1),
        Row(6, 7, NEVER, NEVER, 8, 1, 0, 0, 1, 2, 0, Problem.RESET, NEVER, NEVER, 0, 0),
    ]
    write_ledger(tmp_path / "ledger.bin", HEAD, rows)
    ledger = Ledger(tmp_path / "ledger.bin")

    assert (ledger.head, list(ledger), len(ledger)) == (HEAD, rows, 2)


def test_another_file_is_no_ledger(tmp_path: Path) -> None:
    (tmp_path / "other").write_bytes(b"something\n")

    with pytest.raises(ValueError, match="no ledger"):
        Ledger(tmp_path / "other")


def test_problem_has_a_word() -> None:
    assert (Problem.NONE.word, Problem.NOT_HTTP.word) == ("", "not_http")
