"""What a fault and a reading are: named changes of a conforming server's behaviour."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from difflib import get_close_matches
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
    """One broken promise: the named clause must fail, and no other area.

    Args:
        also: Areas that cannot but fail too, each with the reason.
        beside: Clauses whose requests bring it to light, where those of the broken clause's own checks do not.
    """

    area: str
    clause: str
    also: Mapping[str, str] = field(default_factory=dict)
    beside: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading(Variation):
    """One choice that the documentation leaves open: no clause may fail."""


V = TypeVar("V", bound=Variation)


def pick(table: Mapping[str, V], names: Iterable[str]) -> list[V]:
    """Return the variations of these names.

    Raises:
        ValueError: A name that is not in the table; the message lists the nearest.
    """
    picked = []
    for name in names:
        if name not in table:
            near = get_close_matches(name, table, n=3) or sorted(table)
            raise ValueError(f"unknown name {name!r}. Did you mean {', '.join(near)}?")
        picked.append(table[name])
    return picked


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
