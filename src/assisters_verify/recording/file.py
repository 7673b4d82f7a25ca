"""Write a recording as one compressed file of JSON lines, and read one that anybody may have made."""

import gzip
import hashlib
import json
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from itertools import chain
from pathlib import Path
from typing import Any

from assisters_verify.recording.disguise import Disguise
from assisters_verify.recording.entries import EXCHANGE, FORMAT, LISTEN, VERSION, Entry, Header, RecordingError
from assisters_verify.recording.forms import read_entry
from assisters_verify.recording.signing import sign_again
from assisters_verify.recording.stand_ins import stand_ins
from assisters_verify.redaction import Redactor

NAME = "recording.jsonl.gz"
_LARGEST_BYTES = 1024 * 1024 * 1024
_LONGEST_LINE = 64 * 1024 * 1024
_QUICK = 5
_GZIP_BITS = 31
_SIGNING = "webhook_secret"


@dataclass(frozen=True, slots=True, kw_only=True)
class Recording:
    """What was read. `digest` is the file's SHA-256."""

    header: Header
    entries: tuple[Entry, ...]
    digest: str

    @property
    def last_s(self) -> float:
        """When the last of it ended, in seconds after its beginning."""
        return max((entry.ended_s for entry in self.entries), default=0.0)


def write_recording(path: Path, header: Header, entries: Sequence[Entry], redactor: Redactor) -> None:
    """Write these entries without the secrets that the redactor knows. Raises OSError."""
    from assisters_verify.reporting.private_file import write_private  # noqa: PLC0415 - with it come all that draw

    known = redactor.known()
    pairs = stand_ins(known)
    signing = {secret: pairs[secret] for secret, name in known.items() if name.startswith(_SIGNING)}
    disguise = Disguise(pairs, redactor)
    given = {name: pairs[secret] for secret, name in known.items() if name in header.secrets}
    head = {"format": FORMAT, "version": VERSION, **asdict(replace(header, secrets=given))}
    # Line by line: all of them together, coded, would take several times what the entries take.
    packer, digest, packed = zlib.compressobj(_QUICK, wbits=_GZIP_BITS), hashlib.sha256(), bytearray()
    for value in chain([head], (_disguised(entry, disguise, signing).to_json() for entry in entries)):
        line = _line(value)
        digest.update(line)
        packed += packer.compress(line)
    packed += packer.compress(_line({"entries": len(entries), "sha256": digest.hexdigest()})) + packer.flush()
    write_private(path, bytes(packed))


def read_recording(path: Path) -> Recording:
    """Return a recording. Raises RecordingError where there is none, or one that is damaged, changed or not ours."""
    try:
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
        *lines, end = _lines(path)
        values = [_object(line) for line in (*lines[:1], end)]
    except OSError as error:
        words = error.strerror or "it is damaged, or not compressed as ours are"
        raise RecordingError(f"cannot read {path}: {words}") from error
    except (EOFError, zlib.error, ValueError) as error:
        raise RecordingError(f"{path} is damaged: {error}") from error
    _expect_whole(path, lines, *values)
    try:
        header = _header(values[0])
    except (TypeError, KeyError, ValueError) as error:
        raise RecordingError(f"{path} is no recording of ours: {error}") from error
    entries = tuple(read_entry(_object(line)) for line in lines[1:])
    return Recording(header=header, entries=entries, digest=digest)


def _header(value: dict[str, Any]) -> Header:
    given = {name: part for name, part in value.items() if name not in {"format", "version"}}
    header = Header(**given)
    expected: Mapping[str, type] = {"salt": str, "began_at": str, "settings": dict, "clauses": list, "secrets": dict}
    for name, kind in expected.items():
        if not isinstance(getattr(header, name), kind):
            raise TypeError(f"{name} is none")
    return header


def _expect_whole(path: Path, lines: Sequence[bytes], head: dict[str, Any], end: dict[str, Any]) -> None:
    if head.get("format") != FORMAT:
        raise RecordingError(f"{path} is no recording of ours")
    if head.get("version") != VERSION:
        raise RecordingError(f"{path} has version {head.get('version')}, of which this suite knows nothing")
    if end != {"entries": len(lines) - 1, "sha256": hashlib.sha256(b"".join(lines)).hexdigest()}:
        raise RecordingError(f"{path} was changed or cut short: it does not agree with its own digest")


def _lines(path: Path) -> list[bytes]:
    lines, size = [], 0
    with gzip.open(path) as file:
        while line := file.readline(_LONGEST_LINE):
            size += len(line)
            if size > _LARGEST_BYTES or not line.endswith(b"\n"):
                raise ValueError("it is larger than any run, or ends within a line")
            lines.append(line)
    if len(lines) <= 1:
        raise ValueError("it is empty")
    return lines


def _object(line: bytes) -> dict[str, Any]:
    try:
        value = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise RecordingError("a line is no JSON") from error
    if not isinstance(value, dict):
        raise RecordingError("a line is no JSON object")
    return value


def _line(value: Any) -> bytes:
    return (json.dumps(value) + "\n").encode()


def _disguised(entry: Entry, disguise: Disguise, signing: Mapping[str, str]) -> Entry:
    answer = entry.answer
    if entry.what == EXCHANGE and answer is not None:
        answer = {**disguise.value({**answer, "pieces": []}), "pieces": disguise.pieces(answer["pieces"])}
    elif entry.what == LISTEN and answer is not None:
        visits = [_disguised_visit(visit, disguise, signing) for visit in answer["visits"]]
        answer = {**answer, "visits": visits}
    else:
        answer = disguise.value(answer)
    return replace(entry, scope=disguise.text(entry.scope), answer=answer, raised=disguise.value(entry.raised))


def _disguised_visit(visit: dict[str, Any], disguise: Disguise, signing: Mapping[str, str]) -> dict[str, Any]:
    plain: dict[str, Any] = disguise.value(visit)
    before = [(name, value) for name, value in visit["headers"]]
    after = [(name, value) for name, value in plain["headers"]]
    signed = sign_again(before, visit["body"], after, plain["body"], signing)
    return {**plain, "headers": [list(pair) for pair in signed]}
