"""What the scenarios about rate limits send, when and with which key: made alike by the generator and by the judges."""

from dataclasses import dataclass
from enum import StrEnum
from itertools import accumulate, cycle, islice

from assisters_verify.contract.throttling.bounds import Limit


class Kind(StrEnum):
    """A request by its route. Models are listed to spend the limit: nothing else is as cheap and as quick."""

    MODELS = "models"
    CHAT = "chat"
    STREAMING = "streaming"


class Returning(StrEnum):
    """When a client comes back that was refused."""

    NEVER = "never"
    DOCUMENTED = "documented"
    RETRY_AFTER = "retry after"
    AT_ONCE = "at once"


class Role(StrEnum):
    """What a key is in a run."""

    OVER = "over"
    BELOW = "below"
    WAITING = "waiting"
    NOISY = "noisy"
    QUIET = "quiet"
    CLIENTS = "clients"
    STORM = "storm"


@dataclass(frozen=True, slots=True, kw_only=True)
class Stretch:
    """Requests that are due evenly, at this rate and from `since_s` to `until_s`."""

    since_s: float
    until_s: float
    rate_per_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class LanePlan:
    """Requests of one kind with one key. Without stretches, one client sends them one after the other from `since_s`
    on. `connections` is how many connections they are spread over at least."""

    key: int
    kind: Kind
    stretches: tuple[Stretch, ...] = ()
    returning: Returning = Returning.NEVER
    connections: int = 1
    since_s: float = 0.0
    until_s: float = 0.0
    return_s: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyPlan:
    """What one key is for. `factor` is what it is offered while it is busiest, as a share of the limit; `returned_s` is
    when the last of its refused clients has returned, where any do."""

    role: Role
    factor: float
    returned_s: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """A whole run. `calm_s` is how long no key is over its limit at first; from `busy_until_s` on none is again."""

    limit: Limit
    keys: tuple[KeyPlan, ...]
    lanes: tuple[LanePlan, ...]
    calm_s: float
    busy_until_s: float
    duration_s: float

    def keys_of(self, *roles: Role) -> list[int]:
        """Return the keys of these roles."""
        return [number for number, key in enumerate(self.keys) if key.role in roles]

    @property
    def spread(self) -> int:
        """How many connections the widest lane is spread over."""
        return max((lane.connections for lane in self.lanes), default=1)

    @property
    def peak_per_s(self) -> float:
        """The most requests a second that are due, returns left out."""
        edges = sorted(
            edge
            for lane in self.lanes
            for each in lane.stretches
            for edge in ((each.since_s, each.rate_per_s), (each.until_s, -each.rate_per_s))
        )
        return max(accumulate(rate for _, rate in edges), default=0.0)


# The last of the documented waits before a client gives up: 1 + 2 + 4 s.
BACKOFF_S = (1.0, 2.0, 4.0)
_CALM = 0.5
# At five times its rate a bucket is empty after a quarter of a window; an aligned window may turn over once more.
_BURST = 0.5
_OVERLOAD = 2.25
_FACTORS = (5.0, 0.9, 2.0, 1.1, 0.5)
_MOST_CHATS = 100.0
_MOST_STREAMS = 40.0
_SPREAD = 8
_NOISE = 0.25
_SHORTEST_NOISE_S = 1.0
_NOISES = 4
_QUIET_SHARE = 0.5
_MOST_QUIET = 400.0
_NORMAL = 0.5
_AFTER = 0.3
_JUDGED = 1.5


def throttling(limit: Limit, keys: int) -> Plan:
    """Keys at 0.5, 0.9, 1.1, 2 and 5 times the limit, and one that waits as `Retry-After` says.

    Half a window without any key over its limit shows what is usual. Then all are offered their share for 2.25
    windows: at twice the limit a bucket is empty after one, and one more is judged. Where there are fewer than six
    keys, the last ones of the order of importance are left out.
    """
    w_s = limit.window_s
    calm_s, end_s = _CALM * w_s, (_CALM + _OVERLOAD) * w_s
    roles = _roles(keys)
    lanes: list[LanePlan] = []
    for number, key in enumerate(roles):
        if key.role is Role.BELOW:
            lanes += _below(limit, number, factor=key.factor, since_s=0.0, until_s=end_s)
        elif key.role is Role.WAITING:
            lanes += _waiting(number, since_s=calm_s, until_s=end_s)
        else:
            lanes += _over(limit, number, factor=key.factor, since_s=calm_s, until_s=end_s)
    if not any(key.role is Role.BELOW for key in roles):
        lanes += _below(limit, 0, factor=0.25, since_s=0.0, until_s=calm_s)
    return Plan(limit=limit, keys=tuple(roles), lanes=tuple(lanes), calm_s=calm_s, busy_until_s=end_s, duration_s=end_s)


def isolation(limit: Limit, keys: int) -> Plan:
    """A quiet key all the time, and beside it four times a noisy one at five times its limit, a quarter of a window
    each (a second at least), so that what drifts meanwhile meets both halves alike."""
    noise_s = max(_NOISE * limit.window_s, _SHORTEST_NOISE_S)
    end_s = (2 * _NOISES + 1) * noise_s
    noise = tuple(
        Stretch(since_s=since_s, until_s=since_s + noise_s, rate_per_s=5 * limit.per_s)
        for since_s in ((2 * number + 1) * noise_s for number in range(_NOISES))
    )
    quiet_per_s = min(_QUIET_SHARE * limit.per_s, _MOST_QUIET / end_s)
    lanes = [LanePlan(key=0, kind=Kind.MODELS, stretches=noise, connections=_SPREAD, until_s=end_s)]
    roles = [KeyPlan(role=Role.NOISY, factor=5.0)]
    if keys > 1:
        roles.append(KeyPlan(role=Role.QUIET, factor=quiet_per_s / limit.per_s))
        lanes.append(_lane(1, Kind.CHAT, rate_per_s=quiet_per_s, until_s=end_s))
    return Plan(
        limit=limit,
        keys=tuple(roles),
        lanes=tuple(lanes),
        calm_s=noise_s,
        busy_until_s=noise[-1].until_s,
        duration_s=end_s,
    )


def recovery(limit: Limit, _keys: int) -> Plan:
    """Clients that follow the documented backoff: half a window at half the limit, half a window at five times, and
    half again until the last retry, a window, and half a window to judge by have passed."""
    w_s = limit.window_s
    calm_s, busy_until_s = _CALM * w_s, (_CALM + _BURST) * w_s
    returned_s = busy_until_s + sum(BACKOFF_S)
    end_s = returned_s + _JUDGED * w_s
    stretches = (
        Stretch(since_s=0.0, until_s=calm_s, rate_per_s=_NORMAL * limit.per_s),
        Stretch(since_s=calm_s, until_s=busy_until_s, rate_per_s=5 * limit.per_s),
        Stretch(since_s=busy_until_s, until_s=end_s, rate_per_s=_NORMAL * limit.per_s),
    )
    lane = LanePlan(
        key=0,
        kind=Kind.MODELS,
        stretches=stretches,
        returning=Returning.DOCUMENTED,
        connections=_SPREAD,
        until_s=end_s,
    )
    return Plan(
        limit=limit,
        keys=(KeyPlan(role=Role.CLIENTS, factor=5.0, returned_s=returned_s),),
        lanes=(lane,),
        calm_s=calm_s,
        busy_until_s=busy_until_s,
        duration_s=end_s,
    )


def retry_storm(limit: Limit, keys: int) -> Plan:
    """Two keys at 0.3 of the limit, and at five times more for half a window. The refused clients of the first return
    all at once a window later, those of the second as documented; the rest goes on for a window and a half after
    either's last return, and shows when each is back to normal."""
    w_s = limit.window_s
    calm_s, burst_until_s = _NOISE * w_s, (_NOISE + _BURST) * w_s
    return_s = burst_until_s + w_s
    returned_s = burst_until_s + sum(BACKOFF_S)
    end_s = max(return_s, returned_s) + _JUDGED * w_s
    storm = KeyPlan(role=Role.STORM, factor=5.0, returned_s=return_s)
    roles = [storm, KeyPlan(role=Role.CLIENTS, factor=5.0, returned_s=returned_s)][:keys]
    burst = Stretch(since_s=calm_s, until_s=burst_until_s, rate_per_s=5 * limit.per_s)
    lanes: list[LanePlan] = []
    for number, key in enumerate(roles):
        is_storm = key.role is Role.STORM
        lanes.append(
            LanePlan(
                key=number,
                kind=Kind.MODELS,
                stretches=(burst,),
                returning=Returning.AT_ONCE if is_storm else Returning.DOCUMENTED,
                connections=_SPREAD,
                since_s=calm_s,
                # Those who are refused again would return once more.
                until_s=return_s + _NOISE * w_s if is_storm else end_s,
                return_s=return_s if is_storm else 0.0,
            )
        )
        lanes.append(_lane(number, Kind.MODELS, rate_per_s=_AFTER * limit.per_s, until_s=end_s))
    return Plan(
        limit=limit, keys=tuple(roles), lanes=tuple(lanes), calm_s=calm_s, busy_until_s=return_s, duration_s=end_s
    )


PLANS = {"throttling": throttling, "isolation": isolation, "recovery": recovery, "retry_storm": retry_storm}
# How many keys each makes use of.
KEYS = {"throttling": 6, "isolation": 2, "recovery": 1, "retry_storm": 2}


def _roles(keys: int) -> list[KeyPlan]:
    """Return the keys, the most telling first."""
    named = [KeyPlan(role=Role.OVER if factor > 1 else Role.BELOW, factor=factor) for factor in _FACTORS]
    first = [*named[:2], KeyPlan(role=Role.WAITING, factor=5.0), *named[2:]]
    return [*first, *islice(cycle(named), max(0, keys - len(first)))][:keys]


def _below(limit: Limit, key: int, *, factor: float, since_s: float, until_s: float) -> list[LanePlan]:
    per_s = factor * limit.per_s
    chat_per_s = min(0.2 * per_s, _MOST_CHATS / limit.window_s)
    stream_per_s = min(0.1 * per_s, _MOST_STREAMS / limit.window_s)
    rates = {Kind.MODELS: per_s - chat_per_s - stream_per_s, Kind.CHAT: chat_per_s, Kind.STREAMING: stream_per_s}
    return [
        _lane(key, kind, rate_per_s=rate_per_s, since_s=since_s, until_s=until_s) for kind, rate_per_s in rates.items()
    ]


def _over(limit: Limit, key: int, *, factor: float, since_s: float, until_s: float) -> list[LanePlan]:
    lanes = [
        _lane(
            key,
            Kind.MODELS,
            rate_per_s=factor * limit.per_s,
            since_s=since_s,
            until_s=until_s,
            connections=_SPREAD if factor > 2 else 1,  # noqa: PLR2004 - those beside it keep to few, to compare with
        )
    ]
    chat_per_s = min(0.2 * limit.per_s, _MOST_CHATS / limit.window_s)
    lanes.append(_lane(key, Kind.CHAT, rate_per_s=chat_per_s, since_s=since_s, until_s=until_s))
    if factor > 2:  # noqa: PLR2004 - streams have to begin before the key is refused
        burst_s = _BURST * limit.window_s
        stream_per_s = min(_MOST_STREAMS, limit.requests / 2) / burst_s
        lanes.append(_lane(key, Kind.STREAMING, rate_per_s=stream_per_s, since_s=since_s, until_s=since_s + burst_s))
    return lanes


def _waiting(key: int, *, since_s: float, until_s: float) -> list[LanePlan]:
    """One client over one connection, which goes on as quickly as it may and waits where it is told to."""
    return [LanePlan(key=key, kind=Kind.MODELS, returning=Returning.RETRY_AFTER, since_s=since_s, until_s=until_s)]


def _lane(
    key: int, kind: Kind, *, rate_per_s: float, until_s: float, since_s: float = 0.0, connections: int = 1
) -> LanePlan:
    stretch = Stretch(since_s=since_s, until_s=until_s, rate_per_s=rate_per_s)
    return LanePlan(key=key, kind=kind, stretches=(stretch,), since_s=since_s, until_s=until_s, connections=connections)
