"""Servers whose HTTP is right and whose answers are not: bombs, odd JSON, odd statuses, and all that was sent."""

import base64
import codecs
import gzip
import json
import secrets
import zlib
from collections.abc import Callable
from urllib.parse import quote

from tests.hostile.sockets import Behave, Peer, Request

_BOMB_BYTES = 512 * 1024 * 1024
_DEEP = 200_000
# 512 MiB of zeros as brotli 1.1 packs them, with quality 11 and a window of 24 bits.
_BROTLI_ZEROS = base64.b64decode(
    "z///f/gnAOKxQCD3/p/////wTwDEYQGA7v0/////4Z8AiMMiAN37f/7//8M/ARCHBQC69//8//+HfwIgDgsAdO//+f//D/8EQBwW"
    "AOje//P//x/+CYA4LADQvf/n//8//BMAcVgAoHv/z///f/gnAOKwAED3/p/////wTwDEYQGA7v0/////4Z8AiMMCAN37f/7//8M/"
    "ARCHBQC69//8//+HfwIgDgsAdO//+f//D/8EQBwWAOje//P//x/+CYA4LADQvf/n//8//BMAcVgAoHv/z///f/gnAOKwAED3/p//"
    "///wTwDEYQGA7v0/////4Z8AiMMCAN37f/7//8M/ARCHBQC69//8//+HfwIgDgsAdO//+f//D/8EQBwWAOje//P//x/+CYA4LADQ"
    "vf/n//8//BMAcVgAoHv/z///f/gnAOKwAED3/p/////wTwDEYQGA7v0/////4Z8AiMMCAN37f/7//8M/ARCHBQC69//8//+HfwIg"
    "DgsAdO//+f//D/8EQBwWAOje//P//x/+CYA4LADQvf/n//8//BMAcVgAoHv/Pw=="
)


def _always(body: bytes, *, status: str = "200 OK", headers: str = "") -> Behave:
    def behave(peer: Peer) -> None:
        while True:
            peer.read()
            peer.answer(body, status=status, headers=headers)

    return behave


def _answering(make: Callable[[Peer, Request], None]) -> Behave:
    def behave(peer: Peer) -> None:
        while True:
            make(peer, peer.read())

    return behave


def _bomb(encoding: str, pack: Callable[[], bytes]) -> Behave:
    packed: list[bytes] = []

    def behave(peer: Peer) -> None:
        if not packed:
            packed.append(pack())
        while True:
            peer.read()
            peer.answer(packed[0], headers=f"Content-Encoding: {encoding}\r\n")

    return behave


_BLOCK_BYTES = 1024 * 1024


def _zeros(wbits: int) -> bytes:
    # After a full flush each block is coded alike: one is enough. Nobody gets as far as the checksum that is missing.
    packer = zlib.compressobj(9, zlib.DEFLATED, wbits)
    first, other = (packer.compress(bytes(_BLOCK_BYTES)) + packer.flush(zlib.Z_FULL_FLUSH) for _ in range(2))
    return first + other * (_BOMB_BYTES // _BLOCK_BYTES - 1)


def _zstd_zeros() -> bytes:
    # RFC 8878: magic number, a frame of unknown size with a window of 128 KiB, then blocks that repeat one byte.
    block = (((128 * 1024) << 3) | (1 << 1)).to_bytes(3, "little") + b"\0"
    return b"\x28\xb5\x2f\xfd\x00\x38" + block * (_BOMB_BYTES // (128 * 1024)) + b"\x01\x00\x00"


def _deep(opening: bytes, closing: bytes) -> bytes:
    return b'{"models": ' + opening * _DEEP + closing * _DEEP + b"}"


def _everywhere(value: bytes) -> bytes:
    """The value at all the places where clients look for something."""
    return (
        b'{"models": [{"id": %(v)s, "name": %(v)s, "max_tokens": %(v)s, "supports": [%(v)s]}], "choices": '
        b'[{"index": 0, "delta": {"content": %(v)s}, "message": {"role": "assistant", "content": %(v)s, '
        b'"reasoning": %(v)s, "tool_calls": [{"id": %(v)s, "type": "function", '
        b'"function": {"name": %(v)s, "arguments": %(v)s}}]}}], '
        b'"embedding": [%(v)s, %(v)s], "model": %(v)s, "usage": {"tokens": %(v)s}, "id": %(v)s, "key": %(v)s, '
        b'"secret": %(v)s, "error": {"type": %(v)s, "message": %(v)s, "param": %(v)s, "code": %(v)s}, "data": [%(v)s]}'
    ) % {b"v": value}


def redirects_to(place: Callable[[Peer, Request], str], status: str) -> Behave:
    """Redirect to wherever."""

    def make(peer: Peer, request: Request) -> None:
        peer.answer(b"", status=status, headers=f"Location: {place(peer, request)}\r\n")

    return _answering(make)


def _self(peer: Peer, request: Request) -> str:
    return f"{peer.server.url}{request.path}"


def _longer(peer: Peer, request: Request) -> str:
    return f"{peer.server.url}{request.path}/more"


def echoes_plain(peer: Peer, request: Request) -> None:
    """Send back all that came: as body, header and cookie."""
    told = " ".join(f"{name}={value}" for name, value in request.headers.items())[:4000]
    peer.answer(
        json.dumps(
            {"error": {"type": "echo", "message": request.raw.decode("latin-1"), "param": None, "code": told}}
        ).encode(),
        status=f"400 {told[:200]}",
        headers=f"X-Echo: {told}\r\nSet-Cookie: seen={told}\r\nLocation: /{told}\r\n"
        f"Content-Type: application/json; {told}\r\n",
    )


def _codings(text: str) -> dict[str, str]:
    data = text.encode()
    return {
        "plain": text,
        "base64": base64.b64encode(data).decode(),
        "base64_shifted": base64.b64encode(b"x" + data).decode(),
        "base64_url": base64.urlsafe_b64encode(b"xy" + data).decode(),
        "twice": base64.b64encode(base64.b64encode(data)).decode(),
        "percent": quote(text, safe=""),
        "percent_all": "".join(f"%{byte:02x}" for byte in data),
        "hex": data.hex(),
        "html": "".join(f"&#{byte};" for byte in data),
        "inner_json": json.dumps(json.dumps(text)),
    }


def _credential(request: Request) -> str:
    return request.headers.get("authorization", "nothing").removeprefix("Bearer ")


def echoes_coded(peer: Peer, request: Request) -> None:
    """Send the key back in every coding, in the message of an error and as a model's id; each also cut short."""
    credential = _credential(request)
    codings = _codings(credential)
    escaped = "".join(f"\\u{ord(character):04x}" for character in credential)
    cut = {f"cut_{at}": f"{'.' * at}{credential}" for at in range(60, 200, 7)}
    body = json.dumps({"models": [{"id": text, "name": None} for text in codings.values()], **codings, **cut}).encode()
    peer.answer(
        body[:-1] + b', "escaped": "' + escaped.encode() + b'", "error": {"message": "' + escaped.encode() + b'"}}',
        status="200 OK" if request.method == "GET" else "400 Bad",
        headers="".join(f"X-{name}: {text}\r\n" for name, text in codings.items()),
    )


def odd_codings(text: str) -> dict[str, str]:
    """The text in codings that only somebody chooses who wants it to be shown."""
    data = text.encode()
    return {
        "backwards": text[::-1],
        "turned": codecs.encode(text, "rot13"),
        "lower": text.lower(),
        "upper": text.upper(),
        "apart": " ".join(text),
        "hex_apart": data.hex(":"),
        "numbers": json.dumps(list(data)),
        "list": json.dumps([text[at : at + 4] for at in range(0, len(text), 4)]),
        "quoted_printable": "".join(f"={byte:02X}" for byte in data),
        "octal": "".join(f"\\{byte:03o}" for byte in data),
        "base64_twice": base64.b64encode(base64.b64encode(b"Bearer " + data)).decode(),
        "base64_of_utf_16": base64.b64encode(text.encode("utf-16-le")).decode(),
        "base64_of_percent": base64.b64encode("".join(f"%{byte:02x}" for byte in data).encode()).decode(),
        "percent_twice": quote("".join(f"%{byte:02x}" for byte in data)),
        "middle": text[5:-5],
    }


def echoes_oddly(peer: Peer, request: Request) -> None:
    """Send the key back in odd codings: in texts, in names, in headers, in the reason, and as UTF-16 behind it all."""
    codings = odd_codings(_credential(request))
    said = " ".join(codings.values())
    body = json.dumps(
        {
            "models": [{"id": text, "name": text} for text in codings.values()],
            "error": {"type": "x", "message": said, "param": codings["backwards"], "code": codings["base64_twice"]},
            **{text: name for name, text in codings.items()},
        }
    ).encode()
    peer.answer(
        body if request.method == "GET" else body + _credential(request).encode("utf-16-be"),
        status=f"200 {codings['backwards']}" if request.method == "GET" else f"400 {codings['turned']}",
        headers="".join(f"X-{name}: {text}\r\n" for name, text in codings.items()),
    )


def echoes_packed(peer: Peer, request: Request) -> None:
    """Send the key back in a compressed body, as the names in it, and in cookies."""
    credential = _credential(request)
    body = {credential: {f"Bearer {credential}": [credential]}, "error": {"message": credential, "type": credential}}
    headers = f"Content-Encoding: gzip\r\nSet-Cookie: a={credential}; Path=/{quote(credential)}\r\n"
    peer.answer(gzip.compress(json.dumps(body).encode()), status="400 No", headers=headers)


def echoes_in_fragments(peer: Peer, request: Request) -> None:
    """Spell the key out in the arguments of a tool call, in choices that change each time, and in lines of events."""
    credential = _credential(request)
    pieces = [credential[at : at + 4] for at in range(0, len(credential), 4)]
    calls = [
        {"choices": [{"index": 0, "delta": {"tool_calls": [{"index": 0, "function": {"arguments": piece}}]}}]}
        for piece in pieces
    ]
    choices = [{"choices": [{"index": number, "delta": {"content": piece}}]} for number, piece in enumerate(pieces)]
    events = [f"data: {json.dumps(event)}\n\n" for event in [*calls, *choices]]
    text = "".join(events) + "".join(f"data: {piece}\n" for piece in pieces) + "\n"
    peer.answer(text.encode(), headers="Content-Type: text/event-stream\r\n")


def _with_key(peer: Peer, request: Request) -> str:
    credential = _credential(request)
    coded = base64.b64encode(credential.encode()).decode()
    return f"{peer.server.url}/v1/more?key={quote(credential)}&again={quote(coded)}&plain={credential}"


def echoes_in_pieces(peer: Peer, request: Request) -> None:
    """Send the key back a few characters at a time, in the events of a stream and in the chunks of a body."""
    credential = _credential(request)
    pieces = [credential[at : at + 3] for at in range(0, len(credential), 3)]
    events = [json.dumps({"choices": [{"index": 0, "delta": {"content": piece}}]}) for piece in pieces]
    peer.send(b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n")
    for data in [*(f"data: {event}\n\n".encode() for event in events), *(piece.encode() for piece in pieces)]:
        peer.send(f"{len(data):x}\r\n".encode() + data + b"\r\n")
        peer.pause(0.001)
    peer.send(b"0\r\n\r\n")


BODIES: dict[str, Behave] = {
    "gzip_bomb": _bomb("gzip", lambda: _zeros(31)),
    "deflate_bomb": _bomb("deflate", lambda: _zeros(15)),
    "gzip_bomb_twice": _bomb("gzip, gzip", lambda: gzip.compress(_zeros(31))),
    "zstd_bomb": _bomb("zstd", _zstd_zeros),
    "brotli_bomb": _bomb("br", lambda: _BROTLI_ZEROS),
    "unknown_encoding": _always(b"{}", headers="Content-Encoding: \x01<script>\r\n"),
    "corrupt_gzip": _always(gzip.compress(b"{}")[:-6] + b"junkjunk", headers="Content-Encoding: gzip\r\n"),
    "json_200000_lists_deep": _always(_deep(b"[", b"]")),
    "json_200000_objects_deep": _always(_deep(b'{"a":', b"}").replace(b'"a":}', b'"a":0}')),
    "json_200000_lists_open": _always(b"[" * _DEEP),
    "json_200000_digits": _always(_everywhere(b"7" * _DEEP)),
    "json_200000_decimals": _always(_everywhere(b"0." + b"7" * _DEEP)),
    "json_huge_exponent": _always(_everywhere(b"1e999999999")),
    "json_not_a_number": _always(_everywhere(b"NaN")),
    "json_infinity": _always(_everywhere(b"-Infinity")),
    "json_invalid_utf8": _always(_everywhere(b'"\xff\xfe\xc3\x28\xed\xa0\x80"')),
    "json_lone_surrogates": _always(_everywhere(b'"\\ud800 \\udfff \\ud800\\ud800"')),
    "json_zero_characters": _always(_everywhere(b'"\\u0000\\u001b[31m\\u0000"')),
    "json_nulls": _always(_everywhere(b"null")),
    "json_lists": _always(_everywhere(b"[]")),
    "json_objects": _always(_everywhere(b"{}")),
    "json_booleans": _always(_everywhere(b"true")),
    "json_zeros": _always(_everywhere(b"0")),
    "json_minus_ones": _always(_everywhere(b"-1")),
    "json_long_texts": _always(_everywhere(b'"' + b"long " * 20_000 + b'"')),
    "json_many_models": _always(b'{"models": [' + b",".join(b'{"id": "m%d"}' % n for n in range(50_000)) + b"]}"),
    # Short texts that take most memory once they are parsed, just below the bounds of one body and of small ones.
    "json_million_lists": _always(b'{"models": [' + b"[]," * 1_300_000 + b"[]]}"),
    "json_half_million_objects": _always(b'{"models": [' + b'{"a":1},' * 480_000 + b"{}]}"),
    "json_small_lists": _always(b'{"models": [' + b"[]," * 80_000 + b"[]]}"),
    "json_objects_everywhere": _always(_everywhere(b"[" + b'{"id":1},' * 12_000 + b"{}]")),
    "json_noise": _always(b'{"models": ["' + secrets.token_bytes(240_000).hex().encode() + b'"]}'),
    "json_one_name_often": _always(b"{" + b",".join([b'"models": []'] * 50_000) + b"}"),
    "null_body": _always(b"null"),
    "empty_body": _always(b""),
    "spaces": _always(b" " * 1_000_000),
    "byte_order_mark": _always(b'\xef\xbb\xbf{"models": []}'),
    "utf_16": _always('{"models": []}'.encode("utf-16")),
    "status_999": _always(b"{}", status="999 Whatever"),
    "status_000": _always(b"{}", status="000 Nothing"),
    "status_600": _always(b"{}", status="600 Beyond"),
    "status_of_four_digits": _always(b"{}", status="2000 OK"),
    "no_content": _always(b"", status="204 No Content"),
    "not_modified": _always(b"", status="304 Not Modified"),
    "always_500": _always(b"<h1>500</h1>", status="500 Oops", headers="Content-Type: text/html\r\n"),
    "always_503_for_years": _always(b"{}", status="503 Busy", headers="Retry-After: 99999999999999999999\r\n"),
    "always_429_for_years": _always(b"{}", status="429 Slow", headers=f"Retry-After: {'9' * 5000}\r\n"),
    "always_429_at_odd_date": _always(
        b"{}", status="429 Slow", headers="Retry-After: Thu, 99 Foo 99999 99:99:99 +9999\r\n"
    ),
    "always_429": _always(b"{}", status="429 Slow", headers="Retry-After: 0\r\n"),
    "wrong_content_type": _always(_everywhere(b'"a"'), headers="Content-Type: image/png\r\n"),
    "no_content_type": _always(_everywhere(b'"a"'), headers="Content-Type: \r\n"),
    "events_as_json": _always(b"data: {}\n\n" * 1000),
    "json_as_events": _always(_everywhere(b'"a"'), headers="Content-Type: text/event-stream\r\n"),
    "events_without_end": _always(b"data: " + b"\ndata: " * 200_000, headers="Content-Type: text/event-stream\r\n"),
    "redirect_301_to_itself": redirects_to(_self, "301 Moved"),
    "redirect_307_to_itself": redirects_to(_self, "307 Moved"),
    "redirect_308_to_longer": redirects_to(_longer, "308 Moved"),
    "redirect_to_nowhere": redirects_to(lambda *_: "http://[::1", "307 Moved"),
    "redirect_to_a_file": redirects_to(lambda *_: "file:///etc/passwd", "302 Found"),
    "echoes_plain": _answering(echoes_plain),
    "echoes_coded": _answering(echoes_coded),
    "echoes_in_pieces": _answering(echoes_in_pieces),
    "echoes_oddly": _answering(echoes_oddly),
    "echoes_packed": _answering(echoes_packed),
    "echoes_in_fragments": _answering(echoes_in_fragments),
    "redirect_307_with_the_key": redirects_to(_with_key, "307 Moved"),
}
