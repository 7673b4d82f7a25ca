"""Add up many finished exchanges at once: what is done for each of them is what a generator spends its time on."""

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from itertools import chain

from assisters_verify.generator.exchange import Exchange
from assisters_verify.measures.group import Group
from assisters_verify.measures.ledger import NEVER
from assisters_verify.measures.seconds import Series

_MILLION = 1_000_000
Exchanges = Sequence[Exchange]


def count(group: Group, exchanges: Exchanges, *, missed: Collection[int]) -> None:
    """Add their counts, and the times of those that got what they asked for; `missed` is what `find_missed` found."""
    counters = group.counters
    answered = [each for each in exchanges if each.is_ok]
    refused = [each for each in exchanges if each.is_refused]
    counters["sent"] += sum([each.sent_us != NEVER for each in exchanges])
    counters["retries"] += sum([each.attempt > 1 for each in exchanges])
    counters["bytes_sent"] += sum([len(each.data) for each in exchanges])
    counters["bytes_received"] += sum([each.bytes_received for each in exchanges])
    counters["chunks"] += sum([each.chunks for each in exchanges])
    counters["tokens"] += sum([each.tokens for each in answered])
    _count_ends(counters, answered, refused, exchanges, missed)
    group.by_status.update([each.problem.word or str(each.status) for each in exchanges])
    group.histograms["refusal_s"].record_many([each.end_us - each.sent_us for each in refused])
    group.histograms["gap_s"].record_many(chain.from_iterable([each.gaps_us for each in answered]))
    for name, (some, time_us) in _timed(answered).items():
        group.histograms[name].record_many(map(time_us, some))


def count_seconds(series: Series, exchanges: Exchanges, *, from_us: int, missed: Collection[int]) -> None:
    """Add them to the seconds in which they were sent and in which they ended; the first begins at `from_us`."""
    sent = [(each.sent_us - from_us) // _MILLION for each in exchanges if each.sent_us != NEVER]
    for number, times in Counter(sent).items():
        series[number].counts["sent"] += times
    ended: defaultdict[int, list[Exchange]] = defaultdict(list)
    for each in exchanges:
        ended[(each.end_us - from_us) // _MILLION].append(each)
    for number, some in ended.items():
        second, answered = series[number], [each for each in some if each.is_ok]
        second.counts["finished"] += len(some)
        second.counts["tokens"] += sum([each.tokens for each in answered])
        _count_ends(second.counts, answered, [each for each in some if each.is_refused], some, missed)
        second.latency.record_many(map(latency_us, answered))
        second.ttft.record_many([_ttft_us(each) for each in answered if each.first_content_us != NEVER])


def find_missed(exchanges: Exchanges, limits_us: Mapping[str, int]) -> set[int]:
    """Return the `id` of each that got what it asked for, but beyond one of the limits that make a request good."""
    if not limits_us:
        return set()
    timed = _timed([each for each in exchanges if each.is_ok])
    return {
        id(each)
        for name, limit_us in limits_us.items()
        if name in timed
        for each in timed[name][0]
        if timed[name][1](each) > limit_us
    }


def latency_us(each: Exchange) -> int:
    """Return from when it was due, or sent in a closed loop, until its last byte."""
    return each.end_us - (each.due_us if each.is_open else each.sent_us)


def _count_ends(
    counts: dict[str, int], answered: Exchanges, refused: Exchanges, exchanges: Exchanges, missed: Collection[int]
) -> None:
    counts["ok"] += len(answered)
    counts["refused"] += len(refused)
    counts["failed"] += len(exchanges) - len(answered) - len(refused)
    counts["good"] += len(answered) - (sum([id(each) in missed for each in answered]) if missed else 0)


def _timed(answered: Exchanges) -> dict[str, tuple[Exchanges, Callable[[Exchange], int]]]:
    """Return the times of a successful exchange by the names of the measures: of whom there are, and what they are."""
    streams = [each for each in answered if each.first_content_us != NEVER]
    longer = [each for each in streams if each.chunks > 1]
    paced = [each for each in longer if each.last_content_us > each.first_content_us]
    return {
        "latency_s": (answered, latency_us),
        "service_s": (answered, lambda each: each.end_us - each.sent_us),
        "queue_s": (answered, lambda each: each.sent_us - each.due_us),
        "ttft_s": (streams, _ttft_us),
        "ttft_sent_s": (streams, lambda each: each.first_content_us - each.sent_us),
        "tpot_s": (longer, lambda each: (each.last_content_us - each.first_content_us) // (each.chunks - 1)),
        "stream_tokens_per_s": (paced, _stream_tokens_per_s),
    }


def _ttft_us(each: Exchange) -> int:
    return each.first_content_us - (each.due_us if each.is_open else each.sent_us)


def _stream_tokens_per_s(each: Exchange) -> int:
    """Return millionths of tokens a second, as all histograms hold millionths."""
    return (each.chunks - 1) * _MILLION * _MILLION // (each.last_content_us - each.first_content_us)
