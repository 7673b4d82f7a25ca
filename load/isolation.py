"""A quiet key beside one that is far over its limit."""

from collections.abc import Sequence

from assisters_verify.contract.throttling.lanes import lanes_of
from assisters_verify.generator.lanes import Lane
from assisters_verify.generator.user import LoadUser
from assisters_verify.settings.load import LoadSettings


class Isolation(LoadUser):
    """Sends what contract/throttling/plan.py plans."""

    keeps_ledger = True

    @classmethod
    def lanes(cls, settings: LoadSettings) -> Sequence[Lane]:
        """Return the lanes of the plan."""
        return lanes_of(settings)
