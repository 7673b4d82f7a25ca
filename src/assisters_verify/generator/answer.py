"""Read answers from one connection: llhttp finds head and body, the body goes to whoever reads it."""

import re

from geventhttpclient.response import HTTPResponse

from assisters_verify.generator.events import StreamReader
from assisters_verify.inflate import BodyTooLarge, BoundedInflater

# As JSON a body takes up to twenty times as much, for as long as it is judged.
MAX_BODY_BYTES = 8 * 1024 * 1024
MAX_STREAM_BYTES = 32 * 1024 * 1024
# Heads, interim answers and trailers.
MAX_BODILESS_BYTES = 256 * 1024
_SMALL_BYTES = 512 * 1024
_MOST_LARGE_BYTES = 32 * 1024 * 1024
_OK = 200
_FIRST_FINAL = 200
_EVENT_STREAM = "text/event-stream"
_HEAD_END = b"\r\n\r\n"
# A final answer's head without anything unusual in it, as the standard writes it (RFC 9112, 4 and 5).
_PLAIN_HEAD = re.compile(
    rb"HTTP/1\.1 ([2-5]\d\d)(?: [\t -~\x80-\xff]*)?\r\n(?:[!#$%&'*+.^_`|~0-9A-Za-z-]+:[\t -~\x80-\xff]*\r\n)+\r\n"
)
_LENGTH = re.compile(rb"\r\ncontent-length:[\t ]*(\d{1,8})[\t ]*\r\n", re.IGNORECASE)
_UNUSUAL = re.compile(
    rb"\r\n(?:transfer-encoding:|content-encoding:|connection:(?![\t ]*keep-alive[\t ]*\r\n)"
    rb"|content-type:[\t ]*text/event-stream)",
    re.IGNORECASE,
)
_BODILESS = frozenset({b"204", b"304"})


def header_in(head: bytes, name: str) -> str:
    """Return a header's value from a head, or nothing; of several the last."""
    start = f"{name}:".lower()
    values = [line for line in head.decode("latin-1").split("\r\n")[1:] if line.lower().startswith(start)]
    return values[-1][len(start) :].strip() if values else ""


def _last(value: str | list[str] | None) -> str:
    return value if isinstance(value, str) else value[-1] if value else ""


class TooLarge(Exception):  # noqa: N818 - named after what happened
    """The answer is larger than anyone would keep, or than all others leave room for."""


class Room:
    """What the large bodies that a process reads take together, in bytes; small ones need no room."""

    def __init__(self) -> None:
        self._taken = 0

    def take(self, size: int) -> None:
        """Take so much more. Raises TooLarge where it is too much."""
        self._taken += size
        if self._taken > _MOST_LARGE_BYTES:
            raise TooLarge

    def free(self, size: int) -> None:
        """Give so much back."""
        self._taken -= size


class Answer(HTTPResponse):
    """One connection's answers, one after the other; `begin` makes it ready for the next.

    After `feed`, `is_complete` says whether the whole answer is there. `stream` is there where the answer is one.
    """

    def __init__(self, room: Room) -> None:
        super().__init__("POST")
        self._room = room
        self.pieces: list[bytes | bytearray] = []
        # llhttp calls this for each chunk: without a frame of Python's it costs a sixth less.
        self._on_body = self.pieces.append  # type: ignore[method-assign, assignment]
        self._last_head, self._last_status, self._last_size = b"", 0, -1
        self.begin()

    def begin(self) -> None:
        """Expect an answer to a new request."""
        self.stream: StreamReader | None = None
        self.is_complete = False
        self.has_begun = False
        self.has_extra = False
        self.status = 0
        self.body_bytes = 0
        self._body: list[bytes] = []
        self._large_bytes = 0
        self._bodiless_bytes = 0
        self.pieces.clear()
        self._plain_head = self._first_head = b""
        self._inflater: BoundedInflater | None = None

    @property
    def must_close(self) -> bool:
        """Whether the connection is of no use after this answer."""
        return self.has_extra or (not self._plain_head and self.should_close())

    def header(self, name: str) -> str:
        """Return a header's value, or nothing; of several the last."""
        return header_in(self.head(), name)

    def head(self) -> bytes:
        """Return status line and headers, as they came or nearly so."""
        if self._plain_head:
            return self._plain_head
        if not self.status:
            return b""
        if self._first_head[len("HTTP/1.1 ") :].startswith(b"%d" % self.status):
            return self._first_head
        lines = [f"{self.version} {self.status} {self.status_message or ''}".rstrip()]
        lines += [f"{name}: {value}" for name, value in self.items()]
        return "".join(f"{line}\r\n" for line in [*lines, ""]).encode("latin-1", "replace")

    def feed(self, data: str | bytes) -> None:
        """Read on. Raises HTTPParseError where this is not HTTP."""
        if not self.has_begun and isinstance(data, bytes):
            if self._take_whole(data):
                return
            self._first_head = data[: data.find(_HEAD_END) + len(_HEAD_END)] if _HEAD_END in data else b""
        super().feed(data)

    def take_pieces(self) -> bytes:
        """Return what came of the body since the last time, and keep it where it is no stream. Raises TooLarge."""
        pieces = self.pieces
        data = bytes(pieces[0]) if len(pieces) == 1 else b"".join(pieces)
        pieces.clear()
        if self._inflater is not None:
            data = self._inflate(data)
        self.body_bytes += len(data)
        self._bodiless_bytes = 0
        if self.body_bytes > _SMALL_BYTES:
            self._bound()
        if self.stream is None:
            self._body.append(data)
        return data

    def count_bodiless(self, size: int) -> None:
        """Count what came since the body's last piece and brought nothing of it. Raises TooLarge."""
        self._bodiless_bytes += size
        if self._bodiless_bytes > MAX_BODILESS_BYTES:
            raise TooLarge

    def take_body(self) -> bytes:
        """Return the whole body as far as it came, and keep it no longer; nothing where it is a stream."""
        body = self._body
        whole = body[0] if len(body) == 1 else b"".join(body)
        self._body = []
        self._room.free(self._large_bytes)
        self._large_bytes = 0
        return whole

    def _bound(self) -> None:
        if self.body_bytes > (MAX_STREAM_BYTES if self.stream else MAX_BODY_BYTES):
            raise TooLarge
        if self.stream is None:
            more, self._large_bytes = self.body_bytes - self._large_bytes, self.body_bytes
            self._room.take(more)

    def _take_whole(self, data: bytes) -> bool:
        """Take an answer that came in one piece and has nothing unusual: many times as fast as llhttp's callbacks.

        A head that is the last one's once more says the same of its body.
        """
        is_known = len(data) == self._last_size and data.startswith(self._last_head)
        if not is_known and not self._read_head(data):
            return False
        self._plain_head = self._last_head
        self.status = self._last_status
        self.has_begun = self.is_complete = True
        if len(data) > len(self._last_head):
            self.pieces.append(data[len(self._last_head) :])
        return True

    def _read_head(self, data: bytes) -> bool:
        """Look whether this is a whole plain answer, and keep what its head says."""
        end = data.find(_HEAD_END) + len(_HEAD_END)
        head = _PLAIN_HEAD.match(data)
        if head is None or head.end() != end or head[1] in _BODILESS:
            return False
        lengths = _LENGTH.findall(data, 0, end)
        if len(lengths) != 1 or len(data) != end + int(lengths[0]) or _UNUSUAL.search(data, 0, end):
            return False
        self._last_head, self._last_status, self._last_size = data[:end], int(head[1]), len(data)
        return True

    def _inflate(self, data: bytes) -> bytes:
        assert self._inflater is not None
        try:
            return self._inflater.feed(data)
        except BodyTooLarge:
            raise TooLarge from None

    def _on_message_begin(self) -> None:
        super()._on_message_begin()
        if self.is_complete:
            self.has_extra = True  # an answer that nobody asked for
        self.has_begun = True

    def _on_headers_complete(self) -> int | bool | None:
        result = super()._on_headers_complete()
        status = self.get_code()
        if self.has_extra or status < _FIRST_FINAL:
            return result
        self.status = status
        if status == _OK and _last(self.get("content-type", "")).lower().lstrip().startswith(_EVENT_STREAM):
            self.stream = StreamReader()
        encoding = _last(self.get("content-encoding", ""))
        if encoding:  # nobody asked for it
            self._inflater = BoundedInflater(encoding, MAX_STREAM_BYTES if self.stream else MAX_BODY_BYTES)
        return result

    def _on_message_complete(self) -> None:
        super()._on_message_complete()
        if self.get_code() >= _FIRST_FINAL:
            self.is_complete = True
