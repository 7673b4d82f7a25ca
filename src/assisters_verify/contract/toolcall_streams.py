"""Join the pieces of streamed tool calls to the form of a plain message."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from assisters_verify.contract.streams import Stream
from assisters_verify.contract.toolcalls import Reply
from assisters_verify.judgement import Broken


@dataclass(slots=True)
class _Growing:
    """A call of which some pieces have come."""

    index: Any
    ids: list[str] = field(default_factory=list)
    types: list[str] = field(default_factory=list)
    names: list[str] = field(default_factory=list)
    arguments: list[Any] = field(default_factory=list)

    def take(self, piece: dict[str, Any]) -> None:
        function = piece.get("function")
        parts = function if isinstance(function, dict) else {}
        for where, value in ((self.ids, piece.get("id")), (self.types, piece.get("type"))):
            if value not in (None, ""):
                where.append(value)
        if parts.get("name") not in (None, ""):
            self.names.append(parts["name"])
        if parts.get("arguments") is not None:
            self.arguments.append(parts["arguments"])

    def call(self) -> dict[str, Any]:
        """Return the joined call; what never came is left out."""
        function: dict[str, Any] = {}
        if self.names:
            function["name"] = _once_or_joined(self.names)
        strange = [piece for piece in self.arguments if not isinstance(piece, str)]
        if self.arguments:
            function["arguments"] = strange[0] if strange else _paired("".join(self.arguments))
        call: dict[str, Any] = {"function": function}
        if self.ids:
            call["id"] = self.ids[0]
        if self.types:
            call["type"] = self.types[0]
        return call


def join_calls(found: Stream) -> list[dict[str, Any]]:
    """Return the calls of a stream: pieces belong together by `index`, and by `id` where an index tells nothing.

    A call may come whole in one delta, with or without an index. Raises Broken where a delta's calls are no list of
    objects.
    """
    growing: list[_Growing] = []
    for piece in _pieces(found):
        call = _belonging(growing, piece)
        if call is None:
            call = _Growing(piece.get("index"))
            growing.append(call)
        call.take(piece)
    return [call.call() for call in growing]


def joined_reply(found: Stream, tools: Sequence[dict[str, Any]]) -> Reply:
    """Return what was streamed in the form of a plain message."""
    calls = join_calls(found)
    message: dict[str, Any] = {"role": "assistant", "content": found.text or (None if calls else "")}
    if calls:
        message["tool_calls"] = calls
    return Reply(answer=found.answer, tools=tuple(tools), message=message, finish_reason=found.finish_reason)


def _pieces(found: Stream) -> Iterator[dict[str, Any]]:
    for chunk in found.chunks:
        for delta in chunk.deltas:
            pieces = delta.get("tool_calls")
            if not isinstance(pieces, list | None) or not all(isinstance(piece, dict) for piece in pieces or ()):
                raise Broken(
                    expected="`delta.tool_calls`, a list of objects", received=f"{pieces!r}"[:200], answer=found.answer
                )
            yield from pieces or ()


def _belonging(growing: list[_Growing], piece: dict[str, Any]) -> _Growing | None:
    """Return the call that the piece continues, or None where it begins one."""
    index, call_id = piece.get("index"), piece.get("id")
    same = [call for call in growing if call.index == index]
    if not same or (call_id not in (None, "") and call_id not in same[-1].ids and same[-1].ids):
        return None
    return same[-1]


def _paired(text: str) -> str:
    """Return the text with halves of a character joined: JSON can carry each alone, and UTF-16 clients do join them."""
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "surrogatepass")


def _once_or_joined(names: list[Any]) -> Any:
    """Return the name that some servers repeat with each piece, or join one that was cut."""
    if len(set(map(str, names))) == 1 or not all(isinstance(name, str) for name in names):
        return names[0]
    return "".join(names)
