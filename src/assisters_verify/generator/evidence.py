"""Keep the slowest exchanges and a sample of all, readable and without secrets only when they are asked for."""

import heapq
from random import Random

from assisters_verify.generator.exchange import Exchange
from assisters_verify.measures.evidence import MOST_KEPT_BYTES, MOST_SAMPLES, MOST_SLOWEST, Kept
from assisters_verify.redaction import Redactor
from assisters_verify.redaction.shown import shown_secrets

_Ranked = tuple[float, int, Exchange]


class Keeper:
    """Keeps what has the highest rank: latency for the slowest, chance for the sample."""

    def __init__(self, *, seed: int, keys: tuple[str, ...], process: str, started_us: int) -> None:
        self._random = Random(seed)  # noqa: S311 - a sample
        self._keys = keys
        self._process = process
        self._started_us = started_us
        self._count = 0
        self._slowest: list[_Ranked] = []
        self._samples: list[_Ranked] = []

    def offer(self, exchange: Exchange, *, latency_us: int) -> None:
        """Keep it, if it is slower than others or if chance has it. What failed is sampled, too."""
        self._count += 1
        slowest, samples = self._slowest, self._samples
        if latency_us > 0 and (len(slowest) < MOST_SLOWEST or latency_us > slowest[0][0]):
            _push(slowest, (latency_us, self._count, exchange), MOST_SLOWEST)
        # The lowest ranks of all processes are kept, so that they are a fair sample of all requests.
        rank = self._random.random()
        if len(samples) < MOST_SAMPLES or rank < -samples[0][0]:
            _push(samples, (-rank, self._count, exchange), MOST_SAMPLES)

    def slowest(self) -> list[Kept]:
        """Return the slowest, the very slowest first."""
        return [self._kept(exchange, rank / 1e6) for rank, _, exchange in sorted(self._slowest, reverse=True)]

    def samples(self) -> list[Kept]:
        """Return the sample."""
        return [self._kept(exchange, -rank) for rank, _, exchange in sorted(self._samples, reverse=True)]

    def _kept(self, exchange: Exchange, rank: float) -> Kept:
        redactor = Redactor((f"key_{number}", key) for number, key in enumerate(self._keys))
        pieces = [data for _, data in exchange.frames]
        for number, secret in enumerate(shown_secrets(b"".join(pieces))):
            redactor.add(f"shown_secret_{number}", secret)
        frames = redactor.frames(pieces)
        return Kept(
            rank=rank,
            kind=exchange.request.kind,
            lane=exchange.lane.name,
            key=exchange.lane.key,
            process=self._process,
            due_s=self._since_start_s(exchange.due_us),
            sent_s=self._since_start_s(exchange.sent_us),
            end_s=self._since_start_s(exchange.end_us),
            attempt=exchange.attempt,
            status=exchange.status,
            problem=": ".join(filter(None, (exchange.problem.word.replace("_", " "), exchange.problem_text))),
            request=redactor.text(exchange.data[:MOST_KEPT_BYTES].decode(errors="replace")),
            head=redactor.text(exchange.head.decode("latin-1").strip().replace("\r\n", "\n")),
            frames=tuple(
                (self._since_start_s(at_us), text) for (at_us, _), text in zip(exchange.frames, frames, strict=True)
            ),
            is_stream=exchange.is_stream,
            is_cut=exchange.frame_bytes < exchange.body_bytes,
        )

    def _since_start_s(self, at_us: int) -> float:
        return (at_us - self._started_us) / 1e6


def _push(heap: list[_Ranked], entry: _Ranked, most: int) -> None:
    if len(heap) < most:
        heapq.heappush(heap, entry)
    else:
        heapq.heapreplace(heap, entry)
