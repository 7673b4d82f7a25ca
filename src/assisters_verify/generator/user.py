"""The user class that a scenario's file derives from. There is one in each process, and it drives all the lanes."""

from collections.abc import Sequence
from typing import ClassVar

from locust import User

from assisters_verify.generator.lanes import Lane
from assisters_verify.settings.load import LoadSettings


class LoadUser(User):
    """A scenario. `keeps_ledger` says whether each request gets a row."""

    abstract = True
    keeps_ledger: ClassVar[bool] = False

    @classmethod
    def lanes(cls, settings: LoadSettings) -> Sequence[Lane]:
        """Return the lanes of a run with these settings."""
        raise NotImplementedError
