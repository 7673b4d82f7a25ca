"""Turn the plan of a run into the generator's lanes, with the requests that they send."""

import json
from collections.abc import Callable, Sequence
from functools import partial
from random import Random

from assisters_verify.contract.own_words import own_word
from assisters_verify.contract.throttling.bounds import Limit
from assisters_verify.contract.throttling.plan import PLANS, Kind, LanePlan, Plan, Returning
from assisters_verify.generator.lanes import ClosedLoop, Lane, OpenLoop, RetryPolicy, Step
from assisters_verify.generator.requests import Request
from assisters_verify.settings.load import LoadSettings

_DOCUMENTED_CHAT = "gpt-4.1-mini"
_CHAT = "/v1/chat/completions"
_MODELS = "/v1/models"
_SHORT = 32
# Long enough to be under way when its key is refused.
_LONG = 900
_LONG_PROMPT = (
    "Begin your answer with {word}. Then count from 1 to 300 in digits, separated by single spaces, on one line."
)
_SHORT_PROMPT = "Repeat this word and nothing else: {word}"
_MOST_WAITS = 200


def plan_of(settings: LoadSettings) -> Plan:
    """Return what a run with these settings sends: the same for the generator and for the judges."""
    limit = settings.target.rate_limit
    return PLANS[settings.scenario](Limit(requests=limit.requests, window_s=limit.window_s), settings.keys)


def lanes_of(settings: LoadSettings) -> Sequence[Lane]:
    """Return the lanes of a run with these settings."""
    plan = plan_of(settings)
    return [_lane(number, each, plan, settings) for number, each in enumerate(plan.lanes)]


def _lane(number: int, lane: LanePlan, plan: Plan, settings: LoadSettings) -> Lane:
    return Lane(
        name=f"{number} {lane.kind} key {lane.key}",
        kind=lane.kind,
        request=_request(lane.kind, settings),
        arrivals=_arrivals(lane, plan),
        key=lane.key,
        connections=lane.connections if lane.kind is Kind.MODELS else 0,
        retry=_retry(lane, plan),
        start_s=lane.stretches[0].since_s if lane.stretches else lane.since_s,
        stop_s=lane.until_s,
    )


def _arrivals(lane: LanePlan, plan: Plan) -> OpenLoop | ClosedLoop:
    if not lane.stretches:
        # No quicker than the bursts are, or a limit that is not there would be hammered.
        return ClosedLoop(users=1, pause_s=1 / (5 * plan.limit.per_s), spread_s=0.0)
    steps: list[Step] = []
    at_s = lane.stretches[0].since_s
    for each in lane.stretches:
        if each.since_s > at_s:
            steps.append(Step(duration_s=each.since_s - at_s, rate_per_s=0.0))
        steps.append(Step(duration_s=each.until_s - each.since_s, rate_per_s=each.rate_per_s))
        at_s = each.until_s
    return OpenLoop(steps=tuple(steps))


def _retry(lane: LanePlan, plan: Plan) -> RetryPolicy | None:
    window_s = plan.limit.window_s
    policies: dict[Returning, RetryPolicy | None] = {
        Returning.NEVER: None,
        Returning.DOCUMENTED: RetryPolicy(),
        Returning.AT_ONCE: RetryPolicy(after_429_s=(window_s,), together_s=lane.return_s - lane.since_s or None),
        # Where no 429 says when to come back, it comes twenty times a window.
        Returning.RETRY_AFTER: RetryPolicy(after_429_s=(min(1.0, window_s / 20),) * _MOST_WAITS, is_patient=True),
    }
    return policies[lane.returning]


def _request(kind: Kind, settings: LoadSettings) -> Callable[[Random, int], Request]:
    if kind is Kind.MODELS:
        listing = Request(kind=kind, method="GET", path=_MODELS, body=b"")
        return lambda _random, _number: listing
    model = settings.target.models.chat or _DOCUMENTED_CHAT
    return partial(_completion, kind, model)


def _completion(kind: Kind, model: str, random: Random, _number: int) -> Request:
    is_stream = kind is Kind.STREAMING
    prompt = (_LONG_PROMPT if is_stream else _SHORT_PROMPT).format(word=own_word(random))
    tokens = _LONG if is_stream else _SHORT
    body = {"model": model, "messages": [{"role": "user", "content": prompt}], "max_tokens": tokens}
    if is_stream:
        body["stream"] = True
    return Request(kind=kind, path=_CHAT, body=json.dumps(body).encode(), is_stream=is_stream, tokens=tokens)
