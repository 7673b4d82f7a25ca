"""The reference server as the target of a load run, in a process of its own, so that it shares no core with us."""

import os
import secrets
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from pydantic import SecretStr

from assisters_verify.settings import Secrets
from assisters_verify.settings.base_url import parse_base_url
from assisters_verify.settings.load import LoadSettings

_FIRST_TOKEN_S, _TOKEN_GAP_S = 0.05, 0.01
_GRACE_S = 10.0


@contextmanager
def embedded_target(settings: LoadSettings, *, is_limited: bool) -> Iterator[tuple[LoadSettings, Secrets]]:
    """Start the server and give the settings and the key for it. Without a limit it takes any load.

    Raises OSError where it does not start.
    """
    key = f"sk-embedded-{secrets.token_hex(16)}"
    limit = settings.target.rate_limit
    arguments = ["--port", "0", "--latency", str(_FIRST_TOKEN_S), "--token-gap", str(_TOKEN_GAP_S)]
    arguments += ["--limit", str(limit.requests if is_limited else 0), "--window", str(limit.window_s)]
    process = subprocess.Popen(  # noqa: S603 - our own command
        [sys.executable, "-P", "-m", "assisters_verify", "serve", *arguments],
        env={**os.environ, "ASSISTERS_API_KEY": key},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,  # so that Ctrl-C does not take it away while answers are waited for
    )
    try:
        assert process.stdout is not None
        line = process.stdout.readline()
        if not line.startswith("serving on "):
            raise OSError("the reference server did not start")
        base_url = line.removeprefix("serving on ").partition(";")[0]
        target = settings.target.model_copy(update={"base_url": parse_base_url(base_url)})
        yield settings.model_copy(update={"target": target}), Secrets(api_key=SecretStr(key))
    finally:
        process.terminate()
        try:
            process.communicate(timeout=_GRACE_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.communicate()
