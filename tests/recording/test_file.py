"""A recording is read as it was written, holds no secret, and one that was damaged or made up is refused."""

import gzip
import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from assisters_verify.recording.entries import EXCHANGE, Entry, Header, RecordingError
from assisters_verify.recording.file import read_recording, write_recording
from assisters_verify.redaction import Redactor

KEY = "sk-7d1e4f9c2a8b30561234"
HEADER = Header(
    began_at="2026-11-23T00:00:00+00:00",
    salt="5a17",
    suite={"name": "assisters-verify"},
    settings={},
    clauses=["CHAT-01"],
    secrets={"api_key": ""},
)


def entry() -> Entry:
    answer = {
        "status": 200,
        "reason": "OK",
        "http_version": "HTTP/1.1",
        "headers": [["content-type", "application/json"]],
        "times_s": [0.5, 0.6],
        "pieces": [b'{"key": "' + KEY[:9].encode(), KEY[9:].encode() + b'"}'],
        "first_byte_s": 0.4,
        "total_s": 0.6,
        "wire_bytes": 34,
        "broken_off": None,
        "sends": 1,
        "problem": None,
    }
    return Entry(scope="test_a", what=EXCHANGE, asked="GET /", started_s=1.0, ended_s=1.6, answer=answer)


@pytest.fixture
def written(tmp_path: Path) -> Path:
    path = tmp_path / "recording.jsonl.gz"
    write_recording(path, HEADER, [entry()], Redactor([("api_key", KEY)]))
    return path


def rewrite(path: Path, change: Callable[[list[dict[str, Any]]], None], *, is_digest_kept: bool = False) -> None:
    """Change the lines of a recording; its own digest is made to agree with them, unless it is to be kept."""
    lines = [json.loads(line) for line in gzip.decompress(path.read_bytes()).splitlines()]
    change(lines)
    *body, end = [(json.dumps(line) + "\n").encode() for line in lines]
    if not is_digest_kept:
        digest = hashlib.sha256(b"".join(body)).hexdigest()
        end = (json.dumps({"entries": len(body) - 1, "sha256": digest}) + "\n").encode()
    path.write_bytes(gzip.compress(b"".join([*body, end])))


def test_no_secret_is_written(written: Path) -> None:
    text = gzip.decompress(written.read_bytes())

    assert [part for part in (KEY.encode(), KEY[:9].encode(), KEY[9:].encode()) if part in text] == []


def test_stand_in_in_an_answer_is_the_one_that_the_replay_is_given(written: Path) -> None:
    recording = read_recording(written)
    (found,) = recording.entries

    assert json.loads(b"".join(found.answer["pieces"]))["key"] == recording.header.secrets["api_key"]


def test_pieces_keep_their_sizes_and_times(written: Path) -> None:
    (found,) = read_recording(written).entries

    assert ([len(piece) for piece in found.answer["pieces"]], found.answer["times_s"]) == ([18, 16], [0.5, 0.6])


def test_file_is_its_owners_alone(written: Path) -> None:
    assert written.stat().st_mode & 0o777 == 0o600


def no_change(_lines: list[dict[str, Any]]) -> None:
    """Change nothing."""


def test_rewriting_alone_changes_nothing(written: Path) -> None:
    rewrite(written, no_change)

    assert len(read_recording(written).entries) == 1


def verdict_changed(lines: list[dict[str, Any]]) -> None:
    lines[1]["answer"]["object"]["status"] = 500


def test_entry_that_was_changed_is_found_out(written: Path) -> None:
    rewrite(written, verdict_changed, is_digest_kept=True)

    with pytest.raises(RecordingError, match="was changed or cut short"):
        read_recording(written)


def field_missing(lines: list[dict[str, Any]]) -> None:
    del lines[1]["answer"]["object"]["status"]


def field_of_another_type(lines: list[dict[str, Any]]) -> None:
    lines[1]["answer"]["object"]["status"] = "200"


def time_missing(lines: list[dict[str, Any]]) -> None:
    lines[1]["answer"]["object"]["times_s"].pop()


def time_negative(lines: list[dict[str, Any]]) -> None:
    lines[1]["started_s"] = -1.0


def unknown_field(lines: list[dict[str, Any]]) -> None:
    lines[1]["more"] = 1


def answer_of_no_kind(lines: list[dict[str, Any]]) -> None:
    lines[1]["answer"] = {"pickle": "x"}


def no_base64(lines: list[dict[str, Any]]) -> None:
    lines[1]["answer"]["object"]["pieces"][0] = {"base64": "?"}


def other_format(lines: list[dict[str, Any]]) -> None:
    lines[0]["format"] = "somebody's/recording"


def later_version(lines: list[dict[str, Any]]) -> None:
    lines[0]["version"] = 2


def header_without_salt(lines: list[dict[str, Any]]) -> None:
    del lines[0]["salt"]


@pytest.mark.parametrize(
    "change",
    [
        field_missing,
        field_of_another_type,
        time_missing,
        time_negative,
        unknown_field,
        answer_of_no_kind,
        no_base64,
        other_format,
        later_version,
        header_without_salt,
    ],
)
def test_made_up_recording_is_refused(written: Path, change: Callable[[list[dict[str, Any]]], None]) -> None:
    rewrite(written, change)

    with pytest.raises(RecordingError):
        read_recording(written)


NO_RECORDINGS = {
    "nothing": b"",
    "text": b"text",
    "no lines": gzip.compress(b""),
    "other lines": gzip.compress(b"{}\n[]\n"),
    "line cut short": gzip.compress(b"{"),
}


@pytest.mark.parametrize("content", NO_RECORDINGS.values(), ids=NO_RECORDINGS)
def test_what_is_no_recording_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "recording.jsonl.gz"
    path.write_bytes(content)

    with pytest.raises(RecordingError):
        read_recording(path)


def test_recording_that_was_cut_short_is_refused(written: Path) -> None:
    written.write_bytes(written.read_bytes()[:-20])

    with pytest.raises(RecordingError):
        read_recording(written)


def test_recording_that_is_not_there_is_said_to_be_missing(tmp_path: Path) -> None:
    with pytest.raises(RecordingError, match="No such file"):
        read_recording(tmp_path / "recording.jsonl.gz")
