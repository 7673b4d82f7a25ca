from collections.abc import Callable

from assisters_verify.evidence import Exchange, Frame
from assisters_verify.reporting.page.charts import TIMELINE_WIDTH, timeline

MakeExchange = Callable[..., Exchange]


def _frames(*times: float) -> tuple[Frame, ...]:
    return tuple(Frame(t_s=time, text="x") for time in times)


def test_what_was_not_streamed_has_no_time_line(make_exchange: MakeExchange) -> None:
    assert timeline(make_exchange()) is None


def test_what_was_never_answered_has_no_time_line(make_exchange: MakeExchange) -> None:
    assert timeline(make_exchange(is_answered=False)) is None


def test_the_times_are_those_of_the_pieces(make_exchange: MakeExchange) -> None:
    line = timeline(make_exchange(frames=_frames(0.5, 0.75, 1.5)))
    assert line is not None
    assert (line.n_frames, line.first_s, line.last_s, line.longest_gap_s) == (3, 0.5, 1.5, 0.75)


def test_ticks_lie_within_the_chart(make_exchange: MakeExchange) -> None:
    line = timeline(make_exchange(frames=_frames(-1.0, 0.0, 99.0)))
    assert line is not None
    assert (min(line.ticks), max(line.ticks)) == (0.0, TIMELINE_WIDTH)


def test_a_long_stream_costs_no_more_than_the_chart_is_wide(make_exchange: MakeExchange) -> None:
    line = timeline(make_exchange(frames=_frames(*(n / 10_000 for n in range(20_000)))))
    assert line is not None
    assert len(line.ticks) <= 400


def test_a_stream_that_took_no_time_can_be_drawn(make_exchange: MakeExchange) -> None:
    line = timeline(make_exchange(frames=_frames(0.0)))
    assert line is not None
    assert (line.ticks, line.longest_gap_s) == ((0.0,), 0.0)
