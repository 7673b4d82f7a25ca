"""The route of the v1 legacy API, which chat completions replaced."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from assisters_verify.reference.answers import Reply
from assisters_verify.reference.problems import not_found

if TYPE_CHECKING:
    from assisters_verify.reference.calls import Call


async def say_it_moved(_call: "Call") -> Reply:
    """Refuse, and name the way on."""
    message = "/v1/completions has been replaced by /v1/chat/completions, which takes messages instead of prompt."
    raise not_found(message, code="endpoint_removed")


@dataclass(frozen=True, slots=True, kw_only=True)
class LegacyPolicy:
    """What the old route does."""

    answer: Callable[["Call"], Awaitable[Reply]] = say_it_moved


async def complete_prompt(call: "Call") -> Reply:
    """POST /v1/completions."""
    return await call.behaviour.legacy.answer(call)
