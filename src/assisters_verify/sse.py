"""Read server-sent events out of a body as its bytes arrive, after the rules of the WHATWG HTML standard (9.2.6)."""

import re
from dataclasses import dataclass

MAX_EVENT_BYTES = 16 * 1024 * 1024

_LINE_END = re.compile(rb"\r\n|\n|\r")
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_LINE_FEED = b"\n"
# Longer runs of digits are no time that anybody waits, and int() refuses those past 4300.
_MAX_RETRY_DIGITS = 18


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One event. `id` is the last event id in force and `retry_ms` the last reconnection time that was sent."""

    data: str
    event: str = "message"
    id: str = ""
    retry_ms: int | None = None


class EventTooLarge(Exception):  # noqa: N818 - named after what happened
    """One event is larger than the reader may hold. `events` are those that the same piece had completed before."""

    def __init__(self, limit_bytes: int, events: list[Event]) -> None:
        super().__init__(f"an event is larger than {limit_bytes} bytes")
        self.events = events


class EventReader:
    """Takes the body in pieces of any size and gives out each event as soon as its blank line is there."""

    def __init__(self, *, max_event_bytes: int = MAX_EVENT_BYTES) -> None:
        self.is_valid_utf8 = True
        self.retry_ms: int | None = None
        self._max_event_bytes = max_event_bytes
        self._line = bytearray()
        self._block = bytearray()
        self._is_first_line = True
        self._may_skip_line_feed = False
        self._data: list[str] = []
        self._type = ""
        self._id = ""

    def feed(self, data: bytes) -> list[Event]:
        """Return the events that this piece completes. Raises EventTooLarge; the reader is of no use after that."""
        events: list[Event] = []
        if not data:
            return events
        start = 1 if self._may_skip_line_feed and data.startswith(_LINE_FEED) else 0
        for end in _LINE_END.finditer(data, start):
            self._extend_line(data[start : end.start()], events)
            event = self._end_line()
            if event is not None:
                events.append(event)
            start = end.end()
        self._extend_line(data[start:], events)
        # A CR ends its line at once, so that no event waits for a byte; an LF that follows belongs to it.
        self._may_skip_line_feed = data.endswith(b"\r")
        return events

    def close(self) -> str | None:
        """Return what is there of an event that the end of the body cut off (it is no event), or None."""
        line = self._decode_line()
        rest = self._block.decode(errors="replace") + ("" if line.startswith(":") else line)
        return rest or None

    def _extend_line(self, piece: bytes, events: list[Event]) -> None:
        self._line += piece
        if len(self._block) + len(self._line) > self._max_event_bytes:
            raise EventTooLarge(self._max_event_bytes, events)

    def _end_line(self) -> Event | None:
        line = self._decode_line()
        if line and not line.startswith(":"):
            self._block += self._line + _LINE_FEED
            self._take_field(line)
        self._line.clear()
        self._is_first_line = False
        return None if line else self._end_event()

    def _decode_line(self) -> str:
        # Line ends never lie inside a UTF-8 sequence, so lines can be decoded one by one, replacements included.
        line = self._line.removeprefix(_BYTE_ORDER_MARK) if self._is_first_line else self._line
        try:
            return line.decode()
        except UnicodeDecodeError:
            self.is_valid_utf8 = False
            return line.decode(errors="replace")

    def _take_field(self, line: str) -> None:
        name, _, value = line.partition(":")
        value = value.removeprefix(" ")
        if name == "data":
            self._data.append(value)
        elif name == "event":
            self._type = value
        elif name == "id" and "\0" not in value:
            self._id = value
        elif name == "retry" and value.isascii() and value.isdigit() and len(value) <= _MAX_RETRY_DIGITS:
            self.retry_ms = int(value)

    def _end_event(self) -> Event | None:
        event = None
        if self._data:
            text = "\n".join(self._data)
            event = Event(data=text, event=self._type or "message", id=self._id, retry_ms=self.retry_ms)
        self._block.clear()
        self._data.clear()
        self._type = ""
        return event
