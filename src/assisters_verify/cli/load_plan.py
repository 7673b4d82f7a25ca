"""Say what a load run would send and spend, and send nothing."""

from collections.abc import Iterator

from assisters_verify.cli.load_fitting import is_about_limits, requests_planned
from assisters_verify.reporting.load.figures import long_time, number
from assisters_verify.settings.load import LoadSettings

# What a closed loop sends depends on the target; this is what is assumed of it.
_ASSUMED_ANSWER_S = 1.0
_TOKENS_A_WORD = 4 / 3


def plan_lines(settings: LoadSettings) -> Iterator[str]:
    """Yield the plan, line by line."""
    target = settings.target.base_url or "the embedded reference server"
    wanted, assumed = _requests(settings)
    requests = min(wanted, settings.max_requests)
    prompt = settings.prompt_words.mean * _TOKENS_A_WORD
    answer = settings.answer_tokens.mean
    limit = settings.target.rate_limit
    allowed_per_s = settings.keys * limit.requests / limit.window_s
    yield f"Would put load on {target}, and send nothing now:"
    yield f"  scenario  {settings.scenario}, profile {settings.profile}"
    yield f"  load      {_load(settings)}"
    yield f"  time      {_time(settings)}"
    yield f"  requests  about {requests:,.0f}{assumed}"
    yield f"  tokens    about {requests * (prompt + answer):,.0f}: {_tokens(prompt, answer)}"
    yield f"  keys      {settings.keys}{_keys(settings)}"
    if not is_about_limits(settings.scenario) and requests / max(settings.whole_s, 1) > allowed_per_s:
        yield f"  mind      {settings.keys} key(s) may send {number(allowed_per_s)} a second; more is refused: --keys"
    if wanted > settings.max_requests:
        yield f"  mind      it would stop before its time: {wanted:,.0f} requests are more than --max-requests allows"
    elif requests * answer > settings.max_tokens:
        answers = f"{requests * answer:,.0f} tokens of answers"
        yield f"  mind      it may stop before its time: {answers} are more than --max-tokens allows"
    yield (
        f"Never more than {settings.max_requests:,} requests, {settings.max_tokens:,} tokens of answers and "
        f"{number(settings.max_rate_per_s)} requests a second."
    )


def _time(settings: LoadSettings) -> str:
    parts = [f"{long_time(settings.duration_s)} measured"]
    parts += [f"{long_time(settings.warm_up_s)} of warm-up before it"] if settings.warm_up_s else []
    parts += [f"{long_time(settings.cool_down_s)} of cool-down after it"] if settings.cool_down_s else []
    return f"{', '.join(parts)}; ended after {long_time(settings.limit_s)} at the latest"


def _tokens(prompt: float, answer: float) -> str:
    return f"{prompt:,.0f} a prompt (4/3 a word) and {answer:,.0f} an answer, if it is as long as it may be"


def _keys(settings: LoadSettings) -> str:
    if settings.keys_file is not None:
        return f", from {settings.keys_file.name}"
    return ", made with POST /v1/keys and deleted after the run" if settings.keys > 1 else ""


def _load(settings: LoadSettings) -> str:
    if is_about_limits(settings.scenario):
        return f"as the scenario plans it, at most {number(settings.rate_per_s)} requests a second"
    if settings.replay is not None:
        return f"the requests of {settings.replay.name}, at their times"
    if settings.users is not None:
        return f"{settings.users} users, each with one request under way (closed loop)"
    return f"{number(settings.rate_per_s)} requests a second, {settings.arrival} arrivals (open loop)"


def _requests(settings: LoadSettings) -> tuple[float, str]:
    """Return how many requests are sent, and what is assumed for it."""
    if is_about_limits(settings.scenario):
        return requests_planned(settings), ", and those that refused clients send again"
    if settings.users is not None:
        return settings.users * settings.whole_s / _ASSUMED_ANSWER_S, f", if an answer takes {_ASSUMED_ANSWER_S:g} s"
    return (settings.rate_per_s or 0.0) * settings.whole_s, ""
