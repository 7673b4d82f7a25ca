import json
from pathlib import Path
from urllib.request import Request, urlopen

import pytest

from assisters_verify.exact import ExactOptions, ExactProcess
from assisters_verify.exact.certificate import make_certificate

BODY = b'{"model": "m", "messages": [], "stream": true}'


def ask(base_url: str) -> bytes:
    request = Request(f"{base_url}/v1/chat/completions", BODY, {"Authorization": "Bearer k"})  # noqa: S310
    with urlopen(request) as response:  # noqa: S310
        return bytes(response.read())


def test_process_serves_and_gives_its_log_out() -> None:
    with ExactProcess(ExactOptions(first_token_s=0.0, gap_s=0.0, tokens=3)) as server:
        ask(server.base_url)

        assert server.read_log()["kinds"]["streaming"]["requests"] == 1


def test_log_file_is_written_at_the_end(tmp_path: Path) -> None:
    path = tmp_path / "log.json"
    with ExactProcess(ExactOptions(first_token_s=0.0, gap_s=0.001, tokens=3, log_file=path)) as server:
        ask(server.base_url)

    rows = json.loads(path.read_text(encoding="utf-8"))["rows"]
    assert [(kind, is_whole, len(writes)) for _, kind, is_whole, _, _, writes in rows] == [("streaming", True, 3)]


def test_log_is_read_over_tls_too(tmp_path: Path) -> None:
    certificate, key = make_certificate(tmp_path)
    with ExactProcess(ExactOptions(certificate_file=certificate, key_file=key)) as server:
        assert (server.base_url[:8], server.read_log()["requests"]) == ("https://", 0)


def test_server_that_cannot_start_says_so(capfd: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    missing = tmp_path / "missing.pem"

    with pytest.raises(OSError, match="did not start"):
        ExactProcess(ExactOptions(certificate_file=missing, key_file=missing)).start()

    assert "cannot serve" in capfd.readouterr().err
