"""What came back for one request, as the checks see it: whole, bounded, and before redaction."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """Bytes as one read gave them, `t_s` seconds after the request was sent."""

    t_s: float
    data: bytes


_LONGEST_EVENT = 150
_EVENT_END = re.compile("\r\n\r\n|\n\n|\r\r")


class NotJson(ValueError):  # noqa: N818 - named after what was found
    """The body is not the JSON text that was asked for."""


@dataclass(frozen=True, kw_only=True)
class Answer:
    """An HTTP answer. `headers` has lower-case names, repeated ones joined by a comma.

    `pieces` is filled for streams only. `first_byte_s` and `total_s` are seconds after sending. `broken_off` says how a
    body ended early (cut by the peer, over a bound, left by us), None where it ended as HTTP says. `presented` is the
    credential that the request carried, `sent` its body, `sent_headers` its headers as in `headers`. `label` is the
    request as a report names it, `attempts` how many times it was sent until this answer stood.
    """

    exchange: str
    method: str
    path: str
    status: int
    headers: Mapping[str, str]
    body: bytes
    first_byte_s: float
    total_s: float
    pieces: tuple[Piece, ...] = ()
    broken_off: str | None = None
    presented: str | None = field(default=None, repr=False)
    sent: bytes = field(default=b"", repr=False)
    sent_headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    label: str = ""
    attempts: int = 1
    sent_s: float = 0.0

    @property
    def where(self) -> str:
        """The request in words, as a failure names it."""
        return self.label or f"{self.method} {self.path}"

    @property
    def content_type(self) -> str:
        """The media type alone, in lower case, without parameters; empty where none was sent."""
        return self.headers.get("content-type", "").partition(";")[0].strip().lower()

    @property
    def text(self) -> str:
        """The body as UTF-8, with replacement characters where it is none."""
        return self.body.decode("utf-8", "replace")

    @property
    def is_success(self) -> bool:
        """Whether the status is 2xx."""
        return 200 <= self.status < 300  # noqa: PLR2004 - the class of success statuses

    @property
    def document(self) -> Any:
        """The body as JSON. Raises NotJson, also for NaN and Infinity, which JSON does not know.

        It is parsed anew each time: parsed it takes up to thirty times as much as its text, and answers are kept.
        """
        try:
            return json.loads(self.body.decode("utf-8"), parse_constant=_refuse_constant)
        except (ValueError, RecursionError) as error:
            raise NotJson(f"no JSON: {self._excerpt()}") from error

    def describe(self) -> str:
        """Return status and body in a few words, for the `received` of a failure."""
        return f"{self.status} {self._excerpt()}".strip()

    def _excerpt(self) -> str:
        text = self.text
        if self.content_type == "text/event-stream":
            # What several events say piece by piece would not be recognised as a secret.
            first, *rest = _EVENT_END.split(text.lstrip(), maxsplit=1)
            text = f"{first[:_LONGEST_EVENT]} …" if "".join(rest).strip() else first
        return _shortened(text)


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is not JSON")


def _shortened(text: str, *, limit: int = 160) -> str:
    flat = " ".join(text[: limit * 4].split())
    return flat if len(flat) <= limit else flat[: limit - 1] + "…"
