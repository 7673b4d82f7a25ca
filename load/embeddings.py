"""Embeddings, of one text and of several at once."""

from collections.abc import Sequence

from assisters_verify.contract import load_requests
from assisters_verify.generator.lanes import Lane
from assisters_verify.generator.user import LoadUser
from assisters_verify.settings.load import LoadSettings


class Embeddings(LoadUser):
    """Asks for vectors, every fourth time for a batch."""

    @classmethod
    def lanes(cls, settings: LoadSettings) -> Sequence[Lane]:
        """Return two lanes for each key."""
        return load_requests.lanes(settings, {"embeddings": 3.0, "embeddings_batch": 1.0})
