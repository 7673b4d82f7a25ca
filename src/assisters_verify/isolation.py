"""Keep Hypothesis to itself: nothing is written where it runs, and the same seed draws the same anywhere."""

import gzip
import json
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from unittest import mock

from hypothesis.configuration import set_hypothesis_home_dir
from hypothesis.internal.charmap import charmap_file
from hypothesis.internal.conjecture import providers
from hypothesis.internal.constants_ast import Constants

# What is set aside belongs to the whole process, not to a thread of it.
_ONE_AT_A_TIME = threading.Lock()


@contextmanager
def isolated_hypothesis() -> Iterator[None]:
    """Keep Hypothesis from writing into the working directory, and from drawing on whatever modules are imported.

    It mixes constants of the user's own modules into what it draws, so that the same seed would give other requests in
    a checkout than in an installation; there is no setting for that.
    """
    with (
        _ONE_AT_A_TIME,
        tempfile.TemporaryDirectory(prefix="assisters-verify-") as directory,
        mock.patch.object(providers, "_get_local_constants", Constants, create=True),
    ):
        set_hypothesis_home_dir(directory)
        try:
            _store_utf8_table()
            yield
        finally:
            set_hypothesis_home_dir(None)


def _store_utf8_table() -> None:
    """Put the table of what UTF-8 can encode where Hypothesis looks for it, since it takes over a second to make it.

    A version that looks elsewhere makes its own.
    """
    without_surrogates = [[0x0, 0xD7FF], [0xE000, 0x10FFFF]]
    table = charmap_file("codec-v2-utf-8")
    table.parent.mkdir(parents=True)
    with gzip.open(table, "wt", encoding="utf-8") as file:
        json.dump([without_surrogates, []], file)
