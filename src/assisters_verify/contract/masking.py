"""Have personal data repeated with `mask: true`, and without it to see that it would have been."""

import json
from collections.abc import Sequence
from typing import Any

from assisters_verify.answer import Answer, NotJson
from assisters_verify.contract.completions import CHAT, chat_body, expect_success
from assisters_verify.contract.personal_data import Datum, Kind, draw_data, draw_one, find_data, write_letter
from assisters_verify.contract.repeating import repeat_prompt, require_repeating
from assisters_verify.contract.streams import Stream, expect_stream, read_stream
from assisters_verify.contract.toolcall_streams import join_calls
from assisters_verify.judgement import Broken, Undecided
from assisters_verify.probe import Probe

# Digits are many tokens.
_ROOM = 600
_CONTROLS = 3


def texts_in(answer: Answer) -> list[str]:
    """Return every text of an answer in which a value could stand: the body as it came, each text in its JSON, the
    arguments of tool calls, and what the pieces of a stream join to."""
    texts = [answer.text]
    if answer.pieces:
        found = read_stream(answer)
        for chunk in found.chunks:
            texts += _texts(chunk.document)
        deltas = [delta for chunk in found.chunks for delta in chunk.deltas]
        for name in {name for delta in deltas for name in delta}:
            texts.append("".join(delta[name] for delta in deltas if isinstance(delta.get(name), str)))
        texts += _texts(_calls_of(found))
        return texts
    try:
        return texts + _texts(answer.document)
    except NotJson:
        return texts


async def repeat(probe: Probe, text: str, *, is_stream: bool = False, label: str, **fields: Any) -> Answer:
    """Have a text repeated, and return the answer, judged to be one. Raises Broken."""
    body = await chat_body(probe, repeat_prompt(text), **{"max_tokens": _ROOM, "temperature": 0, **fields})
    if is_stream:
        answer = await probe.post(CHAT, {**body, "stream": True}, is_stream=True, label=f"streamed, {label}")
        return expect_stream(answer).answer
    answer = await probe.post(CHAT, body, label=label)
    expect_success(answer)
    return answer


def expect_masked(data: Sequence[Datum], answer: Answer) -> None:
    """Judge that none of the values stands in the answer. Raises Broken."""
    held = find_data(data, texts_in(answer))
    if held:
        forms = ", ".join(datum.form for datum in held)
        received = f"{len(held)} of {len(data)} in the answer ({held[0].kind}: {forms}), such as {held[0].text!r}"
        raise Broken(expected=f"no {held[0].kind} of the prompt", received=received, answer=answer)


async def expect_all_masked(probe: Probe, *kinds: Kind, forms: str = "usual", is_stream: bool = False) -> None:
    """Judge that values of these kinds are not repeated with `mask: true`, among others and each alone.

    Raises Broken, and Undecided where the control does not show that they would be repeated without it.
    """
    letters = [draw_data(*kinds, forms=forms) for _ in range(2)]
    for data in letters:
        answer = await repeat(
            probe, write_letter(data), is_stream=is_stream, mask=True, label="with mask: true, to repeat a text"
        )
        expect_masked(data, answer)
    for kind in kinds if forms == "usual" else ():
        alone = draw_one(kind)
        label = f"with mask: true, to repeat a single {kind}"
        expect_masked([alone], await repeat(probe, alone.text, is_stream=is_stream, mask=True, label=label))
    await require_shown(probe, letters[0], is_stream=is_stream)


async def require_shown(probe: Probe, data: Sequence[Datum], *, is_stream: bool = False, **fields: Any) -> None:
    """Find out whether the model repeats these values where it may. Raises Undecided where it does not."""
    left = list(data)
    for _ in range(_CONTROLS):
        answer = await repeat(
            probe, write_letter(data), is_stream=is_stream, label="without mask, to repeat a text", **fields
        )
        shown = find_data(left, texts_in(answer))
        left = [datum for datum in left if datum not in shown]
        if not left:
            return
        if len(left) == len(data):
            await require_repeating(probe)
    forms = ", ".join(f"{datum.kind} {datum.form}" for datum in left)
    raise Undecided(f"asked {_CONTROLS} times without mask, the model does not repeat: {forms}", answer=answer)


def _calls_of(found: Stream) -> list[dict[str, Any]]:
    try:
        return join_calls(found)
    except Broken:
        return []  # each piece has been read already


def _texts(document: Any) -> list[str]:
    """Return each text in a document, and those in JSON texts within it, such as arguments."""
    texts: list[str] = []
    left = [document]
    while left:
        value = left.pop()
        if isinstance(value, str):
            texts.append(value)
            left.append(_within(value))
        elif isinstance(value, dict):
            left += [*value, *value.values()]
        elif isinstance(value, list):
            left += value
    return texts


def _within(text: str) -> Any:
    if not text.lstrip().startswith(("{", "[", '"')):
        return None
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None
