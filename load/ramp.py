"""More and more requests, up to the given rate: which is the highest that still holds the thresholds?"""

from collections.abc import Sequence

from assisters_verify.contract import load_requests
from assisters_verify.generator.lanes import Lane
from assisters_verify.generator.user import LoadUser
from assisters_verify.load_steps import phases_of_steps, rates_of_steps
from assisters_verify.settings.load import LoadSettings


class Ramp(LoadUser):
    """Asks for everything that the weights name, at one rate after the other."""

    @classmethod
    def lanes(cls, settings: LoadSettings) -> Sequence[Lane]:
        """Return one lane for each kind and key."""
        rates = rates_of_steps(settings)
        return load_requests.lanes(settings, dict(settings.weights), rates=rates, phases=phases_of_steps(rates))
