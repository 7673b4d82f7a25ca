"""What a key was offered, and what share was refused, is counted from the ledger."""

from pathlib import Path

from assisters_verify.load_ledger import key_figures
from assisters_verify.measures.ledger import Head, Ledger, Row, write_ledger


def row(*, sent_us: int, key: int = 0, status: int = 200) -> Row:
    return Row(
        due_us=sent_us,
        sent_us=sent_us,
        first_byte_us=-1,
        first_content_us=-1,
        end_us=sent_us + 5,
        process=0,
        lane=0,
        key=key,
        kind=0,
        attempt=1,
        status=status,
        problem=0,
        envelope=-1,
        retry_after_ms=-1,
        chunks=0,
        phase=0,
    )


def ledger(folder: Path, rows: list[Row]) -> Ledger:
    head = Head(started_s=0.0, measured_us=0, keys=2, lanes=("a",), kinds=("chat",), phases=("",))
    write_ledger(folder / "ledger.bin", head, rows)
    return Ledger(folder / "ledger.bin")


def test_rates_are_over_the_time_in_which_a_key_was_used(tmp_path: Path) -> None:
    rows = [row(sent_us=1_000_000 + n * 10_000, status=429 if n % 4 == 3 else 200) for n in range(101)]
    (found,) = key_figures(ledger(tmp_path, rows))
    assert (found["key"], found["offered_per_s"], round(found["refused_share"], 3)) == (0, 101.0, 0.248)


def test_keys_that_were_hardly_used_are_left_out(tmp_path: Path) -> None:
    rows = [row(sent_us=n * 100_000, key=n % 2) for n in range(19)] + [row(sent_us=-1) for _ in range(20)]
    assert [each["key"] for each in key_figures(ledger(tmp_path, rows))] == [0]
