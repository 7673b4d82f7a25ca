"""The whole experiment in virtual time, against simulated limiters: the permitted ones are never blamed."""

import asyncio
import contextlib
import heapq
import itertools
import math
import random
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field, replace
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from assisters_verify.contract import limiter_verdicts as verdicts
from assisters_verify.contract.limiter import (
    AUDIT,
    CHAT,
    EMBEDDINGS,
    METRICS,
    MODELS,
    Findings,
    Outcome,
    Shot,
    StreamEnd,
)
from assisters_verify.contract.limiter_experiment import Experiment
from assisters_verify.judgement import Judgement
from assisters_verify.reference.limits import AlignedWindow, FixedWindow, Limiter, SlidingWindow, TokenBucket

WINDOW_S = 60.0
LIMIT = 1000


def seeded(seed: int) -> random.Random:
    return random.Random(seed)  # noqa: S311 - no secret is made of it


class StrictWindow(SlidingWindow):
    """A sliding window in which refused requests count too."""

    def admit(self, customer: str) -> float:
        now_s = self._clock()
        times = self._admitted.setdefault(customer, deque())
        while times and times[0] <= now_s - self._window_s:
            times.popleft()
        times.append(now_s)
        return 0.0 if len(times) <= self._limit else times[-self._limit] + self._window_s - now_s


class LumpyBucket(TokenBucket):
    """A bucket that refills in six lumps a window."""

    def admit(self, customer: str) -> float:
        lump_s = self._limit / self._rate_per_s / 6
        now_s = self._clock()
        lump = math.floor(now_s / lump_s)
        level, last = self._buckets.get(customer, (float(self._limit), float(lump)))
        level = min(self._limit, level + (lump - last) * self._limit / 6)
        is_admitted = level >= 1
        self._buckets[customer] = (level - is_admitted, lump)
        return 0.0 if is_admitted else (lump + 1) * lump_s - now_s


PERMITTED: dict[str, Callable[..., Limiter]] = {
    "sliding": SlidingWindow,
    "strict": StrictWindow,
    "fixed": FixedWindow,
    "aligned": AlignedWindow,
    "bucket": TokenBucket,
    "lumpy": LumpyBucket,
}


@dataclass
class World:
    """What a simulated target is like."""

    make: Callable[..., Limiter] = SlidingWindow
    real_limit: int = LIMIT
    real_window_s: float = WINDOW_S
    seed: int = 0
    start_s: float = 1000.0
    latency_s: float = 0.004
    spread: float = 0.5
    slow_share: float = 0.0
    chat_s: float = 0.05
    parallel: int = 16
    stream_s: float = 0.6
    refused: Outcome = Outcome.THROTTLED
    failing_share: float = 0.0
    has_retry_after: bool = True
    wait: Callable[[float], float] = math.ceil
    key_of: Callable[[str, str], str] = lambda key, _kind: key
    is_limited: Callable[[str], bool] = lambda _kind: True
    is_counted: Callable[[str], bool] = lambda _kind: True
    cuts_streams: bool = False
    nobody: str = ""
    kinds: tuple[str, ...] = (CHAT, EMBEDDINGS, AUDIT, METRICS)
    has_streams: bool = True
    has_removals: bool = True


@dataclass
class SimulatedRange:
    """A range in virtual time: requests are decided at some moment between sending and answer."""

    world: World
    nobody: str = ""
    clock_s: float = 0.0
    requests: int = 0
    keys: "itertools.count[int]" = field(default_factory=itertools.count)
    last_s: float = -math.inf

    def __post_init__(self) -> None:
        world = self.world
        self.parallel, self.kinds, self.nobody = world.parallel, world.kinds, world.nobody
        self.has_streams, self.has_removals = world.has_streams, world.has_removals
        self.clock_s = world.start_s
        self.random = seeded(world.seed)
        self.limiter = world.make(world.real_limit, world.real_window_s, self.now_s)
        self.stream: StreamEnd | None = None

    def now_s(self) -> float:
        return self.clock_s

    async def pause_until(self, when_s: float) -> None:
        late_s = self.random.uniform(0, 0.01)
        self.clock_s = max(self.clock_s, when_s + late_s)

    async def fresh_key(self) -> tuple[str, list[Shot]]:
        if self.nobody:
            await self.pause_until(self.last_s + self.world.real_window_s + 1)
            return "own", []
        key = f"key{next(self.keys)}"
        return key, await self.volley(key, [MODELS])

    async def neighbour(self) -> str | None:
        return None if self.nobody else f"neighbour{next(self.keys)}"

    def disturbed(self) -> int:
        return 0

    async def volley(
        self, key: str, kinds: Sequence[str], *, stops_when_refused: bool = False, until_s: float | None = None
    ) -> list[Shot]:
        waiting, shots, serial = deque(kinds), [], itertools.count()
        is_stopped = False
        events: list[tuple[float, int, str, Any]] = []
        for _ in range(self.parallel):
            heapq.heappush(events, (self.clock_s + self.random.uniform(0, 1e-4), next(serial), "send", ()))
        while events:
            self.clock_s, _, what, told = heapq.heappop(events)
            if what == "send":
                if is_stopped or not waiting or (until_s is not None and self.clock_s > until_s):
                    continue
                kind = waiting.popleft()
                answered_s = self.clock_s + self._latency_s(kind)
                decided_s = self.random.uniform(self.clock_s, answered_s)
                heapq.heappush(events, (decided_s, next(serial), "decide", (kind, self.clock_s, answered_s)))
            elif what == "decide":
                kind, sent_s, answered_s = told
                shot = self._decide(key, kind, sent_s, answered_s)
                heapq.heappush(events, (shot.answered_s, next(serial), "answer", (shot,)))
            else:
                (shot,) = told
                shots.append(shot)
                is_stopped = is_stopped or (stops_when_refused and shot.is_throttled)
                heapq.heappush(events, (self.clock_s, next(serial), "send", ()))
        self.last_s = self.clock_s
        return sorted(shots, key=lambda shot: shot.sent_s)

    async def open_stream(self, key: str) -> Shot:
        sent_s = self.clock_s
        self.clock_s += self.random.uniform(0, 0.005)
        shot = self._decide(key, "stream", sent_s, self.clock_s + 0.001)
        self.clock_s = shot.answered_s
        if shot.is_served:
            self.stream = StreamEnd(ended_s=self.clock_s + self.world.stream_s)
        return shot

    def alone(self) -> AbstractAsyncContextManager[None]:
        return contextlib.nullcontext()

    async def end_stream(self) -> StreamEnd | None:
        return self.stream

    def _latency_s(self, kind: str) -> float:
        world = self.world
        base_s = world.chat_s if kind in {"chat", "stream"} else world.latency_s
        is_slow = self.random.random() < world.slow_share
        return base_s * (1 + self.random.uniform(0, world.spread)) * (20 if is_slow else 1)

    def _decide(self, key: str, kind: str, sent_s: float, answered_s: float) -> Shot:
        world, wait_s = self.world, 0.0
        self.requests += 1
        if self.random.random() < world.failing_share:
            if self.random.random() < 0.5:
                self.limiter.admit(world.key_of(key, kind))
            return Shot(kind=kind, sent_s=sent_s, answered_s=answered_s, outcome=Outcome.OTHER, received="500")
        if world.is_limited(kind):
            counted = world.key_of(key, kind) if world.is_counted(kind) else f"peek {key}"
            wait_s = self.limiter.admit(counted)
        if wait_s <= 0:
            return Shot(kind=kind, sent_s=sent_s, answered_s=answered_s, outcome=Outcome.SERVED, received="200")
        if world.cuts_streams and self.stream and self.stream.ended_s > self.clock_s:
            self.stream = StreamEnd(ended_s=self.clock_s, problem="cut")
        # A refusal is quick, whatever is refused.
        answered_s = min(answered_s, self.clock_s + world.latency_s)
        asked_s = float(world.wait(wait_s)) if world.has_retry_after else None
        header = None if asked_s is None else f"{asked_s:g}"
        return Shot(
            kind=kind,
            sent_s=sent_s,
            answered_s=answered_s,
            outcome=world.refused,
            received="429" if world.refused is Outcome.THROTTLED else "503",
            retry_after=header,
            retry_after_s=asked_s,
        )


def explore(world: World, *, limit: int = LIMIT, window_s: float = WINDOW_S) -> Findings:
    experiment = Experiment(range=SimulatedRange(world), limit=limit, window_s=window_s, random=seeded(world.seed))
    return asyncio.run(experiment.run())


JUDGES: dict[str, Callable[[Findings], None]] = {
    "RATE-01": verdicts.expect_no_early_refusal,
    "RATE-02": verdicts.expect_limit,
    "RATE-04": verdicts.expect_neighbour_served,
    "RATE-05": verdicts.expect_return,
    "RATE-06": verdicts.expect_refused_everywhere,
    "RATE-07": verdicts.expect_retry_after,
    "RATE-08": verdicts.expect_true_retry_after,
    "RATE-09": verdicts.expect_whole_stream,
    "RATE-10": verdicts.expect_every_route_counts,
}


def judge(findings: Findings) -> dict[str, str]:
    """Return the verdict of each clause that does not pass, with its reason."""
    found = {}
    for clause, expect in JUDGES.items():
        try:
            expect(findings)
        except Judgement as judgement:
            found[clause] = f"{judgement.verdict}: {judgement.reason}"
    return found


def broken(findings: Findings) -> list[str]:
    return [clause for clause, reason in judge(findings).items() if reason.startswith("fail")]


worlds = st.builds(
    World,
    seed=st.integers(0, 2**32),
    start_s=st.floats(1000, 1060),
    latency_s=st.sampled_from([0.0005, 0.003, 0.02, 0.2, 0.6]),
    spread=st.sampled_from([0.0, 0.5, 3.0]),
    slow_share=st.sampled_from([0.0, 0.02]),
    chat_s=st.sampled_from([0.001, 0.05, 1.0]),
    stream_s=st.sampled_from([0.0, 0.6, 20.0]),
    parallel=st.sampled_from([1, 4, 16, 64]),
    failing_share=st.sampled_from([0.0, 0.0, 0.01]),
    has_retry_after=st.booleans(),
)
quiet = settings(
    max_examples=25,
    deadline=None,
    derandomize=True,
    database=None,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)
SIZES = [(1000, 60.0), (200, 60.0), (100, 60.0), (50, 3.0), (20, 1.0)]


@pytest.mark.parametrize("algorithm", list(PERMITTED))
@quiet
@given(world=worlds, size=st.sampled_from(SIZES), is_own=st.booleans())
def test_permitted_algorithm_is_never_blamed(
    algorithm: str, world: World, size: tuple[int, float], *, is_own: bool
) -> None:
    world.make = PERMITTED[algorithm]
    world.real_limit, world.real_window_s = size
    world.nobody = "no keys can be made" if is_own else ""
    findings = explore(world, limit=size[0], window_s=size[1])
    assert [clause for clause in broken(findings) if world.has_retry_after or clause != "RATE-07"] == []


@pytest.mark.parametrize("phase_s", [0.0, 14.9, 30.0, 59.9])
@pytest.mark.parametrize("algorithm", ["sliding", "fixed", "aligned", "bucket"])
def test_permitted_algorithm_is_decided(algorithm: str, phase_s: float) -> None:
    """On a quick target nothing stays open, wherever the clock stands."""
    assert judge(explore(World(make=PERMITTED[algorithm], start_s=1020 + phase_s))) == {}


@pytest.mark.parametrize("phase_s", [0.0, 2.9])
@pytest.mark.parametrize("algorithm", ["sliding", "fixed", "aligned", "bucket"])
def test_small_limit_is_decided(algorithm: str, phase_s: float) -> None:
    world = World(make=PERMITTED[algorithm], start_s=1020 + phase_s, real_limit=50, real_window_s=3.0)
    assert judge(explore(world, limit=50, window_s=3.0)) == {}


@pytest.mark.parametrize("real_limit", [500, 900, 999])
@pytest.mark.parametrize("algorithm", ["sliding", "fixed", "aligned"])
def test_lower_limit_is_found(algorithm: str, real_limit: int) -> None:
    assert broken(explore(World(make=PERMITTED[algorithm], real_limit=real_limit))) == ["RATE-01"]


@pytest.mark.parametrize("real_limit", [1001, 1100, 1500, 2000, 2500, 100_000])
@pytest.mark.parametrize("algorithm", ["sliding", "fixed", "aligned"])
def test_higher_limit_is_found(algorithm: str, real_limit: int) -> None:
    assert broken(explore(World(make=PERMITTED[algorithm], real_limit=real_limit))) == ["RATE-02"]


@pytest.mark.parametrize("phase_s", [0.0, 59.85])
def test_higher_limit_is_found_across_an_edge(phase_s: float) -> None:
    """An edge of the clock's window that falls into the first overrun excuses that one only."""
    world = World(make=AlignedWindow, real_limit=1200, start_s=1020 + phase_s)
    assert broken(explore(world)) == ["RATE-02"]


@pytest.mark.parametrize(("real_limit", "clauses"), [(500, ["RATE-01", "RATE-05"]), (900, ["RATE-01"])])
def test_smaller_bucket_is_found(real_limit: int, clauses: list[str]) -> None:
    """The smallest of them also refills too slowly."""
    assert broken(explore(World(make=TokenBucket, real_limit=real_limit))) == clauses


@pytest.mark.parametrize("real_limit", [1100, 2000, 5000])
def test_larger_bucket_is_found(real_limit: int) -> None:
    assert broken(explore(World(make=TokenBucket, real_limit=real_limit))) == ["RATE-02"]


@pytest.mark.parametrize("real_limit", [999, 1001])
def test_bucket_that_is_off_by_what_it_refills_is_not_blamed(real_limit: int) -> None:
    """In the time of an overrun it refills more than that, so that nothing is certain."""
    assert broken(explore(World(make=TokenBucket, real_limit=real_limit))) == []


WRONG: dict[str, tuple[World, list[str]]] = {
    "503": (World(refused=Outcome.OTHER), ["RATE-02"]),
    "shared": (World(key_of=lambda _key, _kind: "everybody"), ["RATE-04"]),
    "per_route": (World(key_of=lambda key, kind: key + kind), ["RATE-06", "RATE-10"]),
    "models_free": (World(is_limited=lambda kind: kind != "models"), ["RATE-02", "RATE-06", "RATE-10"]),
    "embeddings_free": (World(is_limited=lambda kind: kind != "embeddings"), ["RATE-06", "RATE-10"]),
    "chat_free": (World(is_limited=lambda kind: kind not in {"chat", "stream"}), ["RATE-06", "RATE-10"]),
    "streams_free": (World(is_limited=lambda kind: kind != "stream"), ["RATE-06", "RATE-10"]),
    "removals_free": (World(is_limited=lambda kind: kind != "removal"), ["RATE-06"]),
    "only_chat": (World(is_limited=lambda kind: kind in {"chat", "stream"}), ["RATE-02", "RATE-06", "RATE-10"]),
    "long_window": (World(real_window_s=150.0), ["RATE-05"]),
    "always_1": (World(wait=lambda _wait_s: 1), ["RATE-08"]),
    "always_0": (World(wait=lambda _wait_s: 0), ["RATE-08"]),
    "half": (World(wait=lambda wait_s: wait_s // 2), ["RATE-08"]),
    "cuts_streams": (World(cuts_streams=True), ["RATE-09"]),
    "silent": (World(has_retry_after=False), ["RATE-07"]),
}


@pytest.mark.parametrize("fault", list(WRONG))
def test_broken_promise_is_found(fault: str) -> None:
    world, clauses = WRONG[fault]
    assert broken(explore(world)) == clauses


@pytest.mark.parametrize("fault", ["shared", "embeddings_free", "chat_free", "streams_free", "cuts_streams", "silent"])
def test_broken_promise_of_a_bucket_is_found(fault: str) -> None:
    world, clauses = WRONG[fault]
    assert broken(explore(replace(world, make=TokenBucket))) == clauses


def test_slow_refill_is_found() -> None:
    assert broken(explore(World(make=TokenBucket, real_window_s=150.0))) == ["RATE-05"]


def test_target_that_is_too_slow_is_undecided() -> None:
    """It could not exceed its limit if it wanted to."""
    found = judge(explore(World(latency_s=3.0, spread=0.0)))
    assert {clause: reason.partition(":")[0] for clause, reason in found.items()} == dict.fromkeys(
        JUDGES, "inconclusive"
    )


def test_only_key_is_waited_for() -> None:
    """Where no second key can be made, all but the neighbour is found out with the only one."""
    assert list(judge(explore(World(nobody="no keys can be made")))) == ["RATE-04"]


def test_only_key_tells_a_higher_limit() -> None:
    assert "RATE-02" in broken(explore(World(nobody="no keys can be made", real_limit=1300)))


def test_instant_stream_is_undecided() -> None:
    assert judge(explore(World(stream_s=0.0))) == {
        "RATE-09": "inconclusive: the stream had ended before the limit struck"
    }


@pytest.mark.parametrize(
    ("algorithm", "most_s"), [("sliding", 64.0), ("fixed", 64.0), ("aligned", 70.0), ("bucket", 70.0)]
)
def test_experiment_takes_a_window_and_some_seconds(algorithm: str, most_s: float) -> None:
    simulated = SimulatedRange(World(make=PERMITTED[algorithm]))
    experiment = Experiment(range=simulated, limit=LIMIT, window_s=WINDOW_S, random=seeded(0))
    asyncio.run(experiment.run())
    assert simulated.clock_s - simulated.world.start_s < most_s


def test_experiment_spends_hardly_more_than_the_limit() -> None:
    simulated = SimulatedRange(World())
    asyncio.run(Experiment(range=simulated, limit=LIMIT, window_s=WINDOW_S, random=seeded(0)).run())
    assert simulated.requests < LIMIT + 60
