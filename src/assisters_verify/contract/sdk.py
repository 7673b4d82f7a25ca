"""The documented calls as other people's clients make them, and what must come of each.

A client proves that the documented call works through it, and no more: clients tolerate much that is wrong, and have
faults of their own. So a call that fails is held against the same call of this suite's own: where that does not work
either, another area tells of it; and where the answer has a permitted form that this client does not read, nobody is
to blame.
"""

import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from assisters_verify.answer import NotJson
from assisters_verify.contract.completions import chat_body, complete
from assisters_verify.contract.models import UNKNOWN_MODEL, embeddings_model
from assisters_verify.contract.sdk_controls import (
    WRONG_KEY,
    embed_text,
    list_models,
    stream_text,
    tool_body,
    use_tool,
    use_unknown_model,
    use_wrong_key,
)
from assisters_verify.contract.sdk_process import KEY_VARIABLE, run_client
from assisters_verify.contract.streams import Stream
from assisters_verify.contract.vectors import is_vector
from assisters_verify.judgement import Broken, Judgement, NotApplicable, Undecided
from assisters_verify.probe import Probe

_TOO_MANY = 429
_START_S = 30.0
# The larger of the clients takes 40 MB of data before its first call; no answer that is asked for has one.
_MOST_MEMORY = 64 * 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What a client told: what each step said or raised. `ended` says how the process ended."""

    client: str
    steps: dict[str, dict[str, Any]] = field(default_factory=dict)
    ended: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """A documented call: `problem` returns what is wrong with what a client made of it, as expected and received, or
    None; `control` makes the same call without the client, and raises where that does not work."""

    problem: Callable[[dict[str, Any]], tuple[str, str] | None]
    control: Callable[[Probe], Awaitable[Any]]


async def run_python_client(probe: Probe, script: Path, python: str) -> Report:
    """Run a client's script, which makes all its calls, and return what it told. Raises NotApplicable where the client
    is not installed, and Undecided where the budget is spent."""
    key = probe.settings.secrets.api_key
    order = await _order(probe)
    await make_room(probe, _MOST_SENT)
    ended = await run_client(
        probe,
        [python, "-P", str(script)],
        order=json.dumps(order).encode(),
        timeout_s=_START_S + 2 * probe.settings.target.timeout_s + probe.settings.target.rate_limit.window_s,
        environment={KEY_VARIABLE: key.get_secret_value() if key else ""},
        most_memory=_MOST_MEMORY,
    )
    lines = [json.loads(line) for line in ended.output.splitlines() if line.startswith(b"{") and line.endswith(b"}")]
    missing = next((line["missing"] for line in lines if "missing" in line), None)
    if missing is not None:
        raise NotApplicable(f"the package {missing} is not installed: pip install 'assisters-verify[sdk]'")
    steps = {line["step"]: line for line in lines if "step" in line}
    sent = sum(line["attempts"] - 1 + line.get("said", {}).get("sent", 1) for line in steps.values())
    probe.session.recorder.requests += sent - _MOST_SENT
    how = "was ended for taking too long" if ended.status is None else f"ended with status {ended.status}"
    return Report(
        client=next((line["client"] for line in lines if "client" in line), script.stem),
        steps=steps,
        ended=f"{how}: {ended.errors.strip()[-300:]}" if ended.errors.strip() else how,
    )


async def expect_step(probe: Probe, report: Report, name: str) -> None:
    """Judge one of a client's calls. Raises Broken and Undecided."""
    told = report.steps.get(name)
    if told is None:
        raise Undecided(f"{report.client} {report.ended}, before its call `{name}`")
    problem = STEPS[name].problem(told)
    if problem is None:
        return
    if (told.get("raised") or {}).get("status") == _TOO_MANY:
        raise Undecided(f"{report.client} was still refused with 429 after waiting")
    found = await require_control(probe, STEPS[name].control)
    expected, received = problem
    if isinstance(found, Stream) and not is_plain(found):
        reason = f"{report.client} does not read this form of events, which is permitted: {received}"
        raise Undecided(reason, answer=found.answer)
    raise Broken(expected=expected, received=received, where=f"{report.client}, {name}")


async def require_control(probe: Probe, control: Callable[[Probe], Awaitable[Any]]) -> Any:
    """Make the same call without the client. Raises Undecided where it does not work either."""
    try:
        return await control(probe)
    except Undecided:
        raise
    except (Judgement, NotJson) as problem:
        raise Undecided(f"the call does not work without the client either: {problem}") from problem


async def make_room(probe: Probe, requests: int) -> None:
    """Count this many requests as sent, and wait until they keep within the rate limit of the run's key. Raises
    Undecided where the budget is spent."""
    most, session = probe.settings.target.budget.max_requests, probe.session
    if session.recorder.requests + len(session.debts) + requests > most:
        raise Undecided(f"the budget of {most} requests is spent (--max-requests)")
    # Now, not when the client has sent them: until then others would spend what is left.
    session.recorder.requests += requests
    key = probe.settings.secrets.api_key
    for _ in range(requests):
        await probe.session.pacer(key.get_secret_value() if key else "").wait()


def is_plain(found: Stream) -> bool:
    """Tell whether a stream has the form that every client reads: lines that begin with `data: `, each a JSON object or
    `[DONE]`, and blank lines."""
    if not found.is_valid_utf8 or b"\r" in found.answer.body:
        return False
    lines = [line for line in found.answer.body.split(b"\n") if line]
    return all(line.startswith(b"data: ") for line in lines) and all(
        isinstance(chunk.document, dict) and "\n" not in chunk.data
        for chunk in found.chunks
        if not _is_done(chunk.data)
    )


async def _order(probe: Probe) -> dict[str, Any]:
    return {
        "base_url": f"{probe.settings.target.base_url}/v1",
        "timeout_s": probe.settings.target.timeout_s,
        "chat": await chat_body(probe),
        "tools": await tool_body(probe),
        "embeddings": {"model": await embeddings_model(probe), "input": "hello"},
        "unknown_model": UNKNOWN_MODEL,
        "wrong_key": WRONG_KEY,
    }


def _is_done(data: str) -> bool:
    return data.strip() == "[DONE]"


def _raised(told: dict[str, Any]) -> str:
    raised = told["raised"]
    status = f" {raised['status']}" if raised.get("status") else ""
    return f"{raised['types'][0]}{status}: {' '.join(str(raised['text']).split())[:200]}"


def _text_problem(told: dict[str, Any]) -> tuple[str, str] | None:
    if "said" not in told:
        return "the call to return a text", _raised(told)
    content = told["said"].get("content")
    return None if isinstance(content, str) and content.strip() else ("a text", repr(told["said"])[:200])


def _tools_problem(told: dict[str, Any]) -> tuple[str, str] | None:
    if "said" not in told:
        return "the offer of a tool, and its result, to be answered", _raised(told)
    said = told["said"]
    if not said["calls"]:
        return _text_problem(told)  # whether a model calls is its own choice
    is_called = all(call.get("name") and isinstance(call.get("arguments"), str) for call in said["calls"])
    is_answered = said["after"]["calls"] or said["after"]["content"]
    return None if is_called and is_answered else ("tool calls, and an answer after them", repr(said)[:200])


def _vector_problem(told: dict[str, Any]) -> tuple[str, str] | None:
    if "said" not in told:
        return "the call to return `embedding`", _raised(told)
    vector = told["said"].get("embedding")
    return None if is_vector(vector) else ("`embedding`, a list of numbers", repr(vector)[:100])


def _models_problem(told: dict[str, Any]) -> tuple[str, str] | None:
    if "said" not in told:
        return "the call to return `models`", _raised(told)
    return None if told["said"]["models"] else ("`models` that are not empty", "none")


def _error_problem(*names: str) -> Callable[[dict[str, Any]], tuple[str, str] | None]:
    def problem(told: dict[str, Any]) -> tuple[str, str] | None:
        if "raised" not in told:
            return f"{' or '.join(names)} to be raised", repr(told["said"])[:200]
        is_right = any(name in told["raised"]["types"] for name in names)
        return None if is_right else (f"{' or '.join(names)} to be raised", _raised(told))

    return problem


STEPS: dict[str, Step] = {
    "models": Step(problem=_models_problem, control=list_models),
    "chat": Step(problem=_text_problem, control=complete),
    "stream": Step(problem=_text_problem, control=stream_text),
    "tools": Step(problem=_tools_problem, control=use_tool),
    "embeddings": Step(problem=_vector_problem, control=embed_text),
    "wrong_key": Step(problem=_error_problem("AuthenticationError", "AuthError"), control=use_wrong_key),
    "unknown_model": Step(problem=_error_problem("NotFoundError"), control=use_unknown_model),
}

_MOST_SENT = len(STEPS) + 1  # a tool call has two
