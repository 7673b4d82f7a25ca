"""Render pages from templates, under a policy that lets nothing in a page load or run but our own."""

import base64
import hashlib
from datetime import datetime
from pathlib import Path
from typing import Any

import jinja2
from markupsafe import Markup, escape

from assisters_verify.reporting.findings import by_reason
from assisters_verify.reporting.inert import visible_line

_MINUTE_S = 60
_MILLISECONDS_BELOW_S = 1


def environment(folder: Path) -> jinja2.Environment:
    """Return what renders the templates of this folder: everything escaped, and no name that is not there."""
    made = jinja2.Environment(
        loader=jinja2.FileSystemLoader(folder),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters |= {
        "line": visible_line,
        "moment": _moment,
        "time": duration,
        "by_reason": by_reason,
        "coded": _coded,
        "words": _words,
    }
    return made


def inlined(*paths: Path) -> dict[str, Any]:
    """Return files of ours as they go into a page, with the hash by which the page's policy allows them."""
    text = "".join(path.read_text(encoding="utf-8") for path in paths)
    digest = base64.b64encode(hashlib.sha256(text.encode("utf-8")).digest()).decode("ascii")
    return {"text": Markup(text), "hash": f"sha256-{digest}"}  # noqa: S704 - our own files


def _moment(started_at: str) -> str:
    return datetime.fromisoformat(started_at).strftime("%-d %B %Y, %H:%M:%S UTC")


def duration(seconds: float) -> str:
    """Return a length of time for people: `12 ms`, `1.25 s`, `2 min 5 s`."""
    if seconds < _MILLISECONDS_BELOW_S:
        return f"{seconds * 1000:.0f} ms"
    if seconds < _MINUTE_S:
        return f"{seconds:.2f} s"
    return f"{seconds // _MINUTE_S:.0f} min {seconds % _MINUTE_S:.0f} s"


def _coded(text: str) -> Markup:
    """Return the text as HTML in which what stands in backticks is code."""
    pieces = text.split("`")
    if len(pieces) % 2 == 0:
        return escape(text)
    return Markup("").join(Markup("<code>{}</code>").format(p) if n % 2 else p for n, p in enumerate(pieces))


def _words(word: str) -> str:
    return word.replace("_", " ")
