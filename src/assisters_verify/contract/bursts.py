"""Tell whether a stream's content came as it was generated, or in one burst at its end."""

from assisters_verify.contract.streams import Stream

# An answer that takes no longer has nothing in it that could be waited for.
INSTANT_S = 0.1
_MOST = 0.8
_AT_ONCE_SHARE = 0.1


def is_live(found: Stream) -> bool:
    """Tell whether the content was spread over the time that the answer took, rather than coming in one burst."""
    times, begins = [t_s for t_s, _ in found.pieces], burst_s(found)
    return len(times) > 1 and sum(t_s >= begins for t_s in times) < _MOST * len(times)


def burst_s(found: Stream) -> float:
    """Return when the last tenth of the answer's time begins, which is when a burst at its end begins."""
    return end_s(found) - max(0.005, _AT_ONCE_SHARE * end_s(found))


def end_s(found: Stream) -> float:
    """Return when the last piece of content came, in seconds after the request."""
    return found.pieces[-1][0] if found.pieces else found.answer.total_s
