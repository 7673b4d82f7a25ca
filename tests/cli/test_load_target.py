"""The embedded server of a load run has a key of its own, limits as they are told, and goes with the run."""

import httpx
import pytest

from assisters_verify.cli.load_target import embedded_target
from assisters_verify.settings.load import LoadSettings

SETTINGS = LoadSettings.model_validate(
    {
        "scenario": "chat",
        "rate_per_s": 4,
        "is_embedded": True,
        "target": {"rate_limit": {"requests": 2, "window_s": 60}},
    }
)


def statuses(url: str, key: str, *, count: int) -> list[int]:
    headers = {"Authorization": f"Bearer {key}"}
    return [httpx.get(f"{url}/v1/models", headers=headers).status_code for _ in range(count)]


@pytest.mark.parametrize(("is_limited", "last"), [(True, 429), (False, 200)])
def test_the_limit_is_the_targets_or_none(*, is_limited: bool, last: int) -> None:
    with embedded_target(SETTINGS, is_limited=is_limited) as (settings, secrets):
        assert secrets.api_key is not None
        url = str(settings.base_url)
        found = statuses(url, secrets.api_key.get_secret_value(), count=3)
    assert found == [200, 200, last]
    with pytest.raises(httpx.ConnectError):
        statuses(url, "x", count=1)
