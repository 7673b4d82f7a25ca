from collections.abc import Callable, Mapping
from typing import Any

import pytest
from click.testing import CliRunner

from assisters_verify.calibration import Calibration, Comparison
from assisters_verify.cli import load_calibrate
from assisters_verify.cli.load_calibrate import command
from assisters_verify.exact import ExactOptions
from assisters_verify.settings.load import LoadSettings

Stub = Callable[..., list[tuple[LoadSettings, ExactOptions, bool]]]


@pytest.fixture
def calibrated(monkeypatch: pytest.MonkeyPatch) -> Stub:
    """Put this result in the place of a calibration, and return what it was asked for."""

    def stub(*, error_s: float = 0.0001, fails: OSError | None = None) -> list[tuple[LoadSettings, ExactOptions, bool]]:
        asked: list[tuple[LoadSettings, ExactOptions, bool]] = []

        def calibrate(
            settings: LoadSettings,
            run: Callable[[LoadSettings], Mapping[str, Any]],
            *,
            options: ExactOptions,
            is_secure: bool,
        ) -> Calibration:
            del run
            asked.append((settings, options, is_secure))
            if fails is not None:
                raise fails
            comparison = Comparison(measure="gap", percentile="p50", said_s=0.01 + error_s, true_s=0.01, limit_s=0.0002)
            return Calibration(
                comparisons=(comparison,), lateness_p99_s=None, delivered_share=1.0, uncounted=0, requests=1,
                contents=50, server_error_p99_s=0.0,
            )  # fmt: skip

        monkeypatch.setattr(load_calibrate, "calibrate", calibrate)
        return asked

    return stub


def test_good_instrument_ends_with_status_0(calibrated: Stub) -> None:
    calibrated()

    result = CliRunner().invoke(command, [])

    assert (result.exit_code, result.output.splitlines()[-1]) == (0, "The instrument is good enough for this load.")


def test_wrong_instrument_ends_with_status_5(calibrated: Stub) -> None:
    calibrated(error_s=0.001)

    assert CliRunner().invoke(command, []).exit_code == 5


def test_server_that_cannot_start_is_the_suites_fault(calibrated: Stub) -> None:
    calibrated(fails=OSError("no room"))

    result = CliRunner().invoke(command, [])

    assert (result.exit_code, "no room" in result.output) == (4, True)


def test_load_is_the_users_own(calibrated: Stub) -> None:
    asked = calibrated()

    CliRunner().invoke(command, ["--rate", "700", "--processes", "2", "--scenario", "chat", "--tls"])

    settings, _, is_secure = asked[0]
    assert (settings.rate_per_s, settings.users, settings.processes, settings.scenario, is_secure) == (
        700.0,
        None,
        2,
        "chat",
        True,
    )


def test_timing_is_the_users_own(calibrated: Stub) -> None:
    asked = calibrated()

    CliRunner().invoke(command, ["--first-token", "0.2", "--gap", "0.02", "--tokens", "7"])

    assert (asked[0][1].first_token_s, asked[0][1].gap_s, asked[0][1].tokens) == (0.2, 0.02, 7)


def test_impossible_timing_is_wrong_usage(calibrated: Stub) -> None:
    calibrated()

    assert CliRunner().invoke(command, ["--gap", "-1"]).exit_code == 2


def test_users_beside_a_rate_are_wrong_usage(calibrated: Stub) -> None:
    calibrated()

    assert CliRunner().invoke(command, ["--users", "5", "--rate", "7"]).exit_code == 2
