"""Round trips with a tool: the question, the call, its result, the answer."""

from collections.abc import Sequence

from assisters_verify.contract import load_requests
from assisters_verify.generator.lanes import Lane
from assisters_verify.generator.user import LoadUser
from assisters_verify.settings.load import LoadSettings


class Tools(LoadUser):
    """Asks something that a tool knows; a model that does not call it has answered as well."""

    @classmethod
    def lanes(cls, settings: LoadSettings) -> Sequence[Lane]:
        """Return one lane for each key."""
        return load_requests.lanes(settings, {"tools": 1.0})
