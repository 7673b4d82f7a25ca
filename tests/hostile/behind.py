"""Servers that stand before the reference server and spoil its answers: every check gets far enough to see them."""

import contextlib
import http.client
import itertools
import json
import re
import threading
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlsplit

from tests.hostile.sockets import Behave, HostileServer, Peer, Request

# What acts where somebody shows it: HTML, terminals, CI systems, spreadsheets, XML, Markdown, and texts that deceive.
PAYLOADS = (
    "<script>alert(1)</script><img src=x onerror=alert(2)>",
    "</script></textarea></title><svg/onload=alert(3)>",
    "\x1b[2J\x1b]0;owned\x07\x1b[31mred\x9b31m",
    "\n::error file=x::owned\n::set-output name=x::y\n##[error]owned\n##vso[task.complete]x",
    '=HYPERLINK("http://evil.example","x")\t+1+1\t@SUM(1)\t-2+3',
    "]]><x/>&#0;&lol;<!-- \x00\x01\x08\x0b\x0c\x1f\x7f\ufffe\uffff",
    "`` ` ``` ](javascript:alert(4)) ![x](http://evil.example/x.png) | a | b |\n# head",
    "\u202egnp.exe\u2066\u200b\ufeff\u2028\u2029",
    "{{ 7*7 }} {% raw %} ${7*7} %s %(x)s {0} \\u003cscript\\u003e",
)
_SEEN_KEYS = re.compile(r'"(?:key|secret|api_key|token|signing_secret|value)": ?"([^"]{8,})"')
_TIMEOUT_S = 100.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What the server behind answered."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes

    @property
    def is_events(self) -> bool:
        """Whether it is an event stream."""
        return any(name.lower() == "content-type" and "event-stream" in value for name, value in self.headers)


Spoil = Callable[[Peer, Request, Answer], None]


def behind(spoil: Spoil) -> Behave:
    def behave(peer: Peer) -> None:
        while True:
            request = peer.read()
            spoil(peer, request, ask(peer, request))

    return behave


def ask(peer: Peer, request: Request) -> Answer:
    """Return what the server behind answers. Raises OSError where it does not understand the request."""
    parts = urlsplit(peer.server.upstream)
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=_TIMEOUT_S)
    with contextlib.closing(connection):
        passed = {
            name: value
            for name, value in request.headers.items()
            if name not in {"connection", "host", "content-length"}
        }
        try:
            connection.request(request.method, request.path, body=request.body or None, headers=passed)
            response = connection.getresponse()
            body = response.read()
        except (http.client.HTTPException, ValueError) as error:
            raise ConnectionAbortedError from error
    if request.method == "POST" and request.path.endswith(("/keys", "/webhooks")):
        peer.server.told.update(_SEEN_KEYS.findall(body.decode("utf-8", "replace")))
    kept = tuple(
        (n, v)
        for n, v in response.getheaders()
        if n.lower() not in {"transfer-encoding", "content-length", "connection"}
    )
    return Answer(status=response.status, headers=kept, body=body)


def give(peer: Peer, answer: Answer, *, more: str = "", reason: str = "OK") -> None:
    """Send an answer; `more` are lines of headers, each with CRLF."""
    lines = "".join(f"{name}: {value}\r\n" for name, value in answer.headers)
    peer.answer(answer.body, status=f"{answer.status} {reason}", headers=lines + more)


def but_for_gets(behave: Behave) -> Behave:
    """Let the server behind answer whoever only looks, and do to all others as this one does."""

    def behave_then(peer: Peer) -> None:
        while (request := peer.read()).method == "GET":
            give(peer, ask(peer, request))
        peer.unread(request)
        behave(peer)

    return behave_then


def spoil_strings(value: Any, change: Callable[[str], Any]) -> Any:
    if isinstance(value, dict):
        return {name: spoil_strings(part, change) for name, part in value.items()}
    if isinstance(value, list):
        return [spoil_strings(part, change) for part in value]
    return change(value) if isinstance(value, str) else value


def spoil_body(answer: Answer, change: Callable[[Any], Any]) -> Answer:
    """Return the answer with its JSON changed, in each event of a stream too."""
    pieces = re.split(rb"(data: .*\n)", answer.body) if answer.is_events else [answer.body]
    changed = []
    for piece in pieces:
        prefix, text = (piece[:6], piece[6:]) if piece.startswith(b"data: ") else (b"", piece)
        try:
            changed.append(prefix + json.dumps(change(json.loads(text))).encode() + (b"\n" if prefix else b""))
        except ValueError:
            changed.append(piece)
    return replace(answer, body=b"".join(changed))


def _payloads(peer: Peer, request: Request, answer: Answer) -> None:
    chosen = itertools.cycle(PAYLOADS)
    spoiled = spoil_body(answer, lambda value: spoil_strings(value, lambda text: f"{text}{next(chosen)}"))
    give(peer, spoiled)


def _payload_messages(peer: Peer, request: Request, answer: Answer) -> None:
    """Spoil errors only, and whatever headers may hold."""
    text = PAYLOADS[len(peer.server.received) % len(PAYLOADS)]
    line = re.sub(r"[\r\n\x00]", " ", text).encode("ascii", "replace").decode()
    more = f'X-Note: {line}\r\nETag: "{line}"\r\nWWW-Authenticate: {line}\r\n'
    if answer.status < 400:
        give(peer, answer, more=more, reason=line[:60])
        return
    body = {"error": {"type": text, "message": text * 20, "param": text, "code": text}, text: text}
    give(peer, replace(answer, body=json.dumps(body).encode()), more=more, reason=line[:60])


def _payload_models(peer: Peer, request: Request, answer: Answer) -> None:
    """Give models ids that act, beside the good ones."""
    if request.path.startswith("/v1/models"):
        evil = [
            {"id": text, "name": text, "max_tokens": 5, "supports": [text, "chat", "reasoning"]} for text in PAYLOADS
        ]
        answer = spoil_body(answer, lambda value: {**value, "models": [*evil, *value.get("models", [])]})
    give(peer, answer)


def _control_bytes(peer: Peer, request: Request, answer: Answer) -> None:
    give(peer, answer, more="X-Bytes: \x01\x02\x1b[31m\x7f\xff\xfe\r\n", reason="\x1b]0;owned\x07\xff")


def _echoing(peer: Peer, request: Request, answer: Answer) -> None:
    """Answer well, and repeat the credential in a header, a cookie and a field."""
    told = request.headers.get("authorization", "")
    answer = spoil_body(answer, lambda value: {**value, "echo": told, "raw": request.raw.decode("latin-1")})
    give(peer, answer, more=f"X-Echo: {told}\r\nSet-Cookie: key={told}\r\nX-Seen: {request.path} {told[7:]}\r\n")


def _speaking_of_keys(peer: Peer, request: Request, answer: Answer) -> None:
    """Put the credential into every text at an odd place, so that whoever cuts a text cuts it in half."""
    told = request.headers.get("authorization", "").removeprefix("Bearer ")
    places = itertools.count(len(peer.server.received) % 40)
    change = lambda text: f"{text[:1]}{'x' * (next(places) * 7 % 97)}{told}"  # noqa: E731
    give(peer, spoil_body(answer, lambda value: spoil_strings(value, change)))


def _nested(peer: Peer, request: Request, answer: Answer) -> None:
    """Add a field that nests deep, and one with a number of many digits."""
    end = answer.body.rstrip()
    extra = b', "deep": ' + b"[" * 50_000 + b"]" * 50_000 + b', "long": ' + b"7" * 4_000 + b"}"
    give(peer, replace(answer, body=end[:-1] + extra) if end.endswith(b"}") and len(end) > 2 else answer)


def _nulls(peer: Peer, request: Request, answer: Answer) -> None:
    give(peer, spoil_body(answer, lambda value: spoil_strings(value, lambda _: None)))


def _cut(peer: Peer, request: Request, answer: Answer) -> None:
    lines = "".join(f"{name}: {value}\r\n" for name, value in answer.headers)
    peer.send(f"HTTP/1.1 {answer.status} OK\r\n{lines}Content-Length: {len(answer.body) + 9}\r\n\r\n".encode("latin-1"))
    peer.send(answer.body)
    raise ConnectionAbortedError


def _reset_now_and_then(peer: Peer, request: Request, answer: Answer) -> None:
    if len(peer.server.received) % 7 == 0:
        peer.reset()
        raise ConnectionAbortedError
    give(peer, answer)


def _close_each(peer: Peer, request: Request, answer: Answer) -> None:
    give(peer, answer)
    raise ConnectionAbortedError


def _status_999(peer: Peer, request: Request, answer: Answer) -> None:
    give(peer, replace(answer, status=999) if len(peer.server.received) % 3 == 0 else answer)


def _plain_text(peer: Peer, request: Request, answer: Answer) -> None:
    kept = tuple(pair for pair in answer.headers if pair[0].lower() != "content-type")
    give(peer, replace(answer, headers=(*kept, ("Content-Type", 'text/html; charset="<script>'))))


def _give(peer: Peer, request: Request, answer: Answer) -> None:
    give(peer, answer)


def _gone_for(seconds: float | None, *, after: int) -> Behave:
    """Go away after so many requests, and come back after so many seconds, or never."""
    lock = threading.Lock()
    gone: list[HostileServer] = []

    def behave(peer: Peer) -> None:
        while True:
            request = peer.read()
            with lock:
                is_time = len(peer.server.received) >= after and not any(server is peer.server for server in gone)
                gone.extend([peer.server] if is_time else [])
            if is_time:
                peer.server.go_away()
                if seconds is not None:
                    threading.Timer(seconds, peer.server.come_back).start()
                raise ConnectionAbortedError
            give(peer, ask(peer, request))

    return behave


BEHIND: dict[str, Behave] = {
    "payloads_everywhere": behind(_payloads),
    "payloads_in_messages": behind(_payload_messages),
    "payloads_in_models": behind(_payload_models),
    "control_bytes_in_headers": behind(_control_bytes),
    "echoes_beside_good_answers": behind(_echoing),
    "keys_in_every_text": behind(_speaking_of_keys),
    "deep_fields_beside_good_ones": behind(_nested),
    "nulls_for_texts": behind(_nulls),
    "every_body_cut": behind(_cut),
    "resets_now_and_then": behind(_reset_now_and_then),
    "closes_after_each_answer": behind(_close_each),
    "status_999_now_and_then": behind(_status_999),
    "html_for_json": behind(_plain_text),
    "one_connection_at_a_time": behind(_give),
    "dies_in_the_middle": _gone_for(None, after=60),
    "dies_and_comes_back": _gone_for(3.0, after=60),
}
