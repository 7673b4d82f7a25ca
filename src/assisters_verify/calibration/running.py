"""Put the user's own load on an exact server, and compare."""

import tempfile
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from assisters_verify.calibration.comparing import Calibration, compare
from assisters_verify.exact import ExactOptions, ExactProcess
from assisters_verify.exact.certificate import make_certificate
from assisters_verify.settings.base_url import parse_base_url
from assisters_verify.settings.lengths import Lengths
from assisters_verify.settings.load import LoadSettings


def calibrate(
    settings: LoadSettings,
    run: Callable[[LoadSettings], Mapping[str, Any]],
    *,
    options: ExactOptions | None = None,
    is_secure: bool = False,
) -> Calibration:
    """Return how exact the generator is at the load of these settings.

    Args:
        settings: Scenario (`streaming` or `chat`), users or rate, processes, duration. Their target is not touched.
        run: Makes a load run with such settings and returns its load.json.
        options: The server's timing; by default streams of 50 tokens, the first after 50 ms, then one each 10 ms.
        is_secure: The load goes over TLS.

    Raises:
        OSError: The exact server could not be started.
    """
    options = options or ExactOptions()
    with tempfile.TemporaryDirectory(prefix="assisters-verify-") as folder:
        ca_file = None
        if is_secure:
            ca_file, key_file = make_certificate(Path(folder))
            options = replace(options, certificate_file=ca_file, key_file=key_file)
        with ExactProcess(options) as server:
            load = run(aimed(settings, base_url=server.base_url, tokens=options.tokens, ca_file=ca_file))
            truth = server.read_log()
    return compare(load, truth)


def aimed(settings: LoadSettings, *, base_url: str, tokens: int, ca_file: Path | None) -> LoadSettings:
    """Return the same load, on the exact server, with every request in the figures: the server's log has all too."""
    target = settings.target.model_copy(update={"base_url": parse_base_url(base_url), "ca_file": ca_file})
    return settings.model_copy(
        update={
            "target": target,
            "is_embedded": True,
            "warm_up_s": 0.0,
            "cool_down_s": 0.0,
            "answer_tokens": Lengths(fixed=tokens),
            "thresholds": (),
            "replay": None,
        }
    )
