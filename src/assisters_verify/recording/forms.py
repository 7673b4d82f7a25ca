"""The forms of what a recording says that came, so that one that somebody made up is found out before it is used."""

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from assisters_verify.recording.entries import EXCHANGE, LISTEN, Entry, RecordingError

Pair = Annotated[list[str], Field(min_length=2, max_length=2)]
Seconds = Annotated[float, Field(ge=0)]


class _Form(BaseModel):
    model_config = ConfigDict(strict=True, extra="forbid", hide_input_in_errors=True, allow_inf_nan=False)


class ExchangeAnswer(_Form):
    """What came for a request."""

    status: int
    reason: str
    http_version: str
    headers: list[Pair]
    times_s: list[Seconds]
    pieces: list[bytes]
    first_byte_s: Seconds | None
    total_s: Seconds | None
    wire_bytes: int
    broken_off: str | None
    sends: int
    problem: Pair | None


class VisitForm(_Form):
    """A request that came in."""

    method: str
    target: str
    headers: list[Pair]
    body: bytes
    http_version: str
    began_s: Seconds
    ended_s: Seconds


class ListenAnswer(_Form):
    """What came to a receiver."""

    port: int
    visits: list[VisitForm]
    worst_lag_s: Seconds


class EntryForm(_Form):
    """An entry, apart from its answer."""

    scope: str
    what: str
    asked: str
    started_s: Seconds
    ended_s: Seconds
    answer: Any
    raised: dict[str, Any] | None
    is_cut: bool


_ANSWERS: dict[str, type[_Form]] = {EXCHANGE: ExchangeAnswer, LISTEN: ListenAnswer}


def read_entry(value: dict[str, Any]) -> Entry:
    """Return the entry that this JSON is. Raises RecordingError."""
    try:
        EntryForm.model_validate(value)
        entry = Entry.from_json(value)
        form = _ANSWERS.get(entry.what)
        if form is not None and entry.raised is None:
            form.model_validate(entry.answer)
    except ValidationError as error:
        problem = error.errors(include_input=False)[0]
        place = ".".join(map(str, problem["loc"]))
        raise RecordingError(f"an entry is none of ours ({place}: {problem['msg'].lower()})") from error
    except (TypeError, LookupError, ValueError, RecursionError) as error:
        raise RecordingError(f"an entry is none of ours ({type(error).__name__})") from error
    if entry.what == EXCHANGE and len(entry.answer["times_s"]) != len(entry.answer["pieces"]):
        raise RecordingError("an entry is none of ours: not each piece has its time")
    return entry
