"""Reckon where the marks of the page's charts stand; the templates draw them as inline SVG."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from assisters_verify.evidence import Exchange

TIMELINE_WIDTH = 600
_MOST_TICKS = 400
_EARLIEST_END_S = 0.001


@dataclass(frozen=True, slots=True, kw_only=True)
class Timeline:
    """When the pieces of a stream came. `ticks` are places from 0 to TIMELINE_WIDTH; times are in seconds."""

    ticks: tuple[float, ...]
    first_byte: float
    first_byte_s: float
    n_frames: int
    first_s: float
    last_s: float
    longest_gap_s: float
    total_s: float


def timeline(exchange: Exchange) -> Timeline | None:
    """Return the time line of a streamed response, or None where nothing was streamed."""
    if exchange.response is None or not exchange.response.frames:
        return None
    times = sorted(frame.t_s for frame in exchange.response.frames)
    end_s = max(times[-1], exchange.total_s or 0.0, _EARLIEST_END_S)
    return Timeline(
        ticks=_ticks(times, end_s),
        first_byte=_place(exchange.first_byte_s or 0.0, end_s),
        first_byte_s=exchange.first_byte_s or 0.0,
        n_frames=len(times),
        first_s=times[0],
        last_s=times[-1],
        longest_gap_s=max((later - earlier for earlier, later in pairwise(times)), default=0.0),
        total_s=end_s,
    )


def _ticks(times: Sequence[float], end_s: float) -> tuple[float, ...]:
    # Ticks that fall on one another are one mark, so a long stream costs no more than the width of the chart.
    places = dict.fromkeys(_place(time, end_s) for time in times)
    return tuple(places)[:_MOST_TICKS]


def _place(time_s: float, end_s: float) -> float:
    return float(round(min(max(time_s, 0.0), end_s) / end_s * (_MOST_TICKS - 1)) * TIMELINE_WIDTH / (_MOST_TICKS - 1))
