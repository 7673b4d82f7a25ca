"""Declare a check: a coroutine that proves one clause."""

from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass
from typing import Any

Check = Callable[..., Coroutine[Any, Any, None]]
_ATTRIBUTE = "__assisters_verify_check__"


@dataclass(frozen=True, slots=True, kw_only=True)
class Declaration:
    """What a check says of itself.

    `needs` are clauses without which it cannot judge: unless they hold, it is undecided. `is_last` checks start when
    all the others are done, since they judge what those saw.
    """

    clause: str
    needs: tuple[str, ...] = ()
    is_last: bool = False


def clause(clause_id: str, *, needs: Sequence[str] = (), is_last: bool = False) -> Callable[[Check], Check]:
    """Mark a coroutine function as a check of this clause."""

    def mark(check: Check) -> Check:
        setattr(check, _ATTRIBUTE, Declaration(clause=clause_id, needs=tuple(needs), is_last=is_last))
        return check

    return mark


def declaration_of(check: object) -> Declaration | None:
    """Return what a check says of itself, or None where the object is no check."""
    found = getattr(check, _ATTRIBUTE, None)
    return found if isinstance(found, Declaration) else None
