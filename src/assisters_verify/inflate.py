"""Decode compressed bodies piece by piece, without ever holding more than a limit allows."""

import zlib
from io import BytesIO
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from zlib import _Decompress

_BLOCK_BYTES = 65_536
# zlib copies what it has not used yet on every call: short slices keep a body of many tiny members cheap.
_SLICE_BYTES = 16_384
_GZIP_BITS = 31
_ZLIB_BITS = 15
_RAW_BITS = -15
# As much as tells zlib's form from a raw one; a whole compressed body is never shorter.
_HEADER_BYTES = 2
_ZLIB_METHOD = 8
_IDENTITY = frozenset({"", "identity"})
_GZIP = frozenset({"gzip", "x-gzip"})
_KNOWN = _IDENTITY | _GZIP | {"deflate"}


class BodyTooLarge(Exception):  # noqa: N818 - named after what happened
    """A body decodes to more bytes than may be held."""


class CorruptBody(Exception):  # noqa: N818 - named after what happened
    """A body is not what its Content-Encoding says, or is cut off."""


class UnknownEncoding(Exception):  # noqa: N818 - named after what happened
    """A body has a Content-Encoding that nobody asked for."""


class BoundedInflater:
    """Decodes one body that comes in pieces of any size.

    `encoding` is the Content-Encoding: `gzip`, `x-gzip`, `deflate` (zlib's, or raw as some servers send it), `identity`
    or empty. Raises UnknownEncoding for all others, a list of several included.
    """

    def __init__(self, encoding: str, max_bytes: int) -> None:
        self._encoding = encoding.strip().lower()
        if self._encoding not in _KNOWN:
            raise UnknownEncoding(f"the body's Content-Encoding is {encoding[:64]!r}")
        self._max_bytes = max_bytes
        self._size = 0
        self._held = b""
        self._decoder: _Decompress | None = None

    def feed(self, data: bytes) -> bytes:
        """Return what this piece decodes to. Raises BodyTooLarge and CorruptBody; no more is decoded after that."""
        if self._encoding in _IDENTITY:
            self._count(data)
            return data
        data = self._held + data
        if self._decoder is None and len(data) < _HEADER_BYTES:
            self._held = data
            return b""
        self._held = b""
        decoded = BytesIO()
        for start in range(0, len(data), _SLICE_BYTES):
            rest = data[start : start + _SLICE_BYTES]
            while rest:
                self._decoder = self._decoder_for(rest)
                rest = self._decode_member(self._decoder, rest, decoded)
        return decoded.getvalue()

    def close(self) -> None:
        """Say that the body has ended. Raises CorruptBody where its data has not; no data at all is an empty body."""
        if self._held or (self._decoder is not None and not self._decoder.eof):
            raise CorruptBody("the compressed body is cut off")

    def _decoder_for(self, data: bytes) -> "_Decompress":
        if self._decoder is not None and not self._decoder.eof:
            return self._decoder
        if self._encoding in _GZIP:
            return zlib.decompressobj(_GZIP_BITS)
        if self._decoder is not None:
            raise CorruptBody("data follows the end of the compressed body")
        return zlib.decompressobj(_ZLIB_BITS if _has_zlib_header(data) else _RAW_BITS)

    def _decode_member(self, decoder: "_Decompress", data: bytes, decoded: BytesIO) -> bytes:
        """Decode as far as data and member go, and return what follows the member."""
        is_full = False
        while (data or is_full) and not decoder.eof:
            try:
                block = decoder.decompress(data, _BLOCK_BYTES)
            except zlib.error as error:
                raise CorruptBody("the compressed body is corrupt") from error
            self._count(block)
            decoded.write(block)
            # A full block may leave more inside the decoder, even where all data is used up.
            is_full = len(block) == _BLOCK_BYTES
            data = decoder.unconsumed_tail
        return decoder.unused_data

    def _count(self, block: bytes) -> None:
        self._size += len(block)
        if self._size > self._max_bytes:
            raise BodyTooLarge(f"the body is larger than {self._max_bytes} bytes")


def _has_zlib_header(data: bytes) -> bool:
    # RFC 1950, 2.2: the method is in the low half of the first byte, and both bytes together are a multiple of 31.
    return data[0] & 15 == _ZLIB_METHOD and int.from_bytes(data[:2]) % 31 == 0
