"""Replace secrets by their names, in texts, bodies, streams and headers."""

import codecs
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import accumulate

from pydantic import SecretStr

from assisters_verify.redaction.codings import Decoded, View, views
from assisters_verify.redaction.deltas import delta_spans
from assisters_verify.redaction.edges import Edges
from assisters_verify.redaction.escapes import pattern_for, unescape, unescaped_forms
from assisters_verify.redaction.finder import Finder
from assisters_verify.redaction.needles import SHORTEST_SECRET, needles, odd_needles
from assisters_verify.redaction.spans import Span, cut_spans, join_overlapping, replace_spans

HIDDEN = "{{hidden}}"

# Coded, then put into JSON, then that into JSON once more, and percent-coded on the way: more is nobody's accident.
_MOST_LAYERS = 4
# Coded in base64 or hexadecimal digits, and that once more.
_MOST_CODINGS = 2
_HIDDEN_HEADERS = frozenset({"authorization", "proxy-authorization", "cookie", "set-cookie", "x-api-key"})
_LONGEST_SECRET = 2_048
_SCHEME = re.compile(r"\s*(?:bearer|basic|digest|token|api-?key|key|negotiate|oauth)(?:\s+|$)", re.IGNORECASE)
# Beside a secret that holds such a character, or begins so, a part of an escape of it may stand.
_ESCAPING = re.compile(rb"[%\\&\"']|\A/")
# Of what was looked through; the texts are kept with it.
_MOST_REMEMBERED_BYTES = 512 * 1024
_WINDOW_BYTES = 512 * 1024
# No secret in any reading is as long, except one that somebody fills up with kilobytes of spaces.
_OVERLAP_BYTES = 64 * 1024
_PLACEHOLDER = re.compile(r"(\{\{\w+\}\})", re.ASCII)


class Redactor:
    """Knows the secrets of a run by name, and writes `{{name}}` wherever one stands.

    A secret is found as it is, percent-coded, escaped as in JSON or HTML (in part, and several times over), in base64
    (both alphabets, also inside a longer text) and in hexadecimal digits; also in another case, backwards, in UTF-16,
    turned by 13 letters, as the numbers of its bytes, and taken apart by spaces or as the texts of a list. Of a secret
    of 20 characters or more, its first 12 and its last 12 count as the secret too, as do any 16 in a row.
    """

    def __init__(self, secrets: Iterable[tuple[str, str | SecretStr]] = ()) -> None:
        self._names: dict[str, str] = {}
        self._finder = Finder()
        self._edges = Edges()
        self._escapes = pattern_for([])
        self._whole: set[bytes] = set()
        self._to_prepare: list[str] = []
        self._found: dict[tuple[bytes, bool], list[Span]] = {}
        self._found_bytes = 0
        for name, value in secrets:
            self.add(name, value)

    def add(self, name: str, value: str | SecretStr) -> None:
        """Hide this value as `{{name}}` from now on. One of fewer than 8 characters stays as it is, as does a name
        that was given first. Of one that is too long for any header the beginning is hidden."""
        text = (value.get_secret_value() if isinstance(value, SecretStr) else value)[:_LONGEST_SECRET]
        if not _PLACEHOLDER.fullmatch(f"{{{{{name}}}}}"):
            raise ValueError("a name of a secret consists of ASCII letters, digits and underscores")
        if len(text) >= SHORTEST_SECRET and text not in self._names:
            self._names[text] = name
            self._to_prepare.append(text)
            self._forget()

    def known(self) -> dict[str, str]:
        """Return the name of each secret, by the secret itself: for what must put another in its place."""
        return dict(self._names)

    def spans(self, data: bytes, *, is_event_stream: bool = False) -> list[Span]:
        """Return the places to replace, in order and apart from each other.

        In an event stream, a secret is also found where its pieces stand in several events.
        """
        remembered = self._found.get((data, is_event_stream))
        if remembered is not None:
            return remembered
        found = self._find(data)
        if is_event_stream:
            found += delta_spans(data, self._find)
        spans = join_overlapping(found)
        self._remember(data, spans, is_event_stream=is_event_stream)
        return spans

    def data(self, data: bytes, *, is_event_stream: bool = False) -> bytes:
        """Return a body without secrets."""
        return replace_spans(data, self.spans(data, is_event_stream=is_event_stream))

    def text(self, text: str) -> str:
        """Return a text without secrets."""
        data = text.encode(errors="surrogatepass")
        spans = self.spans(data)
        return replace_spans(data, spans).decode(errors="surrogatepass") if spans else text

    def excerpt(self, text: str) -> str:
        """Return a text that quotes others, maybe cut, without secrets: nothing of one is left at a cut either."""
        text = self.text(text)
        data = text.encode(errors="surrogatepass")
        spans = self._find(data, lambda layer: list(self._edges.spans(layer)))
        return replace_spans(data, join_overlapping(spans)).decode(errors="replace") if spans else text

    def frames(self, frames: Sequence[bytes]) -> list[str]:
        """Return the pieces of a streamed body as text, without secrets that lie in one, over several or in events.

        A character that is cut by the end of a piece counts to the next one.
        """
        ends = list(accumulate(len(frame) for frame in frames))
        cut = cut_spans(self.spans(b"".join(frames), is_event_stream=True), ends)
        decoder = codecs.getincrementaldecoder("utf-8")(errors="replace")
        texts = [decoder.decode(replace_spans(frame, spans)) for frame, spans in zip(frames, cut, strict=True)]
        if texts:
            texts[-1] += decoder.decode(b"", final=True)
        return texts

    def headers(self, headers: Iterable[tuple[str, str]]) -> tuple[tuple[str, str], ...]:
        """Return headers without secrets. Of those that carry credentials only the scheme and known names are kept."""
        return tuple((self.text(name), self._header(name, value)) for name, value in headers)

    def _header(self, name: str, value: str) -> str:
        redacted = self.text(value)
        if name.lower() not in _HIDDEN_HEADERS:
            return redacted
        scheme = _SCHEME.match(redacted)
        start = scheme.end() if scheme else 0
        parts = _PLACEHOLDER.split(redacted[start:])
        # Names stand between the other parts, so at every odd place.
        return redacted[:start] + "".join(part if at % 2 or not part else HIDDEN for at, part in enumerate(parts))

    def _remember(self, data: bytes, spans: list[Span], *, is_event_stream: bool) -> None:
        """Keep what was found: a body is written down in several places, and most headers come with every answer."""
        if len(data) > _MOST_REMEMBERED_BYTES:
            return
        if self._found_bytes + len(data) > _MOST_REMEMBERED_BYTES:
            self._forget()
        self._found[data, is_event_stream] = spans
        self._found_bytes += len(data)

    def _forget(self) -> None:
        self._found.clear()
        self._found_bytes = 0

    def _find(self, data: bytes, find: Callable[[bytes], list[Span]] | None = None) -> list[Span]:
        self._prepare()
        find = find or self._finder.find
        return [
            span._replace(start=span.start + start, end=span.end + start)
            for start, window in _windows(data)
            for span in self._search(window, find, (), layers=_MOST_LAYERS, codings=_MOST_CODINGS)
        ]

    def _search(
        self, data: bytes, find: Callable[[bytes], list[Span]], taken: tuple[View, ...], *, layers: int, codings: int
    ) -> Iterator[Span]:
        """Yield what is found in the text, to which these views led, and in its other readings."""
        spans = find(data)
        yield from _placed(spans, taken)
        data = self._without_whole_ones(data, spans)
        for view in views(data) if codings else ():
            seen = (*taken, view)
            if isinstance(view, Decoded):
                yield from self._search(view.data, find, seen, layers=layers, codings=codings - 1)
            else:
                yield from _placed(find(view.data), seen)
        if layers and (layer := unescape(data, self._escapes)):
            yield from self._search(layer.data, find, (*taken, layer), layers=layers - 1, codings=codings)

    def _without_whole_ones(self, data: bytes, spans: list[Span]) -> bytes:
        """Blank the secrets that were found whole: a body full of them would be searched for each in every reading."""
        whole = [span for span in spans if data[span.start : span.end].lower() in self._whole]
        if not whole:
            return data
        left = bytearray(data)
        for span in whole:
            left[span.start : span.end] = bytes(span.end - span.start)
        return bytes(left)

    def _prepare(self) -> None:
        if not self._to_prepare:
            return
        secrets, self._to_prepare = self._to_prepare, []
        escapes = pattern_for(list(self._names))
        if escapes is not self._escapes:
            # All secrets have other forms in a text of which other escapes are undone.
            self._finder, self._edges, self._whole = Finder(), Edges(), set()
            self._escapes, secrets = escapes, list(self._names)
        for secret in secrets:
            self._prepare_one(self._names[secret], secret.encode(errors="surrogatepass"))

    def _prepare_one(self, name: str, secret: bytes) -> None:
        texts = [form for form in unescaped_forms(secret, self._escapes) if len(form) >= SHORTEST_SECRET]
        forms = [needle for text in texts for needle in needles(name, text)]
        self._finder.add(forms)
        self._edges.add(forms)
        plain = [needle for needle in forms if not _ESCAPING.search(needle.text)]
        self._whole |= {needle.text.lower() for needle in plain}
        # Behind all others: a key in another case may be one that has its own name.
        self._finder.add([needle for text in texts for needle in odd_needles(name, text)], rank=1)


def _windows(data: bytes) -> Iterator[tuple[int, bytes]]:
    """Yield parts of a text that overlap, each with its place: of all at once every reading would be held at a time."""
    for start in range(0, max(len(data) - _OVERLAP_BYTES, 1), _WINDOW_BYTES - _OVERLAP_BYTES):
        yield start, data[start : start + _WINDOW_BYTES]


def _placed(spans: Iterable[Span], taken: Sequence[View]) -> Iterator[Span]:
    """Yield the spans where they stood before these views were taken, one after the other."""
    for span in spans:
        start, end = span.start, span.end
        for view in reversed(taken):
            start, end = view.origin(start, end)
        yield Span(start, end, span.text)
