"""Servers that break HTTP itself: silent, dripping, endless, too large, cut, reset, no HTTP at all."""

import secrets
from collections.abc import Callable, Iterable

from tests.hostile.sockets import Behave, Peer, Request

_JSON_HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
_EVENTS_HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n"
_BLOCK = b"a" * 65_536
_MEGABYTE = 1024 * 1024
_DRIP_S = 0.05
_CHUNK = b'data: {"choices": [{"index": 0, "delta": {"content": "word "}}]}\n\n'


def never_answers(peer: Peer) -> None:
    """Take the request, and say nothing."""
    peer.hold()


def _drip(data: bytes) -> Behave:
    def behave(peer: Peer) -> None:
        peer.read()
        for byte in data:
            peer.send(bytes([byte]))
            peer.pause(_DRIP_S)
        while True:
            peer.send(b"a")
            peer.pause(_DRIP_S)

    return behave


def _endless(head: bytes, block: bytes, *, pause_s: float = 0.0) -> Behave:
    def behave(peer: Peer) -> None:
        peer.read()
        peer.send(head)
        while True:
            peer.send(block)
            if pause_s:
                peer.pause(pause_s)

    return behave


def _once(data: bytes | Callable[[Request], bytes]) -> Behave:
    """Send these bytes for an answer, then close."""

    def behave(peer: Peer) -> None:
        request = peer.read()
        peer.send(data(request) if callable(data) else data)

    return behave


def _reset_after(data: bytes, *, is_read: bool = True) -> Behave:
    def behave(peer: Peer) -> None:
        if is_read:
            peer.read()
        if data:
            peer.send(data)
            peer.pause(_DRIP_S)
        peer.reset()

    return behave


def _many_headers(lines: Iterable[bytes]) -> bytes:
    return _JSON_HEAD + b"".join(lines) + b"Content-Length: 2\r\n\r\n{}"


def _long_line(_request: Request) -> bytes:
    return _EVENTS_HEAD + b'data: {"choices": [{"delta": {"content": "' + b"a" * (10 * _MEGABYTE) + b'"}}]}\n\n'


def interrupts_itself(peer: Peer) -> None:
    """Say `100 Continue` for ever."""
    peer.read()
    while True:
        peer.send(b"HTTP/1.1 100 Continue\r\n\r\n" * 100)


def closes_each_time(peer: Peer) -> None:
    """Give a good answer, and close the connection without a word of it."""
    peer.read()
    peer.answer(b'{"models": []}')


def answers_unasked(peer: Peer) -> None:
    """Send answers that nobody asked for behind each answer."""
    while True:
        peer.read()
        peer.answer(b'{"models": []}')
        peer.answer(b'{"models": [{"id": "unasked"}]}', status="500 Unasked")


def tells_nothing_of_its_end(peer: Peer) -> None:
    """Send the answer, and leave it open where the body ends."""
    peer.read()
    peer.send(_JSON_HEAD + b'Connection: keep-alive\r\n\r\n{"models": []}')
    peer.hold()


FRAMING: dict[str, Behave] = {
    "never_answers": never_answers,
    "drips_headers": _drip(_JSON_HEAD + b"X-Slow: "),
    "drips_body": _drip(_JSON_HEAD + b"Content-Length: 1000000\r\n\r\n"),
    "drips_chunks": _drip(_JSON_HEAD + b"Transfer-Encoding: chunked\r\n\r\nfffff\r\n"),
    "drips_events": _endless(_EVENTS_HEAD, b": still there\n\n", pause_s=_DRIP_S),
    "endless_body": _endless(_JSON_HEAD + b"\r\n", _BLOCK),
    "endless_stream": _endless(_EVENTS_HEAD, _CHUNK * 64),
    "endless_tiny_events": _endless(_EVENTS_HEAD, b"data: {}\n\n" * 400),
    "endless_tiny_chunks": _endless(_JSON_HEAD + b"Transfer-Encoding: chunked\r\n\r\n", b"1\r\na\r\n" * 8000),
    "endless_status_line": _endless(b"HTTP/1.1 200 ", _BLOCK),
    "endless_headers": _endless(_JSON_HEAD, b"X-More: more\r\n" * 4000),
    "endless_chunk_line": _endless(_JSON_HEAD + b"Transfer-Encoding: chunked\r\n\r\n1;", _BLOCK),
    "endless_trailers": _endless(_JSON_HEAD + b"Transfer-Encoding: chunked\r\n\r\n0\r\n", b"X-More: more\r\n" * 4000),
    "endless_continue": interrupts_itself,
    "header_of_10_mb": _once(_many_headers([b"X-Large: " + b"a" * (10 * _MEGABYTE) + b"\r\n"])),
    "headers_of_10_mb": _once(_many_headers(b"X-%d: %s\r\n" % (n, b"a" * 1000) for n in range(10_000))),
    "headers_100000": _once(_many_headers(b"X-%d: a\r\n" % n for n in range(100_000))),
    "line_of_10_mb": _once(_long_line),
    "no_http": _once(lambda _: secrets.token_bytes(4096)),
    "ssh": _once(b"SSH-2.0-OpenSSH_9.2p1 Debian-2\r\n"),
    "tls_alert": _once(b"\x15\x03\x01\x00\x02\x02\x46"),
    "http_2_preface": _once(b"\x00\x00\x12\x04\x00\x00\x00\x00\x00"),
    "http_0_9": _once(b'{"models": []}'),
    "closes_at_once": lambda _peer: None,
    "closes_after_request": _once(b""),
    "reset_at_once": _reset_after(b"", is_read=False),
    "reset_after_request": _reset_after(b""),
    "reset_in_status_line": _reset_after(b"HTTP/1.1 2"),
    "reset_in_headers": _reset_after(_JSON_HEAD),
    "reset_in_body": _reset_after(_JSON_HEAD + b'Content-Length: 100\r\n\r\n{"models": ['),
    "reset_in_stream": _reset_after(_EVENTS_HEAD + _CHUNK),
    "cut_body": _once(_JSON_HEAD + b'Content-Length: 100\r\n\r\n{"models": ['),
    "cut_chunks": _once(_JSON_HEAD + b'Transfer-Encoding: chunked\r\n\r\n40\r\n{"models": ['),
    "cut_event": _once(_EVENTS_HEAD + _CHUNK + _CHUNK[:30]),
    "chunk_size_no_number": _once(_JSON_HEAD + b"Transfer-Encoding: chunked\r\n\r\nxyz\r\n{}\r\n0\r\n\r\n"),
    "chunk_size_negative": _once(_JSON_HEAD + b"Transfer-Encoding: chunked\r\n\r\n-2\r\n{}\r\n0\r\n\r\n"),
    "chunk_size_huge": _once(_JSON_HEAD + b"Transfer-Encoding: chunked\r\n\r\n" + b"f" * 200 + b"\r\n{}\r\n0\r\n\r\n"),
    "chunk_size_too_small": _once(_JSON_HEAD + b"Transfer-Encoding: chunked\r\n\r\n1\r\n{}\r\n0\r\n\r\n"),
    "length_too_small": _once(_JSON_HEAD + b'Content-Length: 2\r\n\r\n{"models": []}'),
    "length_negative": _once(_JSON_HEAD + b"Content-Length: -1\r\n\r\n{}"),
    "length_of_5000_digits": _once(_JSON_HEAD + b"Content-Length: " + b"9" * 5000 + b"\r\n\r\n{}"),
    "lengths_that_differ": _once(_JSON_HEAD + b"Content-Length: 2\r\nContent-Length: 7\r\n\r\n{}     "),
    "length_and_chunks": _once(
        _JSON_HEAD + b"Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n"
    ),
    "switches_protocols": _once(
        b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n{}"
    ),
    "closes_each_time": closes_each_time,
    "answers_unasked": answers_unasked,
    "tells_nothing_of_its_end": tells_nothing_of_its_end,
}
