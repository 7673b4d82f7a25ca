"""Streamed chat completions: time to the first token, gaps between tokens."""

from collections.abc import Sequence

from assisters_verify.contract import load_requests
from assisters_verify.generator.lanes import Lane
from assisters_verify.generator.user import LoadUser
from assisters_verify.settings.load import LoadSettings


class Streaming(LoadUser):
    """Asks, and times every piece of the answer."""

    @classmethod
    def lanes(cls, settings: LoadSettings) -> Sequence[Lane]:
        """Return one lane for each key."""
        return load_requests.lanes(settings, {"streaming": 1.0})
