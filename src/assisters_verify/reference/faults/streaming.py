"""Faults of streams: their pieces, their time and their end."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from itertools import accumulate

import orjson

from assisters_verify.reference.answers import Frame, Reply
from assisters_verify.reference.calls import Call
from assisters_verify.reference.chat.writing import encode_event
from assisters_verify.reference.edits import (
    content_of,
    on_frames,
    split_frames,
    with_content,
)
from assisters_verify.reference.faults.texts import lose_astral_signs
from assisters_verify.reference.model.composing import compose
from assisters_verify.reference.model.conversation import Draft, Question
from assisters_verify.reference.stream_wrappers import BrokenByLeaving, BufferingProxy, LeakedSlots, SharedStream
from assisters_verify.reference.variations import Fault

_fault = partial(Fault, area="streaming")
_FOREVER_STEPS = 10_000_000.0
_CUT_BYTES = 9
_MIXED_AT = 2


def _on_pieces(edit: Callable[[list[Frame]], list[Frame]]) -> Callable[[Call, Reply], Reply]:
    """Edit the frames that carry text, where there are enough of them to show it."""

    def edit_frames(frames: list[Frame]) -> list[Frame]:
        pieces = [i for i, frame in enumerate(frames) if content_of(frame)]
        if len(pieces) <= _MIXED_AT + 1:
            return frames
        first, last = pieces[0], pieces[-1] + 1
        return [*frames[:first], *edit(frames[first:last]), *frames[last:]]

    return on_frames(edit_frames)


def _swap(pieces: list[Frame]) -> list[Frame]:
    """Exchange the texts of two neighbours, and leave the times alone."""
    one, other = pieces[1], pieces[2]
    return [pieces[0], with_content(one, content_of(other)), with_content(other, content_of(one)), *pieces[3:]]


def _cumulate(pieces: list[Frame]) -> list[Frame]:
    texts = accumulate(map(content_of, pieces))
    return [with_content(frame, text) for frame, text in zip(pieces, texts, strict=True)]


def _cut_bytes(pieces: list[Frame]) -> list[Frame]:
    """Cut the text by bytes and decode each part alone, so that signs on a border break."""
    data = "".join(map(content_of, pieces)).encode()
    parts = [data[i : i + _CUT_BYTES].decode("utf-8", "replace") for i in range(0, len(data), _CUT_BYTES)]
    return [with_content(pieces[min(i, len(pieces) - 1)], part) for i, part in enumerate(parts)]


def _cut_surrogates(pieces: list[Frame]) -> list[Frame]:
    """Cut signs outside the basic plane between their UTF-16 halves, which are no text of their own."""
    frames: list[Frame] = []
    for frame in pieces:
        text = content_of(frame)
        if lose_astral_signs(text) == text:
            frames.append(frame)
            continue
        units = text.encode("utf-16-be")
        halves = [units[i : i + 2].decode("utf-16-be", "surrogatepass") for i in range(0, len(units), 2)]
        frames += [with_raw_content(frame, half) for half in halves]
    return frames


def with_raw_content(frame: Frame, half: str) -> Frame:
    """Return a frame whose JSON holds one UTF-16 unit as an escape."""
    marked = with_content(frame, "@half@").data
    data = orjson.dumps(marked).replace(b"@half@", f"\\u{ord(half):04x}".encode())
    return replace(frame, data=b"data: " + data + b"\n\n")


def _merge(frames: list[Frame]) -> list[Frame]:
    """Send the whole text in one chunk, at the end."""
    pieces, others = split_frames(frames)
    if not pieces:
        return frames
    whole = with_content(pieces[-1], "".join(map(content_of, pieces)))
    before = [frame for frame in others if frame.step < whole.step]
    return [*before, whole, *(frame for frame in others if frame not in before)]


def _delay_to_end(frames: list[Frame]) -> list[Frame]:
    last = max(frame.step for frame in frames)
    return [replace(frame, step=last) for frame in frames]


def _delay_most(frames: list[Frame]) -> list[Frame]:
    """Send the first chunk in time, and everything else at the end."""
    return [frames[0], *_delay_to_end(frames[1:])] if len(frames) > 1 else frames


def _cut_in_event(frames: list[Frame]) -> list[Frame]:
    """End the body properly, but in the middle of an event."""
    half = max(1, len(frames) // 2)
    data = frames[half].data
    if data is None:
        return frames
    encoded = encode_event(data)
    return [*frames[:half], replace(frames[half], data=encoded[: len(encoded) // 2])]


def cut_connection(frames: list[Frame]) -> list[Frame]:
    """Return the first half of the frames, and the end of the connection."""
    half = max(1, len(frames) // 2)
    return [*frames[:half], replace(frames[half], data=None)]


def _cut_last_line(frames: list[Frame]) -> list[Frame]:
    data = frames[-1].data
    return frames if data is None else [*frames[:-1], replace(frames[-1], data=encode_event(data).rstrip())]


def _never_end(frames: list[Frame]) -> list[Frame]:
    return [*frames, Frame(data=b"", step=_FOREVER_STEPS)]


def _stall(frames: list[Frame]) -> list[Frame]:
    half = max(1, len(frames) // 2)
    return [*frames[:half], *(replace(frame, step=_FOREVER_STEPS) for frame in frames[half:])]


def _ignore_bound(question: Question) -> Draft:
    return compose(replace(question, max_tokens=None) if question.is_streamed else question)


def _strip(piece: Frame) -> Frame:
    return with_content(piece, content_of(piece).strip())


def _harm(how: Callable[[str], str]) -> Callable[[Call, Reply], Reply]:
    return _on_pieces(lambda pieces: [with_content(piece, how(content_of(piece))) for piece in pieces])


FAULTS: tuple[Fault, ...] = (
    _fault(
        name="answer_comes_in_one_chunk",
        clause="STREAM-03",
        title="The whole answer comes in one chunk.",
        reply=on_frames(_merge),
    ),
    _fault(
        name="stream_is_buffered",
        clause="STREAM-04",
        title="All chunks come at the end.",
        reply=on_frames(_delay_to_end),
    ),
    _fault(
        name="stream_is_buffered_after_first_chunk",
        clause="STREAM-04",
        title="The first chunk comes in time, all others at the end.",
        reply=on_frames(_delay_most),
    ),
    _fault(
        name="proxy_buffers_stream",
        clause="STREAM-04",
        title="A proxy in front collects the stream and passes it on at its end.",
        wrapper=BufferingProxy,
    ),
    _fault(
        name="stream_connection_is_cut",
        clause="STREAM-05",
        title="The connection breaks in the middle of the stream.",
        reply=on_frames(cut_connection),
    ),
    _fault(
        name="stream_ends_within_event",
        clause="STREAM-05",
        title="The stream ends in the middle of an event.",
        reply=on_frames(_cut_in_event),
    ),
    _fault(
        name="last_event_lacks_blank_line",
        clause="STREAM-14",
        title="The last event is not closed by a blank line.",
        reply=on_frames(_cut_last_line),
    ),
    _fault(
        name="stream_never_ends",
        clause="STREAM-05",
        title="After the last chunk the stream stays open.",
        reply=on_frames(_never_end),
    ),
    _fault(
        name="stream_stalls",
        clause="STREAM-05",
        title="In the middle of the answer no more chunks come.",
        reply=on_frames(_stall),
    ),
    _fault(
        name="first_piece_is_lost",
        clause="STREAM-06",
        title="The first piece of text is lost.",
        reply=_on_pieces(lambda pieces: pieces[1:]),
    ),
    _fault(
        name="last_piece_is_lost",
        clause="STREAM-06",
        title="The last piece of text is lost.",
        reply=_on_pieces(lambda pieces: pieces[:-1]),
    ),
    _fault(
        name="piece_is_lost",
        clause="STREAM-06",
        title="A piece in the middle is lost.",
        reply=_on_pieces(lambda pieces: [*pieces[:_MIXED_AT], *pieces[_MIXED_AT + 1 :]]),
    ),
    _fault(
        name="piece_is_doubled",
        clause="STREAM-06",
        title="A piece comes twice.",
        reply=_on_pieces(lambda pieces: [*pieces[:_MIXED_AT], pieces[_MIXED_AT], *pieces[_MIXED_AT:]]),
    ),
    _fault(
        name="pieces_change_places",
        clause="STREAM-06",
        title="Two pieces come in the wrong order.",
        reply=_on_pieces(_swap),
    ),
    _fault(
        name="pieces_are_cumulative",
        clause="STREAM-06",
        title="Each chunk repeats the text so far.",
        reply=_on_pieces(_cumulate),
    ),
    _fault(
        name="space_between_pieces_is_lost",
        clause="STREAM-06",
        title="The space at the edge of each piece is lost.",
        reply=_on_pieces(lambda pieces: [_strip(piece) for piece in pieces]),
    ),
    _fault(
        name="stream_breaks_signs_at_borders",
        clause="STREAM-07",
        title="Signs of several bytes break where a chunk ends.",
        reply=_on_pieces(_cut_bytes),
    ),
    _fault(
        name="stream_splits_surrogates",
        clause="STREAM-07",
        title="Emoji are cut into two halves, which are no text.",
        reply=_on_pieces(_cut_surrogates),
    ),
    _fault(
        name="stream_loses_astral_signs",
        clause="STREAM-07",
        title="Signs outside the basic plane come as U+FFFD.",
        reply=_harm(lose_astral_signs),
    ),
    _fault(
        name="stream_is_ascii",
        clause="STREAM-07",
        title="Signs outside ASCII are dropped from streams.",
        reply=_harm(lambda text: text.encode("ascii", "ignore").decode()),
    ),
    _fault(
        name="stream_joins_lines",
        clause="STREAM-07",
        title="Line ends come as spaces.",
        reply=_harm(lambda text: text.replace("\n", " ")),
    ),
    _fault(
        name="stream_ends_after_a_hundred_pieces",
        clause="STREAM-07",
        title="A stream says that it is at its end after a hundred pieces, whatever is left.",
        reply=_on_pieces(lambda pieces: pieces[:100]),
    ),
    _fault(
        name="stream_loses_every_fiftieth_space",
        clause="STREAM-07",
        title="Of every fiftieth piece the space at the edge is lost.",
        reply=_on_pieces(
            lambda pieces: [piece if number % 50 else _strip(piece) for number, piece in enumerate(pieces, 1)]
        ),
    ),
    _fault(
        name="stream_ignores_max_tokens",
        clause="STREAM-09",
        title="`max_tokens` does not bound a stream.",
        choices={"chat.compose": _ignore_bound},
    ),
    _fault(
        name="leaving_breaks_server",
        clause="STREAM-12",
        title="After a client left in mid-stream the next requests are answered 500.",
        wrapper=BrokenByLeaving,
    ),
    _fault(
        name="leaving_leaks_a_slot",
        clause="STREAM-12",
        title="Each client that leaves in mid-stream takes a slot with it; when none is left, streams are refused.",
        wrapper=LeakedSlots,
    ),
    _fault(
        name="streams_carry_each_other",
        clause="STREAM-13",
        title="Streams that run side by side carry each other's pieces.",
        wrapper=SharedStream,
    ),
)
