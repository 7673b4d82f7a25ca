"""What a load run is told: target, profile and command line, as one frozen object that also reaches the generator."""

from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, Self

from pydantic import BeforeValidator, Field, model_validator

from assisters_verify.settings.base_url import BaseUrl
from assisters_verify.settings.errors import unknown_word
from assisters_verify.settings.lengths import Lengths
from assisters_verify.settings.target import Count, Form, Name, Target
from assisters_verify.settings.thresholds import KINDS, TIMES_OF_A_REQUEST, Threshold, read_thresholds

Span = Annotated[float, Field(ge=0)]
Positive = Annotated[float, Field(gt=0)]
Port = Annotated[int, Field(ge=0, le=65_535)]
# Start of the processes, connections and a first request; and writing the figures at the end.
_START_AND_END_S = 60.0


class Arrival(StrEnum):
    """When the requests of an open loop are due."""

    CONSTANT = "constant"
    POISSON = "poisson"


class Role(StrEnum):
    """What this process is to the others of its run."""

    SINGLE = "single"
    MASTER = "master"
    WORKER = "worker"


def _thresholds(value: Any) -> Any:
    if isinstance(value, Mapping):
        return read_thresholds(value)
    if isinstance(value, list):
        return tuple(Threshold(**each) for each in value)
    return value


def _limits_of_a_request(value: Any) -> Any:
    if isinstance(value, Mapping):
        for name in value:
            if name not in TIMES_OF_A_REQUEST:
                raise ValueError(f"no request has {unknown_word(str(name), TIMES_OF_A_REQUEST)}")
    return value


def _weights(value: Any) -> Any:
    if isinstance(value, Mapping):
        for name in value:
            if name not in KINDS:
                raise ValueError(f"there is no kind of request {unknown_word(str(name), KINDS)}")
    return value


class LoadShape(Form):
    """What a profile can say. Exactly one of `users` (a closed loop) and `rate_per_s` (an open one) is in force."""

    users: Count | None = Field(default=None, description="Users that each send a request after the other's answer.")
    rate_per_s: Positive | None = Field(default=None, description="Requests that are due each second, come what may.")
    arrival: Arrival = Field(default=Arrival.CONSTANT, description="When they are due: evenly, or at random moments.")
    duration_s: Positive = Field(default=30.0, description="Length of the measured part.")
    warm_up_s: Span = Field(default=0.0, description="Before the measured part: sent, and left out of the figures.")
    cool_down_s: Span = Field(default=0.0, description="After the measured part: sent, and left out of the figures.")
    drain_s: Span = Field(default=30.0, description="How long answers that are still under way are waited for.")
    prompt_words: Lengths = Field(default=Lengths(fixed=50), description="Words of each prompt.")
    answer_tokens: Lengths = Field(default=Lengths(fixed=100), description="`max_tokens` of each request.")
    weights: Annotated[dict[str, Positive], BeforeValidator(_weights)] = Field(
        default={"chat": 3.0, "streaming": 5.0, "embeddings": 2.0}, description="Shares of `mixed`, by kind of request."
    )
    replay: Path | None = Field(default=None, description="JSON lines of requests with their times, sent instead.")
    keys: Count = Field(default=1, description="API keys that the load is spread over.")
    keys_file: Path | None = Field(default=None, description="File with these keys, one a line, instead of made ones.")
    thresholds: Annotated[tuple[Threshold, ...], BeforeValidator(_thresholds)] = Field(
        default=(), description="Limits that the run must hold."
    )
    good: Annotated[dict[str, Positive], BeforeValidator(_limits_of_a_request)] = Field(
        default={}, description="What a request must hold to count as good; without it, what the thresholds say."
    )
    max_requests: Count = Field(default=1_000_000, description="Requests at which the run stops.")
    max_tokens: Count = Field(default=20_000_000, description="Tokens of answers at which the run stops.")
    max_rate_per_s: Positive = Field(default=10_000.0, description="More requests a second are never sent.")


class LoadSettings(LoadShape):
    """The settings of one load run. The keys travel apart from it."""

    scenario: Name = Field(description="Name of the scenario.")
    profile: str = Field(default="", description="Name of the profile, or its file's.")
    target: Target = Field(default=Target(), description="What the load is put on.")
    is_embedded: bool = Field(default=False, description="Whether the target is the suite's own server.")
    processes: Count = Field(default=1, description="Generator processes on this machine.")
    role: Role = Field(default=Role.SINGLE, description="Whether workers on other machines take part, or this is one.")
    master_host: Name = Field(default="127.0.0.1", description="Where a worker finds its master.")
    master_port: Port = Field(default=5557, description="Port of the master.")
    workers: Count = Field(default=1, description="Workers that a master waits for.")
    seed: int = Field(default=0, ge=0, description="Seed of all that is drawn.")
    deadline_s: Positive | None = Field(default=None, description="Deadline of the whole run.")
    report_dir: Path = Field(default=Path("assisters-verify-load-report"), description="Folder of the reports.")
    web: bool = Field(default=False, description="Whether Locust's own page is opened.")
    web_port: Port = Field(default=8089, description="Its port.")
    prometheus_port: Port | None = Field(default=None, description="Port of figures in Prometheus text.")
    plan: bool = Field(default=False, description="Whether to say what would be sent, and send nothing.")
    allow_load: tuple[str, ...] = Field(default=(), description="Hosts beyond loopback that load may be put on.")
    allow_plain_http: bool = Field(default=False, description="Whether a target off loopback gets the key unencrypted.")

    @model_validator(mode="after")
    def _one_loop(self) -> Self:
        if self.replay is None and (self.users is None) == (self.rate_per_s is None):
            raise ValueError("give either users or a rate")
        if self.rate_per_s is not None and self.rate_per_s > self.max_rate_per_s:
            raise ValueError(
                f"a rate of {self.rate_per_s:g} is above the cap of {self.max_rate_per_s:g} requests a second. "
                "Raise it with --max-rate, if the target may get that much."
            )
        return self

    @property
    def base_url(self) -> BaseUrl:
        """Where the target is; there is one by the time that anything is sent."""
        assert self.target.base_url is not None
        return self.target.base_url

    @property
    def is_open_loop(self) -> bool:
        """Whether requests are due by the clock, whatever the target does."""
        return self.users is None

    @property
    def whole_s(self) -> float:
        """Warm-up, measured part and cool-down together."""
        return self.warm_up_s + self.duration_s + self.cool_down_s

    @property
    def limit_s(self) -> float:
        """When the run is ended, whatever it is doing."""
        return self.deadline_s if self.deadline_s is not None else self.whole_s + self.drain_s + _START_AND_END_S

    @property
    def request_limits(self) -> dict[str, float]:
        """What each request must hold to count as good, by measure: `good`, or the loosest of the thresholds on it."""
        if self.good:
            return dict(self.good)
        limits: dict[str, float] = {}
        for threshold in self.thresholds:
            name = threshold.measure.partition(".")[0]
            if name in TIMES_OF_A_REQUEST:
                limits[name] = max(threshold.limit, limits.get(name, 0.0))
        return limits

    def to_json(self) -> str:
        """Return the settings as JSON. There are no secrets in them."""
        return self.model_dump_json(exclude_defaults=True)

    @classmethod
    def from_json(cls, text: str) -> Self:
        """Return the settings that `to_json` was made from."""
        return cls.model_validate_json(text)
