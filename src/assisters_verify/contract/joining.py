"""Judge whether the pieces of a stream join to the text that a plain answer holds."""

from difflib import SequenceMatcher
from itertools import pairwise
from typing import Any

from assisters_verify.contract.completions import LONG_PROMPT, complete, expect_completion
from assisters_verify.contract.repeating import repeat_prompt, require_repeating
from assisters_verify.contract.streams import Stream, stream
from assisters_verify.judgement import Broken, Judgement, Undecided
from assisters_verify.probe import Probe
from assisters_verify.surroundings import fresh_hex

_ENOUGH_PIECES = 6
_TRIES = 3
_WORDS = 30
# Two answers that share less are two answers, not one that was harmed on its way.
_ALIKE = 0.5


def expect_sound_joint(found: Stream) -> None:
    """Judge the pieces by themselves: not cumulative, and not each one twice. Raises Broken."""
    pieces = [piece for _, piece in found.pieces]
    if len(pieces) < 3:  # noqa: PLR2004 - two pieces may be alike by chance
        return
    pairs = list(pairwise(pieces))
    if all(later.startswith(earlier) and len(later) > len(earlier) for earlier, later in pairs):
        received = f"pieces that each repeat all before, such as {pieces[:2]!r}"[:200]
        raise Broken(expected="the next piece in each delta", received=received, answer=found.answer)
    is_paired = len(pieces) >= _ENOUGH_PIECES and len(set(pieces)) > 2  # noqa: PLR2004
    if is_paired and len(pieces) % 2 == 0 and pieces[::2] == pieces[1::2]:
        # No more of them than one: somebody may spell out a secret in pieces that are too short to be known as its own.
        received = f"each of {len(pieces)} twice, beginning with {pieces[0]!r}"[:200]
        raise Broken(expected="each piece once", received=received, answer=found.answer)


async def expect_text_like_plain(probe: Probe) -> None:
    """Judge that a streamed text is the one that a plain answer holds.

    Two ways lead there: a model that answers the same twice must stream the same, and one that repeats a text must
    stream it whole. Raises Undecided where the model does neither.
    """
    try:
        await require_repeating(probe)
    except Undecided:
        await _expect_same_as_twice_before(probe)
    else:
        await _expect_repeated(probe)


async def _expect_repeated(probe: Probe) -> None:
    words = [f"w{number}{fresh_hex(5)}" for number in range(_WORDS)]
    text = " ".join(words)
    broken: Judgement | None = None
    wrong = 0
    for _ in range(_TRIES):
        found = await stream(probe, repeat_prompt(text), max_tokens=600, temperature=0, label="to repeat a text")
        if text in found.text:
            continue
        there = [word for word in words if word in found.text]
        if len(there) < _WORDS / 4:
            raise Undecided(f"the model did not repeat the text: {found.text[:80]!r}", answer=found.answer)
        wrong += 1
        received = f"{len(there)} of {_WORDS} words, joined to {_around_the_fault(text, found.text)!r}"
        broken = Broken(expected="the text to repeat, whole", received=received, answer=found.answer)
    if broken is None:
        return
    plain = [await complete(probe, repeat_prompt(text), max_tokens=600, temperature=0) for _ in range(_TRIES)]
    if all(text in expect_completion(answer) for answer in plain):
        raise broken
    raise Undecided(f"streamed, {wrong} of {_TRIES} repetitions have faults; plain ones have some too")


async def _expect_same_as_twice_before(probe: Probe) -> None:
    fields: dict[str, Any] = {"max_tokens": 60, "temperature": 0}
    plain = {_flat(expect_completion(await complete(probe, LONG_PROMPT, **fields))) for _ in range(_TRIES)}
    if len(plain) > 1:
        raise Undecided("the model neither repeats a text nor gives the same answer twice")
    for _ in range(_TRIES):
        found = await stream(probe, LONG_PROMPT, **fields)
        if _flat(found.text) not in plain:
            text = next(iter(plain))
            if SequenceMatcher(a=text, b=_flat(found.text), autojunk=False).ratio() < _ALIKE:
                raise Undecided("streamed, the model gives another answer than plain", answer=found.answer)
            received = f"{_around_the_fault(text, found.text)!r}"
            raise Broken(
                expected=f"the text of {_TRIES} plain answers, {text[:80]!r}", received=received, answer=found.answer
            )


def _flat(text: str) -> str:
    return " ".join(text.split())


def _around_the_fault(expected: str, received: str) -> str:
    """Return the part of the received text where it first differs."""
    start = received.find(expected[:8])
    part = received[max(start, 0) :]
    same = next(
        (at for at, (a, b) in enumerate(zip(expected, part, strict=False)) if a != b), min(len(expected), len(part))
    )
    return part[max(0, same - 20) : same + 40]
