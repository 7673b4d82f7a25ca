"""A stream that runs while a limit strikes, and how others end, to compare its end with."""

from typing import Any

from assisters_verify.answer import Answer
from assisters_verify.contract.completions import chat_body
from assisters_verify.contract.streams import Stream, read_stream, stream
from assisters_verify.judgement import Judgement
from assisters_verify.probe import Probe

DONE = "[DONE]"
FINISH_REASON = "a finish_reason"
_PROMPT = "Count from 1 to 300 in digits, separated by single spaces, on one line."
_MAX_TOKENS = 900


async def long_stream_body(probe: Probe) -> dict[str, Any]:
    """Return the request for a stream that takes a while."""
    return await chat_body(probe, _PROMPT, stream=True, max_tokens=_MAX_TOKENS)


async def control_stream(probe: Probe) -> frozenset[str] | None:
    """Return how a stream of the target says that it has ended, or None where it cannot stream."""
    try:
        found = await stream(probe, "Say hello.", max_tokens=5, label="with stream: true, before a burst")
    except Judgement:
        return None
    return None if found.answer.broken_off else _endings(found)


def stream_problem(answer: Answer, *, ends_with: frozenset[str]) -> str | None:
    """Return what is wrong with the end of a stream in words, or None where it ended as others do."""
    found = read_stream(answer)
    if found.was_going_on:
        return None
    if answer.broken_off:
        return f"a stream that was cut: {answer.broken_off}"
    # One of null says that there is none.
    errors = [chunk.data for chunk in found.chunks if isinstance(chunk.document, dict) and chunk.document.get("error")]
    if errors:
        return f"an error in the stream: {errors[0]}"[:200]
    if found.rest is not None and found.rest.strip() and DONE not in found.rest:
        return f"a stream that ends within an event: {found.rest!r}"[:200]
    missing = sorted(ends_with - _endings(found))
    return f"a stream that ends without {' or '.join(missing)}" if missing else None


def _endings(found: Stream) -> frozenset[str]:
    said = {DONE: found.is_done, FINISH_REASON: found.finish_reason is not None}
    return frozenset(name for name, is_said in said.items() if is_said)
