"""The mix of requests for hours: does anything leak, drift or fill up?"""

from collections.abc import Sequence

from assisters_verify.contract import load_requests
from assisters_verify.generator.lanes import Lane
from assisters_verify.generator.user import LoadUser
from assisters_verify.settings.load import LoadSettings


class Soak(LoadUser):
    """Asks for everything that the weights name, for as long as the profile says."""

    @classmethod
    def lanes(cls, settings: LoadSettings) -> Sequence[Lane]:
        """Return one lane for each kind and key."""
        return load_requests.lanes(settings, dict(settings.weights))
