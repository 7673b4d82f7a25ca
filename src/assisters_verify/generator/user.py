"""The user class that a scenario's file derives from. There is one in each process, and it drives all the lanes."""

import os
from collections.abc import Sequence
from typing import Any, ClassVar

from locust import User, events, task
from locust.env import Environment

from assisters_verify.generator.conductor import Conductor
from assisters_verify.generator.lanes import Lane
from assisters_verify.load_orders import LoadOrders
from assisters_verify.settings.load import LoadSettings


class LoadUser(User):
    """A scenario. `keeps_ledger` says whether each request gets a row."""

    abstract = True
    keeps_ledger: ClassVar[bool] = False

    @classmethod
    def lanes(cls, settings: LoadSettings) -> Sequence[Lane]:
        """Return the lanes of a run with these settings."""
        raise NotImplementedError

    @task
    def drive(self) -> None:
        """Drive this process's part of the run, once."""
        conductor: Conductor = self.environment.assisters_conductor
        conductor.play()


def _on_init(environment: Environment, **_: Any) -> None:
    scenario = environment.user_classes[0]
    assert issubclass(scenario, LoadUser)
    orders = LoadOrders.from_environ(os.environ)
    lanes = scenario.lanes(orders.settings)
    conductor = Conductor.of(environment, orders, lanes, keeps_ledger=scenario.keeps_ledger)
    environment.assisters_conductor = conductor  # type: ignore[attr-defined]
    conductor.prepare()


events.init.add_listener(_on_init)  # type: ignore[no-untyped-call]
