"""Options of several commands that take words from a fixed list, one by one or with commas between them."""

from collections.abc import Callable
from typing import Any

import click

from assisters_verify.report_formats import DEFAULT_FORMATS, FORMATS


def split_words(_context: click.Context, _parameter: click.Parameter, given: tuple[str, ...]) -> tuple[str, ...]:
    """Return the words, each once, in the order in which they were given. Raises click.BadParameter."""
    words = tuple(dict.fromkeys(word.strip().lower() for text in given for word in text.split(",") if word.strip()))
    for word in words:
        if word not in FORMATS:
            raise click.BadParameter(f"there is no format {word!r}; known: {', '.join(FORMATS)}.")
    return words


def format_option() -> Callable[[Any], Any]:
    """Return the option that chooses which reports are written."""
    return click.option(
        "--format",
        "formats",
        multiple=True,
        metavar="NAME",
        callback=split_words,
        shell_complete=lambda _context, _parameter, text: [name for name in FORMATS if name.startswith(text)],
        help=f"Write this report only: {', '.join(FORMATS)}. Repeatable, or with commas.  "
        f"[default: {','.join(DEFAULT_FORMATS)}]",
    )
