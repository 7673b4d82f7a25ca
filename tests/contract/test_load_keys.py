from collections.abc import Callable, Iterator

import pytest
from pydantic import SecretStr

from assisters_verify.contract.load_keys import borrowed_keys
from assisters_verify.load_run import KeyRing
from assisters_verify.reference.options import ReferenceOptions
from assisters_verify.reference.server import ReferenceServer
from assisters_verify.settings import Secrets
from assisters_verify.settings.base_url import parse_base_url
from assisters_verify.settings.load import LoadSettings
from assisters_verify.settings.target import RateLimit, Target

WINDOW_S = 0.05
Start = Callable[..., ReferenceServer]


@pytest.fixture
def start() -> Iterator[Start]:
    running: list[ReferenceServer] = []

    def start_it(*faults: str) -> ReferenceServer:
        server = ReferenceServer(ReferenceOptions(faults=faults))
        server.start()
        running.append(server)
        return server

    yield start_it
    for server in running:
        server.stop()


def settings_for(server: ReferenceServer, keys: int) -> tuple[LoadSettings, Secrets]:
    limit = RateLimit(requests=1000, window_s=WINDOW_S)
    target = Target(base_url=parse_base_url(server.base_url), rate_limit=limit)
    secrets = Secrets(
        api_key=SecretStr(server.options.api_keys[0]), second_api_key=SecretStr(server.options.api_keys[1])
    )
    return LoadSettings(scenario="throttling", target=target, rate_per_s=1.0, keys=keys), secrets


def borrow(server: ReferenceServer, keys: int) -> tuple[KeyRing, list[str]]:
    """Borrow and give back; return the ring, and what was said."""
    said: list[str] = []
    settings, secrets = settings_for(server, keys)
    with borrowed_keys(settings, secrets, say=said.append)() as ring:
        pass
    return ring, said


def test_as_many_fresh_keys_are_made_as_are_asked_for(start: Start) -> None:
    server = start()
    ring, said = borrow(server, 3)

    assert (len(set(ring.keys) - set(server.options.api_keys)), said, ring.leftovers) == (3, [], [])


def test_keys_are_taken_back_when_the_run_fails(start: Start) -> None:
    server = start()
    settings, secrets = settings_for(server, 1)
    borrowed = borrowed_keys(settings, secrets, say=print)
    with pytest.raises(KeyboardInterrupt), borrowed() as ring:
        raise KeyboardInterrupt
    again, _ = borrow(server, 1)

    assert (ring.leftovers, again.leftovers) == ([], [])


def test_run_has_its_own_keys_where_none_can_be_made(start: Start) -> None:
    server = start("key_creation_breaks")
    ring, said = borrow(server, 6)

    assert (ring.keys, len(said)) == (server.options.api_keys, 1)


def test_key_that_cannot_be_deleted_is_told_without_its_secret(start: Start) -> None:
    ring, _ = borrow(start("key_deletion_breaks"), 1)

    assert [ring.keys[0] in text for text in ring.leftovers] == [False]


def test_ring_does_not_show_its_keys(start: Start) -> None:
    ring, _ = borrow(start(), 1)

    assert ring.keys[0] not in repr(ring)
