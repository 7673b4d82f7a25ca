from typing import Any

import pytest

from assisters_verify.calibration import calibration_lines, compare


def times(p50: float, p99: float) -> dict[str, float]:
    return {"count": 10, "p50": p50, "p99": p99}


def load(**changes: Any) -> dict[str, Any]:
    measures = {"ttft_sent_s": times(0.0501, 0.0510), "gap_s": times(0.01, 0.0103), "service_s": times(0.5401, 0.5412)}
    document: dict[str, Any] = {
        "measures": measures | changes.pop("measures", {}),
        "requests": {"ok": 185},
        "rate": {},
        "generator": {"lateness_p99_s": 0.0001},
        "options": {"users": 10},
        "duration_s": 10.0,
    }
    return document | changes


def truth(**changes: Any) -> dict[str, Any]:
    figures = {"ttft_s": times(0.05, 0.0505), "gap_s": times(0.01, 0.0101), "latency_s": times(0.54, 0.541)}
    kinds = {"streaming": {"requests": 185, "under_way": 10.0} | figures}
    return {"kinds": kinds, "contents": 9250, "timer_error_s": {"p99": 0.0005}, "requests": 185} | changes


def test_exact_instrument_is_good() -> None:
    calibration = compare(load(), truth())

    assert (calibration.is_good, calibration.faults) == (True, ())


def test_error_is_what_the_generator_says_too_much() -> None:
    calibration = compare(load(), truth())

    assert [round(each.error_s * 1e6) for each in calibration.comparisons] == [100, 500, 0, 200, 100, 200]


@pytest.mark.parametrize(
    ("measures", "fault"),
    [
        ({"ttft_sent_s": times(0.0503, 0.051)}, "first token at p50 is +0.300 ms wrong, allowed are 0.200 ms"),
        ({"ttft_sent_s": times(0.0501, 0.052)}, "first token at p99 is +1.500 ms wrong, allowed are 1.000 ms"),
        ({"gap_s": times(0.0097, 0.0103)}, "gap at p50 is -0.300 ms wrong, allowed are 0.200 ms"),
        ({"gap_s": times(0.01, 0.0107)}, "gap at p99 is +0.600 ms wrong, allowed are 0.500 ms"),
        ({"service_s": times(0.5401, 0.545)}, "latency at p99 is +4.000 ms wrong, allowed are 1.000 ms"),
    ],
)
def test_instrument_that_is_wrong_is_named(measures: dict[str, Any], fault: str) -> None:
    assert compare(load(measures=measures), truth()).faults == (fault,)


def test_late_requests_are_named_in_an_open_loop() -> None:
    document = load(options={"rate_per_s": 100}, rate={"delivered_share": 1.0}, generator={"lateness_p99_s": 0.0021})

    assert compare(document, truth()).faults == ("requests are sent 2.100 ms late at p99, allowed is 1 ms",)


def test_load_that_is_not_delivered_is_named_in_an_open_loop() -> None:
    document = load(options={"rate_per_s": 100}, rate={"delivered_share": 0.9})

    assert compare(document, truth()).faults == ("90.0% of the load is delivered, 99% are needed",)


def test_load_that_is_not_delivered_is_named_in_a_closed_loop() -> None:
    """Of ten users, nine are being answered on average: each lets a tenth of its time pass between two turns."""
    true = truth()
    true["kinds"]["streaming"]["under_way"] = 9.0

    assert compare(load(), true).faults == ("90.0% of the load is delivered, 99% are needed",)


def test_answers_that_were_not_counted_are_named() -> None:
    assert compare(load(requests={"ok": 180}), truth()).faults == ("5 answers were miscounted",)


def test_run_without_answers_is_not_good() -> None:
    empty = {"kinds": {}, "contents": 0, "timer_error_s": {"p99": None}, "requests": 0}

    assert compare(load(requests={"ok": 0}), empty).faults[0] == "nothing was measured"


def test_plain_answers_are_compared_by_latency() -> None:
    true = truth(kinds={"chat": {"requests": 185, "under_way": 10.0, "latency_s": times(0.54, 0.541)}})

    assert [each.measure for each in compare(load(), true).comparisons] == ["latency", "latency"]


def test_what_was_found_is_told_with_its_verdict_last() -> None:
    lines = list(calibration_lines(compare(load(), truth())))

    assert (lines[1].split(), lines[-1]) == (
        ["first", "token", "p50", "50.100", "50.000", "+0.100", "0.200"],
        "The instrument is good enough for this load.",
    )


def test_verdict_names_what_is_wrong() -> None:
    lines = list(calibration_lines(compare(load(requests={"ok": 180}), truth())))

    assert lines[-1] == "The instrument is NOT good enough for this load: 5 answers were miscounted."
