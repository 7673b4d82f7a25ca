"""A list of known failures is read whole, or refused in one line that says what is wrong."""

from datetime import date
from pathlib import Path

import pytest

from assisters_verify.content import content_root
from assisters_verify.known_failures import KnownFailure
from assisters_verify.settings.errors import SettingsError
from assisters_verify.settings.known_failures import read_known_failures

IDS = ("CHAT-05", "STREAM-04")
GOOD = "{clause: CHAT-05, reason: the gateway, expires: 2027-01-31}"


def read(folder: Path, text: str) -> tuple[KnownFailure, ...]:
    path = folder / "known.yaml"
    path.write_text(text, encoding="utf-8")
    return read_known_failures(path, IDS)


def test_entry_is_read(tmp_path: Path) -> None:
    expected = KnownFailure(clause="CHAT-05", reason="the gateway", expires=date(2027, 1, 31))

    assert read(tmp_path, f"known_failures: [{GOOD}]") == (expected,)


def test_example_is_a_list_of_known_failures() -> None:
    path = content_root() / "known-failures.example.yaml"

    assert [each.clause for each in read_known_failures(path, IDS)] == list(IDS)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("[]", "has no `known_failures`"),
        ("{}", "`known_failures` field required"),
        ("known_failures: [{clause: CHAT-05, reason: x}]", "`known_failures.0.expires` field required"),
        ("known_failures: [{clause: CHAT-05, expires: 2027-01-31}]", "`known_failures.0.reason` field required"),
        (
            "known_failures: [{clause: CHAT-05, reason: ' ', expires: 2027-01-31}]",
            "`known_failures.0.reason` string should have at least 1 character",
        ),
        (
            "known_failures: [{clause: CHAT-05, reason: x, expires: soon}]",
            "`known_failures.0.expires`",
        ),
        (
            "known_failures: [{clause: CHAT-05, reason: x, expires: 2027-01-31 10:00:00}]",
            "should be a date like 2027-01-31",
        ),
        (
            "known_failures: [{clause: CHAT-05, reason: x, expires: 2027-01-31, claus: x}]",
            "there is no setting `claus` (the nearest is `clause`)",
        ),
        ("known_failures: [{clause: CHAT-50, reason: x, expires: 2027-01-31}]", "the nearest is `CHAT-05`"),
        (f"known_failures: [{GOOD}, {GOOD}]", "lists CHAT-05 twice"),
    ],
)
def test_what_is_wrong_is_said_in_a_line(tmp_path: Path, text: str, problem: str) -> None:
    with pytest.raises(SettingsError) as caught:
        read(tmp_path, text)

    message = str(caught.value)
    assert (problem.lower() in message.lower(), message.count("\n")) == (True, 0), message
