"""Plain chat completions."""

from collections.abc import Sequence

from assisters_verify.contract import load_requests
from assisters_verify.generator.lanes import Lane
from assisters_verify.generator.user import LoadUser
from assisters_verify.settings.load import LoadSettings


class Chat(LoadUser):
    """Asks, and waits for the whole answer."""

    @classmethod
    def lanes(cls, settings: LoadSettings) -> Sequence[Lane]:
        """Return one lane for each key."""
        return load_requests.lanes(settings, {"chat": 1.0})
