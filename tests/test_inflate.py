"""Compressed bodies are decoded whole, within their limit, however the bytes are cut."""

import gzip
import tracemalloc
import zlib
from collections.abc import Callable, Iterable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.growth import grows_evenly

from assisters_verify.inflate import BodyTooLarge, BoundedInflater, CorruptBody, UnknownEncoding

TEXT = b"The quick brown fox jumps over the lazy dog. " * 20


def deflate_raw(data: bytes) -> bytes:
    compressor = zlib.compressobj(wbits=-15)
    return compressor.compress(data) + compressor.flush()


Compress = Callable[[bytes], bytes]
ENCODERS: dict[str, Compress] = {
    "identity": bytes,
    "": bytes,
    "gzip": gzip.compress,
    "x-gzip": gzip.compress,
    " GZip ": gzip.compress,
    "deflate": zlib.compress,
    "Deflate": deflate_raw,
}
DEFLATERS: dict[str, tuple[str, Compress]] = {
    "gzip": ("gzip", gzip.compress),
    "zlib": ("deflate", zlib.compress),
    "raw": ("deflate", deflate_raw),
}


def inflate(encoding: str, pieces: Iterable[bytes], *, max_bytes: int = 1_000_000) -> bytes:
    inflater = BoundedInflater(encoding, max_bytes)
    decoded = b"".join(inflater.feed(piece) for piece in pieces)
    inflater.close()
    return decoded


def one_by_one(data: bytes) -> list[bytes]:
    return [data[i : i + 1] for i in range(len(data))]


@pytest.mark.parametrize("encoding", ENCODERS)
def test_body_is_decoded(encoding: str) -> None:
    assert inflate(encoding, [ENCODERS[encoding](TEXT)]) == TEXT


@pytest.mark.parametrize("encoding", ENCODERS)
def test_body_is_decoded_byte_by_byte(encoding: str) -> None:
    assert inflate(encoding, one_by_one(ENCODERS[encoding](TEXT))) == TEXT


@pytest.mark.parametrize(("encoding", "compress"), DEFLATERS.values(), ids=DEFLATERS)
@settings(deadline=None)
@given(body=st.binary(max_size=300), cut=st.integers(0, 300))
def test_any_body_comes_back(encoding: str, compress: Compress, body: bytes, cut: int) -> None:
    data = compress(body)
    assert inflate(encoding, [data[:cut], data[cut:]]) == body


@pytest.mark.parametrize("level", range(10))
def test_zlib_header_is_known_at_every_level(level: int) -> None:
    assert inflate("deflate", [zlib.compress(TEXT, level)]) == TEXT


@pytest.mark.parametrize("window_bits", range(9, 16))
def test_zlib_header_is_known_at_every_window_size(window_bits: int) -> None:
    compressor = zlib.compressobj(wbits=window_bits)
    assert inflate("deflate", [compressor.compress(TEXT) + compressor.flush()]) == TEXT


def test_first_byte_alone_makes_no_zlib_header() -> None:
    """A raw stored block may begin with zlib's byte 0x78, as the bits after its type are free."""
    raw = b"\x78" + b"\x05\x00\xfa\xffhello" + b"\x03\x00"
    assert inflate("deflate", [raw]) == b"hello"


def test_members_of_gzip_are_joined() -> None:
    data = gzip.compress(b"one ") + gzip.compress(b"") + gzip.compress(b"two")
    assert inflate("gzip", [data]) == b"one two"


def test_members_of_gzip_may_begin_with_a_piece() -> None:
    assert inflate("gzip", [gzip.compress(b"one "), gzip.compress(b"two")]) == b"one two"


def test_body_of_many_blocks_is_decoded() -> None:
    body = TEXT * 1000
    assert inflate("gzip", [gzip.compress(body)]) == body


@pytest.mark.parametrize("size", [65_535, 65_536, 65_537, 65_600, 65_700, 65_794, 131_072, 131_100])
def test_piece_gives_all_that_it_holds(size: int) -> None:
    """A full block may leave more inside the decoder: it must not wait for the next piece of a stream."""
    compressor = zlib.compressobj(wbits=31)
    data = compressor.compress(bytes(size)) + compressor.flush(zlib.Z_SYNC_FLUSH)
    pieces = [data[:end] for end in range(len(data) - 12, len(data) + 1)]
    found = [len(BoundedInflater("gzip", 1_000_000).feed(piece)) for piece in pieces]
    assert found == [len(zlib.decompressobj(wbits=31).decompress(piece)) for piece in pieces]


def test_event_is_decoded_as_soon_as_it_was_flushed() -> None:
    compressor = zlib.compressobj(wbits=31)
    inflater = BoundedInflater("gzip", 1000)
    first = inflater.feed(compressor.compress(b"data: 1\n\n") + compressor.flush(zlib.Z_SYNC_FLUSH))
    second = inflater.feed(compressor.compress(b"data: 2\n\n") + compressor.flush(zlib.Z_SYNC_FLUSH))
    assert (first, second) == (b"data: 1\n\n", b"data: 2\n\n")


@pytest.mark.parametrize("encoding", ["gzip", "deflate", "identity", ""])
def test_no_data_at_all_is_an_empty_body(encoding: str) -> None:
    assert inflate(encoding, [b""]) == b""


@pytest.mark.parametrize("encoding", ENCODERS)
def test_body_of_exactly_the_limit_is_decoded(encoding: str) -> None:
    assert inflate(encoding, [ENCODERS[encoding](TEXT)], max_bytes=len(TEXT)) == TEXT


@pytest.mark.parametrize("encoding", ENCODERS)
def test_body_past_the_limit_is_refused(encoding: str) -> None:
    with pytest.raises(BodyTooLarge, match=f"larger than {len(TEXT) - 1} bytes"):
        inflate(encoding, [ENCODERS[encoding](TEXT)], max_bytes=len(TEXT) - 1)


def test_limit_counts_over_all_pieces_and_members() -> None:
    with pytest.raises(BodyTooLarge):
        inflate("gzip", [gzip.compress(b"12345"), gzip.compress(b"67890")], max_bytes=9)


@pytest.mark.parametrize(("encoding", "compress"), DEFLATERS.values(), ids=DEFLATERS)
def test_truncated_body_is_corrupt_wherever_it_ends(encoding: str, compress: Compress) -> None:
    data = compress(TEXT)
    accepted = []
    for end in range(1, len(data)):
        try:
            inflate(encoding, [data[:end]])
        except CorruptBody:
            continue
        accepted.append(end)
    assert accepted == []


CORRUPT: dict[str, tuple[str, bytes]] = {
    "no gzip": ("gzip", b"plain text, not compressed at all"),
    "zlib for gzip": ("gzip", zlib.compress(TEXT)),
    "gzip of another sum": ("gzip", gzip.compress(TEXT)[:-8] + bytes(8)),
    "gzip and more": ("gzip", gzip.compress(TEXT) + b"garbage"),
    "gzip of a second cut short": ("gzip", gzip.compress(TEXT) + gzip.compress(TEXT)[:-1]),
    "no deflate": ("deflate", b"\xff\xff\xff\xff"),
    "gzip for deflate": ("deflate", gzip.compress(TEXT)),
    "zlib of another sum": ("deflate", zlib.compress(TEXT)[:-4] + bytes(4)),
    "zlib and more": ("deflate", zlib.compress(TEXT) + b"garbage"),
    "raw and more": ("deflate", deflate_raw(TEXT) + deflate_raw(TEXT)),
    "first byte alone": ("deflate", b"\x78"),
}


@pytest.mark.parametrize(("encoding", "data"), CORRUPT.values(), ids=CORRUPT)
def test_corrupt_body_is_refused(encoding: str, data: bytes) -> None:
    with pytest.raises(CorruptBody):
        inflate(encoding, [data])


@pytest.mark.parametrize("encoding", ["br", "zstd", "compress", "gzip, gzip", "gzip;q=1", "none"])
def test_other_encodings_are_refused(encoding: str) -> None:
    with pytest.raises(UnknownEncoding, match="Content-Encoding"):
        BoundedInflater(encoding, 10)


def test_refusal_shows_the_start_of_a_long_encoding_only() -> None:
    with pytest.raises(UnknownEncoding) as caught:
        BoundedInflater("x" * 1000, 10)
    assert len(str(caught.value)) < 120


def inflate_and_forget(pieces: Iterable[bytes], *, max_bytes: int) -> None:
    inflater = BoundedInflater("gzip", max_bytes)
    for piece in pieces:
        inflater.feed(piece)


def bomb(size: int) -> bytes:
    compressor = zlib.compressobj(9, wbits=31)
    block = bytes(1 << 20)
    return b"".join(compressor.compress(block) for _ in range(size >> 20)) + compressor.flush()


@pytest.fixture(scope="module")
def gigabyte_bomb() -> bytes:
    """Ten times the same member of 100 MB, as compressing takes longer than the test."""
    return bomb(100 << 20) * 10


@pytest.mark.parametrize("piece_bytes", [1 << 30, 4096])
def test_bomb_costs_no_more_memory_than_the_limit(gigabyte_bomb: bytes, piece_bytes: int) -> None:
    """A gigabyte packed into one megabyte is refused at the limit, before it has been unpacked."""
    limit = 4 << 20
    pieces = [gigabyte_bomb[start : start + piece_bytes] for start in range(0, len(gigabyte_bomb), piece_bytes)]
    tracemalloc.start()
    try:
        with pytest.raises(BodyTooLarge):
            inflate_and_forget(pieces, max_bytes=limit)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < limit * 1.5


def test_many_tiny_members_are_decoded_in_linear_time() -> None:
    member = gzip.compress(b"")
    assert inflate("gzip", [member * 50_000]) == b""
    assert grows_evenly(lambda size: inflate("gzip", [member * size]), 3_000)
