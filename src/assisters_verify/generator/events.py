"""Split a stream into its events, and find the ones that carry content. Fast, and right for any server.

A stream's events are all alike but for their content, so one that begins and ends as the last one did needs no parsing.
Every other one is read as the standard says, and its JSON parsed.
"""

from collections.abc import Iterator
from typing import Any

import orjson

_DATA = b"data:"
_DONE = b"[DONE]"
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
# Text that a client would show, in the words of the servers that there are.
_TEXTS = ("content", "reasoning", "reasoning_content", "refusal")
_TEXT_NAMES = tuple(f'"{name}"'.encode() for name in _TEXTS)
_BLANK = b"\n\n"
_MOST_REST = 4 * 1024 * 1024
# From so many bytes on, events are looked at together first.
_MANY_BYTES = 2048


class StreamReader:
    """Takes the body in pieces of any size. Of no use after `problem` is set.

    `contents` counts events with content, `usage_tokens` is what the stream told about itself, `is_ended` whether it
    said that it was at its end.
    """

    __slots__ = (
        "_head",
        "_is_first",
        "_may_skip_line_feed",
        "_rest",
        "_tail",
        "contents",
        "events",
        "is_ended",
        "problem",
        "usage_tokens",
    )

    def __init__(self) -> None:
        self.contents = 0
        self.events = 0
        self.usage_tokens: int | None = None
        self.is_ended = False
        self.problem = ""
        self._rest = b""
        self._head = b""
        self._tail = b""
        self._is_first = True
        self._may_skip_line_feed = False

    def feed(self, data: bytes) -> int:
        """Return how many events with content this piece completed."""
        if self._is_first or self._may_skip_line_feed or b"\r" in data:
            data = self._even_out(data)
        text = self._rest + data if self._rest else data
        end = text.rfind(_BLANK) + len(_BLANK)
        if end < len(_BLANK):
            self._keep_rest(text)
            return 0
        self._keep_rest(text[end:])
        found, at = self._take_many(text, end) if end >= _MANY_BYTES else (0, 0)
        if at < end:
            found += self._take_each(text[at : end - len(_BLANK)].split(_BLANK))
        self.contents += found
        return found

    def _keep_rest(self, rest: bytes) -> None:
        if len(rest) > _MOST_REST:
            self.problem = "an event is too large"
            rest = b""
        self._rest = rest

    def _take_many(self, text: bytes, end: int) -> tuple[int, int]:
        """Take events as far as they are all alike, and return how many had content and where the rest begins."""
        at = found = 0
        while at < end and not (self._head and text.startswith(self._head, at)):
            stop = text.index(_BLANK, at)
            found += self._read(text[at:stop])
            self.events += 1
            at = stop + len(_BLANK)
        last = text.rfind(self._tail + _BLANK, at, end)
        run = text[at : last + len(self._tail + _BLANK)] if last >= at else b""
        count = self._count_alike(run)
        self.events += count
        return found + count, at + len(run) if count else at

    def _count_alike(self, run: bytes) -> int:
        """Return how many events there are if all begin and end as the last one did, with something between that has no
        quote: all quotes and line ends are those of heads, tails and blank lines. Return 0 where one is otherwise."""
        head, tail = self._head, self._tail
        if not run.startswith(head) or head + tail in run:
            return 0
        count = run.count(tail + _BLANK + head) + 1
        marks = head.count(b'"') + tail.count(b'"') + len(_BLANK)
        return count if len(run) - len(run.translate(None, b'"\n')) == count * marks else 0

    def _take_each(self, parts: list[bytes]) -> int:
        """Take events one by one, and return how many had content."""
        found = 0
        head, tail = self._head, self._tail
        length, tail_length = len(head), len(tail)
        for part in parts:
            # The first quote after the head is the tail's: so there is something between them, with nothing escaped.
            if (
                head
                and part.startswith(head)
                and part.endswith(tail)
                and length < part.find(b'"', length) == len(part) - tail_length
            ):
                found += 1
            else:
                found += self._read(part)
                head, tail = self._head, self._tail
                length, tail_length = len(head), len(tail)
        self.events += len(parts)
        return found

    def close(self) -> None:
        """Look at what stands after the last blank line: no event, but some servers end with a mark there."""
        rest, self._rest = self._rest.strip(), b""
        if rest.removeprefix(_DATA).strip() == _DONE:
            self.is_ended = True
        elif rest and not rest.startswith(b":"):
            self.problem = self.problem or "the stream ends within an event"

    def _even_out(self, data: bytes) -> bytes:
        """Return the piece with LF at the end of each line. JSON has no line ends within its texts."""
        if self._is_first and data:
            data = data.removeprefix(_BYTE_ORDER_MARK)
            self._is_first = False
        if self._may_skip_line_feed and data:
            data = data.removeprefix(b"\n")
        self._may_skip_line_feed = data.endswith(b"\r")
        return data.replace(b"\r\n", b"\n").replace(b"\r", b"\n") if b"\r" in data else data

    def _read(self, part: bytes) -> int:
        data = _data_of(part)
        if data is None:
            return 0
        if data.strip() == _DONE:
            self.is_ended = True
            return 0
        try:
            value = orjson.loads(data)
        except orjson.JSONDecodeError:
            self.problem = self.problem or "an event is not JSON"
            return 0
        if not isinstance(value, dict):
            self.problem = self.problem or "an event is no JSON object"
            return 0
        if value.get("error"):
            self.problem = self.problem or "the stream tells an error"
            return 0
        self._take_usage(value.get("usage"))
        text = self._look(value.get("choices"))
        if isinstance(text, str):
            self._learn(part, text)
        return 1 if text else 0

    def _take_usage(self, usage: Any) -> None:
        if isinstance(usage, dict):
            tokens = usage.get("completion_tokens", usage.get("tokens"))
            if isinstance(tokens, int):
                self.usage_tokens = tokens

    def _look(self, choices: Any) -> str | bool:
        """Return the text that this event adds, or whether it adds anything else."""
        text: str | bool = False
        if not isinstance(choices, list):
            return False
        for choice in choices:
            if not isinstance(choice, dict):
                continue
            if choice.get("finish_reason"):
                self.is_ended = True
            delta = choice.get("delta")
            if isinstance(delta, dict):
                text = next(_additions(delta), text)
        return text

    def _learn(self, part: bytes, text: str) -> None:
        """Keep what stands before and after the text, where it can be told for certain."""
        value = b'"' + text.encode() + b'"'
        if part.count(value) != 1 or b"\n" in part or b'"' in value[1:-1] or b"\\" in value:
            return
        head, _, tail = part.partition(value)
        name = head.rstrip().removesuffix(b":").rstrip()
        if self.is_ended or not name.endswith(_TEXT_NAMES):
            return
        self._head, self._tail = head + b'"', b'"' + tail


def _data_of(part: bytes) -> bytes | None:
    """Return the data of an event, or None where there is none."""
    if part.startswith(_DATA) and b"\n" not in part:
        return part[len(_DATA) :]
    values = [line[len(_DATA) :].removeprefix(b" ") for line in part.split(b"\n") if line.startswith(_DATA)]
    values += [b"" for line in part.split(b"\n") if line == b"data"]
    return b"\n".join(values) if values else None


def _additions(delta: dict[str, Any]) -> Iterator[str | bool]:
    for name in _TEXTS:
        text = delta.get(name)
        if isinstance(text, str) and text:
            yield text
    calls = delta.get("tool_calls")
    if isinstance(calls, list):
        for call in calls:
            function = call.get("function") if isinstance(call, dict) else None
            if isinstance(function, dict) and (function.get("name") or function.get("arguments")):
                yield True
