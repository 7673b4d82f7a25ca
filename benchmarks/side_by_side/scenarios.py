"""What every generator is asked to do."""

from dataclasses import dataclass

from assisters_verify.exact import ExactOptions

MODEL = "gpt-4.1-mini"
KEY = "key-of-the-benchmark"
PROMPT = "The quick brown fox jumps over the lazy dog."


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """One load: a server's timing, and either users in a closed loop or arrivals at a rate."""

    name: str
    title: str
    options: ExactOptions
    users: int
    rate: int = 0
    is_stream: bool = False
    is_tls: bool = False
    seconds: int = 4

    @property
    def body(self) -> dict[str, object]:
        """The request, for generators that send bodies of the caller's."""
        body: dict[str, object] = {"model": MODEL, "messages": [{"role": "user", "content": PROMPT}]}
        return body | ({"stream": True} if self.is_stream else {})


_FAST = ExactOptions(first_token_s=0.0, gap_s=0.0, tokens=100)
_PACED = ExactOptions(first_token_s=0.05, gap_s=0.01, tokens=50)
_STALLING = ExactOptions(stall_s=2.0, stall_every_s=10.0, tokens=20)
SCENARIOS = {
    scenario.name: scenario
    for scenario in (
        Scenario(name="plain", title="plain requests, 64 connections", options=_FAST, users=64),
        Scenario(name="plain-tls", title="plain requests over TLS 1.3", options=_FAST, users=64, is_tls=True),
        Scenario(
            name="stream", title="streams of 100 chunks without pauses", options=_FAST, users=64, is_stream=True
        ),
        Scenario(
            name="stream-tls", title="the same streams over TLS 1.3", options=_FAST, users=64, is_stream=True,
            is_tls=True,
        ),
        Scenario(
            name="paced", title="400 streams of 100 tokens a second", options=_PACED, users=400, is_stream=True,
            seconds=8,
        ),
        Scenario(
            name="stall", title="100 arrivals a second, a stop of 2 s in every 10", options=_STALLING, users=400,
            rate=100, seconds=30,
        ),
    )
}  # fmt: skip
