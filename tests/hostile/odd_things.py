"""Servers that answer well, but for the ids, secrets, texts and times that they make up."""

import http.client
import json
import threading
from collections.abc import Callable
from contextlib import closing, suppress
from dataclasses import replace
from functools import partial
from typing import Any
from urllib.parse import urlsplit

from tests.hostile.behind import Answer, behind, give, spoil_body, spoil_strings
from tests.hostile.sockets import Behave, Peer, Request

# Of what a text is made that is slow to search: each has been the start of many matches that come to nothing.
UNITS = {
    "letters": "a",
    "digits": "1",
    "backslashes": "\\",
    "blanks": " ",
    "lines": "\n",
    "hyphens": "-",
    "dots": "a.",
    "addresses": "a@a.",
    "percents": "%2",
    "braces": "{{",
    "entities": "&#6",
    "base64": "eHh4",
    "hexadecimals": "6b 6b ",
    "numbers": "107, ",
    "phones": "(555) ",
    "quotes": "'",
    "marks": "é\u0301",
}
_LONG = 300_000
_FLOODS = 40
_ODD_KEYS: dict[str, Callable[[str], Any]] = {
    "a_word": lambda _: "content",
    "a_letter": lambda _: "a",
    "empty": lambda _: "",
    "a_pattern": lambda _: r"(a+)+$ \1 [",
    "markup": lambda _: "<b>&amp;\"'`{{api_key}}</b>",
    "two_lines": lambda text: f"{text}\r\nX-Evil: 1",
    "very_long": lambda _: "sk-" + "Zq9" * 100_000,
    "no_text": lambda _: 12345678901234567890,
}
_ODD_IDS: dict[str, Callable[[str], Any]] = {
    "climb": lambda text: f"../../v1/data/{text}?x=#/..//\\",
    "break_lines": lambda text: f"{text}\r\nX-Evil: 1\r\n\r\n",
    "are_numbers": len,
    "are_nulls": lambda _: None,
    "are_objects": lambda text: {"id": [text]},
    "are_all_one": lambda _: "one",
}


def _with_members(value: Any, names: frozenset[str], change: Callable[[str], Any]) -> Any:
    """Return JSON with the texts of these members changed, wherever they stand."""
    if isinstance(value, list):
        return [_with_members(part, names, change) for part in value]
    if not isinstance(value, dict):
        return value
    return {
        name: change(part) if name in names and isinstance(part, str) else _with_members(part, names, change)
        for name, part in value.items()
    }


def _changing(names: str, change: Callable[[str], Any], *, at: str = "/") -> Behave:
    """Answer well, with these members changed in all answers to requests whose path holds `at`."""
    wanted = frozenset(names.split())

    def spoil(peer: Peer, request: Request, answer: Answer) -> None:
        is_wanted = at in request.path and answer.status < 400
        give(peer, spoil_body(answer, lambda value: _with_members(value, wanted, change)) if is_wanted else answer)

    return behind(spoil)


def _long_ids(unit: str, text: str) -> str:
    return text + unit * (_LONG // len(unit))


def _texts(unit: str) -> Behave:
    """Say at great length nothing but this, in errors too."""
    change = partial(_long_ids, unit)

    def spoil(peer: Peer, request: Request, answer: Answer) -> None:
        names = frozenset({"content", "message", "arguments", "reasoning", "param", "code"})
        give(peer, spoil_body(answer, lambda value: _with_members(value, names, change)))

    return behind(spoil)


def _dated(date: str) -> Behave:
    def spoil(peer: Peer, request: Request, answer: Answer) -> None:
        kept = tuple(pair for pair in answer.headers if pair[0].lower() != "date")
        give(peer, replace(answer, headers=kept), more=f"Date: {date}\r\n")

    return behind(spoil)


def _more_headers(lines: str) -> Behave:
    return behind(lambda peer, _request, answer: give(peer, answer, more=lines))


def _refusing_now_and_then(retry_after: str) -> Behave:
    """Refuse each fifth request with 429, to come back at an odd time."""
    error = {"type": "rate_limit_error", "message": "Wait.", "param": None, "code": "rate_limit_exceeded"}

    def spoil(peer: Peer, request: Request, answer: Answer) -> None:
        if len(peer.server.received) % 5 == 0:
            refused = Answer(status=429, headers=answer.headers, body=json.dumps({"error": error}).encode())
            give(peer, refused, more=f"Retry-After: {retry_after}\r\n")
        else:
            give(peer, answer)

    return behind(spoil)


def _flooding(body: bytes, *, length: int | None = None) -> Behave:
    """Send to each webhook's URL many events that nobody caused, or one that never ends."""

    def post(url: str) -> None:
        parts = urlsplit(url)
        for _ in range(_FLOODS):
            with suppress(OSError, http.client.HTTPException):
                connection = http.client.HTTPConnection(parts.hostname or "", parts.port or 80, timeout=10)
                with closing(connection):
                    headers = {"Content-Type": "application/json", "Content-Length": str(length or len(body))}
                    connection.request("POST", parts.path or "/", body=body, headers=headers)
                    connection.getresponse().read()

    def spoil(peer: Peer, request: Request, answer: Answer) -> None:
        if request.method == "POST" and request.path.endswith("/webhooks"):
            with suppress(ValueError, TypeError, KeyError):
                url = json.loads(request.body)["url"]
                threading.Thread(target=post, args=(str(url),), daemon=True).start()
        give(peer, answer)

    return behind(spoil)


ODD_THINGS: dict[str, Behave] = {
    **{f"texts_of_{name}": _texts(unit) for name, unit in UNITS.items()},
    **{f"ids_of_{name}": _changing("id", partial(_long_ids, unit)) for name, unit in UNITS.items()},
    **{f"created_key_is_{name}": _changing("key", change, at="/keys") for name, change in _ODD_KEYS.items()},
    **{f"webhook_secret_is_{name}": _changing("secret", change, at="/webhooks") for name, change in _ODD_KEYS.items()},
    **{f"ids_{name}": _changing("id", change) for name, change in _ODD_IDS.items()},
    "every_text_is_one_letter": behind(
        lambda peer, _request, answer: give(peer, spoil_body(answer, lambda value: spoil_strings(value, lambda _: "a")))
    ),
    "date_of_1970": _dated("Thu, 01 Jan 1970 00:00:00 GMT"),
    "date_of_9999": _dated("Fri, 31 Dec 9999 23:59:59 GMT"),
    "date_that_is_none": _dated("yesterday, 99 Foo -1"),
    "cookies_for_everything": _more_headers("Set-Cookie: a=b; Domain=com; Path=/\r\n" * 50),
    "elsewhere_in_headers": _more_headers(
        'Alt-Svc: h3="evil.example:443"; ma=9999\r\nRefresh: 0; url=http://evil.example/\r\n'
        "Link: <http://evil.example/>; rel=preload\r\nLocation: http://evil.example/\r\n"
    ),
    **{
        f"retry_after_{name}": _refusing_now_and_then(value)
        for name, value in {
            "is_negative": "-5",
            "is_not_a_number": "NaN",
            "has_many_digits": "9" * 5_000,
            "is_infinite": "1e999",
            "is_of_the_year_1": "Mon, 01 Jan 0001 00:00:00 GMT",
        }.items()
    },
    "webhooks_flood": _flooding(b'{"type": "x", "text": "' + b"x" * 4_000_000 + b'"}'),
    "webhooks_never_end": _flooding(b"{", length=10_000_000_000),
}
