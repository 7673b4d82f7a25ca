"""Delete the data of a completion."""

from typing import Any

from assisters_verify.answer import Answer
from assisters_verify.contract.completions import complete
from assisters_verify.contract.fields import fields_in
from assisters_verify.contract.segments import in_path
from assisters_verify.contract.streams import stream
from assisters_verify.contract.waiting import ask_until
from assisters_verify.judgement import NotApplicable, Undecided
from assisters_verify.probe import RUN_KEY, Probe

DATA = "/v1/data"
_NAMES = ("id", "completionid", "chatid", "chatcompletionid", "dataid")
_NOT_FOUND = 404
# A completion may be stored after it was answered.
_PAUSES_S = (0.5, 1.0, 2.0)


def completion_id(answer: Answer) -> str | None:
    """Return the id that a completion shows on its outermost level, or None."""
    return _id_in(answer.document)


def _id_in(document: Any) -> str | None:
    texts = {found.name: found.value for found in fields_in(document) if not found.parent}
    return next((texts[name] for name in _NAMES if isinstance(texts.get(name), str) and texts[name].strip()), None)


async def completed_id(probe: Probe) -> str:
    """Complete something and return its id. Raises Undecided where the target shows none."""
    answer = await complete(probe, label="to have data to delete")
    found = completion_id(answer)
    if found is None:
        raise Undecided("the target shows no id with a completion, so there is nothing to delete by", answer=answer)
    return found


async def streamed_id(probe: Probe) -> str:
    """Stream something and return its id. Raises NotApplicable where its chunks do not show the same one."""
    found = await stream(probe, label="to have data to delete")
    ids = {_id_in(chunk.document) for chunk in found.chunks if isinstance(chunk.document, dict)} - {None}
    if len(ids) != 1:
        raise NotApplicable(f"the chunks of a stream show {len(ids)} ids, and not the one of the completion")
    return str(ids.pop())


async def delete_data(probe: Probe, data_id: str, *, key: str | None = RUN_KEY, label: str = "") -> Answer:
    """Ask once to delete what this id names."""
    return await probe.delete(f"{DATA}/{in_path(data_id)}", key=key, label=label)


async def delete_stored(probe: Probe, data_id: str) -> Answer:
    """Delete what is there or will be in a moment; return the last answer."""
    return await ask_until(
        lambda: delete_data(probe, data_id, label="of a completion"),
        lambda answer: answer.status != _NOT_FOUND,
        pauses_s=_PAUSES_S,
    )
