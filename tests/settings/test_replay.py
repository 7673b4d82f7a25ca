"""Requests with their times are read in order, and what is wrong with a line is told with its number."""

from pathlib import Path

import pytest

from assisters_verify.settings import SettingsError
from assisters_verify.settings.replay import Replayed, read_replay


def read(folder: Path, text: str) -> tuple[Replayed, ...]:
    path = folder / "requests.jsonl"
    path.write_text(text)
    return read_replay(path)


def test_requests_come_in_the_order_of_their_times_from_zero(tmp_path: Path) -> None:
    found = read(
        tmp_path, '{"t_s": 12.5, "kind": "chat", "prompt_words": 9}\n\n{"t_s": 10, "body": {"stream": true}}\n'
    )
    assert found == (Replayed(t_s=0.0, body={"stream": True}), Replayed(t_s=2.5, kind="chat", prompt_words=9))


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "holds no request"),
        ('{"t_s": 1}\nnonsense\n', "line 2 is not JSON"),
        ('{"t_s": -1}', "line 1: `t_s`"),
        ('{"kind": "chat"}', "line 1: `t_s`"),
        ('{"t_s": 1, "kind": "steaming"}', "line 1: `kind` should be one of chat, streaming"),
        ('{"t_s": 1, "promt_words": 3}', "no setting `promt_words` (the nearest is `prompt_words`)"),
        ("[]", "line 1"),
        ("[" * 100_000, "line 1 is not JSON"),
    ],
    ids=lambda text: text[:30],
)
def test_what_cannot_be_replayed_is_told_with_its_line(tmp_path: Path, text: str, words: str) -> None:
    with pytest.raises(SettingsError) as caught:
        read(tmp_path, text)
    assert words in str(caught.value)


def test_a_missing_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="No such file"):
        read_replay(tmp_path / "no.jsonl")
