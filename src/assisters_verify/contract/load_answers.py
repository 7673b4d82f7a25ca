"""Judge a sample of the answers that a load run got: right under load, and nobody's but the asker's."""

import json
import re
from collections.abc import Callable, Iterable, Sequence

from assisters_verify.answer import Answer, NotJson, Piece
from assisters_verify.contract.completions import expect_completion, expect_messages
from assisters_verify.contract.envelope import envelope_problems
from assisters_verify.contract.joining import expect_sound_joint
from assisters_verify.contract.own_words import own_words_in
from assisters_verify.contract.streams import expect_stream, read_stream
from assisters_verify.contract.throttling.finding import Finding, breaks, does_not_apply, holds, is_open
from assisters_verify.contract.vectors import expect_vector, expect_vectors
from assisters_verify.judgement import Broken
from assisters_verify.measures.evidence import Kept

_REFUSED = 400
_HEAD_END = re.compile(r"\r?\n")
_STATUS_LINE = re.compile(r"HTTP/\d")


def judge_forms(samples: Sequence[Kept]) -> Finding:
    """LOAD-14: completions, tool calls and vectors have their documented form."""
    plain = [kept for kept in _whole(samples) if not kept.is_stream and _is_success(kept)]
    return _judge([kept for kept in plain if kept.kind in _FORMS], lambda kept: _FORMS[kept.kind](answer_of(kept)))


def judge_streams(samples: Sequence[Kept]) -> Finding:
    """LOAD-15: streams have their documented form, and come whole."""
    streams = [kept for kept in samples if kept.is_stream and _is_success(kept) and not kept.is_cut]
    return _judge([kept for kept in streams if kept.problem not in _OURS], _expect_whole_stream)


def judge_askers(samples: Sequence[Kept]) -> Finding:
    """LOAD-16: no answer holds the word of another request."""
    showing = 0
    asked = [kept for kept in samples if own_words_in(kept.request)]
    for kept in asked:
        own, said = own_words_in(kept.request), own_words_in(_said(kept))
        if said - own:
            received = f"the word of another request, in a request of key {kept.key} ({kept.lane})"
            return breaks(
                expected="nothing of another request", received=received, figures={"looked_at": float(len(asked))}
            )
        showing += bool(said)
    figures = {"looked_at": float(len(asked)), "showing_their_own": float(showing)}
    if asked and all(kept.kind in _WITHOUT_WORDS for kept in asked):
        return does_not_apply("nothing but vectors was asked for, which repeat no word")
    if not showing:
        return is_open(
            "no answer repeats the word that its request brought, so that none could show another's", figures
        )
    return holds(figures)


def judge_refusals(samples: Sequence[Kept]) -> Finding:
    """LOAD-17: each 4xx and 5xx has the envelope."""
    refused = [kept for kept in _whole(samples) if kept.status >= _REFUSED]
    return _judge(refused, _expect_envelope, none="nothing was refused")


def answer_of(kept: Kept) -> Answer:
    """Return a kept answer as the judgements of conformance take it."""
    headers = dict(_headers(kept.head))
    pieces = tuple(Piece(t_s=time_s, data=text.encode()) for time_s, text in kept.frames)
    return Answer(
        exchange="",
        method="POST",
        path="",
        status=kept.status,
        headers=headers,
        body=kept.body.encode(),
        first_byte_s=pieces[0].t_s if pieces else 0.0,
        total_s=kept.end_s - kept.sent_s,
        pieces=pieces if kept.is_stream else (),
        broken_off=kept.problem or None,
        sent=kept.request.rpartition("\r\n\r\n")[2].encode(),
        label=f"{kept.kind} at {kept.sent_s:.2f} s, {kept.lane}",
    )


def _judge(answers: Sequence[Kept], expect: Callable[[Kept], object], *, none: str = "") -> Finding:
    broken: list[Broken] = []
    for kept in answers:
        try:
            expect(kept)
        except Broken as problem:
            broken.append(problem)
        except NotJson as problem:
            broken.append(Broken(expected="JSON", received=str(problem)))
    figures = {"looked_at": float(len(answers)), "broken": float(len(broken))}
    if broken:
        received = f"{broken[0].received} ({len(broken)} of {len(answers)} answers)"
        return breaks(expected=broken[0].expected, received=received, figures=figures)
    return holds(figures) if answers else does_not_apply(none or "no such answer came")


def _expect_completion(answer: Answer) -> object:
    return expect_completion(answer)


def _expect_embeddings_batch(answer: Answer) -> object:
    return expect_vectors(answer, _texts_asked(answer))


# What an answer to each kind of request must be. Models are listed to spend a limit; their form is for conformance.
_FORMS: dict[str, Callable[[Answer], object]] = {
    "chat": _expect_completion,
    "tools": expect_messages,
    "embeddings": expect_vector,
    "embeddings_batch": _expect_embeddings_batch,
}
_WITHOUT_WORDS = frozenset({"embeddings", "embeddings_batch"})
# What the run did not wait for says nothing about the target.
_OURS = frozenset({"unfinished", "too large"})


def _expect_whole_stream(kept: Kept) -> None:
    answer = answer_of(kept)
    if answer.broken_off:
        raise Broken(expected="a whole stream", received=f"one that ended early: {answer.broken_off}", answer=answer)
    found = expect_stream(answer)
    if found.rest and found.rest.strip():
        raise Broken(expected="a whole stream", received=f"a part of an event: {found.rest!r}"[:200], answer=answer)
    if not found.pieces and not found.is_done:
        raise Broken(expected="content in the deltas", received=answer.describe(), answer=answer)
    expect_sound_joint(found)


def _expect_envelope(kept: Kept) -> None:
    answer = answer_of(kept)
    for expected, received in envelope_problems(answer):
        raise Broken(expected=expected, received=received, answer=answer)


def _whole(samples: Iterable[Kept]) -> list[Kept]:
    return [kept for kept in samples if not kept.is_cut and not kept.problem]


def _is_success(kept: Kept) -> bool:
    return 200 <= kept.status < 300  # noqa: PLR2004 - the class of success statuses


def _said(kept: Kept) -> str:
    """Return what an answer says, with the pieces of a stream joined."""
    return f"{kept.body}\n{read_stream(answer_of(kept)).text}" if kept.is_stream else kept.body


def _texts_asked(answer: Answer) -> int:
    return len(json.loads(answer.sent)["input"])


def _headers(head: str) -> Iterable[tuple[str, str]]:
    for line in _HEAD_END.split(head):
        name, is_field, value = line.partition(":")
        if is_field and not _STATUS_LINE.match(line):
            yield name.strip().lower(), value.strip()
