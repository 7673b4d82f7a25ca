"""Judge a rate limit by what an overrun of it showed."""

from collections.abc import Sequence

from assisters_verify.contract.envelope import expect_envelope
from assisters_verify.contract.limiter import MODELS, Crossing, Findings, Outcome, Overrun, Shot
from assisters_verify.contract.limiter_bounds import (
    Excess,
    are_too_many,
    crossing_excess,
    early_refusal,
    excess,
    explain_excess,
    is_beyond_all,
    is_steady,
    may_hide,
    span_s,
)
from assisters_verify.contract.limiter_sighting import CROSSINGS_TO_BLAME
from assisters_verify.judgement import Broken, NotApplicable, Undecided

_FEWEST_FAILED = 4
# Fewer that do not count could hide behind the one token that the bound leaves open.
_TELLING = 3
_TURNED = "the window turned over, whenever a key was over its limit"
_NAMES = {
    "models": "GET /v1/models",
    "chat": "POST /v1/chat/completions",
    "stream": "POST /v1/chat/completions with stream: true",
    "embeddings": "POST /v1/embeddings",
    "audit": "GET /v1/audit",
    "metrics": "GET /v1/metrics",
    "removal": "DELETE /v1/keys/{id}",
}


def expect_no_early_refusal(findings: Findings) -> None:
    """Judge that the first `limit` requests of a fresh key are not refused. Raises Broken, Undecided."""
    limit = findings.limit
    for overrun in findings.overruns:
        early = early_refusal(overrun, limit, disturbed=findings.disturbed)
        if early is not None:
            shot, made = early
            received = f"429 before a fresh key had made more than {made}"
            raise Broken(expected=f"the first {limit} requests of a key to pass", received=received, answer=shot.answer)
    if not any(overrun.sent >= limit and span_s(overrun) < findings.window_s for overrun in findings.overruns):
        raise Undecided(_too_slow(findings))


def expect_limit(findings: Findings) -> None:
    """Judge that what exceeds the limit is refused with 429. Raises Broken, Undecided."""
    limit, window_s = findings.limit, findings.window_s
    first = findings.overruns[0]
    _expect_refusal_by_429(findings)
    overruns = [overrun for overrun in findings.overruns if overrun.filler == MODELS]
    for overrun in overruns:
        if is_beyond_all(overrun, limit=limit, window_s=window_s):
            raise _too_many(overrun, findings)
    if not any(overrun.throttled for overrun in overruns):
        raise Undecided(_too_slow(findings) if first.is_given_up else "no request was refused")
    if findings.main.overrun.filler == MODELS and excess(findings.main.overrun, limit) > 0:
        why = explain_excess(findings.main, limit=limit, window_s=window_s)
        if why is Excess.LIMIT:
            raise _too_many(findings.main.overrun, findings)
        if why is Excess.EDGE_OR_LIMIT:
            _expect_edges(overruns, findings)
        if why is Excess.PERHAPS_REFILLED:
            raise Undecided(_perhaps_refilled(findings))


def expect_throttled_envelopes(findings: Findings) -> None:
    """Judge that each 429 carries the envelope. Raises Broken, Undecided."""
    for shot in _refusals(findings):
        if shot.answer is not None:
            expect_envelope(shot.answer)


def expect_neighbour_served(findings: Findings) -> None:
    """Judge that another key was let through while the first was refused. Raises Broken, Undecided."""
    neighbours = findings.main.neighbours
    throttled = [shot for shot in neighbours if shot.is_throttled]
    if throttled:
        received = f"429 for {len(throttled)} of {len(neighbours)} requests of a key that had made none"
        raise Broken(expected="another key not to be touched", received=received, answer=throttled[0].answer)
    if not findings.main.overrun.throttled:
        raise Undecided("no key was refused, so that none could stay untouched")
    if not any(shot.is_served for shot in neighbours):
        failed = "; ".join(shot.received for shot in neighbours[:1])
        raise Undecided(findings.nobody or failed or _TURNED)


def expect_return(findings: Findings) -> None:
    """Judge that a window after its last request a key is let through again. Raises Broken, Undecided."""
    throttled = [shot for shot in findings.back if shot.is_throttled]
    if throttled:
        waited_s = throttled[0].sent_s - findings.exhausted_s
        among = f" ({len(throttled)} of {len(findings.back)} requests)" if len(findings.back) > 1 else ""
        received = f"429 after {waited_s:.1f} s{among}"
        _refuse_disturbed(findings)
        raise Broken(
            expected=f"the key to work again after {findings.window_s:g} s",
            received=received,
            answer=throttled[0].answer,
        )
    _refusals(findings)
    if not any(shot.is_served for shot in findings.back):
        raise Undecided("; ".join(shot.received for shot in findings.back[:1]) or "the key was not tried again")


def expect_refused_everywhere(findings: Findings) -> None:
    """Judge that an exhausted key is refused on every route. Raises Broken, Undecided."""
    open_routes = []
    crossings = _crossings(findings)
    for kind in dict.fromkeys(crossing.kind for crossing in crossings):
        tries = [crossing for crossing in crossings if crossing.kind == kind]
        over = [crossing for crossing in tries if _crossing_excess(crossing, findings) > 0]
        if over and (len(over) >= CROSSINGS_TO_BLAME or not findings.main.is_refilling):
            received = f"{_NAMES[kind]} served ({len(over[-1].served)} of {len(over[-1].shots)}) between two refusals"
            answer = over[-1].served[0].answer
            raise Broken(expected="429 on every route from a key over its limit", received=received, answer=answer)
        if not any(shot.is_throttled for crossing in tries for shot in crossing.shots):
            open_routes.append(f"{_NAMES[kind]}: {tries[-1].shots[-1].received}")
    if findings.main.has_turned:
        raise Undecided(_TURNED)
    if open_routes:
        raise Undecided(f"neither refused nor served for certain: {'; '.join(open_routes)}")


def expect_retry_after(findings: Findings) -> None:
    """Judge that each 429 says when to come back. Raises Broken, Undecided."""
    silent = [shot for shot in _refusals(findings) if shot.retry_after is None]
    if silent:
        raise Broken(expected="`Retry-After`", received=f"no such header, {len(silent)} times", answer=silent[0].answer)


def expect_true_retry_after(findings: Findings) -> None:
    """Judge that waiting for as long as `Retry-After` says is enough. Raises Broken, NotApplicable, Undecided."""
    telling = [shot for shot in _refusals(findings) if shot.retry_after is not None]
    for shot in telling:
        if shot.retry_after_s is None:
            received = f"`Retry-After: {shot.retry_after}`"[:120]
            raise Broken(expected="a number of seconds, or a date", received=received, answer=shot.answer)
    for wait in findings.main.waits:
        if wait.after.is_throttled:
            waited_s = wait.after.sent_s - wait.refused.answered_s
            received = f"429 again {waited_s:.1f} s after `Retry-After: {wait.refused.retry_after}`"
            _refuse_disturbed(findings)
            raise Broken(expected="that waiting that long is enough", received=received, answer=wait.after.answer)
    if not telling:
        raise NotApplicable("no 429 says `Retry-After`")
    if not any(wait.after.is_served for wait in findings.main.waits):
        raise Undecided("the time that `Retry-After` asks for could not be waited out")


def expect_whole_stream(findings: Findings) -> None:
    """Judge that a stream that was running when its key was refused went on to its end. Raises Broken, Undecided."""
    refused = _require_refused(findings.main.overrun.throttled)
    stream = findings.stream
    if stream is None:
        raise Undecided("no stream could be started before the limit was reached")
    first = min(refused, key=lambda shot: shot.answered_s)
    if stream.problem is not None and stream.ended_s >= min(shot.sent_s for shot in refused):
        raise Broken(
            expected="a running stream to go on when the limit strikes", received=stream.problem, answer=stream.answer
        )
    if stream.ended_s <= first.answered_s:
        raise Undecided("the stream had ended before the limit struck", answer=stream.answer)


def expect_every_route_counts(findings: Findings) -> None:
    """Judge that requests on every route count towards the limit. Raises Broken, Undecided."""
    main, first = findings.main, findings.overruns[0]
    refused = _require_refused(main.overrun.throttled)
    if main.overrun.filler != MODELS:
        received = f"{len(first.served)} GET /v1/models served in {span_s(first):.1f} s"
        answer = first.served[-1].answer
        expected = f"GET /v1/models to count, as {_NAMES[main.overrun.filler]} does"
        raise Broken(expected=expected, received=received, answer=answer)
    if early_refusal(main.overrun, findings.limit) is not None:
        raise Undecided("the limit is too low to tell what counts")
    if main.is_refilling:
        _expect_tokens_spent(findings)
    else:
        _expect_exact_mixture(findings, refused[0])


def _expect_refusal_by_429(findings: Findings) -> None:
    """Judge how requests over the limit are refused, where none is with 429."""
    first = findings.overruns[0]
    failed = _failed_at_end(first)
    if first.throttled or len(failed) < _FEWEST_FAILED or first.sent - len(failed) < findings.limit:
        return
    said = f"{failed[-1].received}, {len(failed)} times in a row"
    if not any(shot.is_served for shot in findings.main.neighbours) and not findings.nobody:
        raise Undecided(f"beyond the limit nobody at all is served: {said}", answer=failed[-1].answer)
    if any(shot.is_served for shot in findings.main.rest):
        raise Undecided(f"beyond the limit requests fail now and then: {said}", answer=failed[-1].answer)
    expected = f"429 for what exceeds {findings.limit} requests in {findings.window_s:g} s"
    raise Broken(expected=expected, received=said, answer=failed[-1].answer)


def _failed_at_end(overrun: Overrun) -> list[Shot]:
    failed: list[Shot] = []
    for shot in reversed(overrun.shots):
        if shot.outcome is not Outcome.OTHER:
            break
        failed.append(shot)
    return failed


def _expect_edges(overruns: Sequence[Overrun], findings: Findings) -> None:
    """Judge an excess that only the edge of an aligned window could explain."""
    limit, window_s = findings.limit, findings.window_s
    plain = [overrun for overrun in overruns if not overrun.mixed]
    beyond = [overrun for overrun in plain if excess(overrun, limit) > 0]
    if not plain:
        raise Undecided(f"{len(overruns[0].served)} were served, and no other key was there to rule out an edge")
    if beyond and are_too_many(overruns, limit=limit, window_s=window_s):
        raise _too_many(beyond[0], findings)
    if len(beyond) == len(plain):
        raise Undecided(f"{len(beyond[0].served)} were served, perhaps across the edge of a window")


def _expect_exact_mixture(findings: Findings, refused: Shot) -> None:
    limit, window_s = findings.limit, findings.window_s
    plain = [overrun for overrun in findings.overruns if not overrun.mixed]
    if any(excess(overrun, limit) > 0 for overrun in plain):
        raise Undecided("the limit is too high to tell what counts")
    mixed = [overrun for overrun in findings.overruns if overrun.mixed and overrun.filler == MODELS]
    is_over = excess(findings.main.overrun, limit) > 0
    if is_over and explain_excess(findings.main, limit=limit, window_s=window_s) is Excess.PERHAPS_REFILLED:
        raise Undecided(_perhaps_refilled(findings))
    if are_too_many(mixed, limit=limit, window_s=window_s):
        overrun = mixed[-1]
        over = excess(overrun, limit)
        received = f"{limit + over} served, {_uncounted(overrun, over)}"
        raise Broken(expected=f"{limit} requests in all, on any routes", received=received, answer=refused.answer)
    clean = [overrun for overrun in mixed if excess(overrun, limit) <= 0]
    if mixed and not clean:
        raise Undecided(f"{len(mixed[0].served)} were served, perhaps across the edge of a window")
    hidden = [kind for overrun in clean[-1:] for kind in overrun.mixed if may_hide(overrun, kind, limit)]
    if hidden or not clean:
        names = ", ".join(_NAMES[kind] for kind in hidden) or "other routes, which are not there"
        raise Undecided(f"could not be told whether it counts: {names}")


def _expect_tokens_spent(findings: Findings) -> None:
    countings = findings.main.countings
    if countings and not is_steady(findings.main, limit=findings.limit, window_s=findings.window_s):
        raise Undecided("the limit does not refill request by request, so that single ones cannot be counted")
    weak = []
    for kind in dict.fromkeys(crossing.kind for crossing in countings if crossing.kind != findings.main.overrun.filler):
        tries = [crossing for crossing in countings if crossing.kind == kind]
        telling = [crossing for crossing in tries if sum(shot.kind == kind for shot in crossing.served) >= _TELLING]
        over = [crossing for crossing in telling if _crossing_excess(crossing, findings) > 0]
        if len(over) > 1:
            most = len(over[-1].served) - _crossing_excess(over[-1], findings)
            received = f"{len(over[-1].served)} served where {most} were left, {_NAMES[kind]} among them"
            answer = next((shot.answer for shot in over[-1].served if shot.kind == kind), None)
            raise Broken(expected="requests on every route to count", received=received, answer=answer)
        if not telling or over:
            weak.append(kind)
    if weak or not countings:
        names = ", ".join(_NAMES[kind] for kind in weak) or _TURNED
        raise Undecided(f"could not be told whether it counts: {names}")


def _crossings(findings: Findings) -> tuple[Crossing, ...]:
    _require_refused(findings.main.overrun.throttled)
    if not findings.main.crossings:
        raise Undecided(_TURNED if findings.main.has_turned else "no other route is there")
    return findings.main.crossings


def _crossing_excess(crossing: Crossing, findings: Findings) -> int:
    return crossing_excess(
        crossing,
        limit=findings.limit,
        window_s=findings.window_s,
        is_refilling=bool(findings.main.is_refilling),
    )


def _refusals(findings: Findings) -> Sequence[Shot]:
    return _require_refused(findings.refusals)


def _require_refused(refused: Sequence[Shot]) -> Sequence[Shot]:
    if not refused:
        raise Undecided("no request was refused with 429")
    return refused


def _refuse_disturbed(findings: Findings) -> None:
    if findings.disturbed:
        raise Undecided(f"{findings.disturbed} requests of other checks used the same key meanwhile")


def _too_many(overrun: Overrun, findings: Findings) -> Broken:
    again = "and the next refused" if overrun.throttled else "and none refused"
    received = f"{len(overrun.served)} served in {span_s(overrun):.1f} s, {again}"
    fillers = [shot for shot in overrun.served if shot.kind == overrun.filler and shot.answer is not None]
    answer = fillers[-1].answer if fillers else None
    expected = f"429 for what exceeds {findings.limit} requests in {findings.window_s:g} s"
    return Broken(expected=expected, received=received, answer=answer)


def _too_slow(findings: Findings) -> str:
    overrun = findings.overruns[0]
    took_s = max(shot.answered_s for shot in overrun.shots) - overrun.began_s
    return (
        f"{overrun.sent} requests took {took_s:.1f} s, too slow to make {findings.limit} "
        f"well within {findings.window_s:g} s (`concurrency` in the target file sets how many run side by side)"
    )


def _perhaps_refilled(findings: Findings) -> str:
    return f"{len(findings.main.overrun.served)} were served, perhaps of a bucket that had been refilled in lumps"


def _uncounted(overrun: Overrun, over: int) -> str:
    """Name the route whose requests are as many as the excess, where there is one."""
    counts = {kind: overrun.count_served(kind) for kind in overrun.mixed}
    alike = [_NAMES[kind] for kind, count in counts.items() if count == over]
    told = ", ".join(f"{count} {_NAMES[kind]}" for kind, count in counts.items())
    return f"{over} too many, as many as {' or '.join(alike)}" if alike else f"{over} too many; among them {told}"
