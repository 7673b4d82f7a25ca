"""What a fault and a reading are: named changes of a conforming server's behaviour."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import TypeVar

from assisters_verify.reference.behaviour import Behaviour, ReplyEdit, RequestEdit, Wrapper, choose

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Variation:
    """A named change.

    Args:
        title: What the server does otherwise, as a sentence.
        choices: Choices of the behaviour to replace, by ``policy.field``.
        request: Edits a parsed body before it is checked.
        reply: Edits a reply before it is sent.
        wrapper: Wraps the application.
    """

    name: str
    title: str
    choices: Mapping[str, object] = field(default_factory=dict)
    request: RequestEdit | None = None
    reply: ReplyEdit | None = None
    wrapper: Wrapper | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault(Variation):
    """One broken promise: the named clause must fail."""

    area: str
    clause: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading(Variation):
    """One choice that the documentation leaves open: no clause may fail."""


def apply(behaviour: Behaviour, variations: Iterable[Variation]) -> Behaviour:
    """Return the behaviour with all the changes, in order."""
    for variation in variations:
        behaviour = choose(behaviour, variation.choices)
        behaviour = replace(
            behaviour,
            request_edits=(*behaviour.request_edits, *_given(variation.request)),
            reply_edits=(*behaviour.reply_edits, *_given(variation.reply)),
            wrappers=(*behaviour.wrappers, *_given(variation.wrapper)),
        )
    return behaviour


def _given(value: T | None) -> tuple[T, ...]:
    return () if value is None else (value,)
