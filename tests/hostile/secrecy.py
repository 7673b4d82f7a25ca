"""Find secrets in whatever was written, in every coding in which a server may repeat them, whole or in part."""

import codecs
import json
import re
from base64 import b64encode
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import unquote_to_bytes

# So many characters in a row, of a secret made by chance, stand nowhere by accident.
_PART = 8
_MOST_LAYERS = 3
# In codings that only somebody chooses who wants to show a secret, so many in a row count.
_ODD_PART = 16
_ESCAPE = re.compile(rb"\\u00([0-9a-fA-F]{2})|&#(\d{2,3});|&#x([0-9a-fA-F]{2});")
# What says the same over and over is no secret, and takes long to search.
_REPEATED = re.compile(rb"(.{1,10}?)\1{40,}", re.DOTALL)


def find_secrets(data: bytes, secrets: Iterable[str]) -> list[str]:
    """Return what of these secrets stands in the data: as it is, or coded, whole or in pieces of 8 characters."""
    views = [_REPEATED.sub(rb"\1\1\1\1", data)]
    while len(views) <= _MOST_LAYERS and (plain := _plain(views[-1])) != views[-1]:
        views.append(plain)
    found = []
    for secret in secrets:
        for coding, (forms, size) in _forms(secret.encode()).items():
            hits = [hit for form in forms for view in views if (hit := _find_part(view, form, size))]
            found += [f"{coding} of {secret[:6]}…: {hits[0]!r}"] if hits else []
    return found


def _find_part(data: bytes, form: bytes, size: int) -> bytes | None:
    """Return a part of so many bytes of this form that stands in the data. Every such part holds one of the pieces that
    begin at multiples of half its size, so those are looked for first: that takes a fraction of the time."""
    step = size // 2
    for at in range(0, len(form) - step + 1, step):
        piece, start = form[at : at + step], -1
        while (start := data.find(piece, start + 1)) >= 0:
            for before in range(step + 1):
                part = form[max(0, at - before) : max(0, at - before) + size]
                if len(part) == size and data.startswith(part, start - at + max(0, at - before)):
                    return part
    return None


def find_split_secrets(report_dir: Path, secrets: Iterable[str]) -> list[str]:
    """Return what stands split over the frames and events of the streams in the evidence."""
    path = report_dir / "evidence.har"
    if not path.exists():
        return []
    found = []
    for entry in json.loads(path.read_bytes())["log"]["entries"]:
        frames = "".join(frame["text"] for frame in entry["response"].get("_frames", []))
        for text in (frames, entry["response"]["content"].get("text", "")):
            for joined in {"".join(_texts(text)), "".join(re.findall(r"^[0-9a-f]+\r?\n(.*)\r?$", text, re.MULTILINE))}:
                found += [
                    f"split in {entry['_id']}: {hit}" for hit in find_secrets(joined.encode(errors="replace"), secrets)
                ]
    return found


def _plain(data: bytes) -> bytes:
    unescaped = _ESCAPE.sub(lambda m: bytes([int(m[1] or m[3], 16) if m[1] or m[3] else int(m[2]) % 256]), data)
    return unquote_to_bytes(unescaped.replace(b"\\/", b"/").replace(b"\\\\", b"\\"))


def _forms(secret: bytes) -> dict[str, tuple[list[bytes], int]]:
    """Return for each coding its forms, and how long a part of them is as good as eight characters."""
    coded = {_inner(bytes(shift) + secret, shift) for shift in range(3)}
    safe = {form.translate(bytes.maketrans(b"+/", b"-_")) for form in coded}
    hexed = secret.hex().encode()
    return {
        "text": ([secret], _PART),
        "base64": (sorted(coded | safe), 12),
        "hex": ([hexed, hexed.upper()], 2 * _PART),
        "odd": (_odd(secret), _ODD_PART),
        "base64 twice": (sorted(_inner(bytes(shift) + form, shift) for shift in range(3) for form in coded), 32),
        "bytes apart": ([secret.hex(":").encode(), secret.hex(" ").encode()], 3 * _ODD_PART),
        "numbers": ([", ".join(map(str, secret)).encode()], 4 * _ODD_PART),
        "UTF-16": ([b"\0".join(bytes([byte]) for byte in secret)], 2 * _ODD_PART),
    }


def _odd(secret: bytes) -> list[bytes]:
    turned = codecs.encode(secret.decode("latin-1"), "rot13").encode("latin-1")
    return [secret[::-1], turned, secret.lower(), secret.upper(), b" ".join(bytes([byte]) for byte in secret)]


def _inner(data: bytes, shift: int) -> bytes:
    digits = b64encode(data).rstrip(b"=")
    return digits[-(-8 * shift // 6) : 8 * len(data) // 6]


def _texts(stream: str) -> Iterator[str]:
    """Yield the strings in the JSON of each event."""
    for line in stream.splitlines():
        if line.startswith("data:"):
            try:
                yield from _strings(json.loads(line[5:]))
            except (ValueError, RecursionError):
                yield line[5:].strip()


def _strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        for part in value.values() if isinstance(value, dict) else value:
            yield from _strings(part)
