"""Keep the pieces of a large body compressed until the recording is written."""

import zlib
from collections.abc import Collection, Iterator, Sequence

# What is smaller is not worth the time.
_LARGE_BYTES = 32 * 1024
_QUICK = 1


class Packed(Collection[bytes]):
    """Pieces of which only the compressed text is held. Each walk over them decompresses it anew."""

    def __init__(self, pieces: Sequence[bytes]) -> None:
        self._sizes = [len(piece) for piece in pieces]
        self._data = zlib.compress(b"".join(pieces), _QUICK)

    def __iter__(self) -> Iterator[bytes]:
        whole, at = zlib.decompress(self._data), 0
        for size in self._sizes:
            yield whole[at : at + size]
            at += size

    def __len__(self) -> int:
        return len(self._sizes)

    def __contains__(self, piece: object) -> bool:
        return any(piece == each for each in self)


def packed(pieces: Sequence[bytes]) -> Collection[bytes]:
    """Return the pieces, compressed where they are many bytes."""
    return Packed(pieces) if sum(len(piece) for piece in pieces) > _LARGE_BYTES else pieces
