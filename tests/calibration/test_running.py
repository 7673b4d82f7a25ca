import ssl
from collections.abc import Mapping
from typing import Any
from urllib.request import Request, urlopen

from assisters_verify.calibration import calibrate
from assisters_verify.exact import ExactOptions
from assisters_verify.settings.load import LoadSettings

SETTINGS = LoadSettings(scenario="streaming", users=1, warm_up_s=5.0, duration_s=1.0)
OPTIONS = ExactOptions(first_token_s=0.001, gap_s=0.001, tokens=3)


def generator_that_says(seconds: float) -> Any:
    """Return a stand-in for a load run: one request, and figures made up."""

    def run(settings: LoadSettings) -> Mapping[str, Any]:
        body = b'{"model": "m", "messages": [], "stream": true}'
        request = Request(f"{settings.base_url}/v1/chat/completions", body, {"Authorization": "Bearer k"})  # noqa: S310
        context = ssl.create_default_context(cafile=settings.target.ca_file) if settings.target.ca_file else None
        with urlopen(request, context=context) as response:  # noqa: S310
            response.read()
        times = {"p50": seconds, "p99": seconds}
        return {
            "measures": {"ttft_sent_s": times, "gap_s": times, "service_s": times},
            "requests": {"ok": 1},
            "rate": {},
            "generator": {"lateness_p99_s": None},
            "options": {"users": settings.users, "warm_up_s": settings.warm_up_s},
            "duration_s": settings.duration_s,
        }

    return run


def test_generator_runs_against_the_exact_server() -> None:
    calibration = calibrate(SETTINGS, generator_that_says(9.0), options=OPTIONS)

    assert (calibration.requests, calibration.contents, calibration.is_good) == (1, 3, False)


def test_generator_may_be_calibrated_over_tls() -> None:
    calibration = calibrate(SETTINGS, generator_that_says(9.0), options=OPTIONS, is_secure=True)

    assert calibration.requests == 1
