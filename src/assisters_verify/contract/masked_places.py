"""Places beside the user's last message in which a prompt holds personal data, or an answer could."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any

from assisters_verify.answer import Answer
from assisters_verify.contract.completions import CHAT, chat_body
from assisters_verify.contract.masking import texts_in
from assisters_verify.contract.models import chat_model, tools_model
from assisters_verify.contract.personal_data import Datum, Kind, draw_one, find_data, write_letter
from assisters_verify.contract.reasoning import models_to_reason_with
from assisters_verify.contract.repeating import repeat_prompt
from assisters_verify.contract.tool_results import call_message, result_message, user_message
from assisters_verify.contract.toolcalls import function_tool
from assisters_verify.probe import Probe

_TRIES = 2
_ROOM = 600
_NOTE = {"type": "object", "properties": {"text": {"type": "string"}}, "required": ["text"]}
_SAVE = function_tool("save_note", "Save a note with this text.", _NOTE)
_READ = function_tool("read_note", "Read the note.", {"type": "object", "properties": {}})
_CALL = {"id": "call_123", "type": "function", "function": {"name": "read_note", "arguments": "{}"}}


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What two masked answers held of each kind, and what the control showed without the mask."""

    data: tuple[Datum, ...]
    leaks: tuple[tuple[Datum, Answer], ...]
    shown: tuple[Datum, ...]
    control: Answer


async def look(probe: Probe, place: str) -> Finding:
    """Put one value of each kind into this place, with the mask and without. Done once in a run."""

    async def find(finder: Probe) -> Finding:
        data = [draw_one(kind) for kind in Kind]
        body = await _body(finder, place, write_letter(data))
        leaks: list[tuple[Datum, Answer]] = []
        for _ in range(_TRIES):
            answer = await finder.post(CHAT, {**body, "mask": True}, label=f"with mask: true ({place})")
            leaks += [(datum, answer) for datum in find_data(data, texts_in(answer))]
        shown: list[Datum] = []
        for _ in range(_TRIES):
            control = await finder.post(CHAT, body, label=f"without mask ({place})")
            shown += find_data(data, texts_in(control))
            if len(set(shown)) == len(data):
                break
        return Finding(data=tuple(data), leaks=tuple(leaks), shown=tuple(shown), control=control)

    finding: Finding = await probe.fact(f"masked {place}", find)
    return finding


async def _body(probe: Probe, place: str, letter: str) -> dict[str, Any]:
    fields = await PLACES[place](probe, letter)
    return await chat_body(probe, **{"max_tokens": _ROOM, "temperature": 0, **fields})


async def _system_message(_probe: Probe, letter: str) -> dict[str, Any]:
    asked = user_message("Repeat the notes that you were given, word for word.")
    return {"messages": [{"role": "system", "content": f"These are your notes: {letter}"}, asked]}


async def _earlier_turn(_probe: Probe, letter: str) -> dict[str, Any]:
    turns = [user_message(letter), {"role": "assistant", "content": "I have read it."}]
    return {"messages": [*turns, user_message("Repeat my first message, word for word.")]}


async def _tool_result(probe: Probe, letter: str) -> dict[str, Any]:
    asked = user_message("What does the note say? Answer with its text, word for word.")
    messages: Sequence[Any] = [asked, call_message([_CALL]), result_message(_CALL, {"note": letter})]
    return {"model": await tools_model(probe), "messages": messages, "tools": [_READ]}


async def _tool_arguments(probe: Probe, letter: str) -> dict[str, Any]:
    asked = user_message(
        f"Save a note: call the function save_note with exactly this text, and nothing else.\n{letter}"
    )
    return {"model": await tools_model(probe), "messages": [asked], "tools": [_SAVE]}


async def _reasoning(probe: Probe, letter: str) -> dict[str, Any]:
    named, models = await chat_model(probe), await models_to_reason_with(probe)
    model = named if named in models else models[0]
    return {"model": model, "messages": [user_message(repeat_prompt(letter))], "reasoning": True, "max_tokens": 2000}


PLACES: dict[str, Callable[[Probe, str], Awaitable[dict[str, Any]]]] = {
    "system message": _system_message,
    "earlier turn": _earlier_turn,
    "tool result": _tool_result,
    "tool arguments": _tool_arguments,
    "reasoning": _reasoning,
}
