"""Orders reach the generator through its environment, and show no key on the way."""

from pathlib import Path

from assisters_verify.events import SECRETS_VARIABLE
from assisters_verify.load_orders import LoadOrders
from assisters_verify.settings.load import LoadSettings

KEY = "sk-test-7d1e4f9c2a8b30561234"


def orders() -> LoadOrders:
    settings = LoadSettings.model_validate({"scenario": "chat", "users": 2, "target": {"base_url": "http://localhost"}})
    return LoadOrders(settings=settings, keys=(KEY, f"{KEY}-2"), folder=Path("run"), events=7)


def test_orders_come_back_as_they_were_given() -> None:
    assert LoadOrders.from_environ(orders().to_environ()) == orders()


def test_keys_stand_in_the_variable_for_secrets_only() -> None:
    assert [name for name, value in orders().to_environ().items() if KEY in value] == [SECRETS_VARIABLE]


def test_orders_show_no_key() -> None:
    assert KEY not in repr(orders())
