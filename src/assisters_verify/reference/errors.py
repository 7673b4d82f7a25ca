"""Turn whatever went wrong into the documented error answer."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from assisters_verify.reference.answers import Answer
from assisters_verify.reference.calls import parse_json
from assisters_verify.reference.problems import ApiError


def render(error: ApiError) -> Answer:
    """Return the envelope with the error's status."""
    return Answer(payload=error.envelope(), status=error.status, headers=error.headers)


@dataclass(frozen=True, slots=True, kw_only=True)
class ErrorPolicy:
    """The choices error handling is made of."""

    parse_body: Callable[[bytes], Any] = parse_json
    render: Callable[[ApiError], Answer] = render
