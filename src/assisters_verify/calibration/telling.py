"""Say in a terminal how exact the instrument is."""

from collections.abc import Iterator

from assisters_verify.calibration.comparing import Calibration

_WIDTHS = (12, 6, 14, 14, 12, 12)


def calibration_lines(calibration: Calibration) -> Iterator[str]:
    """Yield what was found, one line at a time; the last is the verdict."""
    yield _row("", "", "generator ms", "server ms", "error ms", "allowed ms")
    for each in calibration.comparisons:
        figures = (f"{each.said_s * 1000:.3f}", f"{each.true_s * 1000:.3f}", f"{each.error_s * 1000:+.3f}")
        yield _row(each.measure, each.percentile, *figures, f"{each.limit_s * 1000:.3f}")
    if calibration.lateness_p99_s is not None:
        yield f"requests were sent {calibration.lateness_p99_s * 1000:.3f} ms after they were due, at p99"
    yield f"{calibration.delivered_share:.1%} of the load was delivered"
    yield (
        f"{calibration.requests} answers, {calibration.contents} contents; the server itself was "
        f"{calibration.server_error_p99_s * 1000:.3f} ms late at p99, which its log accounts for"
    )
    if calibration.is_good:
        yield "The instrument is good enough for this load."
    else:
        yield f"The instrument is NOT good enough for this load: {'; '.join(calibration.faults)}."


def _row(*cells: str) -> str:
    name, percentile, *figures = (cell.ljust(width) for cell, width in zip(cells, _WIDTHS, strict=True))
    return name + percentile + "".join(figure.strip().rjust(len(figure)) for figure in figures)
