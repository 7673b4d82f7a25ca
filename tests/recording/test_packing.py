"""A large body that is kept for the recording comes out as it went in."""

import pytest

from assisters_verify.recording.packing import Packed, packed


@pytest.mark.parametrize("pieces", [[], [b""], [b"ab", b"", b"c"], [b"x" * 40_000, b"y"]], ids=len)
def test_pieces_come_out_as_they_went_in(pieces: list[bytes]) -> None:
    held = Packed(pieces)
    assert (list(held), list(held), len(held)) == (pieces, pieces, len(pieces))


def test_large_body_is_compressed_and_a_small_one_is_not() -> None:
    small, large = [b"a" * 32_768], [b"a" * 32_768, b"a"]
    assert (packed(small) is small, list(packed(large)) == large, isinstance(packed(large), Packed)) == (
        True,
        True,
        True,
    )


def test_piece_is_found() -> None:
    held = Packed([b"one", b"two"])
    assert (b"two" in held, b"onetwo" in held) == (True, False)
